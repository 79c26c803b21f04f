"""The calls of a runner, guarded: what an engine raises is no document's fault."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from reslib.engines.base import KeepingRunner, Runner
from reslib.errors import printable
from reslib.items import Page
from reslib.models import ExtractionRequest, Outcome

__all__ = ["run", "warm_up"]

logger = logging.getLogger(__name__)


def warm_up(runner: Runner, give_up: Callable[[], bool]) -> str | None:
    """Warm a runner up; return why that failed, for people."""
    try:
        return runner.warm_up(give_up)
    except Exception as error:
        return _failed(error)


def run(
    runner: Runner,
    request: ExtractionRequest,
    on_progress: Callable[[int, int | None], None],
    on_pages: Callable[[Sequence[Page]], None] | None = None,
) -> Outcome:
    """Read one document; ``unavailable`` says what the engine raised."""
    try:
        if on_pages is not None and isinstance(runner, KeepingRunner):
            outcome = runner.run_keeping(request, on_progress, on_pages)
        else:
            outcome = runner.run(request, on_progress)
        if not isinstance(outcome, Outcome):
            raise TypeError(f"it gave {type(outcome).__name__} instead of an Outcome")
    except Exception as error:
        return Outcome(unavailable=_failed(error))
    return outcome


def _failed(error: Exception) -> str:
    logger.error("what reads the documents failed", exc_info=error)
    return (
        f"what reads the documents failed ({type(error).__name__}: {printable(str(error))}). No "
        "document lost an attempt; work goes on by itself when the cause is gone"
    )
