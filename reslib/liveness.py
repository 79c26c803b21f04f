"""The liveness of processes and workers: whether the owner of a job still lives.

A pid alone is not enough: numbers are used again, and after a restart the same host name and pid
can belong to somebody else (oban#862). The start of the process is compared too, in clock ticks
since boot where the system has them, because those do not move when the clock is set.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from reslib.clock import utc_text

__all__ = [
    "ProcessIdentity",
    "is_alive",
    "is_silent",
    "owner_is_dead",
    "owner_lives_here",
    "process_lives",
]

#: A worker is silent when so many of its heartbeats are missing.
_SILENT_INTERVALS = 6


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process, so that it is not taken for another one later."""

    hostname: str
    pid: int
    process_started_at: int

    @classmethod
    def from_row(cls, row: Any) -> ProcessIdentity:
        """Return the process that a row of ``worker_heartbeat`` names."""
        return cls(row["hostname"], row["pid"], row["process_started_at"])

    @classmethod
    def current(cls) -> ProcessIdentity:
        """Return the identity of this process."""
        return _identity_of(os.getpid())


@lru_cache(maxsize=1)  # a forked copy has another pid, and so asks again
def _identity_of(pid: int) -> ProcessIdentity:
    return ProcessIdentity(os.uname().nodename, pid, _started_at(pid) or 0)


def is_alive(identity: ProcessIdentity) -> bool | None:
    """Tell whether a process lives; None when it is on another host, or cannot be asked."""
    if identity.hostname != os.uname().nodename:
        return None
    try:
        return _started_at(identity.pid) == identity.process_started_at
    except OSError:  # such as no more open files: that says nothing of the other
        return None


def process_lives(row: Any) -> bool | None:
    """Tell whether the process of a worker's row lives; None when it is on another host."""
    return is_alive(ProcessIdentity.from_row(row))


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
    return is_silent(row)


def is_silent(row: Any, at_least: float = 0.0) -> bool:
    """Tell whether nothing has been heard of a worker for six of its heartbeats.

    Parameters
    ----------
    row
        Of ``worker_heartbeat``.
    at_least
        Seconds of silence, where the heart beats faster than a busy machine writes.
    """
    silence = max(_SILENT_INTERVALS * (row["heartbeat_interval"] or 10.0), at_least)
    return bool(row["last_heartbeat"] < utc_text(-silence))


def _started_at(pid: int) -> int | None:
    """Return when a living process started, in a unit of the system; None when it is dead.

    Raises
    ------
    OSError
        The system does not tell.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
        return _started_at_without_proc(pid)
    # The name in parentheses may hold anything, so fields are counted from its end.
    fields = stat[stat.rindex(b")") + 2 :].split()
    state, start_ticks = fields[0], fields[19]
    return None if state in (b"Z", b"X") else int(start_ticks)


def _started_at_without_proc(pid: int) -> int | None:
    import psutil  # here: it takes longer to import than most of reslib

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return round(process.create_time())
    except psutil.NoSuchProcess:
        return None
    except psutil.Error as error:
        raise OSError(str(error)) from error
