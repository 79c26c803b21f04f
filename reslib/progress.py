"""The bar of ``worker.wait(progress=True)``, in a terminal and in a notebook."""

from __future__ import annotations

import warnings

from reslib.models import JobStatus
from reslib.queue import QueueManager

__all__ = ["ProgressBar"]


class ProgressBar:
    """Jobs done since the bar was made, of those that are known by now.

    Parameters
    ----------
    queue
        Whose jobs it counts.
    """

    def __init__(self, queue: QueueManager) -> None:
        from tqdm import TqdmWarning

        with warnings.catch_warnings():
            # In a notebook without ipywidgets it draws with characters, which is as good; its
            # advice to update what the user has not installed helps nobody.
            warnings.simplefilter("ignore", TqdmWarning)
            from tqdm.auto import tqdm

        self._queue = queue
        self._before = self._final(queue.counts())
        self._bar = tqdm(total=0, unit="doc", desc="extracting", dynamic_ncols=True)
        self.update()

    @staticmethod
    def _final(counts: dict[JobStatus, int]) -> int:
        return sum(jobs for status, jobs in counts.items() if status.is_final)

    def update(self) -> None:
        """Show how far it is."""
        counts = self._queue.counts()
        done = max(0, self._final(counts) - self._before)
        open_jobs = sum(jobs for status, jobs in counts.items() if not status.is_final)
        changed = (done, done + open_jobs) != (self._bar.n, self._bar.total)
        self._bar.total, self._bar.n = done + open_jobs, done
        waiting = counts[JobStatus.RETRY_PENDING]
        if waiting:
            self._bar.set_postfix_str(f"{waiting} wait for a retry", refresh=False)
        if changed:
            self._bar.refresh()

    def close(self) -> None:
        """Show the end, and leave the bar as it is."""
        self.update()
        self._bar.set_postfix_str("", refresh=True)
        self._bar.close()
