"""The lines that are drawn on a page, as PDFium lists its paths: level, upright, and others."""

from __future__ import annotations

import ctypes
import itertools
import math
from typing import Any, TypeAlias

from reslib.extractors.layout.layout import Rule

__all__ = ["read_drawn"]

#: Paths of a page that are looked at, and points of one: a map can have a million.
_MOST_PATHS, _MOST_POINTS, _MOST_OBJECTS = 4_000, 400, 50_000
#: Thinner than this is a line; shorter is a dot.
_THIN, _SHORT = 3.0, 4.0
_SLANT = 1.5
_DEEPEST = 3

_Matrix: TypeAlias = tuple[float, float, float, float, float, float]
_Point: TypeAlias = tuple[float, float]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_drawn(page: Any) -> tuple[list[Rule], list[Rule], list[_Point]]:
    """Return the level lines of a page, the upright ones, and where something else is drawn.

    Parameters
    ----------
    page
        As pypdfium2 opens it.
    """
    drawn = _Drawn()
    drawn.walk(page)
    return drawn.level, drawn.upright, drawn.curves


class _Drawn:
    """Sorts the paths of a page."""

    def __init__(self) -> None:
        import pypdfium2.raw as pdfium

        self.level: list[Rule] = []
        self.upright: list[Rule] = []
        self.curves: list[_Point] = []
        self._pdfium = pdfium
        self._paths, self._objects = _MOST_PATHS, _MOST_OBJECTS
        self._matrix = pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_float(), ctypes.c_float()

    def walk(self, page: Any) -> None:
        """Take every path of a page."""
        pdfium = self._pdfium
        count = pdfium.FPDFPage_CountObjects(page.raw)
        self._walk(pdfium.FPDFPage_GetObject, page.raw, count, _SAME, 0)

    def _walk(self, get: Any, parent: Any, count: int, matrix: _Matrix, depth: int) -> None:
        pdfium = self._pdfium
        kind_of = pdfium.FPDFPageObj_GetType
        for i in range(count):
            if self._paths <= 0 or self._objects <= 0:
                return
            self._objects -= 1
            item = get(parent, i)
            kind = kind_of(item)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._paths -= 1
                self._path(item, _combined(self._matrix_of(item), matrix))
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
                inside = pdfium.FPDFFormObj_CountObjects(item)
                inner = _combined(self._matrix_of(item), matrix)
                self._walk(pdfium.FPDFFormObj_GetObject, item, inside, inner, depth + 1)

    def _matrix_of(self, item: Any) -> _Matrix:
        own = self._matrix
        if not self._pdfium.FPDFPageObj_GetMatrix(item, own):
            return _SAME
        return own.a, own.b, own.c, own.d, own.e, own.f

    def _path(self, item: Any, matrix: _Matrix) -> None:
        pdfium = self._pdfium
        count = pdfium.FPDFPath_CountSegments(item)
        if not 2 <= count <= _MOST_POINTS:
            return
        lines: list[list[_Point]] = []
        for i in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(item, i)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            pdfium.FPDFPathSegment_GetPoint(segment, self._x, self._y)
            x, y = self._x.value, self._y.value
            point = (
                matrix[0] * x + matrix[2] * y + matrix[4],
                matrix[1] * x + matrix[3] * y + matrix[5],
            )
            if not (math.isfinite(point[0]) and math.isfinite(point[1])):
                return
            if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
                self.curves.append(lines[0][0] if lines else point)
                return
            if kind == pdfium.FPDF_SEGMENT_MOVETO or not lines:
                lines.append([])
            lines[-1].append(point)
            if pdfium.FPDFPathSegment_GetClose(segment):
                lines[-1].append(lines[-1][0])
        for line in lines:
            self._line(line)

    def _line(self, points: list[_Point]) -> None:
        xs, ys = zip(*points, strict=True)
        left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
        width, height = right - left, top - bottom
        if height <= _THIN and width > _SHORT:
            self.level.append(Rule(left, right, (bottom + top) / 2))
        elif width <= _THIN and height > _SHORT:
            self.upright.append(Rule(bottom, top, (left + right) / 2))
        else:
            slanting = False
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                if abs(x1 - x0) > _SLANT and abs(y1 - y0) > _SLANT:
                    slanting = True
                elif abs(x1 - x0) > _SHORT:
                    self.level.append(Rule(min(x0, x1), max(x0, x1), (y0 + y1) / 2))
                elif abs(y1 - y0) > _SHORT:
                    self.upright.append(Rule(min(y0, y1), max(y0, y1), (x0 + x1) / 2))
            if slanting:
                self.curves.append(points[0])


def _combined(first: _Matrix, second: _Matrix) -> _Matrix:
    """Return the matrix that does what *first* does and then what *second* does."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )
