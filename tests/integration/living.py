"""Whether a process lives, asked of the system."""

from __future__ import annotations

import sys

import psutil
import pytest

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
