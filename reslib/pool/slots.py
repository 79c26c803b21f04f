"""The slots of a pool: how many of its workers may do jobs of one task at once.

Counted in memory, for one start of a pool. A worker that is about to claim holds a slot of each
task that it may be given, so that two of them cannot take the last one.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from reslib.extractors.registry import registry
from reslib.models import TEXT

__all__ = ["Slot", "Slots"]


class Slots:
    """The slots of all workers of a pool.

    Parameters
    ----------
    given
        Most jobs of a task at once. Of other tasks: ``text`` is for every worker, each other one
        for half of them, at least one.
    workers
        How many there are.
    wake
        Wakes the workers.
    """

    def __init__(self, given: Mapping[str, int], workers: int, wake: Callable[[], None]) -> None:
        self.given, self.workers = dict(given), workers
        self._wake = wake
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        #: Whether somebody found no slot free since the last wake.
        self._is_wanted = False

    def free(self) -> tuple[str, ...]:
        """Return the tasks that one more worker could do now, ``text`` first."""
        with self._lock:
            return tuple(filter(self._is_free, registry.tasks()))

    def take(self, held: str | None) -> tuple[str, ...]:
        """Take a slot of each task that has one, but for the task that is *held* already.

        Returns
        -------
        tuple of str
            These tasks, ``text`` first; :meth:`give_back` is for those that were not needed.
        """
        with self._lock:
            tasks = tuple(task for task in registry.tasks() if task == held or self._is_free(task))
            self._held.update(task for task in tasks if task != held)
            self._is_wanted = self._is_wanted or len(tasks) < len(registry.tasks())
            return tasks

    def give_back(self, tasks: Iterable[str], *, wake: bool) -> None:
        """Give slots back.

        Parameters
        ----------
        tasks
            A slot of each.
        wake
            Whether workers that found none are told. Not when they were looked through in vain:
            two idle workers would wake each other for ever.
        """
        with self._lock:
            self._held.subtract(tasks)
            wake = wake and self._is_wanted
            if wake:
                self._is_wanted = False
        if wake:
            self._wake()

    def _is_free(self, task: str) -> bool:
        limit = self.given.get(task)
        if limit is None:
            if task == TEXT:
                return True
            limit = max(1, self.workers // 2)
        return self._held[task] < limit


class Slot:
    """The slot that one worker holds, or none.

    Parameters
    ----------
    slots
        Of its pool.

    Attributes
    ----------
    task
        That of the job it is at.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.task: str | None = None

    @contextmanager
    def offered(self) -> Iterator[tuple[str, ...]]:
        """Give the tasks of which a job may be claimed; :attr:`task` is to be set to that of the
        job, and to None when there was none.
        """
        before = self.task
        tasks = self._slots.take(before)
        try:
            yield tasks
        finally:
            held = {*tasks, before} - {self.task, None}
            self._slots.give_back(filter(None, held), wake=self.task is not None)

    def release(self) -> None:
        """Hold nothing: the job has ended, and no other one was claimed."""
        task, self.task = self.task, None
        if task is not None:
            self._slots.give_back([task], wake=True)
