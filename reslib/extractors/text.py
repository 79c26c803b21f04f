r"""Plain text and everything that is written in it: CSV, code, logs.

The text is given as it stands. Markup is kept, since it is part of what people look for (a
column's name, ``\cite{knuth84}`` in the source of a paper where that is asked for), and nothing it
asks for is followed: no ``\input``, no entity, no formula. Only characters that are not seen are
taken out, and letters that TeX writes as commands are letters. A form feed starts a page, as in
RFCs and the output of ``pdftotext``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reslib.extractors.encoding import decode
from reslib.extractors.invisible import visible
from reslib.extractors.tex.texnames import readable
from reslib.extractors.textfile import original_name, read_bytes
from reslib.items import DocumentInfo, Page
from reslib.models import PAGE_BREAK

__all__ = ["extract", "pages_of"]

#: More form feeds than this are no pages.
_MAX_PAGES = 100_000
#: Documents and bibliographies of TeX; its packages are code.
_TEX = frozenset({".tex", ".bib", ".bbl"})


def extract(path: Path) -> Iterator[Page | DocumentInfo]:
    """Yield what is known of the text, then its pages.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`; ``truncated`` or ``malformed`` when it
        is packed and damaged.
    """
    decoded = decode(read_bytes(path))
    yield DocumentInfo(
        title=original_name(path),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    text = visible(decoded.text)
    suffix = Path(path.stem if path.suffix == ".gz" else path.name).suffix.lower()
    if suffix in _TEX:
        text = readable(text, bibliography=suffix != ".tex")
    yield from pages_of(text)


def pages_of(text: str) -> Iterator[Page]:
    """Yield the pages of a text; a form feed starts one.

    Parameters
    ----------
    text
        The text.
    """
    if text.count(PAGE_BREAK) >= _MAX_PAGES:
        text = text.replace(PAGE_BREAK, "\n")
    for page in text.rstrip(PAGE_BREAK).split(PAGE_BREAK):
        yield Page(page, blank=not page.strip() and PAGE_BREAK in text)
