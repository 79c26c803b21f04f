"""Whether the process behind a row of ``worker_heartbeat`` lives."""

from __future__ import annotations

from typing import Any

from reslib.clock import utc_text
from reslib.liveness import ProcessIdentity, is_alive

__all__ = ["identity_of", "is_dead", "lives", "lives_here"]

#: Another host's worker is given up after this many silent intervals.
_SILENT_INTERVALS = 6


def identity_of(row: Any) -> ProcessIdentity | None:
    """Return who a row speaks of; None when it does not say (the row of a job without a worker)."""
    if row["hostname"] is None:
        return None
    return ProcessIdentity(row["hostname"], row["pid"], row["process_started_at"])


def lives(row: Any) -> bool | None:
    """Whether the process lives; None when it is on another host, or not known."""
    identity = identity_of(row)
    return None if identity is None else is_alive(identity)


def lives_here(row: Any) -> bool:
    """Whether the process certainly lives, on this host."""
    return lives(row) is True


def is_dead(row: Any) -> bool:
    """Whether the process is dead, or on another host and silent for too long.

    Of one that is not known it cannot be told: :meth:`QueueManager.cleanup_stale_jobs` decides by
    silence.
    """
    identity = identity_of(row)
    if identity is None:
        return False
    alive = is_alive(identity)
    if alive is not None:
        return not alive
    interval = row["heartbeat_interval"] or 10.0
    return bool(row["last_heartbeat"] < utc_text(-_SILENT_INTERVALS * interval))
