"""The panel where no kernel is: HTML that stands in a saved notebook.

Every style is inline and of the kind that JupyterLab leaves in the output of a notebook that is
not trusted: no style sheet, no variables, no SVG outside an image. The colours can be read on
white and on black.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from reslib_widgets import view as draw
from reslib_widgets.observe import View

__all__ = ["COLOURS", "chart_html", "panel_html"]

_GREY = "#767676"
#: Those of the figures of :mod:`reslib.plots`, which is not imported for six colours.
COLOURS = {
    "complete": "#009e73",
    "failed": "#d55e00",
    "cancelled": _GREY,
    "processing": "#3b8fc7",
    "retry_pending": "#e69f00",
    "pending": "#bdbdbd",
}
_CHART_STYLE = (
    f"<style>.rl-axis{{stroke:{COLOURS['pending']}}}.rl-done{{stroke:{COLOURS['complete']}}}"
    f".rl-bad{{stroke:{COLOURS['failed']}}}text{{font:10px sans-serif;fill:{_GREY}}}</style>"
)
_CELL = (
    "text-align:left;vertical-align:top;padding:1px 12px 1px 0;border-top:1px solid #bdbdbd;"
    "max-width:420px;background-color:transparent"
)


def panel_html(view: View, chart: str) -> str:
    """Return a panel as it stands.

    Parameters
    ----------
    view
        What it shows.
    chart
        Its chart as SVG, or nothing.
    """
    parts = (
        f'<div><b style="font-size:16px" data-state="{view.state}">{view.state}</b> &nbsp; '
        f"{draw.text(draw.sentence(view))}</div>",
        _bar(view),
        draw.cluster_html(view),
        _workers(view),
        chart_html(chart),
        _trouble(view),
    )
    return (
        '<div style="max-width:820px;padding:10px 12px;border:1px solid #bdbdbd;'
        f'border-radius:6px;font-size:13px;line-height:1.4">{"".join(parts)}</div>'
    )


def chart_html(svg: str) -> str:
    """Return a chart as an image."""
    if not svg:
        return ""
    alone = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    alone = alone.replace(">", f">{_CHART_STYLE}", 1)
    data = base64.b64encode(alone.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" style="width:100%;max-width:600px" '
        'alt="Jobs per second">'
    )


def _bar(view: View) -> str:
    total = sum(view.counts.values()) or 1
    states = [state for state in draw.STATES if draw.is_shown(view, state)]
    parts = "".join(
        # Rounded down, so that together they are never wider than the bar.
        f'<span style="display:inline-block;height:12px;background-color:{COLOURS[state]};'
        f'width:{view.counts[state] * 10000 // total / 100}%"></span>'
        for state in states
        if view.counts[state]
    )
    numbers = "".join(
        f'<span style="display:inline-block;margin-right:16px"><span style="display:inline-block;'
        f'width:9px;height:9px;margin-right:5px;background-color:{COLOURS[state]}"></span>'
        f'<b data-count="{state}">{draw.number(view.counts[state])}</b> {draw.STATES[state]}</span>'
        for state in states
    )
    return (
        '<div style="height:12px;overflow:hidden;white-space:nowrap;font-size:0;margin:4px 0;'
        f'background-color:#e0e0e0">{parts}</div><div>{numbers}</div>'
    )


def _workers(view: View) -> str:
    rows = [
        (
            draw.text(row.label),
            draw.text(row.document),
            f"{row.page} of {row.page_count or '?'}" if row.page is not None else "",
            draw.span_of(row.seconds or 0),
        )
        for row in draw.shown_workers(view)
        if row.document is not None and not row.silent
    ]
    return _table(("Worker", "Document", "Page", "Time"), rows)


def _trouble(view: View) -> str:
    rows = [
        (
            draw.text(row.document),
            draw.text(row.cause),
            draw.text(row.message.removeprefix(f"{row.document}: ")),
        )
        for row in view.failures
    ]
    if view.failures and view.more_failures:
        rows.append((f"and {draw.number(view.more_failures)} more failed", "", ""))
    rows += [
        (draw.text(row.document), draw.text_words(row.text_status), draw.text(row.reason))
        for row in view.doubts
    ]
    if view.more_doubts:
        rows.append(("and more with missing text", "", ""))
    return _table(("Look at", "Cause", "What happened"), rows) + draw.left_out_html(view)


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are escaped already."""
    if not rows:
        return ""
    head = "".join(
        f'<th scope="col" style="{_CELL};border-top:0;font-weight:normal;color:{_GREY}">{name}</th>'
        for name in headers
    )
    body = "".join(
        '<tr style="background-color:transparent">'
        + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in row)
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse:collapse;margin:6px 0;font-size:13px">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
