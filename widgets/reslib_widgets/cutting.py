"""The lines with which a reader cuts a table: fields, a slider and buttons that move them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from reslib_widgets.shown import set_trait

__all__ = ["Lines", "LinesEditor", "numbers_in"]

#: Lines do not come nearer to each other, in points; the slider moves them by as much.
_STEP = 0.5
_KINDS = {"column": "Line down", "row": "Line across"}


def numbers_in(name: str, typed: str) -> list[float]:
    """Return the places of lines that somebody typed, in their order.

    Raises
    ------
    ValueError
        There are less than two, or something else stands there.
    """
    words = [word for word in re.split(r"[\s,;]+", typed.strip()) if word]
    try:
        places = sorted({float(word) for word in words})
    except ValueError:
        raise ValueError(f"{name} are numbers with blanks between them, such as 72 130.5") from None
    if len(places) < 2 or not all(abs(place) < 1e5 for place in places):
        raise ValueError(f"{name} need two lines at least: both edges, and what is between them")
    return places


class Lines:
    """The lines of a table that is being cut.

    Parameters
    ----------
    columns, rows
        Where those down and those across are, edges included, in points.
    """

    def __init__(self, columns: Sequence[float], rows: Sequence[float]) -> None:
        # The slider would move one that is not on its scale.
        self._places = {"column": _on_scale(columns), "row": _on_scale(rows)}
        #: The kind and the number of the one that is being moved.
        self.chosen: tuple[str, int] = ("column", min(1, len(columns) - 1))

    @property
    def columns(self) -> list[float]:
        """The lines down."""
        return self._places["column"]

    @property
    def rows(self) -> list[float]:
        """The lines across."""
        return self._places["row"]

    @property
    def place(self) -> float:
        """The place of the chosen one."""
        kind, at = self.chosen
        return self._places[kind][at]

    def all(self) -> list[tuple[str, int]]:
        """Return the kind and number of each."""
        return [(kind, at) for kind in _KINDS for at in range(len(self._places[kind]))]

    def bounds(self, size: tuple[float, float]) -> tuple[float, float]:
        """Return from where to where the chosen one may be moved, on a page of this size."""
        kind, at = self.chosen
        places = self._places[kind]
        edge = size[0] if kind == "column" else size[1]
        low = places[at - 1] + _STEP if at else min(0.0, places[0])
        high = places[at + 1] - _STEP if at + 1 < len(places) else max(edge, places[-1])
        low, high = _on_scale((min(low, self.place), max(high, self.place)))
        return low, high

    def replace(self, kind: str, places: Sequence[float]) -> None:
        """Put other lines of a kind in place of what is there."""
        self._places[kind] = [*places]  # as they are: somebody typed them
        of, at = self.chosen
        self.chosen = of, min(at, len(self._places[of]) - 1)

    def move(self, place: float) -> None:
        """Move the chosen one."""
        kind, at = self.chosen
        self._places[kind][at] = place

    def add(self) -> None:
        """Add a line between the chosen one and the next, and choose it.

        Raises
        ------
        ValueError
            There is no room for one.
        """
        kind, at = self.chosen
        places = self._places[kind]
        at = min(at, len(places) - 2)
        if places[at + 1] - places[at] < 2 * _STEP:
            raise ValueError("there is no room for a line here")
        places.insert(at + 1, _on_scale([(places[at] + places[at + 1]) / 2])[0])
        self.chosen = kind, at + 1

    def remove(self) -> None:
        """Remove the chosen one, and choose the one before it.

        Raises
        ------
        ValueError
            It is one of the last two of its kind.
        """
        kind, at = self.chosen
        if len(self._places[kind]) <= 2:
            raise ValueError("both edges of a table stay; move them instead")
        del self._places[kind][at]
        self.chosen = kind, max(0, at - 1)


class LinesEditor:
    """The controls that change the lines of a table.

    Parameters
    ----------
    post
        Hands a change to the viewer: the name of one of its methods, and an argument.
    """

    def __init__(self, post: Callable[..., None]) -> None:
        self._post = post
        #: The thread that draws: what changes in it is no change that a reader has made.
        self._drawing: int | None = None
        wide = ipywidgets.Layout(width="auto", flex="1 1 260px")
        self._columns, self._rows, self._caption = (
            ipywidgets.Text(
                description=name,
                continuous_update=False,
                layout=wide,
                style={"description_width": "64px"},
            )
            for name in ("Columns", "Rows", "Caption")
        )
        self._columns.tooltip = self._rows.tooltip = "Where the lines are, in points of the page"
        self._heads = ipywidgets.BoundedIntText(
            description="Head rows",
            min=0,
            max=1000,
            layout=ipywidgets.Layout(width="150px"),
            style={"description_width": "76px"},
        )
        self._line = ipywidgets.Dropdown(
            description="Line",
            layout=ipywidgets.Layout(width="auto", flex="1 1 200px", min_width="0"),
            style={"description_width": "64px"},
        )
        self._place = ipywidgets.FloatSlider(
            description="is at",
            step=_STEP,
            # Else the browser also sends what it shows while other lines are being drawn.
            continuous_update=False,
            readout_format=".1f",
            layout=ipywidgets.Layout(width="auto", flex="1 1 260px"),
            style={"description_width": "40px"},
        )
        self._keep = self._button("Keep this table", "keep", "It wins over what is found here")
        more = [
            self._button("Add a line", "add_line", "Between this line and the next one"),
            self._button("Remove the line", "remove_line", "Both edges stay"),
            self._button("Start over", "start_over", "Go back to the lines as they were"),
        ]
        for name, widget in (
            ("columns", self._columns),
            ("rows", self._rows),
            ("caption", self._caption),
            ("heads", self._heads),
            ("line", self._line),
            ("place", self._place),
        ):
            widget.observe(self._changed(name), names="value")
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        self.root = ipywidgets.VBox(
            [
                ipywidgets.HBox([self._line, self._place], layout=wrap),
                ipywidgets.HBox(more, layout=wrap),
                ipywidgets.HBox([self._columns, self._rows], layout=wrap),
                ipywidgets.HBox([self._caption, self._heads, self._keep], layout=wrap),
            ]
        )
        self.root.add_class("rl-cutting")

    def draw(
        self, lines: Lines | None, size: tuple[float, float], heads: int, caption: str
    ) -> None:
        """Show lines; without any, nothing."""
        if lines is None:
            set_trait(self.root.layout, "display", "none")
            return
        options = [
            (f"{_KINDS[kind]} {at + 1}, at {self._of(lines, kind)[at]:.1f}", (kind, at))
            for kind, at in lines.all()
        ]
        low, high = lines.bounds(size)
        self._drawing = threading.get_ident()
        try:
            set_trait(self._columns, "value", _typed(lines.columns))
            set_trait(self._rows, "value", _typed(lines.rows))
            set_trait(self._caption, "value", caption)
            set_trait(self._heads, "value", heads)
            if [*self._line.options] != options:
                self._line.options = options
            set_trait(self._line, "value", lines.chosen)
            set_trait(self._place, "min", min(low, self._place.min))
            set_trait(self._place, "max", max(high, self._place.max))
            set_trait(self._place, "value", _on_scale([lines.place])[0])
            set_trait(self._place, "min", low)
            set_trait(self._place, "max", high)
        finally:
            self._drawing = None
        set_trait(self.root.layout, "display", None)

    def _of(self, lines: Lines, kind: str) -> list[float]:
        return lines.columns if kind == "column" else lines.rows

    def _button(self, words: str, method: str, tooltip: str) -> Any:
        button = ipywidgets.Button(
            description=words, tooltip=tooltip, layout=ipywidgets.Layout(width="auto")
        )
        button.on_click(lambda _: self._post(method))
        return button

    def _changed(self, name: str) -> Callable[[Any], None]:
        def tell(change: Any) -> None:
            if change["new"] is not None and threading.get_ident() != self._drawing:
                self._post(f"take_{name}", change["new"])

        return tell


def _on_scale(places: Sequence[float]) -> list[float]:
    return [round(place / _STEP) * _STEP for place in places]


def _typed(places: Sequence[float]) -> str:
    return " ".join(f"{place:g}" for place in (round(each, 1) for each in places))
