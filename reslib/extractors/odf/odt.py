"""OpenDocument texts (.odt, .ott, .fodt): everything that is written in them, in document order.

Read are the body, headings with their numbers (also as sections), lists, tables (a row is a line,
cells are separated by tabs), text boxes (after the paragraph they are anchored in), formulas as
they were typed, the words of charts, alternative texts of pictures (in brackets), insertions;
footnotes and endnotes after the body, as of a Word document, so that sentences with a mark in them
stay whole; headers before the body and footers at the end, each distinct one once. Left out are
deletions, comments, hidden text and prompts that nobody has filled in. Pictures and documents
inside are not read; the reason beside the confidence counts them. The numbers of lists are not
worked out.

The document is one page: an .odt has no pages until a program lays it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.extractors.base import Extractor
from reslib.extractors.odf.odfnumbers import Headings
from reslib.extractors.odf.odfparts import Parts
from reslib.extractors.odf.odfstyles import Styles
from reslib.extractors.odf.odfwalk import Walk
from reslib.extractors.odf.odfxml import attribute, child, key
from reslib.extractors.requirements import Requirement
from reslib.items import DocumentInfo, Item, Page

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["EXTRACTOR", "extract"]

_HEADERS = ("style:header", "style:header-first", "style:header-left")
_FOOTERS = ("style:footer", "style:footer-first", "style:footer-left")


def extract(path: Path) -> Iterator[Item | DocumentInfo]:
    """Yield what is known of the document, then its text as one page.

    The confidence is the share of the parts with text (by their packed size) that could be read.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``encrypted``; ``malformed`` when it is no sound text document; ``output_limit`` when it
        unpacks to more than :data:`~reslib.extractors.archive.MAX_UNPACKED`.
    """
    with Parts(path, "office:text", "text document") as parts:
        metadata = parts.metadata()
        yield DocumentInfo(title=next((m.value for m in metadata if m.key == "title"), None))
        yield from metadata
        common = child(parts.styles, "office:styles")
        styles = Styles(common, child(parts.content, "office:automatic-styles"))
        walk = Walk(styles, parts.object, Headings(common))
        body = walk(parts.body)
        notes = ("\n".join(filter(None, walk.notes[kind])) for kind in ("footnote", "endnote"))
        heads, feet = _running(parts, walk)
        text = "\n\n".join(filter(None, (heads, body, *notes, feet)))
        yield Page(text, parts.confidence(), "; ".join((*parts.damaged, *walk.left_out())))
        for section in walk.sections:
            yield replace(section, page=1)
        for table in walk.tables:
            yield replace(table, page=1)


def _running(parts: Parts, walk: Walk) -> tuple[str, str]:
    """Return the headers and the footers of all page styles, each text once."""
    own = Walk(Styles(parts.styles), parts.object)
    heads: dict[str, None] = {}
    feet: dict[str, None] = {}
    for page in _page_styles(parts.styles):
        for item in page:
            name = key(item.tag)
            if name in _HEADERS and attribute(item, "style:display") != "false":
                heads[own(item)] = None
            elif name in _FOOTERS and attribute(item, "style:display") != "false":
                feet[own(item)] = None
    walk.pictures += own.pictures
    return "\n".join(filter(None, heads)), "\n".join(filter(None, feet))


def _page_styles(styles: etree._Element | None) -> Iterator[etree._Element]:
    masters = child(styles, "office:master-styles")
    yield from masters if masters is not None else ()


EXTRACTOR = Extractor(
    name="odt",
    function=extract,
    mime_types=(
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.text-template",
        "application/vnd.oasis.opendocument.text-flat-xml",
    ),
    requires=(Requirement("lxml", "pip install lxml"),),
    version="2",
    recipe=2,
    writes=False,
)
