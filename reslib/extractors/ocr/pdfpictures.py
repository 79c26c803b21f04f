"""The pages of a PDF as pictures, each with the text that it has already."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.picture import (
    MOST_DECODED,
    MOST_DPI,
    MOST_PIXELS,
    NOT_SQUARE,
    Scan,
    squared,
    too_large,
)
from reslib.extractors.ocr.wayback import Frame
from reslib.extractors.pdf.confidence import PageSignals
from reslib.extractors.pdf.extractor import read_page
from reslib.extractors.pdf.pdfopen import no_pages, open_pdf

__all__ = ["PdfPictures"]

_LEAST_DPI = 150
#: Bytes of JBIG2 that a white page may take; it takes some fifty.
_MOST_OF_NOTHING = 500
#: Pixels of the width of a page that is drawn small, and by how much one of them, and all in the
#: mean, may differ from those of the same picture: they do by up to 12 and 1.2.
_SMALL, _SAME_GREY, _SAME_ON_THE_WHOLE = 100, 40, 4
#: By how much a page with margins is looked at coarser, since they end between pixels, and by the
#: root of that more closely.
_COARSER = 4
#: Points by which a picture ends before the edge of its page when it has margins.
_MARGIN = 3.0
#: Images of a page that are looked at.
_MOST_IMAGES = 1000


class PdfPictures:
    """The pages of one PDF.

    Parameters
    ----------
    document
        PDFium's, open.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self.total = len(document)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[PdfPictures]:
        """Open a PDF; it is closed at the end.

        Raises
        ------
        ExtractionError
            It cannot be opened, or has no pages.
        """
        document = open_pdf(path)
        try:
            if not len(document):
                raise no_pages()
            yield cls(document)
        finally:
            document.close()

    def known(self, number: int) -> PageSignals | None:
        """Return what is measured on a page; None when it cannot be read."""
        import pypdfium2

        try:
            return read_page(self._document, number - 1)
        except pypdfium2.PdfiumError:
            return None

    def picture(self, number: int, known: PageSignals) -> Scan:
        """Return the picture of a page and its resolution: its own, within bounds.

        Raises
        ------
        ExtractionError
            What is drawn on it is too large, or damaged.
        """
        page = self._document[number - 1]
        try:
            width, height = page.get_size()
            largest = _largest(page) if known.image_share else None
            if largest is not None and largest.decoded > MOST_DECODED:
                raise too_large(*largest.size)
            own = largest if known.image_share > 0.5 else None
            dpi = MOST_DPI
            is_coarse = own is not None and not own.is_square
            if own is not None:
                dpi = max(_LEAST_DPI, round(max(own.across, own.down)))
                may_be_all = is_coarse or (dpi > _LEAST_DPI and _has_nothing_else(known))
                filed = own.as_shown(page) if may_be_all else None
                if filed is not None and is_coarse:
                    square = squared(filed, own.across, own.down)
                    return Scan(*square, is_coarse=True, frame=own.frame)
                if filed is not None:
                    return Scan(filed, dpi, frame=own.frame)
                dpi = min(MOST_DPI, dpi)
            most = 72 * math.sqrt(MOST_PIXELS / max(1.0, width * height))
            dpi = max(1, int(min(dpi, most)))
            bitmap = page.render(scale=dpi / 72, grayscale=True, draw_annots=False)
            try:
                picture = bitmap.to_pil().convert("L")
            finally:
                bitmap.close()
            if largest is not None and picture.getextrema() == (255, 255):
                largest.demand_decoded()
            frame = Frame.shown(page.get_bbox(), page.get_rotation())
            return Scan(picture, dpi, is_coarse, frame)
        finally:
            page.close()


@dataclass(frozen=True, slots=True)
class _Image:
    """The largest image on a page, and its dots per inch as it is shown."""

    item: Any
    size: tuple[int, int]
    across: float
    down: float
    is_upright: bool
    #: Whether the page has no other image.
    is_only: bool

    @property
    def is_square(self) -> bool:
        """True when its pixels are as wide as long, or nearly."""
        return max(self.across, self.down) < NOT_SQUARE * min(self.across, self.down)

    @property
    def frame(self) -> Frame:
        """The place of an upright one on its page."""
        return Frame.shown(self.item.get_bounds())

    @property
    def decoded(self) -> float:
        """The bytes that its pixels take, about."""
        columns, rows = self.size
        bits = max(1, int(self.item.get_metadata().bits_per_pixel))
        return columns * rows * bits / 8

    def as_shown(self, page: Any) -> Any | None:
        """Return it as its file has it; None where something else is shown on its page.

        PDFium draws long pixels with their edges, which are not those of letters, and takes four
        times as long for a page as for its picture.

        Raises
        ------
        ExtractionError
            It is damaged.
        """
        from PIL import ImageOps

        columns, rows = self.size
        if not (self.is_upright and self.is_only) or columns * rows > MOST_PIXELS:
            return None
        filed = self.bitmap().to_pil().convert("L")
        if filed.getextrema() == (255, 255):
            self.demand_decoded()
        margins, shown, coarser = self._margins(page), _small(page), 1
        if not self.is_square and max(margins) > _MARGIN:
            if not _is_white_around(shown, margins, page.get_width()):
                return None
            shown, coarser = _small(page, margins).reduce(_COARSER), _COARSER
        if _are_alike(filed, shown, coarser):
            return filed
        # Of a mask the file says where there is ink, not which grey that is.
        is_mask = _are_alike(filed, ImageOps.invert(shown), coarser)
        return ImageOps.invert(filed) if is_mask else None

    def _margins(self, page: Any) -> tuple[float, float, float, float]:
        """Return how far it ends from the left, bottom, right and top of its page, in points."""
        left, bottom, right, top = page.get_cropbox()
        own = self.item.get_bounds()
        ends = own[0] - left, own[1] - bottom, right - own[2], top - own[3]
        return max(0.0, ends[0]), max(0.0, ends[1]), max(0.0, ends[2]), max(0.0, ends[3])

    def bitmap(self) -> Any:
        """Return its pixels as its file has them.

        Raises
        ------
        ExtractionError
            They cannot be decoded.
        """
        import pypdfium2

        try:
            return self.item.get_bitmap()
        except pypdfium2.PdfiumError as error:
            raise _damaged() from error

    def demand_decoded(self) -> None:
        """Raise the error that a picture is of which nothing was drawn because it is damaged.

        Of most PDFium says so; of JBIG2 it passes over what it does not know, and a white page is
        what is left.
        """
        self.bitmap()
        is_jbig2 = "JBIG2Decode" in self.item.get_filters()
        if is_jbig2 and len(self.item.get_data()) > _MOST_OF_NOTHING:
            raise _damaged()


def _damaged() -> ExtractionError:
    return ExtractionError(
        "its picture is damaged, or of a kind that is not read", ErrorCode.MALFORMED
    )


def _has_nothing_else(known: PageSignals) -> bool:
    """True when nothing is seen on a page besides its pictures."""
    return not known.paths and (not known.text_objects or known.hidden_share == 1)


def _small(page: Any, margins: tuple[float, float, float, float] = (0, 0, 0, 0)) -> Any:
    """Return a page as it is shown, in grey, drawn small and without its margins."""
    scale = _SMALL / max(1.0, page.get_width())
    bitmap = page.render(
        scale=scale, crop=margins, grayscale=True, draw_annots=False, force_halftone=True
    )
    try:
        return bitmap.to_pil().convert("L")
    finally:
        bitmap.close()


def _is_white_around(shown: Any, margins: tuple[float, float, float, float], width: float) -> bool:
    """True when nothing is seen in the margins of a page that is drawn small."""
    import numpy

    left, bottom, right, top = (int(each * shown.width / width) for each in margins)
    around = numpy.array(shown)
    around[top : around.shape[0] - bottom, left : around.shape[1] - right] = 255
    return bool(around.min() > 255 - _SAME_GREY)


def _are_alike(filed: Any, shown: Any, coarser: int) -> bool:
    """True when an image of its file looks as the page that is drawn small: others are cut off,
    masked, or have something beside them.
    """
    from PIL import Image, ImageChops, ImageStat

    differing = ImageChops.difference(shown, filed.resize(shown.size, Image.Resampling.BOX))
    seen = ImageStat.Stat(differing)
    most = math.sqrt(coarser)
    return seen.extrema[0][1] < _SAME_GREY / most and seen.mean[0] < _SAME_ON_THE_WHOLE / most


def _largest(page: Any) -> _Image | None:
    import pypdfium2.raw as pdfium

    best, found = 0.0, None
    turned = page.get_rotation() in (90, 270)
    images = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])
    items = list(islice(images, _MOST_IMAGES))
    for item in items:
        left, bottom, right, top = item.get_bounds()
        width, height = abs(right - left), abs(top - bottom)
        columns, rows = size = item.get_px_size()
        matrix = item.get_matrix()
        on_its_side = abs(matrix.b) > abs(matrix.a)
        if on_its_side:
            columns, rows = rows, columns
        if width * height > best and columns and rows:
            best = width * height
            across, down = 72 * columns / width, 72 * rows / height
            is_upright = matrix.a > 0 and matrix.d > 0 and not (on_its_side or page.get_rotation())
            across, down = (down, across) if turned else (across, down)
            found = _Image(item, size, across, down, is_upright, len(items) == 1)
    return found
