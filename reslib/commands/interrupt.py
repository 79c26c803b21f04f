"""A pool that works for a command: until nothing is open, or until a signal stops it."""

from __future__ import annotations

import contextlib
import signal
import sys
import time

import click

from reslib.commands.terminal import plural
from reslib.models import JobStatus
from reslib.pool.others import LeftToOthers
from reslib.pool.pool import ExtractionWorker
from reslib.pool.progress import ProgressBar
from reslib.pool.signals import StopSignals

__all__ = ["run_until_done"]

#: How often it is looked whether anything is open, in seconds.
_INTERVAL = 0.05


def run_until_done(pool: ExtractionWorker, progress: bool | None) -> int:
    """Work until nothing is open but what is left to another process, which is said; returns 0, or
    the exit code of the signal that ended it.

    Parameters
    ----------
    pool
        Not started yet.
    progress
        Whether a bar is shown; when None, where there is a terminal.
    """
    if not JobStatus.count_open(pool.queue.counts()):
        return 0
    show = sys.stderr.isatty() if progress is None else progress
    with _Stopper(pool) as stopper:
        try:
            pool.start()
            _wait(pool, show)
        except RuntimeError:
            if not stopper.exit_code:  # else it was stopped before it could begin to wait
                raise
        finally:
            stopper.finish()
    return stopper.exit_code


def _wait(pool: ExtractionWorker, show: bool) -> None:
    bar = ProgressBar(pool.queue) if show else None
    others, left = LeftToOthers(pool), None
    try:
        while not pool.wait(timeout=0) and pool.is_running() and left is None:
            if bar is not None:
                bar.update()
            time.sleep(_INTERVAL)
            left = others.words()
    finally:
        if bar is not None:
            bar.close()
    if left is not None:
        click.echo(f"{left}.", err=True)


class _Stopper:
    """A pool that SIGINT and SIGTERM stop, and what is said of it."""

    def __init__(self, pool: ExtractionWorker) -> None:
        self.exit_code = 0
        self._pool = pool
        self._signals = StopSignals((signal.SIGINT, signal.SIGTERM), self._stop)

    def __enter__(self) -> _Stopper:
        self._signals.install()
        return self

    def __exit__(self, *_error: object) -> None:
        self._signals.restore()

    def finish(self) -> None:
        """Stop the pool, or wait until a signal has stopped it."""
        if not self._signals.threads:
            # Nothing is left to do, or an error is on its way out: then nobody waits.
            self._pool.stop(timeout=0)
        for thread in self._signals.threads:  # a second signal may add one meanwhile
            thread.join()

    def _stop(self, number: int, is_first: bool) -> None:
        if is_first:
            self.exit_code = 128 + number
            running = sum(worker.busy for worker in self._pool.members())
            _say(
                f"\nStopping: {plural(running, 'running document')} may finish, what waits "
                "stays in the queue. Ctrl-C again stops at once."
            )
            self._pool.stop(timeout=self._pool.extraction_timeout + 5)
        else:
            _say("Stopping at once; what was running goes back into the queue.")
            self._pool.stop(timeout=0)


def _say(words: str) -> None:
    with contextlib.suppress(OSError):  # nobody is there to read it (a closed pipe)
        click.echo(words, err=True)
