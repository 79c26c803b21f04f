"""The interface between a pool and what reads its documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from reslib.items import Page
from reslib.models import ExtractionRequest, Outcome

__all__ = ["ClusterEngine", "Engine", "KeepingRunner", "Runner"]


class Runner(Protocol):
    """The reader of the documents of one worker, one at a time.

    :meth:`kill` and :meth:`close` are called from any thread, the others from that of the worker.
    """

    @property
    def is_up(self) -> bool:
        """True when it can begin with a document at once."""

    @property
    def pid(self) -> int | None:
        """Process id of what reads, when that is on this machine; None when there is none."""

    @property
    def lacking(self) -> str:
        """The things that extractions may do although they should not, for people; or empty."""

    def tend(self) -> None:
        """Look after itself while it has no document; does not wait."""

    def warm_up(self, give_up: Callable[[], bool]) -> str | None:
        """Make itself ready; return why that failed, for people, and None when it is up.

        Parameters
        ----------
        give_up
            Asked a few times a second; True ends the waiting.
        """

    def run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        """Read one document; see :meth:`Sandbox.run <reslib.sandbox.sandbox.Sandbox.run>`."""

    def kill(self) -> None:
        """End what runs at once: :meth:`run` returns an interrupted outcome."""

    def close(self) -> None:
        """End it, with what runs. May be called more than once."""


@runtime_checkable
class KeepingRunner(Runner, Protocol):
    """A runner that gives pages as they come. Without that, those of an attempt are lost when the
    process of the pool dies.
    """

    def run_keeping(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
    ) -> Outcome:
        """Read one document, and call *on_pages* with the pages that have come since."""


class Engine(Protocol):
    """A place where documents are read, for all workers of a pool."""

    def runner(self) -> Runner:
        """Return what reads for one more worker; nothing is started before it is warmed up."""


@runtime_checkable
class ClusterEngine(Engine, Protocol):
    """An engine on other machines: its pool starts it, follows its size, and stops it."""

    @property
    def slots(self) -> int:
        """The documents that it takes at a time, at this moment; 0 while it takes none."""

    def start(self) -> None:
        """Begin to connect; does not wait. As often as it is called, :meth:`stop` is."""

    def follow(self, open_jobs: int) -> None:
        """Note how many documents wait or are being read."""

    def describe(self) -> dict[str, Any]:
        """Return what is known of the other machines: plain values, for people and programs."""

    def stop(self) -> None:
        """Let go of it; what is still being read there is given up."""
