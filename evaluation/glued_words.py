"""Words of real PDFs that reslib runs together and PDFium keeps apart.

    python evaluation/glued_words.py [CORPUS]

For each page, a word of reslib's text that is two or more successive words of what PDFium gives
for the whole range of the page's characters (``FPDFText_GetText``), and is none of those words
itself. The documents are the samples and, where it is there, the ordinary and the weird PDFs of
CORPUS (by default ../shared/corpus). Exit code 1 when a word is glued.

Joined on purpose, and not counted: a word broken at a line end, a lowered piece (``CO2``), the
charge of an ion (``Ca2+``), letters set apart (in a heading, in a formula), accents that are drawn
for themselves, ordinals (``ith``), formulas in brackets, punctuation, and scripts without spaces.
"""

from __future__ import annotations

import ctypes
import math
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import QUICK, Table, Target, markdown
from evaluation.manifest import BESIDE, real_pdfs
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

__all__ = ["Found", "Word", "check", "documents", "glued", "report_on"]

SAMPLES = Path(__file__).parents[1] / "samples" / "papers"
#: How many successive words of PDFium's are tried.
MOST_PARTS = 4
#: Documents of the corpus in a quick look.
FEW = 12
EXAMPLES = 4
_HYPHENS = "-\u2010\u00ad\x02\ufffe"
_ACCENTS = re.compile("[\u0300-\u036f\u00a8\u00b4\u00b8\u02c6-\u02dd]")
_BRACKET = re.compile(r"[()\[\]{}]")
_ION = re.compile(r"(?:[A-Z][a-z]?\d*)+(?:\d*[+\u2212-])?")


@dataclass(frozen=True)
class Word:
    """A word of PDFium's text.

    Parameters
    ----------
    text
        What stands between white space.
    lowered
        Whether it is smaller than the word before and stands lower, close behind it.
    """

    text: str
    lowered: bool = False


@dataclass
class Found:
    """What was found in one document."""

    name: str
    pages: int = 0
    words: int = 0
    glued: list[str] = field(default_factory=list)
    #: Why there is nothing to compare.
    skipped: str = ""


def key(word: str) -> str:
    """Return what is compared of a word: ligatures resolved, accents and hyphen marks off."""
    plain = unicodedata.normalize("NFKD", _ACCENTS.sub("", word))
    return "".join(
        c
        for c in plain
        if not unicodedata.combining(c)
        and c not in "\ufffe\u00ad"
        and unicodedata.category(c) != "Cc"
    )


def glued(ours: Sequence[str], apart: Sequence[Word]) -> list[str]:
    """Return the words of *ours* that are several successive words of *apart*.

    Parameters
    ----------
    ours
        Words of a page, as reslib gives them.
    apart
        Words of the same page, as PDFium gives them for the whole range.
    """
    keys = [key(word.text) for word in apart]
    single = set(keys)
    # The ^ of an exponent is reslib's own: what stands before and after it is looked at.
    parts = [(part, word) for word in ours for part in word.split("^")]
    wanted = {mine: word for part, word in parts if len(mine := key(part)) > 1}
    for known in single & wanted.keys():
        del wanted[known]
    longest = max(map(len, wanted), default=0)
    together: set[str] = set()
    on_purpose: set[str] = set()
    for start in range(len(keys)):
        joined = keys[start]
        for end in range(start + 1, min(start + MOST_PARTS, len(keys))):
            joined += keys[end]
            if len(joined) > longest:
                break
            if joined in wanted:
                meant = _on_purpose(apart[start : end + 1])
                (on_purpose if meant else together).add(joined)
    return [wanted[mine] for mine in wanted if mine in together - on_purpose]


def _on_purpose(parts: Sequence[Word]) -> bool:
    """Whether a text that joins *parts* is right to do so."""
    texts = [part.text for part in parts]
    if all(sum(map(str.isalnum, text)) <= 1 for text in texts):
        return True
    whole = "".join(texts)
    if _ION.fullmatch(whole) and any(c.isdigit() for text in texts for c in text):
        return True
    if any(_ACCENTS.search(text) for text in texts):
        return True  # an accent that is drawn for itself, put on its letter
    if len(texts[0]) == 1 and re.fullmatch(r"(?:st|nd|rd|th)\W*", "".join(texts[1:])):
        return True  # ith
    if any(map(_BRACKET.search, texts)) and sum(map(_is_short, texts)) >= len(texts) - 1:
        return True  # a formula in brackets
    return all(
        before[-1] in _HYPHENS
        or part.lowered
        or not any(map(str.isalnum, part.text))
        or (_without_spaces(before[-1]) and _without_spaces(part.text[0]))
        for before, part in zip(texts, parts[1:], strict=False)
    )


def _is_short(text: str) -> bool:
    return sum(map(str.isalnum, text)) <= 2


def _without_spaces(character: str) -> bool:
    """Whether a character is of a script that sets no spaces between words."""
    return "\u3000" <= character <= "\u9fff" or "\uf900" <= character <= "\uffef"


# --- PDFium --------------------------------------------------------------------------------------


def pages_apart(path: Path) -> Iterator[list[Word]]:
    """Yield the words of each page as PDFium gives them for the whole range of characters."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        for index in range(len(document)):
            try:
                page = document[index]
            except pypdfium2.PdfiumError:
                yield []
                continue
            text_page = page.get_textpage()
            yield list(_words(text_page))
            text_page.close()
            page.close()
    finally:
        document.close()


def _words(text_page: Any) -> Iterator[Word]:
    """Cut the characters of a page at white space; PDFium's own breaks are among them."""
    import pypdfium2.raw as pdfium

    raw = text_page.raw
    word, first, last = "", 0, -1
    for index in range(text_page.count_chars() + 1):
        code = pdfium.FPDFText_GetUnicode(raw, index) if index < text_page.count_chars() else 32
        character = chr(code) if code else " "
        # Not isspace(): a broken font gives a ligature a control character that it calls space.
        if character not in " \t\r\n" and unicodedata.category(character) != "Zs":
            if not word:
                first = index
            word += character
        elif word:
            yield Word(word, last >= 0 and _is_lowered(raw, last, first))
            word, last = "", index - 1


def _is_lowered(raw: Any, before: int, after: int) -> bool:
    import pypdfium2.raw as pdfium

    places = []
    matrix = pdfium.FS_MATRIX()
    for index in (before, after):
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(raw, index, left, right, bottom, top)
        pdfium.FPDFText_GetMatrix(raw, index, matrix)
        size = pdfium.FPDFText_GetFontSize(raw, index) * math.hypot(matrix.c, matrix.d)
        places.append((x.value, y.value, right.value, size))
    (_, baseline, end, size), (start, lower, _, small) = places
    down = baseline - lower
    return small < 0.9 * size and 0.05 * size < down < size and abs(start - end) < 0.35 * size


# --- documents -----------------------------------------------------------------------------------


def documents(corpus: Path) -> list[Path]:
    """Return the samples and the real PDFs of the corpus that are said to open."""
    found = sorted(SAMPLES.glob("*.pdf"))
    real = [corpus / row["file"] for row in real_pdfs(corpus)]
    return found + (real[:FEW] if QUICK else real)


def check(path: Path, sandbox: Sandbox) -> Found:
    """Compare one document."""
    import pypdfium2

    found = Found(path.name)
    outcome = sandbox.run(ExtractionRequest(str(path), timeout=120))
    if outcome.result is None:
        found.skipped = str(outcome.failure.message if outcome.failure else "no result")
        return found
    text, offsets = outcome.result.text, [*outcome.result.page_offsets]
    try:
        apart = list(pages_apart(path))
    except pypdfium2.PdfiumError as error:
        found.skipped = f"PDFium alone: {error}"
        return found
    found.pages = len(apart)
    for start, end, words in zip(offsets, [*offsets[1:], len(text)], apart, strict=False):
        ours = text[start:end].split()
        found.words += len(ours)
        found.glued += glued(ours, words)
    if not found.words:
        found.skipped = "no text"
    return found


def report_on(corpus: Path) -> tuple[Table, Target]:
    """Compare all documents; return a table of those with glued words, and the target."""
    with Sandbox() as sandbox:
        found = [check(path, sandbox) for path in documents(corpus)]
    compared = [one for one in found if not one.skipped]
    total = sum(len(one.glued) for one in compared)
    guilty = sorted((one for one in compared if one.glued), key=lambda one: -len(one.glued))
    rows = [
        [one.name, str(one.pages), f"{one.words:,}", str(len(one.glued)), _examples(one.glued)]
        for one in guilty
    ]
    words, pages = sum(one.words for one in compared), sum(one.pages for one in compared)
    whole = f"all {len(compared)}, of which {len(guilty)} have some"
    rows.append([whole, str(pages), f"{words:,}", str(total), ""])
    for one in found:
        if one.skipped:
            print(f"not compared: {one.name}: {one.skipped}")
    table = Table(
        "Words of real PDFs that ran together",
        ["document", "pages", "words", "glued", "such as"],
        rows,
        "A word of reslib's text that is several successive words of what PDFium gives for the "
        "whole range of a page. Joined on purpose and not counted: words broken at a line's end, "
        "lowered pieces, ions, letters set apart, accents drawn for themselves, formulas in "
        "brackets, punctuation, scripts without spaces.",
    )
    names = ", ".join(f"{one.name} {len(one.glued)}" for one in guilty[:5])
    return table, Target("glued words of real PDFs", "0", str(total), not total, names)


def _examples(words: Sequence[str]) -> str:
    """Return a few of the words, fit for a table."""
    shown = [word.replace("|", "/").replace("`", "'")[:40] for word in words[:EXAMPLES]]
    return ", ".join(f"`{''.join(c if c.isprintable() else '?' for c in word)}`" for word in shown)


def main(corpus: Path) -> int:
    """Print the table; 1 when a word is glued."""
    table, target = report_on(corpus)
    print(markdown(table))
    return int(not target.met)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE))
