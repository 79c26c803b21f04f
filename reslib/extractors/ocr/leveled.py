"""The picture of a page as it is read: even light, less noise, level lines; and where its ink is.

Each step was measured: a page at 2 degrees went from a tenth of its words to all of them by being
turned level, one on grey paper with noise from a quarter to all.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from reslib.extractors.ocr.picture import STEEP, ink, median, skew, widened

__all__ = ["Leveled", "dusted", "prepare"]

#: Noise from which on softening helps, in steps of grey, and how far, in pixels. Of noisy pages it
#: left no word unread, the median of nine pixels up to one in forty.
_NOISY, _SOFT = 4.0, 1
#: Dark pixels that stand alone, of all: the dots of a page of small letters are fewer. Looked at in
#: so many parts either way, one row of a few; and how much lighter all around is.
_DOTTED, _PARTS, _EACH = 0.0004, 8, 4
_LONELY = 100
#: Degrees from which on a page is turned level.
_LEVEL = 0.3
#: Rows that are divided at once: they stay in the processor's own memory.
_BAND = 64
#: How far around a point ink is looked at, in thousandths of the width, and how much of it is dense
#: (of 255): lines of letters have a third of that.
_NEAR, _DENSE = 12, 130


class Leveled:
    """A picture that was prepared, and its ink.

    Parameters
    ----------
    picture
        In grey, prepared.
    dpi
        Dots per inch, down.
    """

    def __init__(self, picture: Any, dpi: int) -> None:
        self.picture, self.dpi = picture, dpi

    @cached_property
    def ink(self) -> Any:
        """The ink of the picture made smaller: an array that is true where there is some."""
        return ink(self.picture)

    @cached_property
    def pictured(self) -> Any:
        """The ink that lies too close for writing: photographs, bars, the edge of the glass."""
        import numpy
        from PIL import Image, ImageFilter

        dark = Image.fromarray(self.ink.astype(numpy.uint8) * 255)
        near = numpy.asarray(dark.filter(ImageFilter.BoxBlur(_NEAR)))
        return widened(near > _DENSE, _NEAR)


def dusted(picture: Any) -> Any:
    """Return a grey picture without the dust on it: as it was scanned, since specks spread when it
    is made smaller.
    """
    return median(picture) if _is_speckled(picture) else picture


def prepare(picture: Any, dpi: int) -> Leveled:
    """Return a grey picture of a page as it is read best."""
    from PIL import Image, ImageFilter

    picture = _flat(picture)
    noise = _noise(picture)
    if noise > _NOISY:
        picture = picture.filter(ImageFilter.BoxBlur(_SOFT))
    level = Leveled(picture, dpi)
    angle = skew(level.ink)
    if abs(angle) <= _LEVEL:
        return level
    # Of one that stands steep the corners would be cut off.
    is_steep = abs(angle) > STEEP
    turned = picture.rotate(angle, Image.Resampling.BILINEAR, expand=is_steep, fillcolor=255)
    return Leveled(turned, dpi)


def _flat(picture: Any) -> Any:
    """Return a picture divided by its paper: white everywhere, whatever the light and the paper."""
    import numpy
    from PIL import Image, ImageFilter

    width, height = picture.size
    small = picture.resize((max(1, width // 8), max(1, height // 8)), Image.Resampling.BOX)
    light = Image.fromarray(numpy.ascontiguousarray(widened(numpy.asarray(small), 4)))
    light = light.filter(ImageFilter.GaussianBlur(4))
    paper = numpy.asarray(light.resize((width, height), Image.Resampling.BILINEAR))
    grey = numpy.asarray(picture)
    even = numpy.empty_like(grey)
    for top in range(0, height, _BAND):
        band = slice(top, top + _BAND)
        shares = grey[band].astype(numpy.float32)
        shares /= numpy.maximum(paper[band], 1)
        shares *= 255
        even[band] = numpy.minimum(shares, 255, out=shares)
    return Image.fromarray(even)


def _noise(picture: Any) -> float:
    """Return how much a pixel usually differs from those around it."""
    import numpy

    grey = numpy.asarray(picture)[::8].astype(numpy.int16)  # these rows tell as much
    if min(grey.shape) < 3:
        return 0.0
    beside = numpy.abs(2 * grey[:, 1:-1] - grey[:, :-2] - grey[:, 2:])
    return float(numpy.median(beside)) / 2


def _is_speckled(picture: Any) -> bool:
    """True when dark pixels stand alone all over a page, as dust does, and not only in a picture of
    dots on it.
    """
    import numpy

    grey = numpy.asarray(picture)
    above, rows, below = (grey[first : len(grey) - 2 + first : _EACH] for first in range(3))
    darker = numpy.minimum
    both = darker(above, below)
    around = darker(darker(both[:, :-2], both[:, 1:-1]), both[:, 2:])
    around = darker(around, darker(rows[:, :-2], rows[:, 2:]))
    dark = rows[:, 1:-1] < numpy.maximum(around, _LONELY) - _LONELY
    height, width = (side // _PARTS for side in dark.shape)
    if not height or not width:
        return False
    parts = dark[: _PARTS * height, : _PARTS * width].reshape(_PARTS, height, _PARTS, width)
    return float(numpy.median(parts.mean(axis=(1, 3)))) > _DOTTED
