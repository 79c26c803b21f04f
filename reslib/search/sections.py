"""Sections of documents by their headings: where each begins and ends in the text."""

from __future__ import annotations

from collections.abc import Sequence

from reslib.extraction import PAGE_BREAK
from reslib.fold import WORD, fold
from reslib.storage.store import Store

__all__ = ["Sections"]


class Sections:
    """The sections whose heading has some words.

    Parameters
    ----------
    store
        The database.
    heading
        Words that all stand in the heading: ``"methods"``.
    """

    def __init__(self, store: Store, heading: str) -> None:
        wanted = set(WORD.findall(fold(heading)))
        self._of: dict[int, list[tuple[str, int, int | None]]] = {}
        matching: dict[int, set[int]] = {}
        for row in store.rows("sections_like"):
            those = self._of.setdefault(row["attachment_id"], [])
            words = set(WORD.findall(fold(row["title"])))
            if wanted and wanted <= words:
                matching.setdefault(row["attachment_id"], set()).add(len(those))
            those.append((row["title"], row["level"], row["page"]))
        self._matching = matching

    @property
    def documents(self) -> set[int]:
        """The documents that have such a section."""
        return set(self._matching)

    def blanked(self, attachment_id: int, text: str, offsets: Sequence[int]) -> str:
        """Return a text with blanks in place of all that is not in such a section.

        Parameters
        ----------
        attachment_id
            Which document.
        text, offsets
            Its text, and where its pages begin in that.
        """
        sections = self._of[attachment_id]
        starts = []
        at = 0
        for title, _, page in sections:
            at = _place(title, page, text, offsets, at)
            starts.append(at)
        kept = [" " if character not in f"\n{PAGE_BREAK}" else character for character in text]
        for number in self._matching[attachment_id]:
            level = sections[number][1]
            after = (n for n in range(number + 1, len(sections)) if sections[n][1] <= level)
            end = next(after, None)
            until = len(text) if end is None else starts[end]
            kept[starts[number] : until] = text[starts[number] : until]
        return "".join(kept)


def _place(title: str, page: int | None, text: str, offsets: Sequence[int], at: int) -> int:
    """Return where a heading stands in a text, not before *at*."""
    begin = at
    if page is not None and 1 <= page <= len(offsets):
        begin = max(at, offsets[page - 1])
    found = text.find(title, begin)
    if found < 0:
        last = title.split()[-1] if title.split() else title
        found = text.find(last, begin)
    return found if found >= 0 else begin
