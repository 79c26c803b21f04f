"""The HTML and SVG of a :class:`~reslib_widgets.observe.View`; pure functions.

Names of documents and messages of extractors are hostile: everything goes through :func:`text`.
``data-*`` attributes are the stable hooks for tests and for people's own style sheets.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from reslib_widgets.observe import FailureRow, IncompleteText, View, WorkerRow

__all__ = [
    "STATES",
    "bar_html",
    "chart_svg",
    "cluster_html",
    "count_text",
    "documents_text",
    "header_html",
    "is_shown",
    "jobs_text",
    "kinds_text",
    "left_out_html",
    "number",
    "one_line",
    "plain",
    "sentence",
    "shown_workers",
    "span_of",
    "text",
    "text_words",
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
_NO_UPDATE = (
    '<span class="rl-no-update">No update for 5 s: the kernel is busy or was stopped.</span>'
)


def one_line(value: object) -> str:
    """Return *value* on one line, without characters that steer a display."""
    return "".join(
        c
        if c.isprintable() and not "\ud800" <= c <= "\udfff"
        else " "
        if c in "\n\t"
        else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in str(value)
    )


def text(value: object) -> str:
    """Return *value* escaped for HTML, on one line, without characters that steer a display."""
    return html.escape(one_line(value))


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
    """Return the counts in words: ``3 complete, 0 failed, 2 processing, 112 pending``."""
    return ", ".join(count_text(view, state) for state in STATES if is_shown(view, state))


def is_shown(view: View, state: str) -> bool:
    """Tell whether a state is shown: a rare one only when there is a job in it."""
    return bool(view.counts[state]) or state not in _RARE


def count_text(view: View, state: str) -> str:
    """Return the number of jobs in a state in words: ``12 pending``."""
    return f"{number(view.counts[state])} {STATES[state]}"


def jobs_text(count: int) -> str:
    """Return a number of jobs in words."""
    return "1 job" if count == 1 else f"{number(count)} jobs"


def documents_text(count: int) -> str:
    """Return a number of documents in words."""
    return "1 document" if count == 1 else f"{number(count)} documents"


def sentence(view: View) -> str:
    """Return what goes on beside the state: rate and time left, or what could be done."""
    running = view.counts["processing"]
    if view.state in ("running", "paused", "stopped") and view.problem is not None:
        return view.problem
    if view.state in ("running", "stopped") and view.open_jobs == 0:
        return _done_text(view)
    if view.state == "running":
        if not view.busy:
            return "waiting until retries are due"
        if view.starting:
            return "starting workers"
        if view.rate is None:
            return "measuring how fast it goes"
        words = rate_text(view.rate)
        if view.open_jobs == running:
            # What a document takes is not known, least of one that takes longer than all before.
            return "the last one runs" if running == 1 else f"the last {number(running)} run"
        if view.scans:  # a scan takes as long as a hundred papers
            return f"{words}; for OCR wait {documents_text(view.scans)}"
        if view.eta is not None and math.isfinite(view.eta):
            words += f", about {span_of(view.eta)} left"
        return words
    if view.state == "paused" and running:
        return f"nothing new is taken; {number(running)} still running"
    if view.state == "stopped" and running:
        return _left_text(running, min(view.interrupted, running))
    return _STATE_HINTS.get(view.state, "")


def _done_text(view: View) -> str:
    done = view.done
    if done is None:
        return "nothing to do: add a folder, or enqueue documents"
    took = f"in {span_of(done.seconds)}" if done.seconds >= 0.5 else "in less than a second"
    # The counts below are those of all runs.
    is_all = (done.complete, done.failed) == (view.counts["complete"], view.counts["failed"])
    what = "done" if is_all else "done; last run"
    return f"{what}: {number(done.complete)} complete, {number(done.failed)} failed, {took}"


def _left_text(running: int, interrupted: int) -> str:
    """Return who has the documents that run although this pool is stopped."""
    words = []
    if running > interrupted:
        words.append(f"another process is at {number(running - interrupted)} of the documents")
    if interrupted:
        were = "was" if interrupted == 1 else "were"
        them = "it" if interrupted == 1 else "them"
        words.append(
            f"{documents_text(interrupted)} {were} interrupted; Start takes {them} up again"
        )
    return "; ".join(words)


def plain(view: View) -> str:
    """Return the view on one line of text."""
    more = sentence(view) if view.state == "running" and view.busy else ""
    return f"{view.state}: {counts_text(view)}" + (f"; {more}" if more else "")


def header_html(view: View, tick: int, static: bool = False) -> str:
    """Return state, rate and time left.

    While something moves it carries *tick*, so that each refresh writes it anew and starts the
    animation of that line again. While nothing moves it stays the same, and nothing is sent.
    """
    alive = ""
    if not static:
        alive = _GONE + (f"{_NO_UPDATE}<!--{tick}-->" if view.busy else "")
    return (
        f'<div class="rl-head" role="status" aria-live="off">'
        f'<b data-state="{view.state}">{view.state}</b>'
        f"<span data-sentence>{text(sentence(view))}</span>{alive}</div>"
    )


def bar_html(view: View) -> str:
    """Return the stacked bar of states. Its numbers stand above it, on the buttons."""
    total = sum(view.counts.values())
    parts = "".join(
        f'<i class="rl-{state}" style="flex-grow:{view.counts[state]}"></i>'
        for state in STATES
        if view.counts[state]
    )
    label = text(counts_text(view)) if total else "no jobs yet"
    # For people's own scripts and style sheets: what is seen are the buttons.
    numbers = "".join(
        f'<b data-count="{state}" hidden>{number(view.counts[state])}</b>'
        for state in STATES
        if is_shown(view, state)
    )
    return (
        f'<div class="rl-bar" role="img" aria-label="{label}">{parts}</div>{numbers}'
        f"{_oldest_html(view)}{_lacking_html(view)}{cluster_html(view)}"
    )


def _oldest_html(view: View) -> str:
    if view.oldest is None:
        return ""
    name, since = view.oldest
    # A length of time only while the panel is rewritten anyway: an idle one sends nothing.
    if view.busy:
        when = f"waits for {span_of((view.at - since).total_seconds())}"
    else:
        when = f"waits since {since:%Y-%m-%d %H:%M} UTC"
    return f'<div class="rl-none rl-line" data-oldest>oldest {when}: <bdi>{text(name)}</bdi></div>'


def _lacking_html(view: View) -> str:
    return f'<div class="rl-none" data-lacking>{text(view.lacking)}</div>' if view.lacking else ""


def cluster_html(view: View) -> str:
    """Return a line about the cluster that reads, with those of its workers that get nothing."""
    said = view.cluster
    if said is None:
        return ""
    workers = said["workers"]
    hosts = len({worker["host"] for worker in workers if worker["host"]})
    words = f"{number(said['threads'])} at a time on {number(hosts)} "
    words = f"cluster {text(said['address'])}: {words}{'host' if hosts == 1 else 'hosts'}"
    dashboard = said["dashboard"]
    if dashboard and dashboard.startswith(("http://", "https://")):
        words += f', <a href="{text(dashboard)}" target="_blank" rel="noopener">dashboard</a>'
    unfit = [worker for worker in workers if worker["unfit"]]
    lines = [
        *(
            f"{worker['host'] or worker['address']} gets nothing: {worker['unfit']}"
            for worker in unfit
        ),
        *said["warnings"],
    ]
    more = "".join(f'<div class="rl-none" data-unfit>{text(line)}</div>' for line in lines[:_FEW])
    if len(lines) > _FEW:
        more += f'<div class="rl-none">and {number(len(lines) - _FEW)} more</div>'
    return f'<div class="rl-none" data-cluster>{words}</div>{more}'


# --- workers ----------------------------------------------------------------------------------

#: Its name, and whether it is left out of a narrow panel, where the document's cell tells it.
_COLUMNS = (
    ("Worker", True),
    ("Document", False),
    ("Page", False),
    ("Time", False),
    ("CPU", True),
    ("Memory", True),
    ("Done", True),
    ("Failed", True),
    ("Heartbeat", True),
)


def workers_html(view: View) -> str:
    """Return the table of workers. Each row has the same height, so that buttons stand beside."""
    if not view.workers:
        return '<div class="rl-none">No worker runs.</div>'
    shown = shown_workers(view)
    rows = "".join(_worker_row(row, view.busy) for row in shown)
    idle = len(view.workers) - len(shown)
    if idle:
        words = f"and {number(idle)} idle" if shown else f"{number(idle)} idle"
        rows += f'<tr data-idle="{idle}"><td colspan="{len(_COLUMNS)}">{words}</td></tr>'
    heads = "".join(
        f'<th scope="col" class="{_class(name, is_extra)}">{name}</th>'
        for name, is_extra in _COLUMNS
    )
    return f'<table class="rl-workers"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _class(name: str, is_extra: bool) -> str:
    return "rl-wide" if name == "Document" else "rl-extra" if is_extra else ""


def shown_workers(view: View) -> tuple[WorkerRow, ...]:
    """Return the workers that have a row of their own: those at a document and those that are
    silent; a few idle ones too, while there is no other.
    """
    busy = tuple(row for row in view.workers if row.job_id is not None or row.silent)
    return busy if busy or len(view.workers) > _FEW else view.workers


def _worker_row(row: WorkerRow, busy: bool) -> str:
    classes = "rl-grey" if row.silent else ""
    document = f"<bdi>{text(row.document)}</bdi>" if row.document is not None else row.status
    page = ""
    if row.job_id is not None and row.page is not None:
        page = f"{row.page} of {row.page_count}" if row.page_count else f"{row.page}"
    # Of a silent one nobody knows, and it would be written anew each second.
    seconds = ""
    if row.job_id is not None and row.seconds is not None and not row.silent:
        seconds = span_of(row.seconds)
    age = _age_text(row, busy)
    cpu = f"{row.cpu:.0f} %" if row.cpu is not None else ""
    memory = f"{row.memory:.0f} MB" if row.memory is not None else ""
    more = ", ".join(filter(None, (text(row.label), cpu, memory, age if row.silent else "")))
    # Of the document's cell a narrow panel shows a second line.
    cells = {
        "Worker": text(row.label),
        "Document": f'{document}<div class="rl-more">{more}</div>',
        "Page": page,
        "Time": seconds,
        "CPU": cpu,
        "Memory": memory,
        "Done": number(row.completed),
        "Failed": number(row.failed),
        "Heartbeat": age,
    }
    title = f' title="{text(row.document or "")}"'
    return (
        f'<tr class="{classes}" data-worker="{text(row.worker_id)}">'
        + "".join(
            f'<td class="{_class(name, is_extra)}"{title if name == "Document" else ""}>'
            f"{cells[name]}</td>"
            for name, is_extra in _COLUMNS
        )
        + "</tr>"
    )


def _age_text(row: WorkerRow, busy: bool) -> str:
    if row.age is None:
        return "none yet"
    if row.silent:
        return f"silent for {_coarse(row.age)}"
    # To the second only while the panel is rewritten anyway: an idle one sends nothing.
    return f"{row.age:.0f} s ago" if busy else "fresh"


def _coarse(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes else "half a minute"


# --- what went wrong --------------------------------------------------------------------------


def trouble_html(view: View) -> str:
    """Return the last failures, documents of which text is missing, and what was left out."""
    rows = "".join(map(_failure_row, view.failures))
    if rows and view.more_failures:
        more = number(view.more_failures)
        rows += _more_row(f"and {more} more failed: the button with their number lists all")
    rows += "".join(map(_doubt_row, view.doubts))
    if view.more_doubts:
        rows += _more_row("and more with missing text: frames.doubtful(db) has all")
    if not rows:
        return left_out_html(view)
    return (
        '<table class="rl-trouble"><thead><tr><th scope="col">Look at</th>'
        '<th scope="col">Cause</th><th scope="col" class="rl-wide">What happened</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{left_out_html(view)}"
    )


def text_words(status: str) -> str:
    """Return what is missing of a document's text, in words."""
    return _TEXT_WORDS.get(status, text(status))


def _more_row(words: str) -> str:
    return f'<tr class="rl-none" data-more><td colspan="3">{words}</td></tr>'


def _doubt_row(row: IncompleteText) -> str:
    return (
        f'<tr class="rl-doubt"><td><bdi title="{text(row.document)}">{text(row.document)}</bdi>'
        f"</td><td>{text_words(row.text_status)}</td>"
        f'<td class="rl-wide" title="{text(row.reason)}">{text(row.reason)}</td></tr>'
    )


def kinds_text(kinds: Sequence[tuple[str, int]]) -> str:
    """Return kinds of files with how many there are of each, the first few: ``.png 2, .bin 1``."""
    some = ", ".join(f"{kind} {number(files)}" for kind, files in kinds[:_MOST_KINDS])
    return some + (", …" if len(kinds) > _MOST_KINDS else "")


def left_out_html(view: View) -> str:
    """Return what the looks at folders left out, by kind."""
    if not view.left_out:
        return ""
    total = sum(files for _, files in view.left_out)
    return (
        f'<div class="rl-none" data-left-out="{total}">Left out of the folders: '
        f"{number(total)} ({text(kinds_text(view.left_out))})</div>"
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
    """Return jobs per second of the last two minutes, complete below and failed on top.

    When nothing goes on, of the two minutes up to the last second in which a job ended.
    """
    history = view.history
    still = 0
    while not view.busy and still < len(history) and not any(history[-1 - still]):
        still += 1
    history = ((0, 0),) * still + history[: len(history) - still]
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
