"""The memory that a process has used, as the kernel tells it."""

from __future__ import annotations

import resource
import sys

__all__ = ["MB", "lifelong_peak_mb", "peak_mb"]

#: Bytes.
MB = 1 << 20


def peak_mb(status: bytes) -> float | None:
    """Return the largest resident memory since it was last reset, from ``/proc/<pid>/status``.

    None when that does not say it, as for a process that is ending.
    """
    position = status.find(b"VmHWM:")
    return None if position < 0 else int(status[position + 6 :].split(None, 1)[0]) / 1024


def lifelong_peak_mb(usage: resource.struct_rusage) -> float:
    """Return the largest resident memory of a process since it began, in MB."""
    return usage.ru_maxrss / (MB if sys.platform == "darwin" else 1024)
