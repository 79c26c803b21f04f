"""The text layer of a page seen from the side, for text that is turned by a quarter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["TurnedLayer", "tall_ones", "turned_layer"]

#: Tall pieces of a page, at least, and their share, before it is seen from the side.
_FEWEST, _MANY = 3, 0.2
#: Of which so many are looked at for the direction; the first characters of some are spaces.
_LOOKED_AT = 6


class TurnedLayer(TextLayer):
    """A page seen so that text which runs up or down runs to the right.

    Parameters
    ----------
    layer
        The page; what is written for its characters is shared.
    upwards
        Whether the text runs up the page, not down.
    """

    def __init__(self, layer: TextLayer, *, upwards: bool) -> None:
        self.__dict__.update(layer.__dict__)
        self._boxes, self._sizes, self._lines = {}, {}, {}
        self._upwards = upwards

    def turn(self, box: Box) -> Box:
        """Return where a box of the page stands in this view."""
        if self._upwards:
            return Box(box.bottom, -box.right, box.top, -box.left)
        return Box(-box.top, box.left, -box.bottom, box.right)

    def box(self, index: int) -> Box:
        """Return the box around the ink of a character."""
        return self.turn(super().box(index))

    def _size(self, index: int) -> float:
        box = self.loose_box(index)
        return float(abs(box.right - box.left))

    def _line(self, index: int) -> float:
        x = self.origin(index)[0]
        return -x if self._upwards else x

    def is_level(self, index: int) -> bool:
        """True when a character stands upright in this view."""
        return abs(math.sin(self.angle(index)) - (1 if self._upwards else -1)) < 0.1

    def _at(self, x: float, y: float) -> int:
        return super()._at(-y, x) if self._upwards else super()._at(y, -x)


def tall_ones(boxes: Sequence[Box]) -> list[Box]:
    """Return the pieces that are so much higher than wide that they run up or down the page."""
    return [box for box in boxes if box[3] - box[1] > 2 * (box[2] - box[0]) + 8]


def turned_layer(layer: TextLayer, tall: Sequence[Box], count: int) -> TurnedLayer | None:
    """Return a page as seen from the side, None when hardly any of its text is turned.

    Parameters
    ----------
    layer
        The page.
    tall
        Its rectangles that run up or down.
    count
        How many it has in all.
    """
    if len(tall) < _FEWEST:
        return None
    layer.has_turned = True
    if len(tall) < _MANY * count:
        return None  # the scales of a figure
    for upwards in (True, False):
        view = TurnedLayer(layer, upwards=upwards)
        if any(view.first_of(view.turn(box)) is not None for box in tall[:_LOOKED_AT]):
            return view
    return None
