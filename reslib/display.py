"""Small HTML tables, for notebooks: no script, no style sheet, everything escaped.

Colours come from JupyterLab's variables, with what the page has where there are none, so that the
tables are legible in a light and in a dark theme, and in a saved notebook on the web.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from reslib.errors import printable

__all__ = ["Markup", "escaped", "from_here", "html_table", "link", "marked"]

_CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"
_LINE = "1px solid var(--jp-border-color2, #9e9e9e)"


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def html_table(
    rows: Iterable[Sequence[object]], headers: Sequence[str] = (), caption: str = ""
) -> str:
    """Return a table.

    Parameters
    ----------
    rows
        The cells; all but :class:`Markup` are escaped, None is an empty cell.
    headers
        Names of the columns. Without them the first cell of a row is its name.
    caption
        One line above.
    """
    head = "".join(f'<th scope="col" style="{_CELL}">{_html(name)}</th>' for name in headers)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row" style="{_CELL};font-weight:normal;opacity:0.75">{_html(cell)}</th>'
            if number == 0 and not headers
            else f'<td style="{_CELL}">{_html(cell)}</td>'
            for number, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse:collapse;color:var(--jp-content-font-color1, inherit)">'
        f'<caption style="text-align:left;padding:2px 0;color:inherit">{_html(caption)}</caption>'
        + (f'<thead style="border-bottom:{_LINE}"><tr>{head}</tr></thead>' if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


def marked(snippet: str) -> Markup:
    """Return a snippet with the words between ``**`` in bold."""
    parts = escaped(snippet).split("**")
    bold = (f"<b>{part}</b>" if number % 2 else part for number, part in enumerate(parts))
    return Markup("".join(bold))


def link(text: str, path: str, target: str) -> Markup:
    """Return *text* as a link to a file.

    Parameters
    ----------
    text
        What is shown.
    path
        The file; shown when the pointer rests on the link.
    target
        Its ``file:`` link. JupyterLab does not follow those, but opens files below the folder
        that it shows, so a file near the notebook is named from there.
    """
    near = from_here(path)
    if near != path:
        page = target.partition("#")[2]
        target = quote(os.fsencode(near)) + (f"#{page}" if page else "")
    return Markup(
        f'<a href="{escaped(target)}" title="{escaped(near)}" target="_blank">{escaped(text)}</a>'
    )


def from_here(path: str) -> str:
    """Return a path from the current folder on when that is near, else as it is.

    A notebook that is passed on then names no folder of the machine it was run on.
    """
    here = str(Path.cwd())
    try:
        common = os.path.commonpath([here, path])
    except ValueError:  # on two drives
        return path
    return path if common == os.sep else os.path.relpath(path, here)


def _html(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, Markup) else escaped(str(cell))


def escaped(text: str) -> str:
    """Escape what HTML would obey, and what a terminal or the direction of writing would."""
    from html import escape  # here: with the names of all entities

    return escape("\n".join(printable(line) for line in text.split("\n")))
