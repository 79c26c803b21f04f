"""HTML: all of the text, the title apart.

Everything a page carries as text is kept, what a style sheet would hide included; scripts,
styles and templates are left out. Blocks end lines, cells are separated by tabs, ``<pre>``
keeps its line breaks, a picture is represented by its ``alt`` text. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from reslib.extractors.base import Extractor, Requirement
from reslib.extractors.encoding import decode
from reslib.extractors.labels import label_of_markup
from reslib.extractors.textfile import read_bytes
from reslib.models import DocumentInfo, Page

__all__ = ["EXTRACTOR", "extract"]

_SKIPPED = frozenset({"script", "style", "template"})
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
_SPACE = re.compile(r"[ \t\n\r\f]+")


def extract(path: Path) -> Iterator[Page | DocumentInfo]:
    """Yield what is known of the page, then its text as one page.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`; ``truncated`` or ``malformed`` when it
        is packed and damaged.
    """
    data = read_bytes(path)
    decoded = decode(data, label_of_markup(data))
    collector = _parse(decoded.text)
    yield DocumentInfo(
        title=collector.title(),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    yield Page(collector.text())


class _Collector:
    """Collects text from the events of libxml2, which keeps no tree then: no depth is too deep."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._newlines = 2
        self._title: list[str] = []
        self._skipping = 0
        self._in_title = 0
        self._in_svg = 0
        self._keeping_space = 0
        self._in_first_cell = True

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
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

    def end(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag == "svg":
            self._in_svg = max(0, self._in_svg - 1)
        elif tag == "title" and not self._in_svg:
            self._in_title = max(0, self._in_title - 1)
        elif tag in _KEPT_SPACE:
            self._keeping_space = max(0, self._keeping_space - 1)
        self._break(tag)

    def data(self, text: str) -> None:
        if self._skipping:
            return
        if self._in_title:
            self._title.append(text)
        if not self._keeping_space:
            text = _SPACE.sub(" ", text)
            if self._newlines or self._parts[-1].endswith((" ", "\t")):
                text = text.removeprefix(" ")
        if text:
            self._write(text)

    def _break(self, tag: str) -> None:
        wanted = 2 if tag in _PARAGRAPHS else int(tag in _LINES)
        if wanted > self._newlines:
            self._write("\n" * (wanted - self._newlines))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        rest = text.rstrip("\n")
        self._newlines = len(text) - len(rest) + (0 if rest else self._newlines)

    def close(self) -> _Collector:
        return self

    def title(self) -> str | None:
        return _SPACE.sub(" ", "".join(self._title)).strip() or None

    def text(self) -> str:
        lines = (line.rstrip() for line in "".join(self._parts).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _parse(text: str) -> _Collector:
    from lxml import etree

    collector = _Collector()
    # UTF-8 whatever the page says: it has been decoded already.
    parser = etree.HTMLParser(
        target=cast("Any", collector), encoding="utf-8", no_network=True, huge_tree=True
    )
    # Versions of libxml2 differ in what a NUL becomes; nothing at all is an error to lxml.
    content = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    parser.feed(b"<html>" if not content.strip() else content)
    parser.close()
    return collector


EXTRACTOR = Extractor(
    name="html",
    function=extract,
    mime_types=("text/html", "application/xhtml+xml"),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="2",
    writes=False,
)
