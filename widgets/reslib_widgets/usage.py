"""The use of the machine by the processes that extract."""

from __future__ import annotations

from collections.abc import Collection

import psutil

__all__ = ["Usage"]


class Usage:
    """Processor time and memory of processes, from one look to the next."""

    def __init__(self) -> None:
        self._processes: dict[int, psutil.Process] = {}

    def of(self, pid: int) -> tuple[float | None, float | None]:
        """Return how many percent of a core a process used since the last look, None at the
        first, and its memory in MB; None of both when it has ended.
        """
        try:
            process = self._processes.get(pid)
            is_new = process is None or not process.is_running()  # another one may have its number
            if process is None or is_new:
                process = self._processes[pid] = psutil.Process(pid)
            with process.oneshot():
                percent = process.cpu_percent()
                return None if is_new else percent, process.memory_info().rss / 2**20
        except psutil.Error:
            self._processes.pop(pid, None)
            return None, None

    def forget_all_but(self, pids: Collection[int]) -> None:
        """Forget the processes that are not looked at any more."""
        for pid in self._processes.keys() - pids:
            del self._processes[pid]
