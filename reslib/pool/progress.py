"""The bar of ``worker.wait(progress=True)``, in a terminal and in a notebook."""

from __future__ import annotations

import time
import warnings
from typing import Any

from reslib.jobs.manager import QueueManager
from reslib.models import JobStatus

__all__ = ["ProgressBar"]

#: So many times as long as counting takes it is not done again.
_SELDOM = 20


class ProgressBar:
    """Jobs done since the bar was made, of those that are known by now.

    Nothing is drawn before there is something to do.

    Parameters
    ----------
    queue
        Whose jobs it counts.
    batch_id
        Of the only batch whose jobs it counts; None for all.
    """

    def __init__(self, queue: QueueManager, batch_id: int | None = None) -> None:
        self._queue, self._batch_id = queue, batch_id
        self._before = self._count()
        self._bar: Any = None
        self._due = 0.0
        self._show()

    def update(self) -> None:
        """Show how far it is, unless counting took too long to do it again already."""
        began = time.monotonic()
        if began >= self._due:
            self._show()
            self._due = time.monotonic() + _SELDOM * (time.monotonic() - began)

    def _show(self) -> None:
        counts = self._count()
        done = max(0, _ended(counts) - _ended(self._before))
        total = done + JobStatus.count_open(counts)
        if not total and self._bar is None:
            return
        if self._bar is None:
            self._bar = _bar()
        changed = (done, total) != (self._bar.n, self._bar.total)
        self._bar.total, self._bar.n = total, done
        self._bar.set_postfix_str(self._words(counts), refresh=False)
        if changed:
            self._bar.refresh()

    def _count(self) -> dict[JobStatus, int]:
        return self._queue.counts(batch=self._batch_id)

    def _words(self, counts: dict[JobStatus, int]) -> str:
        """Return what does not go well; a full bar alone looks as if all had."""
        failed = counts[JobStatus.FAILED] - self._before[JobStatus.FAILED]
        waiting = counts[JobStatus.RETRY_PENDING]
        words = [f"{failed} failed"] * (failed > 0)
        words += [f"{waiting} wait for a retry"] * (waiting > 0)
        return ", ".join(words)

    def close(self) -> None:
        """Show the end, and leave the bar as it is."""
        self._show()
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()


def _ended(counts: dict[JobStatus, int]) -> int:
    return sum(counts.values()) - JobStatus.count_open(counts)


def _bar() -> Any:
    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        # In a notebook without ipywidgets it draws with characters, which is as good; its advice to
        # update what the user has not installed helps nobody.
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm

        return tqdm(total=0, unit="doc", desc="extracting", dynamic_ncols=True)
