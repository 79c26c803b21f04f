"""From a :class:`~reslib_widgets.observe.View` to HTML and SVG; pure functions.

Names of documents and messages of extractors are hostile: everything goes through :func:`text`.
``data-*`` attributes are the stable hooks for tests and for people's own style sheets.
"""

from __future__ import annotations

import html
import math

from reslib_widgets.observe import FailureRow, View, WorkerRow

__all__ = [
    "bar_html",
    "chart_svg",
    "header_html",
    "plain",
    "sentence",
    "shown_workers",
    "span_of",
    "text",
    "trouble_html",
    "workers_html",
]

#: In this order in the bar: what is done first, as in a progress bar.
STATES = {
    "complete": "complete",
    "failed": "failed",
    "cancelled": "cancelled",
    "processing": "processing",
    "retry_pending": "waiting for a retry",
    "pending": "pending",
}
#: Shown only when there is one.
_RARE = ("cancelled", "retry_pending")
_STATE_HINTS = {
    "stopped": "Start begins with what is pending",
    "stopping": "running documents may finish; Stop now gives them back",
    "paused": "nothing new is taken; Resume goes on",
    "running": "",
}
#: So many idle workers are listed while none is at a document.
_FEW = 4
#: Said by the style sheet alone, because a kernel that is gone can send nothing.
_GONE = (
    '<span class="rl-dead" role="alert">The kernel was stopped or restarted: what you see is old. '
    "All jobs are kept; run the cells again to go on.</span>"
)
_STALE = '<span class="rl-stale">No update for 5 s: the kernel is busy or was stopped.</span>'


def text(value: object) -> str:
    """Return *value* escaped for HTML, on one line, without characters that steer a display."""
    shown = "".join(
        c
        if c.isprintable() and not "\ud800" <= c <= "\udfff"
        else " "
        if c in "\n\t"
        else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in str(value)
    )
    return html.escape(shown)


def span_of(seconds: float) -> str:
    """Return a length of time in words: ``8 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 days``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def number(count: int) -> str:
    """Return a count with its thousands apart."""
    return f"{count:,}"


def rate_text(rate: float) -> str:
    """Return a rate in words, in a unit in which it is a number one can imagine."""
    if rate >= 10:
        return f"{rate:.0f} documents/s"
    if rate >= 0.5:
        return f"{rate:.1f} documents/s"
    return f"{rate * 60:.1f} documents/min"


def counts_text(view: View) -> str:
    """Return the counts in words: ``112 pending, 2 processing, 3 complete, 0 failed``."""
    shown = [
        f"{number(view.counts[state])} {words}"
        for state, words in reversed(STATES.items())
        if view.counts[state] or state not in _RARE
    ]
    return ", ".join(shown)


def sentence(view: View) -> str:
    """Return what goes on beside the state: rate and time left, or what could be done."""
    running = view.counts["processing"]
    if view.state in ("running", "paused") and view.problem is not None:
        return view.problem
    if view.state == "running":
        if view.open_jobs == 0:
            return "nothing to do: add a folder, or enqueue documents"
        if not view.busy:
            return "waiting until retries are due"
        if view.rate is None:
            return "measuring how fast it goes"
        words = rate_text(view.rate)
        if view.eta is not None and math.isfinite(view.eta):
            words += f", about {span_of(view.eta)} left"
        return words
    if view.state == "paused" and running:
        return f"nothing new is taken; {number(running)} still running"
    if view.state == "stopped" and running:
        return f"another process is at {number(running)} of the documents"
    if view.state == "stopped" and view.open_jobs == 0:
        return "nothing to do: add a folder, or enqueue documents"
    return _STATE_HINTS.get(view.state, "")


def plain(view: View) -> str:
    """Return the view on one line of text."""
    more = sentence(view) if view.state == "running" and view.busy else ""
    return f"{view.state}: {counts_text(view)}" + (f"; {more}" if more else "")


def header_html(view: View, tick: int, static: bool = False) -> str:
    """Return state, rate and time left.

    While something moves it carries *tick*, so that each refresh writes it anew and starts the
    animation of its stale line again. While nothing moves it stays the same, and nothing is sent.
    """
    alive = ""
    if not static:
        alive = _GONE + (f"{_STALE}<!--{tick}-->" if view.busy else "")
    return (
        f'<div class="rl-head" role="status" aria-live="off">'
        f'<b data-state="{view.state}">{view.state}</b>'
        f"<span data-sentence>{text(sentence(view))}</span>{alive}</div>"
    )


def bar_html(view: View) -> str:
    """Return the stacked bar of states with its legend."""
    total = sum(view.counts.values())
    parts = "".join(
        f'<i class="rl-{state}" style="flex-grow:{view.counts[state]}"></i>'
        for state in STATES
        if view.counts[state]
    )
    label = text(counts_text(view)) if total else "no jobs yet"
    legend = "".join(
        f'<span><i class="rl-{state}"></i><b data-count="{state}">{number(view.counts[state])}</b>'
        f" {words}</span>"
        for state, words in STATES.items()
        if view.counts[state] or state not in _RARE
    )
    return (
        f'<div class="rl-bar" role="img" aria-label="{label}">{parts}</div>'
        f'<div class="rl-legend">{legend}</div>{_lacking_html(view)}'
    )


def _lacking_html(view: View) -> str:
    return f'<div class="rl-none" data-lacking>{text(view.lacking)}</div>' if view.lacking else ""


# --- workers ----------------------------------------------------------------------------------


def workers_html(view: View) -> str:
    """Return the table of workers. Each row has the same height, so that buttons stand beside."""
    if not view.workers:
        return '<div class="rl-none">No worker runs.</div>'
    shown = shown_workers(view)
    rows = "".join(_worker_row(row, view.busy) for row in shown)
    idle = len(view.workers) - len(shown)
    if idle:
        words = f"and {number(idle)} idle" if shown else f"{number(idle)} idle"
        rows += f'<tr data-idle="{idle}"><td colspan="7">{words}</td></tr>'
    return (
        '<table class="rl-workers"><thead><tr><th scope="col">Worker</th>'
        '<th scope="col" class="rl-wide">Document</th><th scope="col">Page</th>'
        '<th scope="col">Time</th><th scope="col">Done</th><th scope="col">Failed</th>'
        '<th scope="col">Heartbeat</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def shown_workers(view: View) -> tuple[WorkerRow, ...]:
    """Return the workers that have a row of their own: those at a document and those that are
    silent; a few idle ones too, while there is no other.
    """
    busy = tuple(row for row in view.workers if row.job_id is not None or row.stale)
    return busy if busy or len(view.workers) > _FEW else view.workers


def _worker_row(row: WorkerRow, busy: bool) -> str:
    classes = "rl-grey" if row.stale else ""
    document = f"<bdi>{text(row.document)}</bdi>" if row.document is not None else row.status
    page = ""
    if row.job_id is not None and row.page is not None:
        page = f"{row.page} of {row.page_count}" if row.page_count else f"{row.page}"
    seconds = span_of(row.seconds) if row.job_id is not None and row.seconds is not None else ""
    return (
        f'<tr class="{classes}" data-worker="{text(row.worker_id)}">'
        f"<td>{text(row.label)}</td>"
        f'<td class="rl-wide" title="{text(row.document or "")}">{document}</td>'
        f"<td>{page}</td><td>{seconds}</td><td>{number(row.completed)}</td>"
        f"<td>{number(row.failed)}</td><td>{_age_text(row, busy)}</td></tr>"
    )


def _age_text(row: WorkerRow, busy: bool) -> str:
    if row.age is None:
        return "none yet"
    if row.stale:
        return f"silent for {_coarse(row.age)}"
    # To the second only while the panel is rewritten anyway: an idle one sends nothing.
    return f"{row.age:.0f} s ago" if busy else "fresh"


def _coarse(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes else "half a minute"


# --- what went wrong --------------------------------------------------------------------------


def trouble_html(view: View) -> str:
    """Return the last failures, documents of which text is missing, and what was left out."""
    rows = "".join(_failure_row(row) for row in view.failures)
    rows += "".join(
        f'<tr class="rl-doubt"><td><bdi title="{text(d.document)}">{text(d.document)}</bdi></td>'
        f"<td>{_TEXT_WORDS.get(d.text_status, text(d.text_status))}</td>"
        f'<td class="rl-wide">{text(d.reason)}</td></tr>'
        for d in view.doubts
    )
    if not rows:
        return _left_out_html(view)
    return (
        '<table class="rl-trouble"><thead><tr><th scope="col">Look at</th>'
        '<th scope="col">Cause</th><th scope="col" class="rl-wide">What happened</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{_left_out_html(view)}"
    )


def _left_out_html(view: View) -> str:
    if not view.left_out:
        return ""
    total = sum(files for _, files in view.left_out)
    some = ", ".join(f"{kind} {number(files)}" for kind, files in view.left_out[:_MOST_KINDS])
    more = ", …" if len(view.left_out) > _MOST_KINDS else ""
    return (
        f'<div class="rl-none" data-left-out="{total}">Left out of the folders: '
        f"{number(total)} ({text(some)}{more})</div>"
    )


_MOST_KINDS = 6
_TEXT_WORDS = {"empty": "no text", "partial": "text of some pages"}


def _failure_row(row: FailureRow) -> str:
    message = row.message.removeprefix(f"{row.document}: ")
    tries = "" if row.attempts == 1 else f" ({row.attempts} attempts)"
    return (
        f'<tr data-job="{row.job_id}"><td><bdi title="{text(row.document)}">{text(row.document)}'
        f'</bdi></td><td><b class="rl-cause">{text(row.cause)}</b>{tries}</td>'
        f'<td class="rl-wide" title="{text(row.message)}">{text(message)}</td></tr>'
    )


# --- chart ------------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _TOP, _LEFT = 600, 64, 6, 34


def chart_svg(view: View) -> str:
    """Return jobs per second of the last two minutes, complete below and failed on top."""
    history = view.history
    peak = max((done + bad for done, bad in history), default=0)
    if peak == 0:
        return ""
    top = _nice(peak)
    step = (_WIDTH - _LEFT) / len(history)
    done_path, bad_path = [], []
    for i, (done, bad) in enumerate(history):
        x = _LEFT + (i + 0.5) * step
        y = _HEIGHT - (_HEIGHT - _TOP) * done / top
        if done:
            done_path.append(f"M{x:.0f} {_HEIGHT}V{y:.1f}")
        if bad:
            bad_path.append(f"M{x:.0f} {y:.1f}V{y - (_HEIGHT - _TOP) * bad / top:.1f}")
    label = f"Jobs per second in the last {len(history)} seconds, at most {peak}"
    return (
        f'<svg class="rl-chart" viewBox="0 0 {_WIDTH} {_HEIGHT + 16}" role="img" '
        f'aria-label="{label}">'
        f'<path class="rl-axis" d="M{_LEFT} {_TOP}H{_WIDTH}M{_LEFT} {_HEIGHT}H{_WIDTH}"/>'
        f'<path class="rl-done" stroke-width="{step * 0.8:.1f}" d="{"".join(done_path)}"/>'
        f'<path class="rl-bad" stroke-width="{step * 0.8:.1f}" d="{"".join(bad_path)}"/>'
        f'<text x="{_LEFT - 5}" y="{_TOP + 8}" text-anchor="end">{top}/s</text>'
        f'<text x="{_LEFT - 5}" y="{_HEIGHT}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT + 13}">{span_of(len(history))} ago</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 13}" text-anchor="end">'
        f"{'now' if view.busy else 'last activity'}</text></svg>"
    )


def _nice(peak: int) -> int:
    """Return the end of the axis: the next of 1, 2, 5, 10, 20 …, so that it seldom jumps."""
    size: int = 10 ** (len(str(peak)) - 1)
    return next(end for end in (size, 2 * size, 5 * size, 10 * size) if end >= peak)
