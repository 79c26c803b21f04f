"""A layer of words for a scanned PDF, so that other programs find them too.

Its pages are read by OCR once more, because only that knows where on the page each word is; pages
of text cost nothing. The layer follows the file as it is: see :mod:`.wordlayer`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.languages import NAMES, Languages
from reslib.extractors.ocr.pagereader import PageReader, Reading
from reslib.extractors.ocr.pdfpictures import PdfPictures
from reslib.extractors.ocr.tesseract import GaveUp, Tesseract, find, install_language
from reslib.extractors.ocr.wayback import Frame, Point
from reslib.extractors.ocr.wordlayer import PlacedWord, WordLayer
from reslib.extractors.ocr.words import Word
from reslib.extractors.own import TESSERACT
from reslib.items import Figure, Progress, Warning

__all__ = ["extract"]

_SECONDS = 60.0
#: A word of so many letters that is so many times as high as wide stands on its side.
_LETTERS, _ON_ITS_SIDE = 3, 1.2


def extract(path: Path, options: Mapping[str, Any]) -> Iterator[Figure | Progress | Warning]:
    """Yield what is to follow a PDF, as the data of a figure.

    Parameters
    ----------
    path
        The document.
    options
        ``read_pages``: the number of each page that is to have a layer, with the languages that
        it is read in, by tesseract's names with a plus sign between; ``page_timeout``.

    Raises
    ------
    ExtractionError
        The document is encrypted, nothing can be added to it, or no page could be read.
    """
    engine = find()
    if engine is None:
        raise ExtractionError(
            f"no OCR is installed. Install it with: {TESSERACT.install}",
            ErrorCode.MISSING_DEPENDENCY,
        )
    pages = [(int(number), str(language)) for number, language in options.get("read_pages") or ()]
    if not pages:
        raise ExtractionError(
            "nothing says which of its pages OCR has read. `reslib export --searchable-pdf` does",
            ErrorCode.EXCEPTION,
        )
    seconds = float(options.get("page_timeout") or _SECONDS)
    readers = _Readers(engine, seconds, {language for _, language in pages})
    with _changeable():
        layer = WordLayer(path)
    read = yield from _read(path, pages, readers)
    with _changeable():
        for number, words in read.items():
            layer.add(number, words)
        made = layer.made()
    _check(path, made, read)
    yield Figure(media_type="application/pdf", data=made)


@contextmanager
def _changeable() -> Iterator[None]:
    """Turn whatever pypdf raises into an error for people."""
    try:
        yield
    except (ExtractionError, MemoryError):
        raise
    except Exception as error:  # of a damaged PDF it may be any
        why = str(error) if isinstance(error, ValueError) else f"pypdf: {type(error).__name__}"
        raise ExtractionError(
            f"no words can be added to it, because of how it is made ({why}). Save it anew with "
            "another program, and add that file",
            ErrorCode.MALFORMED,
        ) from error


class _Readers:
    """The readers of pages, one for each language."""

    def __init__(self, engine: Tesseract, seconds: float, languages: set[str]) -> None:
        self._by_language: dict[str, PageReader] = {}
        for language in languages:
            known = Languages(engine.languages, language.split("+"))
            for missing in known.missing:
                raise ExtractionError(
                    f"it was read in {NAMES.get(missing, missing)}, which OCR cannot read here. "
                    f"Install it with: {install_language(missing)}",
                    ErrorCode.MISSING_DEPENDENCY,
                )
            self._by_language[language] = PageReader(engine, known, seconds)

    def of(self, language: str) -> PageReader:
        return self._by_language[language]


def _read(
    path: Path, pages: Sequence[tuple[int, str]], readers: _Readers
) -> Generator[Progress | Warning, None, dict[int, list[PlacedWord]]]:
    """Read pages; return the words of those that have some."""
    read: dict[int, list[PlacedWord]] = {}
    problems: list[str] = []
    with PdfPictures.open(path) as pictures:
        for done, (number, language) in enumerate(pages, 1):
            known = pictures.known(number) if number <= pictures.total else None
            try:
                if known is None:
                    raise ExtractionError("the page is damaged", ErrorCode.MALFORMED)
                scan = pictures.picture(number, known)
                reading = readers.of(language).read(scan)
            except (GaveUp, ExtractionError) as error:
                problems.append(f"page {number}: OCR could not read it: {error}")
                yield Warning("ocr_gave_up", problems[-1], page=number)
            else:
                assert scan.frame is not None
                words = _placed(reading, scan.frame)
                if words:
                    read[number] = words
            yield Progress(done, len(pages))
    if not read:
        why = f" ({problems[0]})" if problems else ""
        raise ExtractionError(f"OCR read no words on its pages{why}", ErrorCode.EXCEPTION)
    return read


def _placed(reading: Reading, frame: Frame) -> list[PlacedWord]:
    """Return the words of a page where they are on it, with a space after each but the last of a
    line.
    """
    placed = []
    for _, group in groupby(reading.words.found, lambda word: word.line):
        line = list(group)
        corners = _corners_of(line)
        for word, after in pairwise([*line, None]):
            assert word is not None
            foot, end, head = (frame.at(reading.on_page(*point)) for point in corners(word))
            placed.append(PlacedWord(word.text + " " * (after is not None), foot, end, head))
    return placed


def _corners_of(line: Sequence[Word]) -> Callable[[Word], tuple[Point, Point, Point]]:
    """Return what gives the corners of the words of a line: where a word begins and ends at its
    foot, and where it begins at its head.

    Tesseract reads lines that stand on their side, too, and says so by nothing but their boxes.
    """
    long = [word for word in line if len(word.text) >= _LETTERS]
    on_side = [
        word for word in long if word.bottom - word.top > _ON_ITS_SIDE * (word.right - word.left)
    ]
    if 2 * len(on_side) <= len(long):
        return lambda word: (
            (word.left, word.bottom),
            (word.right, word.bottom),
            (word.left, word.top),
        )
    if line[-1].top > line[0].top:
        return lambda word: (
            (word.left, word.top),
            (word.left, word.bottom),
            (word.right, word.top),
        )
    return lambda word: (
        (word.right, word.bottom),
        (word.right, word.top),
        (word.left, word.bottom),
    )


def _check(path: Path, made: bytes, read: Mapping[int, Sequence[PlacedWord]]) -> None:
    """Raise an error where a reader of PDFs does not find what was added."""
    import pypdfium2

    problem = "a reader of PDFs does not find the words that were added"
    advice = "Save it anew with another program, and add that file"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.pdf")
        shutil.copyfile(path, copy)
        with copy.open("ab") as file:
            file.write(made)
        try:
            with pypdfium2.PdfDocument(path) as old, pypdfium2.PdfDocument(copy) as new:
                is_whole = len(old) == len(new) and all(
                    _letters(new, number) - _letters(old, number)
                    >= sum(len(word.text.strip()) for word in words) / 2
                    for number, words in read.items()
                )
        except pypdfium2.PdfiumError as error:
            raise ExtractionError(f"{problem} ({error}). {advice}", ErrorCode.MALFORMED) from error
    if not is_whole:
        raise ExtractionError(f"{problem}. {advice}", ErrorCode.MALFORMED)


def _letters(document: Any, number: int) -> int:
    """Return how many letters PDFium finds on a page."""
    page = document[number - 1]
    try:
        text = page.get_textpage()
        try:
            return int(text.count_chars())
        finally:
            text.close()
    finally:
        page.close()
