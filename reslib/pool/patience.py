"""Patience with a database that cannot answer, such as on a full disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reslib.errors import DatabaseError
from reslib.pool.control import Cause, Control
from reslib.storage.store import Store

__all__ = ["Patience"]

T = TypeVar("T")


class Patience:
    """Asks a database again and again, and says that it does not answer.

    Parameters
    ----------
    control
        Of the pool; told of the problem.
    store
        The database.
    who
        The worker that asks.
    """

    def __init__(self, control: Control, store: Store, who: str) -> None:
        self._control, self._store, self._who = control, store, who
        self._cannot_store = False

    def note(self, error: DatabaseError | None) -> None:
        """Say that the database does not answer, or that it does again."""
        if error is None and not self._cannot_store:
            return
        self._cannot_store = error is not None
        gone = self._store.file_problem() if error is not None else None
        if gone is not None:
            self._control.set_problem(Cause.FILE, gone)  # the watcher will see it too, and ends it
        else:
            problem = str(error) if error is not None else None
            self._control.set_problem(Cause.STORING, problem, self._who)

    def ask(self, action: Callable[[], T]) -> T:
        """Ask the database until it answers.

        What is claimed or done must not be lost to that; the pool's stop ends the trying.

        Raises
        ------
        DatabaseError
            It did not answer before the pool was to stop.
        """
        pause = 0.1
        while True:
            try:
                done = action()
                self.note(None)
                return done
            except DatabaseError as error:
                self.note(error)
                if self._control.wait_for_stop(pause):
                    raise
                pause = min(pause * 2, 5.0)
