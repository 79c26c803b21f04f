"""Whether the worker that a job in state ``processing`` belongs to still lives."""

from __future__ import annotations

from typing import Any

from reslib.clock import utc_text
from reslib.liveness import ProcessIdentity, is_alive

__all__ = ["owner_is_dead", "owner_lives_here", "process_lives"]

#: Another host's worker is given up after this many silent intervals.
_SILENT_INTERVALS = 6


def process_lives(row: Any) -> bool | None:
    """Tell whether the process of a worker's row lives; None when it is on another host."""
    return is_alive(ProcessIdentity(row["hostname"], row["pid"], row["process_started_at"]))


def owner_lives_here(row: Any) -> bool:
    """Tell whether the owner of a row of ``processing_jobs`` lives on this host."""
    return row["hostname"] is not None and process_lives(row) is True


def owner_is_dead(row: Any) -> bool:
    """Tell whether the owner of a row of ``processing_jobs`` has ended, or has long been silent."""
    if row["hostname"] is None:
        return False  # nobody knows who it was: cleanup_stale_jobs() decides by silence
    alive = process_lives(row)
    if alive is not None:
        return not alive
    interval = row["heartbeat_interval"] or 10.0
    return bool(row["last_heartbeat"] < utc_text(-_SILENT_INTERVALS * interval))
