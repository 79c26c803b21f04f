"""The tables and lists of the command line, safe whatever a document is called.

Names, messages and snippets come from documents and may hold line breaks, escape sequences or
the markup of rich. They are printed only as :class:`rich.text.Text` of
:func:`~reslib.errors.printable`, never as markup.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from reslib.documents.walk import Skipped
from reslib.errors import printable
from reslib.formats.inner import called, without_name
from reslib.library import DocumentState
from reslib.maintenance.doctor import Check, Verdict
from reslib.models import TEXT, JobStatus, TextStatus
from reslib.search.hits import SearchHits

__all__ = [
    "plural",
    "show_checks",
    "show_counts",
    "show_failures",
    "show_hits",
    "show_problems",
    "show_skipped",
    "show_summary",
    "show_warnings",
    "show_workers",
]

#: Texts with less confidence than this are worth a look.
_DOUBTFUL = 0.75
#: So many types of skipped files are counted by name.
_MOST_KINDS = 6
_VERDICT_STYLE = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}


def _safe(text: object, style: str | Style = "") -> Text:
    return Text(printable(str(text)), style=style)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left")
    return table


def plural(count: int, noun: str) -> str:
    """Return ``"1 file"`` or ``"2 files"``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def show_summary(console: Console, states: Sequence[DocumentState], skipped: int) -> None:
    """Print one line for each thing that can become of a document, with its number."""
    texts = Counter(state.text_status for state in states if state.has_current_text)
    table = _table("What became of the documents", ">")
    rows = [
        ("text extracted", texts[TextStatus.FULL]),
        ("text of some pages only", texts[TextStatus.PARTIAL]),
        ("no text in them (scans)", texts[TextStatus.EMPTY]),
        ("failed", sum(1 for s in states if s.has_failed and not s.has_current_text)),
        ("cancelled", sum(1 for s in states if _is_cancelled(s))),
        ("not done yet", sum(1 for s in states if s.is_open)),
        ("skipped, nothing here reads them", skipped),
    ]
    for name, count in rows:
        if count or name == "text extracted":
            table.add_row(name, f"{count:,}")
    console.print()
    console.print(table)


def _is_cancelled(state: DocumentState) -> bool:
    return state.job_status is JobStatus.CANCELLED and not state.has_current_text


def show_failures(
    console: Console,
    states: Iterable[DocumentState],
    limit: int | None = None,
    where: str = "`reslib failed` lists them",
) -> None:
    """Print documents that failed, *limit* at most: what happened, and what to do."""
    failed = [state for state in states if state.has_failed]
    if not failed:
        return
    console.print(Text(f"\nFailed: {plural(len(failed), 'document')}", style="bold red"))
    for state in failed[:limit]:
        line = Text("  ").append_text(_safe(called(state.path, state.filename), "bold"))
        line.append(f"  {state.error_code or state.error_type}", style="red")
        what = "" if state.task == TEXT else f"{printable(state.task)} "
        line.append(f"  {what}job {state.job_id}", style="dim")
        if state.attempts and state.attempts > 1:
            line.append(f", tried {state.attempts} times", style="dim")
        console.print(line)
        message = state.error_message or "no reason was given"
        message = without_name(message, state.filename, state.path)  # it stands in the line above
        console.print(Padding(_safe(message), (0, 0, 0, 4)))
    _say_rest(console, failed, limit, where)


def _say_rest(
    console: Console, states: Sequence[DocumentState], limit: int | None, where: str
) -> None:
    if limit is not None and len(states) > limit:
        console.print(f"  … and {len(states) - limit:,} more; {where}.")


def show_warnings(
    console: Console, warnings: Sequence[tuple[str, str]], limit: int | None = None
) -> None:
    """Print what else is to be known of documents: the name of each, and the words."""
    if not warnings:
        return
    console.print(Text(f"\nWorth knowing: {plural(len(warnings), 'warning')}", style="bold"))
    for name, message in warnings[:limit]:
        console.print(Text("  ").append_text(_safe(name, "bold")))
        console.print(Padding(_safe(message), (0, 0, 0, 4)))
    if limit is not None and len(warnings) > limit:
        console.print(f"  … and {len(warnings) - limit:,} more; frames.warnings(db) has all.")


def show_problems(
    console: Console, states: Iterable[DocumentState], limit: int | None = None
) -> None:
    """Print documents of which nothing, only a part, or little that is sure could be read."""
    odd = [state for state in states if state.has_current_text and _is_doubtful(state)]
    if not odd:
        return
    console.print(
        Text(
            f"\nExtracted, with gaps or doubts: {plural(len(odd), 'document')}", style="bold yellow"
        )
    )
    for state in odd[:limit]:
        line = Text("  ").append_text(_safe(called(state.path, state.filename), "bold"))
        line.append(f"  {state.text_status}", style="yellow")
        if state.confidence is not None:
            line.append(f", confidence {state.confidence:.2f}", style="dim")
        console.print(line)
        reason = state.confidence_reason or "no reason was given"
        console.print(Padding(_safe(reason), (0, 0, 0, 4)))
    _say_rest(console, odd, limit, "`reslib export` has them all")


def _is_doubtful(state: DocumentState) -> bool:
    if state.text_status in (TextStatus.EMPTY, TextStatus.PARTIAL):
        return True
    return state.confidence is not None and state.confidence < _DOUBTFUL


def show_skipped(console: Console, skipped: Sequence[Skipped], *, every: bool) -> None:
    """Print why files were left out: by reason with examples, or each one."""
    if not skipped:
        return
    line = Text(f"\nSkipped: {plural(len(skipped), 'file')}", style="bold")
    console.print(line.append_text(_safe(f" ({_kinds(skipped)})", "dim")))
    if every:
        for item in skipped:
            console.print(Padding(_safe(f"{item.path}: {item.reason}"), (0, 0, 0, 2)))
        return
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(item.reason, []).append(item.path.name)
    for reason, names in sorted(reasons.items(), key=lambda entry: -len(entry[1])):
        some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        console.print(Padding(_safe(f"{reason}: {len(names):,} ({some})"), (0, 0, 0, 2)))


def _kinds(skipped: Iterable[Skipped]) -> str:
    counts = Counter(item.kind for item in skipped)
    some = ", ".join(f"{kind} {count:,}" for kind, count in counts.most_common(_MOST_KINDS))
    return some + (", …" if len(counts) > _MOST_KINDS else "")


def show_hits(console: Console, hits: SearchHits) -> None:
    """Print what a search found: document, page, and the words around the match."""
    table = _table("Document", ">Page", "Where")
    table.columns[0].overflow = "fold"
    table.columns[0].ratio, table.columns[2].ratio = 1, 3
    for name, hit in zip(hits.names(), hits, strict=True):
        page = _safe(hit.part.removeprefix("page ") or "-")
        shown = _linked(name, hit.link)
        if len(hit.places) > 1:
            shown.append(f" and {plural(len(hit.places) - 1, 'other place')}", style="dim")
        table.add_row(shown, page, _snippet(hit.snippet))
    console.print(table)


def _linked(name: str, target: str) -> Text:
    """Return a name that terminals which can make a link of."""
    return _safe(name, Style(bold=True, link=target))


def _snippet(snippet: str) -> Text:
    text = Text()
    for number, part in enumerate(re.split(r"\*\*", snippet)):
        text.append_text(_safe(part, "bold green" if number % 2 else ""))
    return text


def show_counts(console: Console, title: str, counts: Iterable[tuple[str, int]]) -> None:
    """Print numbers under a title."""
    table = _table(title, ">")
    for name, count in counts:
        table.add_row(_safe(name), f"{count:,}")
    console.print(table)


def say(console: Console, words: str) -> None:
    """Print a sentence after an empty line."""
    console.print(Text("\n").append_text(_safe(words)))


def show_workers(console: Console, workers: Iterable[dict[str, object]]) -> None:
    """Print the workers that have not stopped, nor died with their process."""
    alive = [w for w in workers if w["status"] != "stopped" and w["alive"] is not False]
    if not alive:
        console.print("\nNo worker runs.")
        return
    table = _table("Worker", "Status", ">Job", ">Done", ">Failed", "Last heartbeat (UTC)")
    for worker in alive:
        table.add_row(
            _safe(worker["worker_id"]),
            _safe(worker["status"]),
            _safe(worker["current_job_id"] or ""),
            _safe(worker["jobs_completed"]),
            _safe(worker["jobs_failed"]),
            _safe(worker["last_heartbeat"]),
        )
    console.print()
    console.print(table)


def show_checks(console: Console, checks: Iterable[Check]) -> None:
    """Print what ``reslib doctor`` found."""
    table = _table("", "Check", "Found")
    for check in checks:
        found = _safe(check.text)
        if check.remedy:
            found.append("\n→ ").append_text(_safe(check.remedy, "bold"))
        table.add_row(
            Text(check.verdict, style=_VERDICT_STYLE[check.verdict]), _safe(check.name), found
        )
    console.print(table)
