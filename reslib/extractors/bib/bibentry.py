"""One entry of a bibliography, whatever it is written in: a paragraph and a reference of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reslib.items import Reference

__all__ = ["Entry", "doi_in", "year_in"]

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}\[\]]*[^\s\"<>{}\[\].,;:)]")
_YEAR_IN_BRACKETS = re.compile(r"\(((?:1[5-9]|20)\d\d)[a-z]?\)")
_YEAR = re.compile(r"(?<![\d:/.\-–])((?:1[5-9]|20)\d\d)[a-z]?(?![\d/–]|-\d)")  # noqa: RUF001
#: So much of a text is looked at for a year and a DOI.
_LOOKED_AT = 10_000


@dataclass(slots=True)
class Entry:
    """One work, with what is said of it as plain text.

    Parameters
    ----------
    key
        By which it is cited.
    kind
        ``"article"``, ``"book"`` and the like, as the file says.
    authors, editors
        Names as they are written.
    title, container, year, volume, number, pages, publisher, doi, url
        The usual fields; *container* is the journal or the book that it is in.
    rest
        All others, by their names.
    """

    key: str = ""
    kind: str = ""
    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    title: str = ""
    container: str = ""
    year: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    publisher: str = ""
    doi: str = ""
    url: str = ""
    rest: list[tuple[str, str]] = field(default_factory=list)

    def line(self) -> str:
        """Return what a list of references says of it, without the key."""
        names, editors = "; ".join(self.authors), "; ".join(self.editors)
        if editors and not names:
            names, editors = f"{editors} (eds.)", ""
        head = f"{names} ({self.year})" if self.year and names else names or self.year
        issue = f"{self.volume}({self.number})" if self.volume and self.number else ""
        issue = issue or self.volume or self.number
        edited = f"edited by {editors}" if editors else ""
        place = ", ".join(filter(None, [self.container, edited, issue, self.pages]))
        sentences = [part for part in (head, self.title, place, self.publisher) if part]
        line = " ".join(
            part if part.endswith((".", "?", "!")) else f"{part}." for part in sentences
        )
        doi = f"doi:{self.doi}" if self.doi else ""
        url = "" if self.doi and self.doi in self.url else self.url
        return " ".join(filter(None, [line, doi, url]))

    def paragraph(self) -> str:
        """Return all that is said of it: the key and :meth:`line`, then the other fields."""
        first = f"[{self.key}] {self.line()}" if self.key else self.line()
        return "\n".join(
            [first.strip(), *(f"{name}: {value}" for name, value in self.rest if value)]
        )

    def reference(self) -> Reference:
        """Return it as an item."""
        return Reference(self.line(), self.title, self.doi, year_in(self.year))


def doi_in(*texts: str) -> str:
    """Return the first DOI that stands in one of some texts; empty when none does."""
    for text in texts:
        found = _DOI.search(text[:_LOOKED_AT].replace("\\_", "_"))
        if found:
            return found[0]
    return ""


def year_in(text: str) -> int | None:
    """Return the year that is said in a text: the one in brackets, or the last one."""
    text = text[:_LOOKED_AT]
    found = _YEAR_IN_BRACKETS.search(text)
    if found:
        return int(found[1])
    years = _YEAR.findall(text)
    return int(years[-1]) if years else None
