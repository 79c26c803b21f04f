"""The text of HTML as a reader sees it, collected from the events of a parser.

A parser of other markup can give the same events under the names of HTML: then cells, what is
raised, formulas and line ends come out alike.
"""

from __future__ import annotations

import re

from reslib.extractors.invisible import visible
from reslib.extractors.raised import join_raised, line_end

__all__ = ["Collector"]

_SKIPPED = frozenset({"script", "style", "template", "annotation", "annotation-xml"})
#: What begins and ends a line, and what has an empty line around it (HTML §15.3).
_LINES = frozenset(
    "address body button caption center dd details dialog div dt fieldset figcaption "
    "form frame head html iframe legend li menu noframes noscript optgroup option search select "
    "summary tbody textarea tfoot thead tr".split()
)
_PARAGRAPHS = frozenset(
    "article aside blockquote dir dl figure footer h1 h2 h3 h4 h5 h6 header hr main nav ol "
    "p pre section table title ul".split()
)
_CELLS = frozenset({"td", "th"})
_KEPT_SPACE = frozenset({"pre", "textarea"})
_READINGS = frozenset({"rt", "rp"})
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
#: Formulas: the child (MathML 3, §3.4) that is raised, or stands below a line, and the mark of it.
_MARKED_CHILD = {"msup": (2, "^"), "msubsup": (3, "^"), "mfrac": (2, "/")}
_SPACE = re.compile(r"[ \t\n\r\f]+")


def _is_hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    """True when an element says itself that it is not seen."""
    if tag in ("html", "body"):
        return False
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    style = attributes.get("style") or ""
    # Wikipedia hides the formula and shows a picture of it.
    return bool(_HIDDEN.search(style)) and "mathml" not in (attributes.get("class") or "").lower()


class Collector:
    """Collects text from the events of a parser, which keeps no tree then: no depth is too deep.

    Parameters
    ----------
    show_hidden
        Whether elements that hide themselves are read.
    """

    def __init__(self, show_hidden: bool = False) -> None:
        self._show_hidden = show_hidden
        #: Whether any element is hidden, and how many are open from the outermost of them on.
        self.has_hidden = False
        self._hidden = 0
        self._parts: list[str] = []
        self._newlines = 2
        self._title: list[str] = []
        self._skipping = 0
        self._in_title = 0
        self._in_svg = 0
        self._keeping_space = 0
        self._in_first_cell = True
        self._in_ruby = 0
        #: In the reading of a word; in a group of readings.
        self._reading = self._readings = False
        #: Elements that raise their text, and that text until it is known what comes after it.
        self._raising = 0
        self._raised: list[str] = []
        self._lowered = False
        #: Of each open span, whether its style raises it.
        self._spans: list[bool] = []
        #: Of each open element of a formula, its name and the number of its children so far.
        self._formula: list[tuple[str, int]] = []
        self._after_mark = False

    @property
    def is_silent(self) -> bool:
        """True when the text that comes now is not seen."""
        return bool(self._hidden or self._skipping or self._reading or self._readings)

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Take the start of an element."""
        if self._hidden or (not self._show_hidden and _is_hidden(tag, attributes)):
            self.has_hidden = True
            self._hidden += 1
            return
        self._break(tag)
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "svg":
            self._in_svg += 1
        elif tag == "title" and not self._in_svg:
            self._in_title += 1
        elif tag == "br":
            self._write("\n")
        elif tag == "tr":
            self._in_first_cell = True
        elif tag in _CELLS:
            if not self._in_first_cell:
                self._write("\t")
            self._in_first_cell = False
        elif tag in _KEPT_SPACE:
            self._keeping_space += 1
        elif tag in ("img", "area") and attributes.get("alt"):
            self.data(f" {attributes['alt']} ")
        elif tag == "sup":
            self._raising += 1
        elif tag == "sub":
            self._flush("")
        elif tag == "span":
            self._spans.append(bool(_RAISED.search(attributes.get("style") or "")))
            if self._spans[-1]:
                self._raising += 1
        elif self._in_ruby or tag == "ruby":
            self._start_ruby(tag)
        if tag == "math" or self._formula:
            self._start_formula(tag)

    def _start_ruby(self, tag: str) -> None:
        if tag in ("ruby", "rb"):  # they end a reading, whose own end tag may be left out
            self._in_ruby += tag == "ruby"
            self._reading = False
        elif tag in _READINGS:
            self._reading = True
        elif tag == "rtc":
            self._readings = True

    def _start_formula(self, tag: str) -> None:
        if self._formula:
            parent, children = self._formula[-1]
            self._formula[-1] = (parent, children + 1)
            child, mark = _MARKED_CHILD.get(parent, (0, ""))
            if children + 1 == child:
                self._flush("")
                self._parts[-1:] = [part.rstrip(" ") for part in self._parts[-1:]]
                self._append(mark)
                self._after_mark = True
        self._formula.append((tag, 0))

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._hidden:
            self._hidden -= 1
            return
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag == "svg":
            self._in_svg = max(0, self._in_svg - 1)
        elif tag == "title" and not self._in_svg:
            self._in_title = max(0, self._in_title - 1)
        elif tag in _KEPT_SPACE:
            self._keeping_space = max(0, self._keeping_space - 1)
        elif tag == "sup" or (tag == "span" and self._spans and self._spans.pop()):
            self._raising = max(0, self._raising - 1)
        elif tag in _READINGS:
            self._reading = False
        elif tag == "rtc":
            self._readings = False
        elif tag == "ruby":
            self._in_ruby = max(0, self._in_ruby - 1)
            self._reading = self._readings = False
        if self._formula:
            self._formula.pop()
        self._break(tag)
        if tag == "sub":
            self._flush("")
            self._lowered = True

    def data(self, text: str) -> None:
        """Take text."""
        if self.is_silent:
            return
        if self._in_title:
            self._title.append(text)
        if not self._keeping_space:
            text = _SPACE.sub(" ", text)
        if self._after_mark:
            text = text.lstrip(" ")
        if text:
            self._after_mark = False
            if self._raising:
                self._raised.append(text)
            else:
                self._write(text)

    def _break(self, tag: str) -> None:
        wanted = 2 if tag in _PARAGRAPHS else int(tag in _LINES)
        if wanted:
            # What is left open by mistake ends with the block.
            self._reading = self._readings = False
            self._raising = 0
            self._flush("")
        if wanted > self._newlines:
            self._append("\n" * (wanted - self._newlines))

    def _write(self, text: str) -> None:
        if self._raised:
            self._flush(text)
        self._append(text)

    def _flush(self, after: str) -> None:
        """Write what is raised, now that it is known what comes after it."""
        if self._raised:
            raised = "".join(self._raised)
            self._raised.clear()
            before = line_end(self._parts)
            self._append(join_raised(before, raised, after, lowered=self._lowered))

    def _append(self, text: str) -> None:
        if not self._keeping_space and (self._newlines or self._parts[-1].endswith((" ", "\t"))):
            text = text.removeprefix(" ")
        if not text:
            return
        self._lowered = False
        self._parts.append(text)
        rest = text.rstrip("\n")
        self._newlines = len(text) - len(rest) + (0 if rest else self._newlines)

    def close(self) -> Collector:
        """Take the end of the document."""
        self._flush("")
        return self

    def title(self) -> str | None:
        """Return what the element ``title`` says, None when it says nothing."""
        return _SPACE.sub(" ", visible("".join(self._title))).strip() or None

    def text(self) -> str:
        """Return the text so far."""
        lines = (line.rstrip() for line in visible("".join(self._parts)).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
