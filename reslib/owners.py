"""Whether the worker that a job in state ``processing`` belongs to still lives."""

from __future__ import annotations

from typing import Any

from reslib.clock import utc_text
from reslib.liveness import ProcessIdentity, is_alive

__all__ = ["owner_is_dead", "owner_lives_here"]

#: Another host's worker is given up after this many silent intervals.
_SILENT_INTERVALS = 6


def owner_lives_here(row: Any) -> bool:
    """Tell whether the owner of a row of ``processing_jobs`` lives on this host."""
    return row["hostname"] is not None and is_alive(_identity(row)) is True


def owner_is_dead(row: Any) -> bool:
    """Tell whether the owner of a row of ``processing_jobs`` has ended, or has long been silent."""
    if row["hostname"] is None:
        return False  # nobody knows who it was: cleanup_stale_jobs() decides by silence
    alive = is_alive(_identity(row))
    if alive is not None:
        return not alive
    interval = row["heartbeat_interval"] or 10.0
    return bool(row["last_heartbeat"] < utc_text(-_SILENT_INTERVALS * interval))


def _identity(row: Any) -> ProcessIdentity:
    return ProcessIdentity(row["hostname"], row["pid"], row["process_started_at"])
