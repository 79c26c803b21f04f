"""The size of a cluster: as many workers as there is work for, and few when there is none.

Dask's own ``adapt`` sees the tasks that were sent. As only as many are sent as there are threads,
it sees no need for more.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from reslib.given import shown

__all__ = ["Scaling", "checked_scale"]

logger = logging.getLogger(__name__)

#: Seconds without work after which workers are given back.
_IDLE = 60.0


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
    """

    def __init__(self, cluster: Any, fewest: int, most: int, idle: float = _IDLE) -> None:
        self._cluster, self._fewest, self._most, self._idle = cluster, fewest, most, idle
        self._asked: int | None = None
        self._busy_at = time.monotonic()

    def follow(self, open_jobs: int, threads_each: int) -> None:
        """Ask for what is needed now.

        Parameters
        ----------
        open_jobs
            Documents that wait, or are being read.
        threads_each
            How many one worker reads at once.
        """
        now = time.monotonic()
        if open_jobs:
            self._busy_at = now
        wanted = min(self._most, max(self._fewest, -(-open_jobs // max(1, threads_each))))
        if self._asked is not None and wanted < self._asked:
            # In the middle of the work a worker that is given back may be at a document.
            if open_jobs or now - self._busy_at < self._idle:
                return
            wanted = self._fewest
        if wanted != self._asked:
            logger.info("asking the cluster for %d workers", wanted)
            self._cluster.scale(wanted)
            self._asked = wanted

    def forget(self) -> None:
        """Give everything back but the fewest: the pool has stopped."""
        if self._asked is not None and self._asked > self._fewest:
            self._cluster.scale(self._fewest)
        self._asked = None
