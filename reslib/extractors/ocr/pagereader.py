"""One page read by OCR: the first try, and others where that did not read all of it.

What asks for another one is how much of the ink lies in words, and how sure tesseract is of them.
The best of all is taken, not the last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reslib.extractors.ocr.greekwords import GREEK, doubtful, greek_words, with_greek_words
from reslib.extractors.ocr.languages import Languages
from reslib.extractors.ocr.leveled import Leveled, dusted, prepare
from reslib.extractors.ocr.picture import Scan, bounded, fitted, standing, without_specks
from reslib.extractors.ocr.tesseract import IDLE, Budget, GaveUp, Tesseract, TookTooLong
from reslib.extractors.ocr.wayback import Levelling, turned_back
from reslib.extractors.ocr.words import Word, Words, read_table, words_of

__all__ = ["PageReader", "Reading"]

#: How pages are parted: in columns and paragraphs, or all as one block.
_COLUMNS, _ONE_BLOCK = 3, 6
#: A page that is covered less, or read less surely, may be read better.
_COVERED, _SURE = 0.8, 0.8
#: Read less surely than that, a page may stand on its side, or be in another script.
_UNSURE = 0.6
#: A page without specks is read more surely than that.
_CLEAN = 0.93
#: Of a page that is read less surely than that so much is covered where no line was left out.
_NEARLY_ALL = 0.97
#: Covered less than that, too.
_LEFT_OUT = 0.3
#: Read and covered so well, a page is what it was taken for.
_ENOUGH = 0.5
#: Letters that are enough to settle the language of a document.
_MUCH = 400
#: A page with less ink is blank: that is dust.
_NO_INK = 0.0005
#: What tesseract says of a script is believed from here on: it called English Cyrillic at 0.54.
_SCRIPT_SURE = 2.0
#: So many doubtful words, and such a share of all, ask whether they are Greek.
_FEW_GREEK, _GREEK_SHARE = 2, 0.01
_TURN = re.compile(r"Rotate: (\d+)")
_SCRIPT = re.compile(r"Script: (\w+)\s+.*?Script confidence: ([\d.]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """The words that were read of a page.

    Parameters
    ----------
    words
        The words.
    language
        In which they were read, by tesseract's names.
    size
        Of the picture that was read, in pixels.
    levelling
        How that was made level.
    turned
        By how many degrees the page had to be turned.
    """

    words: Words
    language: str
    size: tuple[int, int]
    levelling: Levelling
    turned: int = 0

    def on_page(self, right: float, down: float) -> tuple[float, float]:
        """Return where a point of the picture that was read is on the picture of the page, as
        shares of its width and height.
        """
        return turned_back(self.levelling.before((right, down), self.size), self.turned)


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

    Attributes
    ----------
    languages
        Of the document.
    too_long
        On how many pages, one after the other, the program hung or computed without an end.
    """

    def __init__(self, engine: Tesseract, languages: Languages, seconds: float) -> None:
        self._engine, self._seconds = engine, seconds
        self.languages = languages
        self.too_long = 0
        #: How the last page that was read well stood: the next is likely to stand as it.
        self._turn: int | None = None

    def read(self, scan: Scan) -> Reading:
        """Return what can be read on a page.

        Raises
        ------
        GaveUp
            Nothing could be, for a reason that is not the picture's look.
        """
        picture, dpi = bounded(scan.picture, scan.dpi)
        scan = Scan(dusted(picture), dpi, scan.is_coarse)
        # What hung on the last page may hang on this one: then it is noticed sooner.
        page = _Page(self._engine, scan, Budget(self._seconds, IDLE / 2**self.too_long))
        try:
            self._try_all(page)
        except TookTooLong:
            if page.best is None:
                self.too_long += 1
                raise
        except GaveUp:
            if page.best is None:
                raise
        self.too_long = 0
        assert page.best is not None
        return page.best

    def _try_all(self, page: _Page) -> None:
        first = standing(page.level().ink) if self._turn is None else self._turn
        best = page.read(self.languages.current, turned=first)
        if not best.words.text and best.words.ink < _NO_INK:
            return
        tried = {first}
        # Of one that is read poorly the program is asked: it may be in another script.
        is_asked = _is_poor(best) and self._engine.knows_turns
        if first and not is_asked and (_is_poor(best) or best.words.sure < _CLEAN):
            best = page.read(self.languages.current)
            tried.add(0)
        covered = _COVERED if best.words.sure >= _CLEAN else _NEARLY_ALL
        if best.words.coverage < covered and best.words.sure >= _UNSURE:
            best = page.read(self.languages.current, _ONE_BLOCK, best.turned)
        if _UNSURE <= best.words.sure < _CLEAN:
            best = page.read_without_specks(best)
        if _is_poor(best):
            best = self._try_turned(page, tried)
        if best.words.sure > _SURE:
            self._turn = best.turned
        if self.languages.settled is None and best.words.sure >= _ENOUGH:
            self._settle_language(page, best)
        self._read_greek(page)

    def _read_greek(self, page: _Page) -> None:
        """Read the Greek words on a page of another script."""
        best = page.best
        assert best is not None
        unsure = doubtful(best.words.found)
        if not self.languages.has_greek_words:
            if best.language == GREEK:
                return
            if not self.languages.may_have_greek_words or not _may_be_greek(best.words, unsure):
                return
            self.languages.may_have_greek_words = False
            both = page.read_once(f"{best.language}+{GREEK}", _COLUMNS, best.turned)
            if greek_words(both.words.found) < _FEW_GREEK or both.words.sure < best.words.sure:
                return
            self.languages.settled = both.language
            page.best = best = both
            unsure = doubtful(best.words.found)
        if unsure:
            greek = page.read_once(GREEK, _COLUMNS, best.turned).words.found
            page.best = page.put(with_greek_words(best.words.found, greek), best)

    def _settle_language(self, page: _Page, best: Reading) -> None:
        """Find out in what language a page is, and read it again when that is another one."""
        other = self.languages.other(best.words.text)
        if other is not None:
            second = page.read_once(other, _COLUMNS, best.turned)
            if second.words.sure > best.words.sure - 0.02:
                self.languages.settled = other
                page.best = second
        elif len(best.words.text) > _MUCH and best.words.sure > _SURE:
            self.languages.settled = best.language

    def _try_turned(self, page: _Page, tried: set[int]) -> Reading:
        """Read a page turned otherwise than was tried, and in other scripts, until it is read
        well.
        """
        turn, languages = self._orientation(page)
        usual = self.languages.current
        turns = dict.fromkeys([turn, 0, 180, 90, 270])
        tries = [(turn, language) for language in languages]
        tries += [(each, usual) for each in turns if each not in tried]
        if not languages and self.languages.settled is None and not self._engine.knows_turns:
            tries += [(0, each) for each in self.languages.of_other_scripts()]
        best = page.best
        for angle, language in dict.fromkeys(tries):
            best = page.read(language, turned=angle)
            if best.words.sure > _SURE and best.words.coverage > _ENOUGH:
                break
        assert best is not None
        if best.words.sure > _SURE and best.language != usual:
            self.languages.settled = best.language
        return best

    def _orientation(self, page: _Page) -> tuple[int, list[str]]:
        """Return by how much a page is turned, and the languages of its script, as tesseract says;
        0 and nothing where it does not know.
        """
        if not self._engine.knows_turns:
            return 0, []
        try:
            level = page.level()
            said = self._engine.turn(level.picture, level.dpi, page.budget)
        except GaveUp:
            return 0, []
        turn, script = _TURN.search(said), _SCRIPT.search(said)
        languages = []
        if script and float(script[2]) >= _SCRIPT_SURE and self.languages.settled is None:
            languages = self.languages.of_script(script[1])
        return int(turn[1]) if turn else 0, languages


def _may_be_greek(words: Words, unsure: Sequence[Word]) -> bool:
    """True when some words of a page are doubtful, and all others are not."""
    if len(unsure) < max(_FEW_GREEK, _GREEK_SHARE * len(words.found)):
        return False
    letters = sum(len(word.text) for word in unsure)
    good = words.sure * words.letters - sum(len(word.text) * word.sure for word in unsure)
    return good > _CLEAN * (words.letters - letters)


def _is_poor(reading: Reading) -> bool:
    """True when a page may stand on its side, or be in another script."""
    return reading.words.sure < _UNSURE or reading.words.coverage < _LEFT_OUT


class _Page:
    """One page, its pictures by how they are turned, and the best of its readings."""

    def __init__(self, engine: Tesseract, scan: Scan, budget: Budget) -> None:
        self._engine, self._scan, self.budget = engine, scan, budget
        self._level: tuple[int, Leveled] | None = None
        self.best: Reading | None = None

    def level(self, turned: int = 0) -> Leveled:
        """Return its picture, turned with the clock and prepared."""
        if self._level is None or self._level[0] != turned:
            scan = self._scan
            if turned:
                upright = scan.picture.rotate(-turned, expand=True, fillcolor=255)
                scan = replace(scan, picture=upright)
            self._level = turned, prepare(*fitted(scan))
        return self._level[1]

    def read(self, language: str, segmentation: int = _COLUMNS, turned: int = 0) -> Reading:
        """Read it once more; return the best of all that was read by now."""
        reading = self.read_once(language, segmentation, turned)
        if self.best is None or reading.words.worth > self.best.words.worth:
            self.best = reading
        return self.best

    def read_without_specks(self, best: Reading) -> Reading:
        """Read it once more without specks, where it has some; return the best of all."""
        level = self.level(best.turned)
        picture = without_specks(level.picture)
        if picture is None or self.budget.left < 1:
            return best
        clean = Leveled(picture, level.dpi, levelling=level.levelling)
        words = self._words(clean, best.language, _COLUMNS)
        if words.worth > best.words.worth:
            self._level = best.turned, clean
            self.best = best = replace(best, words=words)
        return best

    def read_once(self, language: str, segmentation: int, turned: int) -> Reading:
        """Read it once more; return what that gave."""
        if self.budget.left < 1:
            raise TookTooLong(f"it took longer than {self.budget.seconds:.0f} s of computing")
        level = self.level(turned)
        words = self._words(level, language, segmentation)
        return Reading(words, language, level.picture.size, level.levelling, turned)

    def _words(self, level: Leveled, language: str, segmentation: int) -> Words:
        budget = self.budget
        table = self._engine.words(level.picture, level.dpi, language, segmentation, budget)
        return words_of(read_table(table), level)

    def put(self, words: Sequence[Word], instead: Reading) -> Reading:
        """Return a reading with these words."""
        return replace(instead, words=words_of(words, self.level(instead.turned)))
