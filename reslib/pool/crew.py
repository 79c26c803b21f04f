"""The workers of a pool, taken together: begun, more or fewer of them, ended."""

from __future__ import annotations

import contextlib
import errno
import itertools
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence

from reslib.errors import DatabaseError, ReslibError, printable
from reslib.jobs.manager import QueueManager
from reslib.pool.control import too_many_workers
from reslib.pool.thread import Pool, WorkerThread

__all__ = ["KILL_PATIENCE", "Crew", "all_or_none"]

logger = logging.getLogger(__name__)

#: How long a killed sandbox may take until its worker has given the job back, in seconds.
KILL_PATIENCE = 10.0
#: How long a callback may take to return when its pool gives everything back, in seconds.
_CALLBACK_PATIENCE = 0.5
#: Codes of the system for too few open files, threads or memory.
_SCARCE = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
#: How often those that are to be killed are killed, in seconds.
_KILL_INTERVAL = 0.05


class Crew:
    """The worker threads of one start of a pool.

    It does not know the pool: a circle of the two would keep a dropped pool until the garbage
    collector comes by.

    Attributes
    ----------
    members
        Its workers; a new list whenever they change, because others look at it meanwhile.
    """

    def __init__(self) -> None:
        self._prefix = f"{os.uname().nodename}-{os.getpid()}-{os.urandom(2).hex()}"
        self._numbers = itertools.count(1)
        self.members: Sequence[WorkerThread] = []

    @property
    def is_alive(self) -> bool:
        """True when any worker has not ended."""
        return any(worker.alive for worker in self.members)

    def add(self, pool: Pool, count: int, asked: int) -> None:
        """Start *count* workers more, or none of them.

        Parameters
        ----------
        pool
            The pool whose jobs they do.
        count
            How many; none when it is negative.
        asked
            How many the pool is to have, for the message.

        Raises
        ------
        ReslibError
            The system allows this process no such number.
        """
        advice = None if pool.following.is_remote else too_many_workers(asked)
        if count > 0 and advice is not None:
            logger.warning("%s", advice)
        before, added = self.members, list[WorkerThread]()
        try:
            with all_or_none(asked, added):
                for number in itertools.islice(self._numbers, max(0, count)):
                    added.append(WorkerThread(pool, f"{self._prefix}-{number}"))
                self.members = [*before, *added]
                for worker in added:
                    worker.start()
        except BaseException:
            self.members = [*before, *(worker for worker in added if worker.alive)]
            raise

    def resize(self, pool: Pool, number: int) -> None:
        """Have *number* workers for *pool*: start new ones, or let some claim nothing more.

        Raises
        ------
        ReslibError
            The system allows this process no such number; there are as many as before.
        """
        staying = [worker for worker in self.members if not worker.leaving]
        # Idle ones first: they are gone at once.
        staying.sort(key=lambda worker: worker.busy, reverse=True)
        for worker in staying[number:]:
            worker.leave()
        self.add(pool, number - len(staying), number)

    def join(self, seconds: float, which: Callable[[WorkerThread], bool] | None = None) -> bool:
        """Wait *seconds* at most until all workers have ended, or those of *which*."""
        deadline = time.monotonic() + seconds
        done = True
        for worker in filter(which, self.members) if which else self.members:
            done = worker.wait_until_ended(deadline - time.monotonic()) and done
        return done

    def kill(self, queue: QueueManager) -> None:
        """End what runs; a worker in a callback that does not return is left behind.

        Parameters
        ----------
        queue
            To which the jobs go back.
        """
        began = time.monotonic()
        self._give_back(queue)
        while time.monotonic() < began + KILL_PATIENCE:
            for worker in self.members:
                worker.kill()  # again and again: one may just be about to begin
            if self.join(_KILL_INTERVAL):
                return
            left = [worker for worker in self.members if worker.alive]
            if time.monotonic() > began + _CALLBACK_PATIENCE and all(w.in_callback for w in left):
                break
        for worker in self.members:
            if worker.alive:
                worker.abandon()
                what = "a callback of it does not return" if worker.in_callback else "it is stuck"
                logger.error("worker %s did not stop: %s", worker.worker_id, what)

    def _give_back(self, queue: QueueManager) -> None:
        """Give back all jobs in one transaction: one for each of 400 would take many seconds."""
        busy = [worker for worker in self.members if worker.job and not worker.in_callback]
        for worker in busy:
            worker.given_back = True
        try:
            queue.release_all_of({worker.worker_id for worker in busy}, are_stopped=True)
        except DatabaseError:  # each tries by itself, and what is left the next start gives back
            for worker in busy:
                worker.given_back = False

    def ended(self) -> set[str]:
        """Return the names of the workers that will store nothing more."""
        return {
            worker.worker_id
            for worker in self.members
            if not worker.alive or (worker.abandoned and worker.in_callback)
        }


@contextlib.contextmanager
def all_or_none(asked: int, added: Sequence[WorkerThread]) -> Iterator[None]:
    """Have all of the workers that are made and started meanwhile, or none of them.

    Parameters
    ----------
    asked
        How many workers the pool is to have, for the message.
    added
        Those that were made so far.

    Raises
    ------
    ReslibError
        The system gives no more open files or threads; those that were added end again.
    """
    try:
        yield
    except BaseException as error:
        for worker in added:
            worker.take_back()
        scarce = isinstance(error, RuntimeError)  # "can't start new thread"
        if not scarce and getattr(error, "errno", None) not in _SCARCE:
            raise
        raise ReslibError(
            f"{asked} workers are more than this process may have ({printable(str(error))}): ask "
            "for fewer, or raise its limits of open files and threads (`ulimit -n`, `ulimit -u`)"
        ) from error
