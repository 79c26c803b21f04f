"""The text of a document, page by page, as a notebook shows it: no script, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice

from reslib.display import html_table
from reslib.errors import printable
from reslib.search.query import parse
from reslib.search.snippet import Finder

__all__ = ["Reader"]

#: Characters that are shown in one go: what a notebook shows is saved in it.
_MOST = 100_000
#: Hits of a page that are looked for.
_MOST_HITS = 1_000
#: Characters before the first hit, where the beginning of a page is left out.
_BEFORE = 1_000
#: What would steer a terminal or turn the direction of writing, and is no text. The rest of what
#: Python calls not printable stays: Persian and Hindi have marks without width, French has spaces
#: that do not break.
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: A notebook breaks what is in <pre> anywhere, being made for code.
_PAGE = (
    "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;font-family:inherit;"
    "background:none;margin:4px 0 12px;padding:0"
)
_MARK = "background:#ffe08a;color:black"


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """A text to be read in a notebook, with what was looked for marked.

    Parameters
    ----------
    name
        Of the document.
    known
        What else is known of it: names and values.
    pages
        The texts of its pages.
    is_paged
        False when the text came in one piece, which is no page 1.
    query
        What to mark, as a search takes it; empty for nothing.
    first
        The page to begin with, from 1.
    """

    name: str
    known: Sequence[tuple[str, object]]
    pages: Sequence[str]
    is_paged: bool
    query: str
    first: int

    def __repr__(self) -> str:
        return f"<text of {printable(self.name)!r}: {self._words(self._hits())}>"

    def _repr_html_(self) -> str:
        hits = self._hits()
        shown = self._chosen(hits)
        opened = [number for number in shown if number in hits] or shown[:1]
        left_out = [n for n in range(self.first, len(self.pages) + 1) if n not in shown]
        end = ""
        if left_out:
            end = f"Not shown: {_ranges(left_out)}. read(page={left_out[0]}) begins there."
        return (
            "<div>"
            + html_table(self.known, caption=self.name)
            + f'<p style="margin:6px 0">{_visible(self._words(hits))}</p>'
            + "".join(
                self._page_html(number, hits.get(number, []), number in opened) for number in shown
            )
            + f'<p style="margin:6px 0">{end}</p></div>'
        )

    def _hits(self) -> dict[int, list[tuple[int, int]]]:
        """Return where on which page stands what was looked for."""
        if not self.query:
            return {}
        finder = Finder(parse(self.query).phrases)
        found = (
            (number, list(islice(finder.spans(page), _MOST_HITS)))
            for number, page in enumerate(self.pages, 1)
            if number >= self.first
        )
        return {number: spans for number, spans in found if spans}

    def _chosen(self, hits: Iterable[int]) -> list[int]:
        """Return the pages to show: those with hits, then the others, while there is room."""
        every = range(self.first, len(self.pages) + 1)
        room, chosen = _MOST, list[int]()
        for number in dict.fromkeys([*hits, *every]):
            room -= len(self.pages[number - 1])
            if room < 0 and chosen:
                break
            chosen.append(number)
        return sorted(chosen)

    def _words(self, hits: dict[int, list[tuple[int, int]]]) -> str:
        if not self.pages:
            return "no text yet"
        size = _plural(len(self.pages), "page") if self.is_paged else "one piece"
        if not self.query:
            return f"{size}, {_plural(sum(map(len, self.pages)), 'character')}"
        query = printable(self.query)
        if '"' not in query:
            query = f"“{query}”"
        count = sum(map(len, hits.values()))
        if not count:
            return f"no hit for {query}"
        least = "at least " if _MOST_HITS in map(len, hits.values()) else ""
        where = f" on {_ranges(list(hits))} of {len(self.pages):,}" if self.is_paged else ""
        return f"{least}{_plural(count, 'hit')} for {query}{where}"

    def _page_html(self, number: int, spans: list[tuple[int, int]], is_open: bool) -> str:
        text = self.pages[number - 1]
        title = f"page {number} of {len(self.pages)}" if self.is_paged else "text"
        title += f", {_plural(len(text), 'character')}" if text.strip() else ", no text"
        if spans:
            title += f", {_plural(len(spans), 'hit')}"
        begin = 0
        if spans and spans[0][0] > _MOST - _BEFORE:
            begin = spans[0][0] - _BEFORE
        end = min(begin + _MOST, len(text))
        pieces, at = ["… " * (begin > 0)], begin
        for start, stop in spans:
            if stop > end:
                break
            pieces += [
                _visible(text[at:start]),
                f'<mark style="{_MARK}">{_visible(text[start:stop])}</mark>',
            ]
            at = stop
        pieces += [_visible(text[at:end]), " …" * (end < len(text))]
        return (
            f"<details{' open' * is_open}><summary>{title}</summary>"
            f'<pre dir="auto" style="{_PAGE}">{"".join(pieces)}</pre></details>'
        )


def _visible(text: str) -> str:
    """Escape what HTML would obey, and show what steers instead of letting it."""
    return escape(
        _STEERS.sub(
            lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text
        )
    )


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers of pages in words: ``pages 2, 5 to 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    words = ", ".join(" to ".join(map(str, run)) for run in runs)
    return f"page{'' if len(numbers) == 1 else 's'} {words}"
