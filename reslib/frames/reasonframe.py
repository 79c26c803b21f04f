"""A table of what failed, or was left out, that shows the reasons whole in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from reslib.display import Markup, escaped, html_table
from reslib.formats.inner import called

__all__ = ["ReasonFrame"]

#: Columns that are all shown: so few were chosen by somebody.
_MOST_COLUMNS = 10
#: Shown of a table that has more: what happened, and what to do.
_SHOWN = ("filename", "error_code", "error_message", "what_now")
#: Longer texts may break anywhere.
_SHORT = 24
#: Rows that are shown at most.
_MOST_ROWS = 50


class ReasonFrame(pd.DataFrame):  # type: ignore[misc]  # pandas tells no types
    """A DataFrame whose sentences a notebook shows whole.

    pandas cuts what is in a cell at 50 characters, and squeezes 17 columns into the width of a
    page. Here of more than a few columns those are shown that say what happened and what to do,
    and the others are named. What is selected, sorted or filtered of it is shown the same way.
    In every other respect it is a :class:`pandas.DataFrame`.
    """

    @property
    def _constructor(self) -> type[ReasonFrame]:
        # How pandas keeps the class of what is made from a frame ("Extending pandas", Subclassing).
        return ReasonFrame

    def _repr_html_(self) -> str | None:
        if not pd.get_option("display.notebook_repr_html"):
            return None
        names = [str(name) for name in self.columns]
        shown: Sequence[int] = range(len(names))
        if len(names) > _MOST_COLUMNS:
            shown = [place for place in shown if names[place] in _SHOWN]
        if names and not shown:
            as_usual: str | None = super()._repr_html_()  # it is something else by now
            return as_usual
        index = self.index.to_flat_index()
        values = [self._values(names, place) for place in shown]
        rows = [
            (_cell(label), *map(_cell, row))
            for label, *row in zip(index[:_MOST_ROWS], *values, strict=True)
        ]
        words = f"{len(self):,} row{'' if len(self) == 1 else 's'}"
        if len(self) > _MOST_ROWS:
            words += f", the first {_MOST_ROWS} of them"
        if others := [name for place, name in enumerate(names) if place not in shown]:
            words += f"; more columns: {', '.join(others)}"
        labels = " / ".join(str(name) for name in self.index.names if name is not None)
        return html_table(rows, (labels, *(names[place] for place in shown)), words)

    def _values(self, names: Sequence[str], place: int) -> Sequence[Any]:
        """Return what is shown of a column; for documents inside others, the name with theirs."""
        values = self.iloc[:_MOST_ROWS, place]
        if names[place] != "filename" or names.count("path") != 1:
            return list(values)
        paths = self["path"].iloc[:_MOST_ROWS]
        return [
            called(path, name) if isinstance(path, str) and isinstance(name, str) else name
            for path, name in zip(paths, values, strict=True)
        ]


def _cell(value: Any) -> str | None:
    if not pd.api.types.is_scalar(value):  # lists, arrays, frames: of these isna() gives many
        return str(value)
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    if len(text) <= _SHORT:
        return text
    # A name without a space breaks where it must, and no column shrinks to a letter.
    width = 15 if " " in text[:_SHORT] else 8
    style = f"overflow-wrap:anywhere;min-width:{width}em"
    if "\n" in text:  # a traceback
        style += ";white-space:pre-wrap"
    return Markup(f'<div style="{style}">{escaped(text)}</div>')
