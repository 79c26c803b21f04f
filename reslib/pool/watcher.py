"""The watcher: the thread of a pool that writes the heartbeats and looks at what others do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from reslib.documents.acceptances import extractors_elsewhere
from reslib.errors import DatabaseError
from reslib.extractors.registry import registry
from reslib.models import JobStatus
from reslib.pool.control import Cause
from reslib.pool.thread import Pool, WorkerThread
from reslib.storage.diskspace import shortage

__all__ = ["WATCH_INTERVAL", "watch"]

#: How often the watcher looks whether another process has written, and whether the file is still
#: there, in seconds. The looks are a few microseconds (``PRAGMA data_version``, ``stat``).
WATCH_INTERVAL = 0.05
#: How often jobs of dead processes are looked for, in seconds.
_RESCUE_INTERVAL = 5.0
#: How often the room on the disk is looked at, in seconds.
_SPACE_INTERVAL = 1.0
#: Seconds after which heartbeats that could not be stored are written again.
_TRY_AGAIN = 1.0
#: How often it is looked which extractors other processes have, in seconds.
_OTHERS_INTERVAL = 1.0


def watch(
    pool: Pool, workers: Callable[[], Sequence[WorkerThread]], goes_on: Callable[[], bool]
) -> None:
    """Write heartbeats, wake the workers for what other processes enqueue, end what they cancel,
    tell of batches that are done by them, rescue the jobs of dead processes, and note which
    extractors others have and what is in the way: a full disk, a deleted file.

    Parameters
    ----------
    pool
        Which pool.
    workers
        Gives its workers of this moment.
    goes_on
        Asked before each look; False ends the watch.
    """
    queue, store, control = pool.queue, pool.db.store, pool.control
    version, beat_due, rescue_due = -1, 0.0, time.monotonic() + _RESCUE_INTERVAL
    space_due = time.monotonic() + _SPACE_INTERVAL
    others_due, generation = 0.0, registry.generation
    retry_due = some_lost = False
    while goes_on():
        try:
            control.set_problem(Cause.FILE, store.file_problem())
            pool.following.look()
            now = time.monotonic()
            if now >= beat_due or generation != registry.generation:
                generation = registry.generation
                beat_due = now + pool.heartbeat_interval
                for worker in workers():
                    worker.beat()
                control.set_problem(Cause.STORING, None, "the watcher")
            if now >= rescue_due:
                rescue_due = now + _RESCUE_INTERVAL
                some_lost = queue.rescue() > 0 or some_lost  # perhaps of this very pool
            if now >= space_due:
                space_due = now + _SPACE_INTERVAL
                control.set_problem(Cause.DISK, shortage(store.path))
            if now >= others_due:
                others_due = now + _OTHERS_INTERVAL
                control.leave(extractors_elsewhere(store))
            latest = store.data_version()
            if latest != version or some_lost:
                some_lost = sum(worker.kill_if_lost() for worker in workers()) > 0
            if latest != version:
                version = latest
                retry_due = queue.counts()[JobStatus.RETRY_PENDING] > 0
                control.wake()
                pool.batches.tell_aside()
            elif retry_due and queue.has_claimable(leave=control.left, tasks=pool.slots.free()):
                control.wake()
        except DatabaseError as error:
            control.set_problem(Cause.STORING, str(error), "the watcher")
            version = -1  # the next answer may be that of another connection
            beat_due = min(beat_due, time.monotonic() + _TRY_AGAIN)
        # Stopping ends the watch only when the workers have ended: until then they tick.
        time.sleep(WATCH_INTERVAL)
