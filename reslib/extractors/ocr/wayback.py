"""The way from a place on a picture as it is read back to the page that it is of.

A picture is turned upright, made smaller, and turned level before it is read. Its size is of no
account where places are shares of its width and height; the other two steps are undone here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Frame", "Levelling", "Point", "turned_back"]

#: A point: to the right and down, as shares of a picture's width and height, or in points.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of a picture on a page of a PDF, in points of its user space.

    Parameters
    ----------
    corner
        Where the left upper corner of the picture is.
    right, down
        How far from there its right upper and its left lower corner are.
    """

    corner: Point
    right: Point
    down: Point

    @classmethod
    def shown(cls, box: tuple[float, float, float, float], turned: int = 0) -> Frame:
        """Return the place of what is shown of a page.

        Parameters
        ----------
        box
            Left, bottom, right and top of what is shown.
        turned
            By how many degrees with the clock it is turned to be shown.
        """
        left, bottom, right, top = box
        wide, high = right - left, top - bottom
        return {
            90: cls((left, bottom), (0.0, high), (wide, 0.0)),
            180: cls((right, bottom), (-wide, 0.0), (0.0, high)),
            270: cls((right, top), (0.0, -high), (-wide, 0.0)),
        }.get(turned, cls((left, top), (wide, 0.0), (0.0, -high)))

    def at(self, point: Point) -> Point:
        """Return where a point of the picture, in shares of it, is on the page."""
        across, along = point
        return (
            self.corner[0] + across * self.right[0] + along * self.down[0],
            self.corner[1] + across * self.right[1] + along * self.down[1],
        )


@dataclass(frozen=True, slots=True)
class Levelling:
    """The turn that made the lines of a picture level.

    Parameters
    ----------
    size
        Width and height of the picture before, in pixels.
    angle
        By how many degrees its lines rose to the right.
    is_rotated
        Whether it was rotated as a whole, and not sheared both ways.
    """

    size: tuple[int, int]
    angle: float = 0.0
    is_rotated: bool = False

    def before(self, point: Point, size: tuple[int, int]) -> Point:
        """Return where a point of the level picture was, as shares of the picture before.

        Parameters
        ----------
        point
            In pixels of the level picture.
        size
            Of the level picture.
        """
        wide, high = self.size
        # From the middle, which stays where it is.
        right, down = point[0] - size[0] / 2, point[1] - size[1] / 2
        angle = math.radians(self.angle)
        if self.is_rotated:
            turned = right * math.cos(angle) - down * math.sin(angle)
            down = right * math.sin(angle) + down * math.cos(angle)
            right = turned
        else:
            right -= down * math.tan(angle)
            down += right * math.tan(angle)
        return right / wide + 0.5, down / high + 0.5


def turned_back(point: Point, turned: int) -> Point:
    """Return where a point was before a picture was turned, both in shares of it.

    Parameters
    ----------
    point
        Of the turned picture.
    turned
        By how many degrees with the clock: 0, 90, 180 or 270.
    """
    right, down = point
    if turned == 90:
        return down, 1 - right
    if turned == 180:
        return 1 - right, 1 - down
    if turned == 270:
        return 1 - down, right
    return point
