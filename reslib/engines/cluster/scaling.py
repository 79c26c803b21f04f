"""The size of a cluster: as many workers as there is work for, and few when there is none.

Dask's own ``adapt`` sees the tasks that were sent. As only as many are sent as there are threads,
it sees no need for more.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from reslib.errors import printable
from reslib.given import shown

__all__ = ["Scaling", "checked_scale"]

logger = logging.getLogger(__name__)

#: Seconds without work after which workers are given back.
_IDLE = 60.0
#: Seconds after which a cluster with fewer workers than it was asked for is asked again.
_AGAIN = 20.0


def checked_scale(scale: object) -> tuple[int, int] | None:
    """Return the fewest and the most workers.

    Raises
    ------
    ValueError
        It is no pair of whole numbers, the smaller one first.
    """
    if scale is None:
        return None
    if (
        not isinstance(scale, tuple | list)
        or len(scale) != 2
        or not all(isinstance(n, int) and not isinstance(n, bool) for n in scale)
        or not 0 <= scale[0] <= scale[1]
        or scale[1] < 1
    ):
        raise ValueError(
            f"scale is the fewest and the most workers, such as (0, 40), not {shown(scale)}"
        )
    return scale[0], scale[1]


class Scaling:
    """Asks a cluster for workers.

    Parameters
    ----------
    cluster
        It has ``scale(n)``.
    fewest, most
        Workers.
    idle
        Seconds without work after which workers are given back.
    again
        Seconds after which workers that are missing are asked for again.
    """

    def __init__(
        self, cluster: Any, fewest: int, most: int, idle: float = _IDLE, again: float = _AGAIN
    ) -> None:
        self._cluster, self._fewest, self._most = cluster, fewest, most
        self._idle, self._again = idle, again
        self._asked: int | None = None
        self._asked_at = self._busy_at = time.monotonic()
        #: Why the cluster could not be asked, for people; None when it could.
        self.problem: str | None = None

    def follow(self, open_jobs: int, threads_each: int, present: int) -> None:
        """Ask for what is needed now.

        Parameters
        ----------
        open_jobs
            Documents that wait, or are being read.
        threads_each
            How many one worker reads at once.
        present
            Workers that are there.
        """
        now = time.monotonic()
        if open_jobs:
            self._busy_at = now
        needed = min(self._most, max(self._fewest, -(-open_jobs // max(1, threads_each))))
        if self._asked is None or needed > self._asked:
            self._ask(needed, now)
        elif open_jobs:
            # No fewer: in the middle of the work a worker that is given back may be at a document.
            # But Dask replaces a worker whose time is up, or whose host died, only when asked anew.
            if present < needed and now - self._asked_at >= self._again:
                self._ask(needed, now)
        elif self._asked > self._fewest and now - self._busy_at >= self._idle:
            self._ask(self._fewest, now)

    def forget(self) -> None:
        """Give everything back but the fewest: the pool has stopped."""
        if self._asked is not None and self._asked > self._fewest:
            self._ask(self._fewest, time.monotonic())
        self._asked = None

    def _ask(self, wanted: int, now: float) -> None:
        logger.info("asking the cluster for %d workers", wanted)
        self._asked, self._asked_at = wanted, now
        try:
            self._cluster.scale(wanted)
        except Exception as error:  # of whoever made the cluster; those it has go on reading
            self.problem = (
                f"the cluster could not be asked for {wanted} workers "
                f"({type(error).__name__}: {printable(str(error))}). It is asked again"
            )
            logger.warning("%s", self.problem)
        else:
            self.problem = None
