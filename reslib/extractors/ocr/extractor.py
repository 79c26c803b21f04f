"""OCR: the pages of a PDF, or of a picture, that want it, one after the other.

Each page is given as soon as it is read, so that it is kept however the extraction ends. Before it
is begun its number is given: should it take the process down, the next attempt passes it over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.judged import (
    agreement,
    confidence,
    worth_of_layer,
    worth_of_reading,
)
from reslib.extractors.ocr.languages import NAMES, Languages
from reslib.extractors.ocr.pagereader import PageReader, Reading
from reslib.extractors.ocr.picture import Scan
from reslib.extractors.ocr.tesseract import GaveUp, find, install_language, means
from reslib.extractors.ocr.wanted import has_old_layer, wants_ocr
from reslib.extractors.own import TESSERACT
from reslib.extractors.pdf.confidence import PageSignals, judge_pages
from reslib.extractors.pdf.glyphs import tidy_glyphs
from reslib.extractors.pdf.hyphens import Vocabulary, join_hyphens
from reslib.extractors.pdf.pageends import mark_page_ends
from reslib.items import DocumentInfo, Page, Progress, Warning

__all__ = ["extract"]

_SECONDS = 60.0
#: Two texts of a page that share more of their words say the same.
_SAME = 0.9
#: A page that is read less surely may be read better by another engine, or with a language more.
_DOUBTFUL = 0.6
#: Below that tesseract guesses: what it gives are no words.
_NO_WORDS = 0.3
#: Pages whose words join the broken ones of a page at first; in the end all do.
_NEAR = 20
#: Less ink than that, and no words on it, is a blank page.
_BLANK = 0.004
#: Pages in a row on which the program hung or took too long, that end OCR of a document.
_MOST_TOO_LONG = 3
_GIVEN_UP = (
    f"OCR of the document was given up: on {_MOST_TOO_LONG} pages in a row the program hung or "
    "took too long"
)
_ENDED = "OCR was ended while it read this page"
_WANTS = ("ocr",)


def extract(
    path: Path, options: Mapping[str, Any]
) -> Iterator[Page | Progress | Warning | DocumentInfo]:
    """Yield the pages that were asked for.

    Parameters
    ----------
    path
        The document.
    options
        ``pages``: their numbers, all that want it when it is missing; ``ocr``: True for all that
        were asked for, whatever is known of them; ``languages``, ``page_timeout``.
    """
    engine = find()
    if engine is None:
        raise ExtractionError(
            f"no OCR is installed. Install it with: {TESSERACT.install}",
            ErrorCode.MISSING_DEPENDENCY,
        )
    asked = options.get("languages")
    languages = Languages(engine.languages, asked)
    seconds = float(options.get("page_timeout") or _SECONDS)
    work = _Work(PageReader(engine, languages, seconds), engine.version)
    with path.open("rb") as file:
        is_pdf = b"%PDF" in file.read(1024)
    wanted = options.get("pages")
    yield from _of_pdf(path, work, wanted, options) if is_pdf else _of_picture(path, work, wanted)
    yield from work.finished()
    for language in languages.missing:
        name = NAMES.get(language, language)
        yield Warning(
            "ocr_language_missing",
            f"it seems to be in {name}, which OCR cannot read here. Install it with: "
            f"{install_language(language)}"
            if asked is None
            else f"OCR has no language {language!r} here. Install it with: "
            f"{install_language(language)}",
        )
    yield DocumentInfo(metadata={"means": means()})


def _of_picture(
    path: Path, work: _Work, wanted: Sequence[int] | None
) -> Iterator[Page | Progress | Warning]:
    from reslib.extractors.ocr.pictures import Pictures

    with Pictures.open(path) as pictures:
        numbers = [n for n in wanted or () if n <= pictures.total]
        numbers = numbers if wanted is not None else list(range(1, pictures.total + 1))
        for done, number in enumerate(numbers, 1):
            yield from work.page(number, partial(pictures.picture, number))
            yield Progress(done, len(numbers))


def _of_pdf(
    path: Path, work: _Work, wanted: Sequence[int] | None, options: Mapping[str, Any]
) -> Iterator[Page | Progress | Warning]:
    from reslib.extractors.ocr.pdfpictures import PdfPictures

    with PdfPictures.open(path) as pictures:
        numbers = range(1, pictures.total + 1) if wanted is None else wanted
        known = {n: pictures.known(n) for n in numbers if 1 <= n <= pictures.total}
        pages = {number: page for number, page in known.items() if page is not None}
        judged = dict(zip(pages, judge_pages(list(pages.values())), strict=True))
        every = options.get("ocr") is True
        sure = {
            n: page
            for n, page in pages.items()
            if not page.blank and (every or wants_ocr(page, *judged[n]))
        }
        layers = {n: p for n, p in pages.items() if n not in sure and has_old_layer(p)}
        probe = max(layers, key=lambda n: len(layers[n].text), default=None)
        order = ([] if probe is None else [probe]) + list(sure)
        for done, number in enumerate(order, 1):  # which may grow
            page = pages[number]
            yield from work.page(number, partial(pictures.picture, number, page), page)
            if number == probe:
                if work.replaced_a_layer:
                    order += [n for n in layers if n != probe]
                else:
                    for other in layers:
                        if other != probe:
                            yield Page("", reason=_AS_GOOD, number=other)
            yield Progress(done, len(order))
        for number, measured in known.items():
            if number not in order and number not in layers:
                reason = "the page is damaged" if measured is None else "OCR is not needed for it"
                yield Page("", reason=reason, number=number)


_AS_GOOD = "the words under its picture are as good as those that OCR reads"


@dataclass(slots=True)
class _Read:
    """A page that was read, before its broken words are joined."""

    text: str
    page: Page


class _Work:
    """The pages of one document that were read so far."""

    def __init__(self, reader: PageReader, version: str) -> None:
        self._reader, self._version = reader, version
        self._read: dict[int, _Read] = {}
        self._problems: list[str] = []
        self._left_out: list[int] = []
        self.replaced_a_layer = False

    def page(
        self,
        number: int,
        picture: Callable[[], Scan],
        known: PageSignals | None = None,
    ) -> Iterator[Page | Warning]:
        """Read one page, and yield it.

        Parameters
        ----------
        number
            Of the page.
        picture
            Gives its picture.
        known
            What is known of its own text.
        """
        if self._reader.too_long >= _MOST_TOO_LONG:
            yield Page("", 0.0, _GIVEN_UP, number=number, wants=_WANTS)
            self._left_out.append(number)
            return
        yield Page("", 0.0, _ENDED, number=number, wants=_WANTS)
        try:
            reading = self._reader.read(picture())
        except (GaveUp, ExtractionError) as error:
            is_sure = isinstance(error, ExtractionError)
            reason = f"OCR could not read it: {error}"
            self._problems.append(reason)
            yield Page("", 0.0, reason, number=number, wants=() if is_sure else _WANTS)
            yield Warning("ocr_gave_up", f"page {number}: {reason}", page=number)
            return
        yield self._judged(number, reading, known)

    def _judged(self, number: int, reading: Reading, known: PageSignals | None) -> Page:
        words = reading.words
        if not words.text.strip() or words.sure < _NO_WORDS:
            if words.ink < _BLANK and not words.text.strip():
                return Page("", number=number, blank=True, reason="a blank page")
            return Page("", 0.0, "OCR found no words on it", number=number, wants=())
        if known is not None and known.text.strip():
            share = agreement(known.text, words.text)
            better = worth_of_reading(words) > worth_of_layer(known)
            if not better or (has_old_layer(known) and share >= _SAME):
                return Page("", reason=_AS_GOOD, number=number)
            self.replaced_a_layer = True
        score = confidence(words)
        origin = f"tesseract {self._version} ({reading.language})"
        text = words.text
        if known is not None and known.notes:
            text = f"{text}\n\n{known.notes}"
        page = Page(
            text,
            score,
            "read by OCR" if score >= _DOUBTFUL else "read by OCR, and not surely",
            number=number,
            origin=origin,
            wants=() if score >= _DOUBTFUL else _WANTS,
        )
        self._read[number] = _Read(tidy_glyphs(text), page)
        return self._joined(number, self._vocabulary(_NEAR))

    def finished(self) -> Iterator[Page | Warning]:
        """Yield the pages again whose broken words the whole document joins otherwise, and what was
        left out.
        """
        if self._left_out:
            first, count = self._left_out[0], len(self._left_out)
            pages = f"page {first} and {count - 1} more were" if count > 1 else f"page {first} was"
            yield Warning(
                "ocr_gave_up",
                f"{pages} not tried: {_GIVEN_UP}. `reslib doctor` tries the program; "
                "ocr_page_timeout gives it longer",
                page=first,
            )
        if not self._read:
            if len(set(self._problems)) == 1 and "the program failed" in self._problems[0]:
                raise ExtractionError(
                    f"no page of it: {self._problems[0]}. `reslib doctor` tries it",
                    ErrorCode.EXCEPTION,
                )
            return
        numbers = sorted(self._read)
        texts = mark_page_ends([self._read[number].text for number in numbers])
        vocabulary = self._vocabulary()
        for number, text in zip(numbers, texts, strict=True):
            before = self._read[number].page
            self._read[number].text = text
            after = self._joined(number, vocabulary)
            if after.text != before.text:
                yield after

    def _vocabulary(self, last: int = 0) -> Vocabulary:
        """Return the words of the pages, or of the last ones that were read."""
        return Vocabulary([read.text for read in list(self._read.values())[-last:]])

    def _joined(self, number: int, vocabulary: Vocabulary) -> Page:
        read = self._read[number]
        page = read.page
        text = join_hyphens(read.text, vocabulary).strip()
        read.page = Page(
            text, page.confidence, page.reason, number=number, origin=page.origin, wants=page.wants
        )
        return read.page
