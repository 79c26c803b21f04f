"""The commands behind the buttons of the panel, and what they have to say."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reslib import ExtractionWorker, JobStatus, ReslibError, joblist
from reslib_widgets import view as draw
from reslib_widgets.question import Asked, Notice
from reslib_widgets.sparingly import Sparingly

__all__ = ["Commands", "folder_of"]

logger = logging.getLogger(__name__)

#: Retrying more failed jobs than this at once is asked back.
CONFIRM_ABOVE = 100
#: The panel waits so long for a command, in seconds, before it goes on refreshing without it.
_PATIENCE = 0.2
_SHOWN_HITS = 10
_MOST_WORKERS = 256
#: Quotation marks that a file manager or a text puts around a path.
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb"}


def folder_of(typed: str) -> str:
    """Return a path as it is meant: without spaces around it, and without quotation marks unless
    a folder is called so.
    """
    path = typed.strip()
    if len(path) > 1 and _QUOTES.get(path[0]) == path[-1] and not Path(path).is_dir():
        path = path[1:-1].strip()
    return path


@dataclass
class _Followed:
    """Jobs that were retried, and what became of them when it was asked last."""

    jobs: Sequence[int]
    states: Sparingly[dict[JobStatus, int]] = field(default_factory=lambda: Sparingly({}))


class Commands:
    """Carries out commands, each in a thread of its own.

    Parameters
    ----------
    wake
        Has the panel drawn anew soon.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        #: What became of the last command.
        self.notice = Notice()
        #: The documents that were found last, as HTML.
        self.hits = ""
        #: How often the number of workers was set.
        self.resized = 0
        #: What the notice follows, until another command has something to say.
        self._followed: _Followed | None = None
        self._lock = threading.Lock()

    def obey(self, worker: ExtractionWorker, command: str, argument: Any) -> None:
        """Begin to carry out a command, and wait a moment for its end: stopping may take long."""
        action = getattr(self, f"_do_{command}")

        def act() -> None:
            self.notice = Notice()
            try:
                said = action(worker, argument)
            except (ReslibError, OSError, ValueError) as error:
                said = Notice(str(error), "error")
            except Exception as error:
                logger.exception("the command %s of the panel failed", command)
                said = Notice(f"{command} failed: {type(error).__name__}: {error}", "error")
            if said:  # of two clicks on Stop, the one with something to say
                self._say(said)
            self._wake()

        thread = threading.Thread(target=act, name=f"reslib-panel-{command}", daemon=True)
        thread.start()
        # Commands follow each other in order, unless one takes long.
        thread.join(_PATIENCE)

    def _say(self, said: str | Notice) -> None:
        notice = said if isinstance(said, Notice) else Notice(said)
        with self._lock:
            self._followed = _Followed(notice.retried) if notice.retried else None
            self.notice = notice

    # --- the pool -----------------------------------------------------------------------------

    def _do_start(self, worker: ExtractionWorker, _: Any) -> None:
        worker.start()

    def _do_pause(self, worker: ExtractionWorker, _: Any) -> None:
        worker.pause()

    def _do_resume(self, worker: ExtractionWorker, _: Any) -> None:
        worker.resume()

    def _do_stop(self, worker: ExtractionWorker, _: Any) -> str:
        # A second click, while it is stopping, gives back what runs.
        clean = worker.stop(timeout=60.0 if worker.is_running() else 0.0)
        return "" if clean else "Stopped; what still ran was given back, without a lost attempt."

    def _do_resize(self, worker: ExtractionWorker, typed: int) -> str | None:
        workers = min(max(typed, 1), _MOST_WORKERS)
        try:
            if workers != worker.num_workers:
                worker.resize(workers)
        finally:
            self.resized += 1
        said = [worker.advice] if worker.advice else []
        if workers != typed:
            said.insert(
                0, f"Workers can be 1 to {_MOST_WORKERS}: instead of {typed} it is {workers} now."
            )
        return " ".join(said) or None

    # --- jobs ---------------------------------------------------------------------------------

    def _do_cancel(self, worker: ExtractionWorker, job_id: int) -> str:
        if worker.cancel(job_id):
            return f"Job {job_id} is cancelled."
        return f"Job {job_id} had ended already."

    def _do_retry_job(self, worker: ExtractionWorker, job_id: int) -> str | Notice:
        retried = joblist.retry(worker.db, [job_id])
        if retried:
            return Notice(f"Job {job_id} is pending again.", retried=retried)
        return f"Job {job_id} cannot be retried: it has not failed, or its document waits already."

    def _do_retry(self, worker: ExtractionWorker, hopeful: bool) -> str | Notice:
        found = joblist.retriable(worker.db)
        return self._retry(worker, found.hopeful if hopeful else found.every)

    def _do_retry_found(self, worker: ExtractionWorker, asked: dict[str, Any]) -> str | Notice:
        found = joblist.retriable(worker.db)
        meant = set(joblist.matching_jobs(worker.db, asked["status"], asked["text"]))
        jobs = found.hopeful if asked["hopeful"] else found.every
        return self._retry(worker, [job_id for job_id in jobs if job_id in meant])

    def _retry(self, worker: ExtractionWorker, jobs: Any) -> str | Notice:
        if len(jobs) > CONFIRM_ABOVE:
            count = draw.number(len(jobs))
            return Notice(
                f"Retry {count} failed jobs?",
                asked=Asked(f"Yes, retry {count}", "retry_these", jobs),
            )
        return self._do_retry_these(worker, jobs)

    def _do_retry_these(self, worker: ExtractionWorker, jobs: Any) -> Notice:
        retried = joblist.retry(worker.db, jobs)
        return Notice(_pending_text(len(retried)), retried=retried)

    def _do_cancel_found(self, worker: ExtractionWorker, asked: dict[str, Any]) -> str | Notice:
        jobs = joblist.matching_jobs(worker.db, asked["status"], asked["text"])
        if len(jobs) < 2:
            return self._do_cancel_these(worker, jobs)
        count = draw.number(len(jobs))
        words = draw.STATES[asked["status"]]
        return Notice(
            f"Cancel all {count} jobs that are {words}?",
            asked=Asked(f"Yes, cancel {count}", "cancel_these", jobs),
        )

    def _do_cancel_these(self, worker: ExtractionWorker, jobs: list[int]) -> str:
        cancelled = 0
        for done, job_id in enumerate(jobs):
            if done and not done % 100:
                self._say(f"{draw.number(done)} of {draw.jobs_text(len(jobs))} are cancelled …")
            cancelled += worker.cancel(job_id)
        verb = "is" if cancelled == 1 else "are"
        late = len(jobs) - cancelled
        more = f" {draw.number(late)} had ended already." if late else ""
        return f"{draw.jobs_text(cancelled)} {verb} cancelled.{more}"

    def _do_refuse(self, worker: ExtractionWorker, _: Any) -> None:
        pass  # the question goes with every command

    def follow(self, worker: ExtractionWorker, is_running: bool) -> None:
        """Have the notice tell what became of the jobs that were retried."""
        followed = self._followed
        if followed is None:
            return
        found = followed.states.get(object(), lambda: joblist.states(worker.db, followed.jobs))
        with self._lock:
            if followed is not self._followed:
                return  # another command has said something meanwhile
            if found:
                self.notice = Notice(_retried_text(found, is_running))
            if all(status.is_final for status in found):
                self._followed = None

    # --- documents ----------------------------------------------------------------------------

    def _do_add_folder(self, worker: ExtractionWorker, typed: str) -> str:
        folder = folder_of(typed)
        if not folder:
            raise ValueError("Type the name of a folder first.")
        self._say(f"Looking through {folder} …")
        added = worker.db.add_folder(folder)
        jobs = worker.enqueue_batch(worker.db.needs_extraction(added))
        words = f"{draw.documents_text(len(added))} found, {draw.number(len(jobs))} enqueued."
        if added.skipped:
            kinds = Counter(file.kind for file in added.skipped).most_common()
            words += f" {draw.number(len(added.skipped))} left out: {draw.kinds_text(kinds)}."
        return words

    def _do_find(self, worker: ExtractionWorker, words: str) -> None:
        if not words.strip():
            raise ValueError("Type some words first.")
        hits = worker.db.search(words, _SHOWN_HITS)._repr_html_()
        self.hits = f'<div class="rl-hits">{hits}</div>'


def _pending_text(count: int) -> str:
    if not count:
        return "Nothing can be retried: what failed waits or runs already."
    return f"{draw.jobs_text(count)} {'is' if count == 1 else 'are'} pending again."


def _retried_text(found: dict[JobStatus, int], is_running: bool) -> str:
    total = sum(found.values())
    is_open = JobStatus.count_open(found)
    if is_open == total:
        start = "" if is_running or not total else " Start begins with what is pending."
        return _pending_text(total) + start
    words = {JobStatus.COMPLETE: "complete", JobStatus.FAILED: "failed again"}
    words[JobStatus.CANCELLED] = "cancelled"
    if total == 1:
        [status] = found
        verb = "" if status is JobStatus.FAILED else " is"
        return f"The job that was retried{verb} {words[status]}."
    if len(found) == 1:
        [status] = found
        all_of = "Both" if total == 2 else f"All {draw.number(total)}"
        verb = "" if status is JobStatus.FAILED else " are"
        return f"{all_of} jobs that were retried{verb} {words[status]}."
    parts = [f"{draw.number(found[s])} {said}" for s, said in words.items() if s in found]
    if is_open:
        parts.append(f"{draw.number(is_open)} not done yet")
    return f"Of {draw.number(total)} jobs that were retried: {', '.join(parts)}."
