"""A sandbox that runs a piece of Python, and what this system can refuse it."""

from __future__ import annotations

import ctypes
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest, Failure
from reslib.sandbox import Sandbox


def _landlock_abi() -> int:
    if sys.platform != "linux":
        return 0
    syscall = ctypes.CDLL(None).syscall
    syscall.restype = ctypes.c_long
    return int(syscall(444, None, ctypes.c_long(0), ctypes.c_long(1)))


LANDLOCK = _landlock_abi()
# Asked of the system, not of the code under test: that must not excuse itself.
needs_seccomp = pytest.mark.skipif(
    sys.platform != "linux"
    or platform.machine() not in ("x86_64", "aarch64")
    or "Seccomp:" not in Path("/proc/self/status").read_text(),
    reason="this system has no seccomp filters for x86-64 or 64-bit ARM",
)
needs_landlock = pytest.mark.skipif(LANDLOCK < 3, reason="this kernel has no Landlock (ABI 3)")
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="this system has no /proc")


class Asked:
    """A sandbox whose extractor runs a piece of Python, and gives what it leaves in ``answer``."""

    def __init__(self, folder: Path, code: str, **needs: Any) -> None:
        self.registry = Registry()
        self.add("own", code, **needs)
        self.path = folder / "paper.own"
        self.path.write_text("words")
        self.sandbox = Sandbox(registry=self.registry)

    def add(self, name: str, code: str, **needs: Any) -> None:
        def read(path: Path) -> str:
            scope: dict[str, Any] = {"path": path}
            exec(code, scope)
            return str(scope["answer"])

        self.registry.add(Extractor(name=name, function=read, suffixes=(f".{name}",), **needs))

    def answer(self) -> str:
        outcome = self.sandbox.run(ExtractionRequest(str(self.path), timeout=60))
        assert outcome.failure is None, outcome.failure
        assert outcome.result is not None
        return outcome.result.text

    def failure(self) -> Failure:
        outcome = self.sandbox.run(ExtractionRequest(str(self.path), timeout=60))
        assert outcome.failure is not None
        return outcome.failure
