"""The text of a part of an RTF document, and the state of the group that is being read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reslib.extractors.invisible import visible
from reslib.extractors.raised import join_raised, line_end

__all__ = ["State", "Text"]

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class State:
    """The state that a group inherits from the one around it, and takes back at its end."""

    out: Text
    font: int | None = None
    skip: int = 1
    hidden: bool = False
    deleted: bool = False
    raised: bool = False
    lowered: bool = False
    in_row: bool = False
    #: Whether the same follows in Unicode.
    doubled: bool = False
    #: What the group is, where that matters for the words in it: ``"fonttbl"``.
    kind: str = ""


@dataclass(slots=True)
class Text:
    """The text of one part; what is raised waits until it is known what comes after it."""

    parts: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    lowered: bool = False

    def write(self, text: str, state: State) -> None:
        """Write a text as the group it is in looks."""
        if state.raised and not text.isspace():
            self.raised.append(text)
            return
        self.flush(text)
        self.parts.append(text)
        self.lowered = state.lowered

    def flush(self, after: str = "") -> None:
        """Write what is raised, now that it is known what comes after it."""
        if self.raised:
            raised = "".join(self.raised)
            self.raised.clear()
            before = line_end(self.parts)
            self.parts.append(join_raised(before, raised, after, lowered=self.lowered))

    def text(self) -> str:
        """Return all of it, without what is not seen."""
        self.flush()
        # Halves of a character that came one after the other are one.
        whole = "".join(self.parts).encode("utf-16-le", "surrogatepass")
        known = _CONTROLS.sub("", whole.decode("utf-16-le", "replace"))
        lines = visible(known).split("\n")
        text = "\n".join(line.rstrip(" \xa0") for line in lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
