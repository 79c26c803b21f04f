"""Text as it is written piece by piece: raised pieces apart, a number before the first word."""

from __future__ import annotations

from dataclasses import dataclass, field

from reslib.extractors.raised import join_raised, line_end

__all__ = ["Written", "start_height"]


@dataclass(slots=True)
class Written:
    """Text that is collected before it takes its place."""

    parts: list[str] = field(default_factory=list)
    #: The number of the paragraph that is being read, as long as nothing is written.
    label: str = ""
    #: How high the run stands that is being read, and what is raised until it is known what
    #: comes after it.
    height: int = 0
    raised: list[str] = field(default_factory=list)
    #: Whether what was written last stands low.
    lowered: bool = False

    def write(self, text: str) -> None:
        """Write the text of a run, or what stands for it."""
        if self.height > 0:
            self.raised.append(text)
            return
        self.flush(text)
        if self.label and not text.isspace():
            self.parts.append(f"{self.label} ")
            self.label = ""
        self.parts.append(text)
        self.lowered = self.height < 0

    def flush(self, after: str = "") -> None:
        """Write what is raised, now that it is known what comes after it."""
        if self.raised:
            raised = "".join(self.raised)
            self.raised.clear()
            if self.label and not raised.isspace():
                self.parts.append(f"{self.label} ")
                self.label = ""
            before = line_end(self.parts)
            self.parts.append(join_raised(before, raised, after, lowered=self.lowered))
            self.lowered = False


def start_height(written: Written, height: int) -> None:
    """Begin a raised or lowered piece of a cell of a table.

    A lowered number behind another one is written ``12_3``: it must not become a digit of it.

    Parameters
    ----------
    written
        What is in the cell so far.
    height
        Above 0 for a raised piece, below 0 for a lowered one.
    """
    written.flush()
    if height < 0 and line_end(written.parts)[-1:].isdigit():
        written.parts.append("_")
    written.height = height
