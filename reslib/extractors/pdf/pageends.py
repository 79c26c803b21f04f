"""Words that a typesetter broke at the end of a page.

The rest of the word stands at the beginning of the next page's text, behind its running head; the
number or the foot of the page may stand between, and notes whose marks stand in the text. The
whole word is written where it begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reslib.extractors.pdf.hyphens import HYPHEN_MARK

__all__ = ["mark_page_ends"]

#: Lines at an edge of a page that may be its head or its foot.
_EDGE = 3
_BROKEN = re.compile(rf"[^\W\d_]{{2}}[-\u2010\u00ad{HYPHEN_MARK}]$")
_HYPHENS = frozenset(f"-\u2010\u00ad{HYPHEN_MARK}")
#: What notes at the end of a page take at most, in characters and in lines.
_NOTES, _NOTE_LINES = 4000, 40
#: The beginning of a note: its mark, and a capital, a quotation, a reference or an address.
_NOTE = re.compile(
    r"\s*[(\[]?"
    r"(\d{1,3}|[*\u2217\u2020\u2021\u00a7\u00b6#]{1,3}|[\u00b9\u00b2\u00b3\u2070-\u2079]{1,3})"
    r"[)\].]?\s{0,3}(?=[^\W\d_a-z]|[\"\u201c\u201e\u00ab\u2018'(]"
    r"|cf\.|see |e\.g\.|i\.e\.|ibid|https?:|www\.)"
)
#: What its mark stands behind in the text.
_BEFORE_MARK = r"(?:[^\W\d_]|[.,;:!?)\]\u201d\u2019\"'\u00bb])[ \u2009]?[(\[]?"
_REST = re.compile(r"[^\W\d_]+\S*")
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page\s*)?(?:\d+|[ivxlc]+)(?:\s*(?:of|/)\s*\d+)?\W*", re.IGNORECASE
)


def mark_page_ends(texts: Sequence[str]) -> list[str]:
    """Return the texts of pages with words broken over two pages put onto the first of them.

    Parameters
    ----------
    texts
        Of all pages of a document, without control characters; the parts are joined with
        :data:`~reslib.extractors.pdf.hyphens.HYPHEN_MARK`.
    """
    pages = [_with_line_ends(text) for text in texts]
    changed = list(texts)
    for number in range(len(pages) - 1):
        if any(_BROKEN.search(line[-3:]) for line in _last_lines(pages[number])) or (
            _lines_of_notes(pages[number]) is not None
        ):
            _join(changed, pages, number)
    return changed


def _join(changed: list[str], pages: list[str], number: int) -> None:
    """Move the rest of a word that page *number* ends with from the next page, if it is there."""
    repeated = _repeated(pages, number) | _repeated(pages, number + 1)
    feet = _lines_of_the_foot(pages[number], repeated)
    if feet is None:
        feet = _lines_of_notes(pages[number])
    if feet is None:
        return
    text = changed[number + 1]
    start = 0
    for _ in range(_EDGE):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if line[:1].islower() and not _is_furniture(line, repeated):
            break
        if end < 0 or (line.strip() and line[:1].islower()):
            return
        start = end + 1
    else:
        return
    rest = _REST.match(text, start)
    if rest is None:
        return
    body, feet_text = _split(pages[number], feet)
    whole = f"{body[:-1]}{HYPHEN_MARK}{rest[0]}{feet_text}"
    changed[number] = whole.replace(HYPHEN_MARK + "\n", HYPHEN_MARK)
    changed[number + 1] = text[:start] + text[rest.end() :].lstrip(" ")
    pages[number + 1] = _with_line_ends(changed[number + 1])


def _lines_of_the_foot(page: str, repeated: set[str]) -> int | None:
    """Return how many lines of furniture are below a broken word; None when none is broken."""
    for feet, line in enumerate(reversed(_last_lines(page))):
        if _BROKEN.search(line):
            return feet
        if not _is_furniture(line, repeated):
            break
    return None


def _lines_of_notes(page: str) -> int | None:
    """Return how many lines of notes, and what is below them, are below a broken word."""
    lines = page[-_NOTES:].split("\n")
    for below in range(min(_NOTE_LINES, len(lines) - 1), 0, -1):
        line = lines[-1 - below].rstrip()
        if line[-1:] not in _HYPHENS or not _BROKEN.search(line[-3:]):
            continue
        note = _NOTE.match(lines[-below])
        if note is None:
            continue
        text = _split(page, below)[0][-5 * _NOTES :]
        if re.search(rf"{_BEFORE_MARK}{re.escape(note[1])}(?!\w)", text):
            return below
    return None


def _with_line_ends(text: str) -> str:
    """Return a page with line ends behind marked hyphens.

    A foot that begins with a letter looks to PDFium like the rest of the word above it.
    """
    return text.rstrip().replace(HYPHEN_MARK, HYPHEN_MARK + "\n")


def _split(text: str, feet: int) -> tuple[str, str]:
    """Return a page up to its last line of text, and its last *feet* lines."""
    text = text.rstrip()
    lines = text.rsplit("\n", feet)
    body = lines[0].rstrip()
    return body, text[len(body) :]


def _last_lines(page: str) -> list[str]:
    return [line.strip() for line in page[-600:].split("\n")[-1 - _EDGE :]]


def _edges(page: str) -> set[str]:
    """Return the first and the last lines of a page, numbers aside."""
    lines = [*page[:600].split("\n")[:_EDGE], *page[-600:].split("\n")[-_EDGE:]]
    return {_DIGITS.sub("#", line.strip()) for line in lines}


def _repeated(pages: Sequence[str], number: int) -> set[str]:
    """Return the lines at the edges of a page that stand at those of its neighbours too."""
    own = _edges(pages[number])
    others = (number - 2, number - 1, number + 1, number + 2)
    return {
        line
        for other in others
        if 0 <= other < len(pages)
        for line in own & _edges(pages[other])
        if line
    }


def _is_furniture(line: str, repeated: set[str]) -> bool:
    line = line.strip()
    return not line or bool(_PAGE_NUMBER.fullmatch(line)) or _DIGITS.sub("#", line) in repeated
