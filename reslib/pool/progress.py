"""The bar of ``worker.wait(progress=True)``, in a terminal and in a notebook."""

from __future__ import annotations

import warnings
from typing import Any

from reslib.jobs.manager import QueueManager
from reslib.models import JobStatus

__all__ = ["ProgressBar"]


class ProgressBar:
    """Jobs done since the bar was made, of those that are known by now.

    Nothing is drawn before there is something to do.

    Parameters
    ----------
    queue
        Whose jobs it counts.
    """

    def __init__(self, queue: QueueManager) -> None:
        self._queue = queue
        self._before = queue.counts()
        self._bar: Any = None
        self.update()

    def update(self) -> None:
        """Show how far it is."""
        counts = self._queue.counts()
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

    def _words(self, counts: dict[JobStatus, int]) -> str:
        """Return what does not go well; a full bar alone looks as if all had."""
        failed = counts[JobStatus.FAILED] - self._before[JobStatus.FAILED]
        waiting = counts[JobStatus.RETRY_PENDING]
        words = [f"{failed} failed"] * (failed > 0)
        words += [f"{waiting} wait for a retry"] * (waiting > 0)
        return ", ".join(words)

    def close(self) -> None:
        """Show the end, and leave the bar as it is."""
        self.update()
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
