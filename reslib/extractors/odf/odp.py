"""OpenDocument presentations (.odp, .otp, .fodp): what is written on the slides and in their notes.

A slide is a page with the label ``slide 7``, as of a PowerPoint presentation: its title, then
shapes, groups and tables in the order in which they are kept; below the line ``Notes:`` what the
speaker noted. A hidden slide is read, and said by a warning. Left out are comments, the running
lines (number, date, footer), prompts, and what stands on the master that slides share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.extractors.odf.odfparts import Parts
from reslib.extractors.odf.odfstyles import Styles
from reslib.extractors.odf.odfwalk import Walk
from reslib.extractors.odf.odfxml import attribute, child, children, key
from reslib.items import DocumentInfo, Item, Page, Warning

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["extract"]

_NO_TEXT = frozenset({"header", "footer", "date-time", "page-number", "page"})


def extract(path: Path) -> Iterator[Item | DocumentInfo]:
    """Yield what is known of the presentation, then each slide with its tables.

    The confidence of a slide is 1, or that of the document where parts of it are damaged.

    Parameters
    ----------
    path
        The presentation.

    Raises
    ------
    ExtractionError
        ``encrypted``; ``malformed`` when it is no sound presentation; ``output_limit`` when it
        unpacks to more than :data:`~reslib.extractors.archive.MAX_UNPACKED`.
    """
    with Parts(path, "office:presentation", "presentation") as parts:
        stated = parts.metadata()
        yield DocumentInfo(title=stated.title())
        yield from stated
        common = child(parts.styles, "office:styles")
        styles = Styles(common, child(parts.content, "office:automatic-styles"))
        for number, slide in enumerate(children(parts.body, "draw:page"), 1):
            walk = Walk(styles, parts.object)
            texts = [_text(slide, walk), _text(child(slide, "presentation:notes"), walk)]
            if texts[1]:
                texts[1] = f"Notes:\n{texts[1]}"
            text = "\n\n".join(filter(None, texts))
            reason = "; ".join((*parts.damaged, *walk.left_out()))
            parts.damaged.clear()  # said of the slide on which it was noticed
            confidence = parts.confidence() if text else 0.0
            blank = not text and not reason
            yield Page(text, confidence, reason, blank, number, label=f"slide {number}")
            for table in walk.tables:
                yield replace(table, page=number)
            if styles.hides_page(attribute(slide, "draw:style-name")):
                message = f"slide {number} is hidden when the presentation is shown; it is read"
                yield Warning("hidden_slide", message, page=number)


def _text(page: etree._Element | None, walk: Walk) -> str:
    """Return the text of the shapes of a slide or of its notes, the title first."""
    shapes = []
    for shape in page if page is not None else ():
        name, role = key(shape.tag), attribute(shape, "presentation:class")
        if name == "office:annotation":
            walk.comments = True
        elif (
            name.startswith(("draw:", "dr3d:"))
            and role not in _NO_TEXT
            and attribute(shape, "presentation:placeholder") != "true"
        ):
            shapes.append(shape)
    shapes.sort(key=lambda shape: attribute(shape, "presentation:class") != "title")
    return "\n".join(filter(None, map(walk.shape, shapes)))
