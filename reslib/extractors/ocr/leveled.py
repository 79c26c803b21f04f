"""The picture of a page as it is read: even light, less noise, level lines; and where its ink is.

Each step was measured: a page at 2 degrees went from a tenth of its words to all of them by being
turned level, one on grey paper with noise from a quarter to all.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from reslib.extractors.ocr.picture import STEEP, ink, median, sheared, skew, softened, widened
from reslib.extractors.ocr.wayback import Levelling

__all__ = ["Leveled", "dusted", "prepare"]

#: Noise from which on softening helps, in steps of grey. Of noisy pages it left no word unread, the
#: median of nine pixels up to one in forty.
_NOISY = 4.0
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
#: That is told of parts of so many by so many thousandths.
_PART = 4
#: Where ink of 255 and none are mixed, what is ink.
_HALF = 127


class Leveled:
    """A picture that was prepared, and its ink.

    Parameters
    ----------
    picture
        In grey, prepared.
    dpi
        Dots per inch, down.
    dark
        Its ink, where that is known.
    levelling
        How it was made level, where it was.
    """

    def __init__(
        self,
        picture: Any,
        dpi: int,
        dark: Any | None = None,
        levelling: Levelling | None = None,
    ) -> None:
        self.picture, self.dpi = picture, dpi
        self.levelling = levelling or Levelling(picture.size)
        self._dark = dark

    @cached_property
    def ink(self) -> Any:
        """The ink of the picture made smaller: an array that is true where there is some."""
        return ink(self.picture) if self._dark is None else self._dark

    @cached_property
    def pictured(self) -> Any:
        """The ink that lies too close for writing: photographs, bars, the edge of the glass."""
        import numpy
        from PIL import Image, ImageFilter

        dark = Image.fromarray(self.ink.astype(numpy.uint8) * 255)
        near = dark.reduce(_PART).filter(ImageFilter.BoxBlur(_NEAR // _PART))
        dense = widened(numpy.asarray(near) > _DENSE, _NEAR // _PART)
        rows, columns = self.ink.shape
        return dense.repeat(_PART, axis=0).repeat(_PART, axis=1)[:rows, :columns]


def dusted(picture: Any) -> Any:
    """Return a grey picture without the dust on it: as it was scanned, since specks spread when it
    is made smaller.
    """
    return median(picture) if _is_speckled(picture) else picture


def prepare(picture: Any, dpi: int) -> Leveled:
    """Return a grey picture of a page as it is read best."""
    import numpy
    from PIL import Image

    picture = _flat(picture)
    if _noise(picture) > _NOISY:
        picture = softened(picture)
    level = Leveled(picture, dpi)
    angle = skew(level.ink)
    if abs(angle) <= _LEVEL:
        return level
    if abs(angle) <= STEEP:
        upright = Image.fromarray(sheared(numpy.asarray(picture), angle))
        dark = sheared(level.ink.astype(numpy.uint8) * 255, angle, 0) > _HALF
        return Leveled(upright, dpi, dark, Levelling(picture.size, angle))
    # Of one that stands steep the corners would be cut off.
    turned = picture.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    return Leveled(turned, dpi, levelling=Levelling(picture.size, angle, is_rotated=True))


def _flat(picture: Any) -> Any:
    """Return a picture divided by its paper: white everywhere, whatever the light and the paper."""
    import numpy
    from PIL import Image, ImageFilter

    width, height = picture.size
    small = picture.reduce(8)
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
    counts = numpy.bincount(beside.ravel()).cumsum()
    return float(numpy.searchsorted(counts, counts[-1] / 2)) / 2  # the median, halved


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
