"""Presentations (.pptx, .pptm, .ppsx, .potx): what is written on the slides and in their notes.

A slide is a page with the label ``slide 7``. Read are its title, then shapes and groups in the
order in which they are kept, tables (a row is a line, cells are separated by tabs), the words of
charts and diagrams, equations (in linear form) and alternative texts (in brackets); below the line
``Notes:`` what the speaker noted; last the running lines (date, header, footer), each at the first
slide that has it. A hidden slide is read, and said by a warning. Left out are comments, numbers of
slides, and what stands on the master that all slides share. Pictures and documents inside are not
read; the reason counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.archive import AGAIN
from reslib.extractors.office.coreproperties import core_properties
from reslib.extractors.office.opc import Package
from reslib.extractors.office.slidewalk import SlideWalk
from reslib.extractors.office.wordxml import child, children, key, reference
from reslib.items import DocumentInfo, Metadata, Page, Table, Warning

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["extract"]


def extract(path: Path) -> Iterator[Page | Table | Metadata | Warning | DocumentInfo]:
    """Yield what is known of the presentation, then each slide with its tables.

    The confidence of a slide is the share of its parts with text (by their packed size) that
    could be read.

    Parameters
    ----------
    path
        The presentation.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no sound presentation; ``output_limit`` when it unpacks to more
        than :data:`~reslib.extractors.archive.MAX_UNPACKED`.
    """
    with Package(path) as package:
        slides = _slides(package)
        stated = core_properties(package)
        yield DocumentInfo(title=stated.title())
        yield from stated
        comments, running = False, set[str]()
        for number, part in enumerate(slides, 1):
            slide = _Slide(package, part)
            slide.read(running)
            yield slide.page(number)
            for table in slide.walk.tables:
                yield replace(table, page=number)
            if slide.hidden:
                message = f"slide {number} is hidden when the presentation is shown; it is read"
                yield Warning("hidden_slide", message, page=number)
            comments |= slide.comments
        if comments:
            yield DocumentInfo(reason="comments left out")


class _Slide:
    """One slide: its text, and what could not be read of it."""

    def __init__(self, package: Package, part: str) -> None:
        self.hidden = self.comments = False
        self.walk = SlideWalk(self._linked)
        self._package = package
        self._part = part
        self._linked_parts: dict[str, str] = {}
        self._texts: list[str] = []
        self._read = self._unread = 0
        self._damaged: list[str] = []

    def read(self, running: set[str]) -> None:
        """Read the slide and what it leads to; keep the running lines that it is the first with."""
        root = self._xml("slide", self._part)
        if root is None:
            return
        try:
            relationships = list(self._package.relationships(self._part))
        except ExtractionError as error:
            self._note_damage("list of parts", "", error)
            relationships = []
        self._linked_parts = {r.name: r.target for r in relationships}
        self.hidden = root.get("show") in ("0", "false")
        self._texts.append(self.walk.slide(root))
        for part in dict.fromkeys(r.target for r in relationships if r.kind == "notesSlide"):
            root = self._xml("notes", part)
            notes = self.walk.slide(root) if root is not None else ""
            if notes:
                self._texts.append(f"Notes:\n{notes}")
        lines = [line for line in dict.fromkeys(self.walk.running) if line not in running]
        running.update(lines)
        self._texts.append("\n".join(lines))
        self.comments = any(r.kind == "comments" for r in relationships)

    def page(self, number: int) -> Page:
        """Return the slide as a page."""
        text = "\n\n".join(filter(None, self._texts))
        reason = self._reason()
        confidence = round(self._read / max(1, self._read + self._unread), 4) if text else 0.0
        blank = not text and not reason
        return Page(text, confidence, reason, blank, number, label=f"slide {number}")

    def _linked(self, name: str) -> str:
        """Return the text of a chart or a diagram."""
        root = self._xml("chart or diagram", self._linked_parts.get(name, ""))
        return self.walk.part(root) if root is not None else ""

    def _xml(self, kind: str, part: str) -> etree._Element | None:
        """Return the root of a part; None, and the damage is noted, when it cannot be read."""
        try:
            root = self._package.xml(part)
        except ExtractionError as error:
            self._note_damage(kind, part, error)
            return None
        self._read += self._package.packed_size(part)
        return root

    def _note_damage(self, kind: str, part: str, error: ExtractionError) -> None:
        if error.code is not ErrorCode.MALFORMED or self._package.is_exhausted:
            raise error
        self._unread += self._package.packed_size(part) or 1
        self._damaged.append(kind)

    def _reason(self) -> str:
        reasons = [f"its {kind} is damaged" for kind in dict.fromkeys(self._damaged)]
        if self.walk.embedded:
            reasons.append(f"{_count(self.walk.embedded, 'embedded document')} not read")
        if self.walk.pictures:
            reasons.append(f"{_count(self.walk.pictures, 'picture')} not read")
        return "; ".join(reasons)


def _slides(package: Package) -> list[str]:
    """Return the parts of the slides in their order; one that leads nowhere has no name."""
    main = next(
        (r.target for r in package.relationships() if r.kind == "officeDocument"),
        "ppt/presentation.xml",
    )
    root = package.xml(main)
    if key(root.tag) != "p:presentation":
        raise ExtractionError(
            f"its main part {printable(main)} is no presentation. {AGAIN}", ErrorCode.MALFORMED
        )
    parts = {r.name: r.target for r in package.relationships(main) if r.kind == "slide"}
    slides = children(child(root, "p:sldIdLst"), "p:sldId")
    return [parts.get(reference(slide, "id"), "") for slide in slides]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
