"""The records of an old presentation ([MS-PPT]): its slides in their order, and their texts.

A record says its kind and its length; some hold others. The document is saved in pieces: the last
edit leads to the one before, and each says where the objects that it changed are. Everything that
is followed is followed once, so that loops end.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from reslib.extractors.invisible import visible

__all__ = ["Presentation", "Slide"]

#: Kinds of records ([MS-PPT] 2.13.24, [MS-ODRAW] 2.2).
_DOCUMENT, _SLIDE, _NOTES = 0x03E8, 0x03EE, 0x03F0
_SLIDE_ATOM, _NOTES_ATOM, _PERSIST, _SHOW_INFO = 0x03EF, 0x03F1, 0x03F3, 0x03F9
_LIST, _DRAWING, _TEXT_BOX = 0x0FF0, 0x040C, 0xF00D
_HEADER, _WIDE, _NARROW, _OUTLINE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_SHAPE, _CLIENT_DATA, _PLACEHOLDER = 0xF004, 0xF011, 0x0BC3
#: The list of slides, by its instance; the others are of masters and of notes.
_OF_SLIDES = 0
#: Placeholders of running lines: date, number, footer, header ([MS-PPT] 2.13.21).
_RUNNING = frozenset({7, 8, 9, 10})
#: A slide that is left out when the presentation is shown (2.4.24).
_HIDDEN = 0x0004
_DEEPEST, _MOST_RECORDS = 64, 2_000_000
#: The most bytes of texts, those that are kept once and named often included.
_MOST_TEXT = 90_000_000
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Slide:
    """The words of a slide and of its notes."""

    text: str = ""
    notes: str = ""
    is_hidden: bool = False
    #: What of it cannot be read, for people.
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    instance: int
    #: Whether it holds other records.
    holds: bool
    start: int
    end: int


class Presentation:
    """The slides of a presentation.

    Parameters
    ----------
    content
        Its main stream.
    begins
        Where in it the last edit is; None when nobody says.
    """

    def __init__(self, content: bytes, begins: int | None) -> None:
        self._content = content
        self._left, self._room = _MOST_RECORDS, _MOST_TEXT
        #: What of it cannot be read, for people; known when the slides are.
        self.problem = ""
        self._places: dict[int, int] = {}
        self._document: int | None = None
        if begins is not None:
            self._follow(begins)

    @property
    def is_sound(self) -> bool:
        """True when there is a list of its slides, which may be empty."""
        return self._at(self._document, _DOCUMENT) is not None

    def slides(self) -> Iterator[Slide]:
        """Yield the slides in their order; none when the list of them cannot be read."""
        document = self._at(self._document, _DOCUMENT)
        if document is None:
            return
        notes = self._notes(document)
        for place, identity, outline in self._listed(document, _OF_SLIDES):
            slide = self._at(place, _SLIDE)
            if slide is None:
                texts = "\n".join(outline)
                yield Slide(texts, problem="" if texts else "the slide is damaged")
                continue
            yield Slide(
                "\n".join(self._texts(slide, outline)), notes.get(identity, ""), self._hidden(slide)
            )
        if self._left <= 0 or self._room < 0:
            self.problem = "it has more records or text than is read"

    def every_text(self) -> str:
        """Return all texts there are, in the order in which they are kept."""
        everything = _Record(0, 0, True, 0, len(self._content))
        return "\n".join(filter(None, (self._text(each) for each in self._all(everything))))

    # --- places ---------------------------------------------------------------------------------

    def _follow(self, edit: int) -> None:
        """Learn where each object is: from the last edit back to the first."""
        seen: set[int] = set()
        while edit not in seen:
            seen.add(edit)
            record = self._at(edit, _EDIT)
            if record is None or record.end - record.start < 20:
                return
            before, directory, document = struct.unpack_from(
                "<III", self._content, record.start + 8
            )
            for identity, place in self._directory(directory):
                self._places.setdefault(identity, place)
            if self._document is None:
                self._document = self._places.get(document)
            if not before:
                return
            edit = before

    def _directory(self, place: int) -> Iterator[tuple[int, int]]:
        record = self._at(place, _DIRECTORY)
        if record is None:
            return
        at = record.start
        while at + 4 <= record.end:
            (head,) = struct.unpack_from("<I", self._content, at)
            first, count = head & 0xFFFFF, head >> 20
            at += 4
            for number in range(min(count, (record.end - at) // 4)):
                yield first + number, struct.unpack_from("<I", self._content, at + 4 * number)[0]
            at += 4 * count

    def _at(self, place: int | None, kind: int) -> _Record | None:
        """Return the record at a place, when it is of that kind."""
        if place is None:
            return None
        record = next(self._records(place, len(self._content)), None)
        return record if record is not None and record.kind == kind else None

    # --- records --------------------------------------------------------------------------------

    def _records(self, start: int, end: int) -> Iterator[_Record]:
        """Yield the records that follow each other there."""
        while start + 8 <= end and self._left > 0:
            self._left -= 1
            head, kind, size = struct.unpack_from("<HHI", self._content, start)
            start += 8
            yield _Record(kind, head >> 4, head & 15 == 15, start, min(end, start + size))
            start += size

    def _inside(self, record: _Record) -> Iterator[_Record]:
        return self._records(record.start, record.end) if record.holds else iter(())

    def _all(
        self, record: _Record, kinds: frozenset[int] = frozenset(), depth: int = 0
    ) -> Iterator[_Record]:
        """Yield what is in a record and in what that holds; what is of *kinds* is not entered."""
        for each in self._inside(record):
            yield each
            if each.holds and each.kind not in kinds and depth < _DEEPEST:
                yield from self._all(each, kinds, depth + 1)

    # --- slides ---------------------------------------------------------------------------------

    def _listed(
        self, document: _Record, instance: int
    ) -> Iterator[tuple[int | None, int, list[str]]]:
        """Yield where each slide is, its number, and its texts that are kept in the list."""
        for listed in self._inside(document):
            if listed.kind != _LIST or listed.instance != instance:
                continue
            slide: tuple[int | None, int, list[str]] | None = None
            for record in self._inside(listed):
                if record.kind == _PERSIST and record.end - record.start >= 16:
                    if slide is not None:
                        yield slide
                    reference, _, _, identity = struct.unpack_from(
                        "<IIII", self._content, record.start
                    )
                    slide = self._places.get(reference), identity, []
                elif slide is not None and record.kind == _HEADER:
                    slide[2].append("")
                elif slide is not None and slide[2] and (text := self._text(record)):
                    slide[2][-1] += text
            if slide is not None:
                yield slide

    def _notes(self, document: _Record) -> dict[int, str]:
        """Return the notes of each slide, by its number."""
        found: dict[int, str] = {}
        for place, _, outline in self._listed(document, 2):
            notes = self._at(place, _NOTES)
            if notes is None:
                continue
            for atom in self._inside(notes):
                if atom.kind == _NOTES_ATOM and atom.end - atom.start >= 4:
                    (slide,) = struct.unpack_from("<I", self._content, atom.start)
                    found[slide] = "\n".join(self._texts(notes, outline))
        return found

    def _texts(self, slide: _Record, outline: list[str]) -> Iterator[str]:
        """Yield the texts of the shapes on a slide; some of them are kept in the list of slides."""
        for drawing in self._inside(slide):
            if drawing.kind != _DRAWING:
                continue
            for shape in self._all(drawing):
                if shape.kind == _SHAPE and not self._is_running(shape):
                    for box in self._inside(shape):
                        if box.kind == _TEXT_BOX:
                            yield from filter(None, self._written(box, outline))

    def _written(self, box: _Record, outline: list[str]) -> Iterator[str]:
        for record in self._records(box.start, box.end):
            if record.kind == _OUTLINE and record.end - record.start >= 4:
                (number,) = struct.unpack_from("<I", self._content, record.start)
                if number < len(outline):
                    yield outline[number]
            else:
                yield self._text(record)

    def _text(self, record: _Record) -> str:
        if record.kind not in (_WIDE, _NARROW):
            return ""
        self._room -= record.end - record.start
        if self._room < 0:
            return ""
        data = self._content[record.start : record.end]
        # Bytes are the low halves of UTF-16 (2.9.42): no code page.
        text = data.decode("utf-16-le" if record.kind == _WIDE else "latin-1", "replace")
        text = text.replace("\r", "\n").replace("\v", "\n")
        lines = visible(_CONTROLS.sub("", text)).split("\n")
        return "\n".join(filter(None, (line.rstrip() for line in lines)))

    def _is_running(self, shape: _Record) -> bool:
        """True for a shape with the date, the number of the slide or a line below all of them."""
        return any(
            record.kind == _PLACEHOLDER
            and record.end - record.start >= 5
            and self._content[record.start + 4] in _RUNNING
            for data in self._inside(shape)
            if data.kind == _CLIENT_DATA
            for record in self._inside(data)
        )

    def _hidden(self, slide: _Record) -> bool:
        for record in self._inside(slide):
            if record.kind == _SHOW_INFO and record.end - record.start >= 12:
                (flags,) = struct.unpack_from("<H", self._content, record.start + 10)
                return bool(flags & _HIDDEN)
        return False
