"""One page read by OCR: the first try, and others where that did not read all of it.

What asks for another one is how much of the ink lies in words, and how sure tesseract is of them. The
best of all is taken, not the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reslib.extractors.ocr.languages import Languages
from reslib.extractors.ocr.picture import bounded, prepare
from reslib.extractors.ocr.tesseract import Budget, GaveUp, Tesseract
from reslib.extractors.ocr.words import Words, words_of

__all__ = ["PageReader", "Reading"]

#: How pages are parted: in columns and paragraphs, or all as one block.
_COLUMNS, _ONE_BLOCK = 3, 6
#: A page that is covered less, or read less surely, may be read better.
_COVERED, _SURE = 0.8, 0.8
#: Read less surely than that, a page may stand on its side, or be in another script.
_UNSURE = 0.6
#: What tesseract says of a script is believed from here on: it called English Cyrillic at 0.54.
_SCRIPT_SURE = 2.0
_TURN = re.compile(r"Rotate: (\d+)")
_SCRIPT = re.compile(r"Script: (\w+)\s+.*?Script confidence: ([\d.]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a page.

    Parameters
    ----------
    words
        The words.
    language
        In which they were read, by tesseract's names.
    turned
        By how many degrees the page had to be turned.
    """

    words: Words
    language: str
    turned: int = 0


class PageReader:
    """Reads the pages of one document.

    Parameters
    ----------
    engine
        What reads.
    languages
        Of the document.
    seconds
        Of computing, for one page.
    """

    def __init__(self, engine: Tesseract, languages: Languages, seconds: float) -> None:
        self._engine, self._seconds = engine, seconds
        self.languages = languages
        #: How the last page that had to be turned stood: the next may stand as it.
        self._turn = 0

    def read(self, picture: Any, dpi: int) -> Reading:
        """Return what can be read on a picture.

        Raises
        ------
        GaveUp
            Nothing could be, for a reason that is not the picture's look.
        """
        budget = Budget(self._seconds)
        raw, dpi = bounded(picture, dpi)
        best: Reading | None = None
        problem: GaveUp | None = None
        tries = self._tries(raw, dpi, budget)
        try:
            reading = next(tries)
            while True:
                if best is None or reading.words.worth > best.words.worth:
                    best = reading
                reading = tries.send(best)
        except StopIteration:
            pass
        except GaveUp as error:
            problem = error
        if best is None:
            raise problem or GaveUp("nothing was tried")
        return best

    def _tries(self, raw: Any, dpi: int, budget: Budget) -> Iterator[Any]:
        """Yield readings of a page; what is sent back is the best so far."""
        language = self.languages.current
        level = prepare(raw)
        best = yield self._once(level, dpi, language, _COLUMNS, budget)
        words = best.words
        if not words.text and words.ink < 0.0005:
            return
        if words.coverage < _COVERED and words.sure >= _UNSURE:
            best = yield self._once(level, dpi, language, _ONE_BLOCK, budget)
        if best.words.sure < _UNSURE or best.words.coverage < 0.3:
            best = yield from self._turned(raw, level, dpi, best, budget)
        if self.languages.settled is None and best.words.sure >= 0.5:
            other = self.languages.other(best.words.text)
            if other is not None:
                again = prepare(_turned_by(raw, best.turned)) if best.turned else level
                second = self._once(again, dpi, other, _COLUMNS, budget, best.turned)
                if second.words.sure > best.words.sure - 0.02:
                    self.languages.settled = other
                yield second
            elif len(best.words.text) > 400 and best.words.sure > 0.85:
                self.languages.settled = best.language

    def _turned(
        self, raw: Any, level: Any, dpi: int, best: Reading, budget: Budget
    ) -> Iterator[Any]:
        """Yield readings of a page turned, and in other scripts."""
        turn, scripts = self._orientation(level, dpi, budget)
        usual = self.languages.current
        turns = [turn] if turn else []
        turns += [each for each in (180, 90, 270) if each not in turns]
        tries = [(turn, script) for script in scripts]
        tries += [(each, usual) for each in turns]
        if not scripts and self.languages.settled is None and not self._engine.knows_turns:
            tries += [(0, each) for each in self.languages.of_other_scripts()]
        if self._turn:
            tries.insert(0, (self._turn, usual))
        for angle, language in dict.fromkeys(tries):
            page = prepare(_turned_by(raw, angle)) if angle else level
            reading = self._once(page, dpi, language, _COLUMNS, budget, angle)
            best = yield reading
            if reading is best and reading.words.sure > _SURE and reading.words.coverage > 0.5:
                break
        if best.turned and best.words.sure > _SURE:
            self._turn = best.turned
        if best.language != usual and best.words.sure > _SURE:
            self.languages.settled = best.language
        return best

    def _orientation(self, level: Any, dpi: int, budget: Budget) -> tuple[int, list[str]]:
        """Return by how much a page is turned, and the languages of its script, as tesseract says;
        0 and nothing where it does not know.
        """
        if not self._engine.knows_turns:
            return 0, []
        try:
            said = self._engine.turn(level, dpi, budget)
        except GaveUp:
            return 0, []
        turn, script = _TURN.search(said), _SCRIPT.search(said)
        languages = []
        if script and float(script[2]) >= _SCRIPT_SURE and self.languages.settled is None:
            languages = self.languages.of_script(script[1])
        return int(turn[1]) if turn else 0, languages

    def _once(
        self,
        picture: Any,
        dpi: int,
        language: str,
        segmentation: int,
        budget: Budget,
        turned: int = 0,
    ) -> Reading:
        if budget.left < 1:
            raise GaveUp(f"it took longer than {budget.seconds:.0f} s of computing")
        table = self._engine.words(picture, dpi, language, segmentation, budget)
        return Reading(words_of(table, picture), language, turned)


def _turned_by(picture: Any, angle: int) -> Any:
    """Return a picture turned with the clock."""
    return picture.rotate(-angle, expand=True, fillcolor=255)
