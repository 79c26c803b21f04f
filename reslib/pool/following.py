"""The following of an engine on other machines: its life, and as many workers as it has room."""

from __future__ import annotations

import logging
import time
from typing import Any, Protocol

from reslib.engines import ClusterEngine, Engine
from reslib.errors import ReslibError
from reslib.jobs.manager import QueueManager
from reslib.models import JobStatus
from reslib.pool.control import Control

__all__ = ["Following"]

logger = logging.getLogger(__name__)

#: How often the queue is counted for the engine, in seconds.
_COUNT = 1.0
#: Seconds after which the pool gets smaller: workers of a cluster come and go.
_SHRINK = 2.0


class _Pool(Protocol):
    engine: Engine
    queue: QueueManager
    control: Control
    num_workers: int

    def set_size(self, num_workers: int) -> None: ...


class Following:
    """The part of a pool that looks after an engine on other machines; of others it does nothing.

    Parameters
    ----------
    pool
        The pool.
    is_size
        Whether it is to have as many workers as the engine takes documents.
    """

    def __init__(self, pool: _Pool, *, is_size: bool) -> None:
        self._pool = pool
        self.is_size = is_size
        self._count_due = self._larger_at = 0.0
        self._runs = self._has_said = False

    @property
    def _engine(self) -> ClusterEngine | None:
        engine = self._pool.engine
        return engine if isinstance(engine, ClusterEngine) else None

    @property
    def is_remote(self) -> bool:
        """True when documents are read on other machines."""
        return self._engine is not None

    def start(self) -> None:
        """Have the engine connect."""
        if (engine := self._engine) is not None and not self._runs:
            self._runs = True
            engine.start()

    def stop(self) -> None:
        """Have the engine let go."""
        if (engine := self._engine) is not None and self._runs:
            self._runs = False
            engine.stop()

    def look(self) -> None:
        """Tell the engine what there is to do, and have as many workers as it takes documents."""
        engine = self._engine
        if engine is None or not self._runs:
            return
        pool, now = self._pool, time.monotonic()
        if now >= self._count_due:
            self._count_due = now + _COUNT
            counts = pool.queue.counts()
            engine.follow(0 if pool.control.paused else JobStatus.count_open(counts))
        slots = engine.slots
        if self.is_size:
            self._follow(max(1, slots), now)
        elif slots > pool.num_workers and not self._has_said:
            self._has_said = True
            logger.warning(
                "the cluster reads %d documents at a time, and num_workers=%d asks it for fewer; "
                "num_workers=None asks for as many as it can",
                slots,
                pool.num_workers,
            )

    def _follow(self, wanted: int, now: float) -> None:
        pool = self._pool
        if wanted >= pool.num_workers:
            self._larger_at = now
        if wanted == pool.num_workers or (
            wanted < pool.num_workers and now - self._larger_at < _SHRINK
        ):
            return
        try:
            pool.set_size(wanted)
        except ReslibError as error:
            self.is_size = False
            logger.warning("%s. The pool stays at %d workers", error, pool.num_workers)

    def describe(self) -> dict[str, Any] | None:
        """Return what is known of the other machines; None when there are none."""
        engine = self._engine
        return None if engine is None or not self._runs else engine.describe()
