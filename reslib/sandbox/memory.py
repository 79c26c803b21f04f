"""The memory that a process has used, as the kernel tells it."""

from __future__ import annotations

import os
import resource
import sys

__all__ = ["MB", "lifelong_peak_mb", "peak_mb", "read_proc", "resident_mb"]

#: Bytes.
MB = 1 << 20
#: A file of a process in /proc is shorter; that of one with thousands of groups may not be.
_MOST = 1 << 16
_PAGE_MB = resource.getpagesize() / MB


def read_proc(process: int | str, name: str) -> bytes | None:
    """Return a file of ``/proc/<process>``; None where there is none, and when that has ended.

    Parameters
    ----------
    process
        Its id, or ``"self"``.
    name
        Of the file.
    """
    try:
        # In three calls: a file object makes twice as many, and this is read for each document.
        descriptor = os.open(f"/proc/{process}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(descriptor, _MOST)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def resident_mb(process: int | str) -> float | None:
    """Return the resident memory of a process; None where ``/proc`` does not tell it."""
    told = read_proc(process, "statm")
    return int(told.split(None, 2)[1]) * _PAGE_MB if told else None


def peak_mb(status: bytes) -> float | None:
    """Return the largest resident memory since it was last reset, from ``/proc/<pid>/status``.

    None when that does not say it, as for a process that is ending.
    """
    position = status.find(b"VmHWM:")
    return None if position < 0 else int(status[position + 6 :].split(None, 1)[0]) / 1024


def lifelong_peak_mb(usage: resource.struct_rusage) -> float:
    """Return the largest resident memory of a process since it began, in MB."""
    return usage.ru_maxrss / (MB if sys.platform == "darwin" else 1024)
