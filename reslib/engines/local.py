"""The engine of this machine: a sandbox for each worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reslib.sandbox import Sandbox

__all__ = ["LocalEngine"]


class LocalEngine:
    """Reads documents in child processes of this one.

    Parameters
    ----------
    memory_limit_mb
        Memory that one extraction may use, in MB.
    """

    def __init__(self, memory_limit_mb: int = 2048) -> None:
        self.memory_limit_mb = memory_limit_mb

    def __repr__(self) -> str:
        return f"LocalEngine(memory_limit_mb={self.memory_limit_mb})"

    def runner(self) -> Sandbox:
        """Return a sandbox, which has no child yet."""
        from reslib.sandbox import Sandbox  # here: who only enqueues and searches has none

        return Sandbox(memory_limit_mb=self.memory_limit_mb)
