"""A layer of words for a scanned PDF, so that other programs find them too.

Its pages are read by OCR once more, because only that knows where on the page each word is; pages
of text cost nothing. The layer follows the file as it is: see :mod:`.wordlayer`.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.languages import Languages
from reslib.extractors.ocr.pagereader import PageReader, Reading
from reslib.extractors.ocr.pdfpictures import PdfPictures
from reslib.extractors.ocr.tesseract import GaveUp, Tesseract, find
from reslib.extractors.ocr.wayback import Frame
from reslib.extractors.ocr.wordlayer import PlacedWord, WordLayer
from reslib.extractors.own import TESSERACT
from reslib.items import Figure, Progress, Warning

__all__ = ["extract"]

_SECONDS = 60.0


def extract(path: Path, options: Mapping[str, Any]) -> Iterator[Figure | Progress | Warning]:
    """Yield what is to follow a PDF, as the data of a figure.

    Parameters
    ----------
    path
        The document.
    options
        ``pages``: the number of each page that is to have a layer, with the languages that it is
        read in, by tesseract's names with a plus sign between; ``page_timeout``.

    Raises
    ------
    ExtractionError
        The document is encrypted, nothing can be added to it, or no page could be read.
    """
    import pypdf.errors

    engine = find()
    if engine is None:
        raise ExtractionError(
            f"no OCR is installed. Install it with: {TESSERACT.install}",
            ErrorCode.MISSING_DEPENDENCY,
        )
    pages = [(int(number), str(language)) for number, language in options.get("pages") or ()]
    seconds = float(options.get("page_timeout") or _SECONDS)
    document = path.read_bytes()
    try:
        layer = WordLayer(document)
        if layer.is_locked:
            raise ExtractionError(
                "it is encrypted, and what is added to it would have to be, too. Save a copy "
                "without a password",
                ErrorCode.ENCRYPTED,
            )
        added = yield from _add_words(path, layer, pages, _Readers(engine, seconds))
        made = layer.made()
    except (pypdf.errors.PyPdfError, ValueError, RecursionError) as error:
        raise ExtractionError(
            f"no words can be added to it ({error}). Save it with another program first",
            ErrorCode.MALFORMED,
        ) from error
    _check(document + made, added)
    yield Figure(media_type="application/pdf", data=made)


class _Readers:
    """The readers of pages, one for each language."""

    def __init__(self, engine: Tesseract, seconds: float) -> None:
        self._engine, self._seconds = engine, seconds
        self._by_language: dict[str, PageReader] = {}

    def of(self, language: str) -> PageReader:
        if language not in self._by_language:
            languages = Languages(self._engine.languages, language.split("+"))
            self._by_language[language] = PageReader(self._engine, languages, self._seconds)
        return self._by_language[language]


def _add_words(
    path: Path, layer: WordLayer, pages: Sequence[tuple[int, str]], readers: _Readers
) -> Generator[Progress | Warning, None, dict[int, str]]:
    """Add the words of pages to their layer; return the first word of each page that has some."""
    added: dict[int, str] = {}
    with PdfPictures.open(path) as pictures:
        for done, (number, language) in enumerate(pages, 1):
            known = pictures.known(number) if number <= pictures.total else None
            try:
                if known is None:
                    raise ExtractionError("the page is damaged", ErrorCode.MALFORMED)
                scan = pictures.picture(number, known)
                reading = readers.of(language).read(scan)
            except (GaveUp, ExtractionError) as error:
                yield Warning("ocr_gave_up", f"page {number}: {error}", page=number)
            else:
                assert scan.frame is not None
                words = _placed(reading, scan.frame)
                if words:
                    layer.add(number, words)
                    added[number] = words[0].text.strip()
            yield Progress(done, len(pages))
    if not added:
        raise ExtractionError("OCR read no words on its pages", ErrorCode.MALFORMED)
    return added


def _placed(reading: Reading, frame: Frame) -> list[PlacedWord]:
    """Return the words of a page where they are on it, with a space after each but the last of a
    line.
    """

    def at(right: float, down: float) -> tuple[float, float]:
        return frame.at(reading.on_page(right, down))

    found = reading.words.found
    placed = []
    for word, after in pairwise([*found, None]):
        assert word is not None
        space = " " if after is not None and after.line == word.line else ""
        foot, end = at(word.left, word.bottom), at(word.right, word.bottom)
        placed.append(PlacedWord(word.text + space, foot, end, at(word.left, word.top)))
    return placed


def _check(document: bytes, added: Mapping[int, str]) -> None:
    """Raise an error where a reader of PDFs does not find what was added."""
    import pypdfium2

    problem = "a reader of PDFs does not find the words that were added"
    try:
        with pypdfium2.PdfDocument(io.BytesIO(document)) as opened:
            for number, word in added.items():
                page = opened[number - 1]
                text = page.get_textpage()
                is_found = word in text.get_text_range()
                text.close()
                page.close()
                if not is_found:
                    raise ExtractionError(problem, ErrorCode.MALFORMED)
    except pypdfium2.PdfiumError as error:
        raise ExtractionError(f"{problem} ({error})", ErrorCode.MALFORMED) from error
