"""The texts that lie over the cells of a spreadsheet: text boxes, charts, alternative texts."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.archive import parse_xml
from reslib.extractors.odf.odfstyles import Styles
from reslib.extractors.odf.odfwalk import Walk
from reslib.extractors.odf.odfxml import attribute, full
from reslib.extractors.office import sheetscan
from reslib.extractors.office.opc import Package
from reslib.extractors.office.slidewalk import SlideWalk
from reslib.extractors.office.wordwalk import alternative_text
from reslib.extractors.office.wordxml import key, reference

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Beside"]

#: The most bytes of one part that are looked at, of all parts, and the most characters of a sheet.
_MOST_PART, _MOST_UNPACKED, _MOST_TEXT = 16 << 20, 1 << 30, 1_000_000
_CONTENT = "content.xml"


class Beside:
    """The words that lie over the cells of a workbook, sheet by sheet, read when asked for.

    Damage costs no more than the part it is in.

    Parameters
    ----------
    path
        The workbook.
    kind
        ``"xlsx"`` or ``"ods"``; of others nothing is read.
    """

    def __init__(self, path: Path, kind: str) -> None:
        #: Whether something could not be read since it was last asked for.
        self.is_damaged = False
        self._package = Package(path, _MOST_UNPACKED) if kind in ("xlsx", "ods") else None
        self._parts: dict[str, str] = {}
        self._texts: dict[str, list[str]] | None = None
        if self._package is not None and kind == "xlsx":
            workbook = sheetscan.workbook_part(self._package)
            known = sheetscan.sheet_parts(self._package, workbook)
            names = sheetscan.sheet_names(self._package, workbook)
            self._parts = {name: known.get(link, "") for name, link in names.items()}
            self._texts = {}

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._package is not None:
            self._package.__exit__(None, None, None)

    def of(self, sheet: str) -> str:
        """Return the text that lies over a sheet, empty when there is none.

        Parameters
        ----------
        sheet
            Its name.
        """
        self.is_damaged = False
        if self._package is None:
            return ""
        if self._texts is None:
            self._texts = self._of_ods(self._package)
        if sheet in self._parts:
            texts = self._of_xlsx(self._package, self._parts[sheet])
        else:
            texts = self._texts.get(sheet, [])
        text = "\n".join(filter(None, texts))
        self.is_damaged |= len(text) > _MOST_TEXT
        return text[:_MOST_TEXT]

    def _xml(self, package: Package, part: str) -> etree._Element | None:
        """Return the root of a part; None when it is missing, damaged or too large."""
        try:
            with contextlib.closing(_begun(package, part)) as chunks:
                return parse_xml(chunks, part)
        except ExtractionError:
            self.is_damaged = True
            return None

    # --- Excel ----------------------------------------------------------------------------------

    def _of_xlsx(self, package: Package, sheet: str) -> list[str]:
        drawn: list[str] = []
        try:
            leads_to = list(package.relationships(sheet)) if sheet else []
        except ExtractionError:
            self.is_damaged = True
            leads_to = []
        for relationship in leads_to:
            if relationship.kind == "drawing":
                root = self._xml(package, relationship.target)
                if root is not None:
                    drawn += self._drawn(package, relationship.target, root)
        return drawn

    def _drawn(self, package: Package, part: str, root: etree._Element) -> Iterator[str]:
        """Yield the texts of shapes and charts (ECMA-376 part 1, §20.5)."""
        try:
            charts = {r.name: r.target for r in package.relationships(part)}
        except ExtractionError:
            self.is_damaged = True
            charts = {}
        walk = SlideWalk(lambda name: "")
        for element in _seen(root):
            name = str(element.tag).rpartition("}")[2]
            text = ""
            if name == "txBody":
                text = walk.part(element)
            elif name == "cNvPr":
                text = alternative_text(element)
                text = text and f"[{text}]"
            elif name == "chart":
                chart = self._xml(package, charts.get(reference(element, "id"), ""))
                text = walk.part(chart) if chart is not None else ""
            if text:
                yield text

    # --- OpenDocument ---------------------------------------------------------------------------

    def _of_ods(self, package: Package) -> dict[str, list[str]]:
        """Return the texts of all sheets; nothing is kept of the cells."""
        from lxml import etree

        texts: dict[str, list[str]] = {}
        try:
            if not any(b"<draw:" in piece for piece in package.chunks(_CONTENT)):
                return texts
            tags = [full(f"table:{name}") for name in ("table", "table-row", "shapes")]
            parser = etree.XMLPullParser(
                ("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
            )
            sheet, size = "", 0  # what was fed since the last element was let go
            for chunk in package.chunks(_CONTENT):
                size += len(chunk)
                if size > _MOST_PART:
                    self.is_damaged = True
                    break
                parser.feed(chunk)
                for event, element in cast("Iterator[tuple[str, Any]]", parser.read_events()):
                    if element.tag == tags[0]:
                        parent = element.getparent()
                        if parent is not None and parent.tag == full("office:spreadsheet"):
                            sheet = attribute(element, "table:name")
                    elif event == "end":
                        self._keep(package, element, texts.setdefault(sheet, []))
                        _let_go(element)
                        size = 0
        except (etree.XMLSyntaxError, ExtractionError):
            self.is_damaged = True
        return texts

    def _keep(self, package: Package, element: etree._Element, texts: list[str]) -> None:
        """Add what stands in a row, or lies over the sheet, to its texts."""

        def inner(name: str) -> etree._Element | None:
            part = posixpath.normpath(posixpath.join(name, _CONTENT))
            return self._xml(package, part) if part in package else None

        drawing = full("draw:frame").removesuffix("frame")
        annotation = full("office:annotation")
        for item in element.iter(f"{drawing}*"):
            outer = (str(parent.tag) for parent in item.iterancestors())
            if not any(tag == annotation or tag.startswith(drawing) for tag in outer):
                texts.append(Walk(Styles(), inner).shape(item))


def _let_go(element: etree._Element) -> None:
    """Free what an element holds, and all that stands before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _begun(package: Package, part: str) -> Generator[bytes, None, None]:
    """Yield the bytes of a part that is not too large."""
    size = 0
    for chunk in package.chunks(part):
        size += len(chunk)
        if size > _MOST_PART:
            raise ExtractionError("too much beside the cells", ErrorCode.OUTPUT_LIMIT)
        yield chunk


def _seen(root: etree._Element) -> Iterator[etree._Element]:
    """Yield elements in their order, none of what stands in for newer drawings (part 3, §10)."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        below = [e for e in element if isinstance(e.tag, str) and key(e.tag) != "mc:Fallback"]
        if not str(element.tag).endswith("}txBody"):
            waiting += reversed(below)
