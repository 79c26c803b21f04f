"""The drawings of a table: the picture of its page, marks on it, its cells, and a still of all."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from reslib.tableview import ListedTable, TurnedPage
from reslib_widgets.view import number, one_line, text

__all__ = [
    "Window",
    "around",
    "frame_html",
    "label_of",
    "marks_svg",
    "page_svg",
    "still_html",
    "worth_html",
]

#: Left, top, width and height of what is seen of a page, in points.
Window: TypeAlias = tuple[float, float, float, float]
Edges: TypeAlias = tuple[float, float, float, float]

#: Points around a table that are seen with it, and the narrowest part of a page that is shown.
_MARGIN, _NARROWEST = 36.0, 260.0
#: Rows and columns that are shown; the frame has all.
_MOST_ROWS, _MOST_COLUMNS = 200, 40
_CELL, _CROWDED, _DOWN, _ACROSS = "#3b8fc7", "#d55e00", "#b5179e", "#009e73"
_STILL_CELL = (
    "text-align:left;vertical-align:top;padding:1px 10px 1px 0;border-top:1px solid #bdbdbd;"
    "background-color:transparent"
)
#: Behind such a cell, because not everybody sees colours. U+FE0E keeps it from being a picture.
_SIGN = ' <span role="img" aria-label="two numbers">\u26a0\ufe0e</span>'
_TWO_NUMBERS = "holds two numbers: one may belong into the next column"


def around(page: TurnedPage, box: Edges) -> Window:
    """Return the part of a page around a table."""
    width, height = page.size
    left, top, right, bottom = box
    short = max(0.0, _NARROWEST - (right - left) - 2 * _MARGIN) / 2
    left, right = max(0.0, left - _MARGIN - short), min(width, right + _MARGIN + short)
    top, bottom = max(0.0, top - _MARGIN), min(height, bottom + _MARGIN)
    if right <= left or bottom <= top:  # a box that is not on the page
        return 0.0, 0.0, width, height
    return left, top, right - left, bottom - top


def page_svg(page: TurnedPage, window: Window) -> str:
    """Return the picture of a page."""
    return f'<svg {_view_box(window)} role="presentation">{_image(page)}</svg>'


def marks_svg(
    page: TurnedPage,
    window: Window,
    cells: Mapping[tuple[int, int], Edges],
    crowded: Iterable[tuple[int, int]],
    columns: Sequence[float] = (),
    rows: Sequence[float] = (),
    chosen: tuple[str, int] | None = None,
) -> str:
    """Return what is drawn over the picture of a page.

    Parameters
    ----------
    page, window
        The page, and what is seen of it.
    cells
        Where the cells are, by row and column.
    crowded
        Which of them hold two numbers.
    columns, rows
        Lines that a reader cuts the table with.
    chosen
        The kind and number of the one that is being moved.
    """
    label = f"page {page.view.number} with {len(cells)} cells of the table drawn on it"
    if columns:
        label += f", {len(columns)} lines down and {len(rows)} across"
    marks = _marks(cells, frozenset(crowded), columns, rows, chosen)
    return f'<svg {_view_box(window)} role="img" aria-label="{label}">{marks}</svg>'


def frame_html(table: ListedTable) -> str:
    """Return the DataFrame of a table, its crowded cells marked."""
    return _frame(table, "", "", "", f'class="rl-crowded" title="{_TWO_NUMBERS}"')


def worth_html(table: ListedTable) -> str:
    """Return how sure a table is, and why."""
    own = table.table
    crowded = len(table.crowded)
    if table.is_set:
        words = ["set by you: it wins over what is found here"]
    elif not table.task:
        words = ["cut by your lines, not kept yet"]
    elif own.confidence is None:
        words = ["stated by the document itself"]
    else:
        why = f": {text(own.reason)}" if own.reason else ""
        words = [
            f'<b data-confidence="{own.confidence:.2f}">confidence {own.confidence:.2f}</b>{why}'
        ]
    if crowded and "two numbers" not in own.reason:
        these = "1 cell holds" if crowded == 1 else f"{number(crowded)} cells hold"
        words.append(f'<span class="rl-cause">{these} two numbers</span>')
    caption = f'<div class="rl-caption">{text(own.caption)}</div>' if own.caption else ""
    return f"<div>{'; '.join(words)}</div>{caption}"


def label_of(table: ListedTable, place: int) -> str:
    """Return the name of a table in a list, on one line."""
    own = table.table
    words = f"{place}."
    if own.page is not None:
        words += f" page {own.page}"
    if own.caption:
        words += f": {one_line(own.caption)[:50]}"
    if table.is_set or not table.task:
        return f"{words} ({'set by you' if table.is_set else 'not kept yet'})"
    return words if own.confidence is None else f"{words} ({own.confidence:.2f})"


def still_html(
    name: str,
    table: ListedTable,
    page: TurnedPage | None,
    window: Window,
    cells: Mapping[tuple[int, int], Edges],
) -> str:
    """Return a table beside its page as it stands in a saved notebook."""
    picture = ""
    if page is not None:
        marks = _marks(cells, table.crowded, (), (), None)
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {_view_box(window)}>{_image(page)}'
            f"{marks}</svg>"
        )
        data = base64.b64encode(svg.encode()).decode()
        picture = (
            f'<img src="data:image/svg+xml;base64,{data}" style="width:100%;max-width:640px" '
            f'alt="page {page.view.number} with the cells of the table drawn on it">'
        )
    mark = f'style="{_STILL_CELL};border-left:3px solid {_CROWDED}" title="{_TWO_NUMBERS}"'
    cell = f'style="{_STILL_CELL}"'
    frame = _frame(table, 'style="border-collapse:collapse;font-size:13px"', cell, cell, mark)
    return (
        '<div style="max-width:820px;padding:10px 12px;border:1px solid #bdbdbd;border-radius:6px;'
        f'font-size:13px;line-height:1.4"><b>{text(name)}</b>{worth_html(table)}{picture}{frame}'
        "</div>"
    )


def _view_box(window: Window) -> str:
    return 'viewBox="{:.1f} {:.1f} {:.1f} {:.1f}"'.format(*window)


def _image(page: TurnedPage) -> str:
    data = base64.b64encode(page.view.picture).decode()
    matrix = " ".join(f"{value:g}" for value in page.matrix)
    return (
        f'<image width="{page.view.width:g}" height="{page.view.height:g}" '
        f'transform="matrix({matrix})" href="data:{text(page.view.media_type)};base64,{data}"/>'
    )


def _marks(
    cells: Mapping[tuple[int, int], Edges],
    crowded: frozenset[tuple[int, int]],
    columns: Sequence[float],
    rows: Sequence[float],
    chosen: tuple[str, int] | None,
) -> str:
    parts = []
    for place, (left, top, right, bottom) in cells.items():
        colour, kind = (_CROWDED, "crowded") if place in crowded else (_CELL, "cell")
        parts.append(
            f'<rect data-mark="{kind}" x="{left - 1:.1f}" y="{top:.1f}" '
            f'width="{right - left + 2:.1f}" height="{bottom - top:.1f}" fill="{colour}" '
            f'fill-opacity="{0.3 if kind == "crowded" else 0.12}" stroke="{colour}" '
            'stroke-width="0.7"/>'
        )
    for kind, lines, colour in (("column", columns, _DOWN), ("row", rows, _ACROSS)):
        for at, line in enumerate(lines):
            if kind == "column":
                path = f"M{line:.1f} {rows[0]:.1f}V{rows[-1]:.1f}"
            else:
                path = f"M{columns[0]:.1f} {line:.1f}H{columns[-1]:.1f}"
            width = 2.4 if chosen == (kind, at) else 0.9
            parts.append(
                f'<path data-line="{kind}" d="{path}" stroke="{colour}" stroke-width="{width}"/>'
            )
    return "".join(parts)


def _frame(table: ListedTable, whole: str, head: str, cell: str, marked: str) -> str:
    """Return a DataFrame as a table; the attributes of its parts are HTML already."""
    first = table.table.header_rows
    high, wide = len(table.table.rows) - first, max(map(len, table.table.rows), default=0)
    # Of a table of a million cells a frame takes seconds, and a page as long.
    rows = tuple(cells[:_MOST_COLUMNS] for cells in table.table.rows[: first + _MOST_ROWS])
    frame = replace(table, table=replace(table.table, rows=rows)).frame
    crowded = table.crowded
    heads = "".join(f'<th scope="col" {head}>{text(name)}</th>' for name in frame.columns)
    body = ""
    for row, values in enumerate(frame.itertuples(index=False)):
        body += "<tr>"
        for column, value in enumerate(values):
            if (first + row, column) in crowded:
                body += f"<td {marked}>{text(value)}{_SIGN}</td>"
            else:
                body += f"<td {cell}>{text(value)}</td>"
        body += "</tr>"
    left = [
        f"{number(count)} more {kind}"
        for count, kind in (
            (high - _MOST_ROWS, "rows"),
            (wide - _MOST_COLUMNS, "columns"),
        )
        if count > 0
    ]
    more = f"<div>and {' and '.join(left)}</div>" if left else ""
    size = f"{number(high)} rows and {number(wide)} columns"
    return (
        f'<table {whole} aria-label="{size}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>{more}"
    )
