"""The picture of a page: bounded and square, its ink, and how it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.wayback import Frame

__all__ = [
    "MOST_DECODED",
    "MOST_DPI",
    "MOST_PIXELS",
    "NOT_SQUARE",
    "STEEP",
    "Scan",
    "bounded",
    "fitted",
    "ink",
    "median",
    "sheared",
    "skew",
    "softened",
    "squared",
    "standing",
    "too_large",
    "widened",
    "without_specks",
]

#: Most pixels of a picture that is read.
MOST_PIXELS = 40_000_000
#: A picture whose pixels would take more bytes is not even decoded.
MOST_DECODED = 250_000_000
#: Most dots per inch: words do not get clearer by more.
MOST_DPI = 300
#: Width at which ink is looked at.
_WIDTH = 1000
#: Fewer specks of ink tell no direction; of more a sample does, a smaller one about.
_FEW_SPECKS, _MANY_SPECKS, _FEW_TELL = 200, 60_000, 20_000
#: Of less ink it is not told how a page stands: one line looked as if it stood on its head.
_FEW_LINES = 8_000
#: Degrees to either side that are looked for.
_STEEPEST = 15.0
#: A page that stands so steep has lines that are so many times as clear as if it stood level.
STEEP, _CLEARLY = 5.0, 1.5
#: Lines of words are so many times as clear as columns of letters, and the difference of their
#: edges is as large as that: 0.1 to 0.3 in print.
_CLEARER, _SHARPER = 3.0, 0.1
#: Pixels that are so many times as long as wide are softened, in pixels of either way.
NOT_SQUARE, _SHARP_WAY, _COARSE_WAY = 1.4, 1.3, 0.3
#: Pixels that are enough for the height of the smallest letters, of noisy pages too: more are not
#: read better, and take more computing. A picture is made smaller where that is worth it, and not
#: below so many dots per inch.
_ENOUGH, _WORTH_IT, _FINE_DPI = 12.4, 0.85, 200
#: The width of a page as it is read, as a share of its own, where letters have so many pixels.
_NARROW, _LARGE = 0.9, 12
#: How far ink is drawn together to words, the heights of words, and the share of them that may be
#: smaller: dots, hyphens and dust. In thousandths of the width.
_TOGETHER, _FLAT, _TALL, _SMALLER = 5, 3, 40, 10
#: Rows that are worked on at once: they stay in the processor's own memory.
_BAND = 64
#: By how much a speck differs from what is around it, and how many of all pixels are some.
_SPECK, _SPECKLED = 100, 0.004


@dataclass(frozen=True, slots=True)
class Scan:
    """The picture of a page as it was scanned.

    Parameters
    ----------
    picture
        In grey.
    dpi
        Dots per inch.
    is_coarse
        Whether its pixels were longer than wide, as those of a fax, and some were made up.
    frame
        Where it is on its page, of a PDF.
    """

    picture: Any
    dpi: int
    is_coarse: bool = False
    frame: Frame | None = None


def too_large(width: int, height: int) -> ExtractionError:
    """Return the error that a picture of so many pixels is."""
    return ExtractionError(
        f"its picture has {width:,} by {height:,} pixels, more than can be decoded here",
        ErrorCode.OUTPUT_LIMIT,
    )


def bounded(picture: Any, dpi: int) -> tuple[Any, int]:
    """Return a picture in grey, and its resolution, with no more pixels than can be used."""
    from PIL import Image

    width, height = picture.size
    scale = min(1.0, MOST_DPI / dpi, math.sqrt(MOST_PIXELS / max(1, width * height)))
    grey = picture if picture.mode == "L" else picture.convert("L")
    if scale > 0.9:
        return grey, dpi
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return grey.resize(size, Image.Resampling.LANCZOS), max(70, int(dpi * scale))


def fitted(scan: Scan) -> tuple[Any, int]:
    """Return the picture of a page that stands upright and its resolution, as fine as its smallest
    letters need, and a little narrower than high where they are large enough.

    Lines are read column by column, so what is narrower takes less computing: a tenth, and
    tesseract is as sure of its letters or surer. From four fifths of the width on it no longer is;
    nor is it of letters that are small, or of a fax, where rows are missing already.
    """
    from PIL import Image

    width, height = scan.picture.size
    letters = _small_letters(ink(scan.picture)) * max(1.0, width / _WIDTH)
    scale = max(_FINE_DPI / scan.dpi, _ENOUGH / letters) if letters else 1.0
    scale = scale if scale < _WORTH_IT else 1.0
    is_narrowed = letters * scale >= _LARGE and not scan.is_coarse
    across = scale * _NARROW if is_narrowed else scale
    size = max(1, round(width * across)), max(1, round(height * scale))
    if size == scan.picture.size:
        return scan.picture, scan.dpi
    return scan.picture.resize(size, Image.Resampling.HAMMING), round(scan.dpi * scale)


def _small_letters(dark: Any) -> float:
    """Return how high the smallest letters of a page are, in thousandths of its width; 0 when that
    is not known.
    """
    import numpy

    words = _maximum(dark, _TOGETHER, 1)
    # Column after column, with paper between them, ink and paper take turns.
    columns = numpy.pad(words, [(1, 1), (0, 0)]).T.ravel()
    turns = numpy.flatnonzero(columns[1:] != columns[:-1])
    heights = turns[1::2] - turns[::2]
    heights = heights[(heights >= _FLAT) & (heights <= _TALL)]
    if len(heights) < _FEW_SPECKS:
        return 0.0
    return float(numpy.percentile(heights, _SMALLER)) - 0.5  # the rows that they touch are more


def squared(picture: Any, across: float, down: float) -> tuple[Any, int]:
    """Return a picture with as many dots per inch down as across, and how many.

    Faxes have half of the rows. What lies between two of them is not known, so what is read must
    not have their edges: on one of 200 by 100 dots words read went from 0.79 to 0.95 by that.
    """
    from PIL import Image, ImageFilter

    dpi = max(across, down)
    if max(across, down) < NOT_SQUARE * min(across, down):
        return picture, round(dpi)
    width, height = picture.size
    soft = (_SHARP_WAY, _COARSE_WAY) if across > down else (_COARSE_WAY, _SHARP_WAY)
    size = max(1, round(width * dpi / across)), max(1, round(height * dpi / down))
    smooth = picture.convert("L").filter(ImageFilter.GaussianBlur(soft))
    return smooth.resize(size, Image.Resampling.LANCZOS), round(dpi)


def softened(picture: Any) -> Any:
    """Return a grey picture of which each pixel is the mean of the nine around it.

    Pillow's filter takes three times as long.
    """
    import numpy
    from PIL import Image

    grey = numpy.pad(numpy.asarray(picture), 1, mode="edge")
    soft = numpy.empty((grey.shape[0] - 2, grey.shape[1] - 2), numpy.uint8)
    for top in range(0, len(soft), _BAND):
        band = grey[top : top + _BAND + 2].astype(numpy.uint16)
        rows = band[:-2] + band[1:-1] + band[2:]
        soft[top : top + _BAND] = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] + 4) // 9
    return Image.fromarray(soft)


def without_specks(picture: Any) -> Any | None:
    """Return a picture without specks; None when it has hardly any."""
    import numpy

    smooth = median(picture)
    grey = numpy.asarray(picture).astype(numpy.int16)
    lost = numpy.abs(grey - numpy.asarray(smooth)) > _SPECK
    return smooth if lost.mean() > _SPECKLED else None


def median(picture: Any) -> Any:
    """Return a grey picture of which each pixel is the middle one of the nine around it.

    Pillow's filter sorts them pixel by pixel, which takes eight times as long.
    """
    import numpy
    from PIL import Image

    low, middle, high = numpy.minimum, _middle, numpy.maximum
    grey = numpy.pad(numpy.asarray(picture), 1, mode="edge")
    rows = grey[:-2], grey[1:-1], grey[2:]
    # Each column of three sorted, the middle one of nine is that of the highest of the low ones,
    # the middle one of the middle ones, and the lowest of the high ones.
    lowest = low(low(rows[0], rows[1]), rows[2])
    highest = high(high(rows[0], rows[1]), rows[2])
    between = middle(*rows)
    best = middle(
        high(high(lowest[:, :-2], lowest[:, 1:-1]), lowest[:, 2:]),
        middle(between[:, :-2], between[:, 1:-1], between[:, 2:]),
        low(low(highest[:, :-2], highest[:, 1:-1]), highest[:, 2:]),
    )
    return Image.fromarray(best)


def _middle(one: Any, two: Any, three: Any) -> Any:
    import numpy

    low, high = numpy.minimum(one, two), numpy.maximum(one, two)
    return numpy.maximum(low, numpy.minimum(high, three))


def widened(spots: Any, reach: int) -> Any:
    """Return an array of which each place has the most of all that are so near, to all sides and
    corners: of truth, or of grey. Pillow's filter looks at each of them, up to a second a page.
    """
    return _maximum(_maximum(spots, reach, 0), reach, 1)


def _maximum(spots: Any, reach: int, axis: int) -> Any:
    """Return an array of which each place has the most of all that are so near along an axis."""
    import numpy

    size = 2 * reach + 1
    spots = numpy.pad(spots, [(reach, reach) if axis == each else (0, 0) for each in (0, 1)])
    spots = spots.swapaxes(0, axis)
    seen = 1  # so many in a row are one by now
    while seen < size:
        step = min(seen, size - seen)
        spots = numpy.maximum(spots[:-step], spots[step:])
        seen += step
    return spots.swapaxes(0, axis)


def ink(picture: Any) -> Any:
    """Return where there is ink on a picture made smaller, as an array of truth."""
    import numpy
    from PIL import Image

    scale = min(1.0, _WIDTH / picture.width)
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    small = picture.resize(size, Image.Resampling.BOX)
    return numpy.asarray(small) <= min(_threshold(small.histogram()), 200)


def skew(dark: Any) -> float:
    """Return by how many degrees the lines of a page rise to the right, to a tenth.

    Parameters
    ----------
    dark
        Where it has ink.
    """
    lines = _Lines(dark)
    if lines.count < _FEW_SPECKS:
        return 0.0
    about = lines.best(-_STEEPEST, _STEEPEST, 0.5, _FEW_TELL)
    if abs(about) > STEEP and lines.contrast(about) < _CLEARLY * lines.contrast(0.0):
        about = 0.0  # no lines of words: these would be all but gone where they do not lie level
    return lines.best(about - 0.4, about + 0.4, 0.1, _MANY_SPECKS)


def sheared(grey: Any, angle: float, paper: int = 255) -> Any:
    """Return the array of a picture whose lines are turned level by a few degrees: columns moved up
    or down, then rows to the side (Paeth, "A Fast Algorithm for General Raster Rotation", 1986).

    Pillow's rotation, pixel by pixel, takes four times as long.

    Parameters
    ----------
    grey
        The array.
    angle
        Degrees by which its lines rise to the right, as :func:`skew` says.
    paper
        What is beyond its edges.
    """
    import numpy

    slope = math.tan(math.radians(angle))
    level = _moved(numpy.ascontiguousarray(grey.T), slope, paper)
    return _moved(numpy.ascontiguousarray(level.T), -slope, paper)


def _moved(grey: Any, slope: float, paper: int) -> Any:
    """Return an array of which each row is moved to the left, by more the lower it lies."""
    import numpy

    rows, columns = grey.shape
    by = (numpy.arange(rows) - rows / 2) * slope
    whole = numpy.clip(numpy.floor(by), -columns, columns).astype(int)
    beyond = ((by % 1) * 256).astype(numpy.uint16)[:, None]
    moved = numpy.empty_like(grey)
    for top, bottom in pairwise([0, *(numpy.flatnonzero(numpy.diff(whole)) + 1), rows]):
        left = int(whole[top])
        wide = numpy.full((bottom - top, columns + 1), paper, numpy.uint16)
        there = slice(max(0, -left), max(0, min(columns + 1, columns - left)))
        wide[:, there] = grey[top:bottom, there.start + left : there.stop + left]
        share = beyond[top:bottom]
        moved[top:bottom] = (wide[:, :-1] * (256 - share) + wide[:, 1:] * share) >> 8
    return moved


def standing(dark: Any) -> int:
    """Return by how many degrees a page has to be turned with the clock to stand upright, as far as
    that can be seen; 0 where it cannot.

    Lines of words are told apart better than columns of letters. They end more sharply at the
    bottom than at the top, since more letters rise above the others than hang below them. Greek
    letters do not: who goes by this has to look at what is read.

    Parameters
    ----------
    dark
        Where it has ink.
    """
    rows, columns = _Lines(dark), _Lines(dark.T)
    if rows.count < _FEW_LINES:
        return 0
    across, down = (each.best(-STEEP, STEEP, 0.5, _FEW_TELL) for each in (rows, columns))
    ratio = rows.contrast(across) / max(1.0, columns.contrast(down))
    if ratio > _CLEARER:
        return 180 if rows.bottoms(across) < -_SHARPER else 0
    if ratio < 1 / _CLEARER:
        sharp = columns.bottoms(down)
        return 0 if abs(sharp) < _SHARPER else 90 if sharp > 0 else 270
    return 0


class _Lines:
    """The rows of ink of a page, seen at some angle."""

    def __init__(self, dark: Any) -> None:
        import numpy

        specks = numpy.flatnonzero(dark)
        self.count = len(specks)
        few = min(self.count, _MANY_SPECKS)
        specks = numpy.random.default_rng(0).choice(specks, few, replace=False)
        self._rows, self._columns = numpy.divmod(specks, dark.shape[1])

    def best(self, least: float, most: float, step: float, specks: int) -> float:
        """Return the angle at which rows of ink and of paper are told apart best."""
        import numpy

        angles = numpy.arange(least, most + step / 10, step)
        return float(max(angles, key=lambda angle: self.contrast(angle, specks)))

    def contrast(self, angle: float, specks: int = _FEW_TELL) -> float:
        """Return how well they are told apart."""
        return float((self._edges(angle, specks) ** 2).sum())

    def bottoms(self, angle: float) -> float:
        """Return by how much lines end more sharply at their bottom than at their top, -1 to 1."""
        edges = self._edges(angle, _MANY_SPECKS).astype(float)
        return float(-(edges**3).sum() / max(1.0, (abs(edges) ** 3).sum()))

    def _edges(self, angle: float, specks: int) -> Any:
        import numpy

        slope = math.tan(math.radians(angle))
        levels = self._rows[:specks] - self._columns[:specks] * slope
        return numpy.diff(numpy.bincount((levels - levels.min()).astype(int)))


def _threshold(histogram: list[int]) -> int:
    """Return the grey that parts ink from paper best (Otsu, 1979)."""
    import numpy

    counts = numpy.asarray(histogram, dtype=float)
    weights, sums = numpy.cumsum(counts), numpy.cumsum(counts * numpy.arange(256))
    total, all_sum = weights[-1], sums[-1]
    with numpy.errstate(all="ignore"):
        between = (all_sum * weights - sums * total) ** 2 / (weights * (total - weights))
    return int(numpy.nan_to_num(between[:-1]).argmax())
