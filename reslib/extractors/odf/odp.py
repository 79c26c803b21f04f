"""OpenDocument presentations (.odp, .otp, .fodp): what is written on the slides and in their notes.

A slide is a page with the label ``slide 7``, as of a PowerPoint presentation: its title, then
shapes, groups and tables in the order in which they are kept; below the line ``Notes:`` what the
speaker noted; last the running lines (header, footer, date), each at the first slide that has it.
A hidden slide is read, and said by a warning. Left out are comments, numbers of slides, prompts,
and what else stands on the master that slides share.
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

_NO_TEXT = frozenset({"page-number", "page"})
_RUNNING = ("header", "footer", "date-time")


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
        declared = _running_lines(parts.body)
        running = set[str]()
        for number, slide in enumerate(children(parts.body, "draw:page"), 1):
            walk = Walk(styles, parts.object)
            lines = [
                declared.get((kind, attribute(slide, f"presentation:use-{kind}-name")), "")
                for kind in _RUNNING
            ]
            texts = [_text(slide, walk, lines)]
            notes = _text(child(slide, "presentation:notes"), walk, [])
            texts.append(f"Notes:\n{notes}" if notes else "")
            new = (line for line in dict.fromkeys(lines) if line and line not in running)
            texts.append("\n".join(new))
            running.update(lines)
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


def _running_lines(body: etree._Element) -> dict[tuple[str, str], str]:
    """Return the lines that slides share, by their kind and name."""
    return {
        (kind, attribute(item, "presentation:name")): " ".join((item.text or "").split())
        for kind in _RUNNING
        for item in children(body, f"presentation:{kind}-decl")
    }


def _text(page: etree._Element | None, walk: Walk, running: list[str]) -> str:
    """Return the text of the shapes of a slide or of its notes, the title first.

    Those that hold a running line are put into *running*.
    """
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
    running += [
        walk.shape(shape) for shape in shapes if attribute(shape, "presentation:class") in _RUNNING
    ]
    shapes = [s for s in shapes if attribute(s, "presentation:class") not in _RUNNING]
    shapes.sort(key=lambda shape: attribute(shape, "presentation:class") != "title")
    return "\n".join(filter(None, map(walk.shape, shapes)))
