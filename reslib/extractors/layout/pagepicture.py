"""One page of a PDF as people see it: its picture, and where each of its words stands."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.layout.layout import Box, PageLayout
from reslib.extractors.layout.pdfiumlayout import read_layouts
from reslib.extractors.pdf.pdfopen import open_pdf
from reslib.items import DocumentInfo, Figure

__all__ = ["extract"]

#: Pixels a point, and of a whole page at most.
_SCALE, _MOST_PIXELS = 2.0, 3_000_000
#: A picture that is larger as PNG has photographs on it, for which there is JPEG.
_LARGE = 600_000
#: Words of a page that are told of.
_MOST_WORDS = 20_000


def extract(path: Path, options: Mapping[str, Any]) -> Iterator[Figure | DocumentInfo]:
    """Yield a page as a figure, and its words as metadata.

    Parameters
    ----------
    path
        The document.
    options
        ``page``: its number, from 1.

    Raises
    ------
    ExtractionError
        The document cannot be opened, or has no such page.
    """
    import pypdfium2

    number = options["page"]
    document = open_pdf(path)
    try:
        if not 1 <= number <= len(document):
            raise ExtractionError(
                f"it has {len(document)} pages, so there is no page {number}", ErrorCode.MALFORMED
            )
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise ExtractionError(f"page {number} is damaged", ErrorCode.MALFORMED) from error
        try:
            width, height = page.get_size()
            media_type, data = _picture(page, width, height)
            yield Figure(number, box=(0.0, 0.0, width, height), media_type=media_type, data=data)
            text_page = page.get_textpage()
            try:
                layouts = read_layouts(page, text_page, drawn=False)
            finally:
                text_page.close()
            words = [word for layout in layouts for word in _words(layout)]
            yield DocumentInfo(metadata={"words": words[:_MOST_WORDS]})
        finally:
            page.close()
    finally:
        document.close()


def _picture(page: Any, width: float, height: float) -> tuple[str, bytes]:
    """Return the picture of a page, with its type."""
    from PIL import ImageChops

    scale = min(_SCALE, math.sqrt(_MOST_PIXELS / max(1.0, width * height)))
    bitmap = page.render(scale=scale)
    try:
        picture = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
    red, green, blue = picture.split()
    if not any(ImageChops.difference(red, other).getbbox() for other in (green, blue)):
        picture = red.quantize(16)  # shades enough for letters, in half the bytes
    data = _as_file(picture, format="PNG")
    if len(data) <= _LARGE:
        return "image/png", data
    return "image/jpeg", _as_file(picture.convert("RGB"), format="JPEG", quality=80)


def _as_file(picture: Any, **settings: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, **settings)
    return stream.getvalue()


def _words(layout: PageLayout) -> Iterator[list[Any]]:
    """Yield each word: its box on the page as it is seen, size, depth below the line, direction.

    The direction is by how many quarter turns with the clock the text runs from the right.
    """
    here, there = (layout.shown_box(Box(x, 0, x, 0))[:2] for x in (0, 100))
    across, down = there[0] - here[0], there[1] - here[1]
    turns = max((across, 0), (down, 1), (-across, 2), (-down, 3))[1]
    for word in layout.words:
        box = layout.shown_box(Box(word.left, word.bottom, word.right, word.top))
        depth = round(word.baseline - word.bottom, 1)
        yield [*box, round(word.size, 1), depth, turns, word.text]
