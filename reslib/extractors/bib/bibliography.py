"""Bibliographies (.bib, .ris, CSL-JSON): every entry as a paragraph, with all of its fields.

An entry begins with its key, and is written as a list of references has it: authors, year, title,
where it appeared, DOI. What else is known of it follows, each field on its own line under its
name. Names are spelt out. A broken entry is read as far as it goes, and said by a warning. With
the option ``{"source": True}`` the file is given as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from reslib.extractors.bib.bibentry import Entry
from reslib.extractors.bib.bibtex import entries
from reslib.extractors.bib.csl import csl_entries
from reslib.extractors.bib.ris import ris_entries
from reslib.extractors.encoding import decode
from reslib.extractors.invisible import visible
from reslib.extractors.text import extract as extract_text
from reslib.extractors.textfile import original_name, read_bytes
from reslib.formats.bibforms import is_csl, is_ris
from reslib.items import DocumentInfo, Metadata, Page, Reference, Warning

__all__ = ["extract"]

_Given = Page | Reference | Metadata | Warning | DocumentInfo
#: The most items of one document; beyond them entries are text only.
_MOST_REFERENCES = 50_000
#: So many keys of broken entries are named.
_NAMED = 10


def extract(path: Path, options: Mapping[str, Any] | None = None) -> Iterator[_Given]:
    """Yield what is known of a bibliography, its entries as text, and as items.

    Parameters
    ----------
    path
        The document; may be packed with gzip.
    options
        ``source``: the file is given as it stands.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`; ``truncated`` or ``malformed`` when it is
        packed and damaged, or JSON that is.
    """
    if (options or {}).get("source"):
        yield from extract_text(path)
        return
    data = read_bytes(path)
    decoded = decode(data)
    text = visible(decoded.text).replace("\0", "\ufffd")
    broken: list[str] = []
    found = list(_entries(text, broken))
    if not found:  # something else under this name
        yield from extract_text(path)
        return
    yield DocumentInfo(
        title=original_name(path),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    yield Metadata("entries", str(len(found)), "bibliography")
    if broken:
        named = ", ".join(key or "one without a key" for key in broken[:_NAMED])
        more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
        yield Warning(
            "broken_entries",
            f"{len(broken)} of its entries are broken, and were read as far as they go: "
            f"{named}{more}",
        )
    yield Page("\n\n".join(entry.paragraph() for entry in found))
    for entry in islice(found, _MOST_REFERENCES):
        yield entry.reference()


def _entries(text: str, broken: list[str]) -> Iterator[Entry]:
    head = text[:8192].encode("utf-8", "replace")
    if is_ris(head):
        return ris_entries(text, broken)
    if is_csl(head):
        return csl_entries(text, broken)
    return entries(text, broken)
