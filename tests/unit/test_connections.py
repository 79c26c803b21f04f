"""A thread's connection is closed with its thread, and never used after that."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from pathlib import Path

import pytest

from reslib.errors import DatabaseError
from reslib.storage.connections import Held


def test_a_connection_that_another_thread_takes_while_it_is_closed_is_refused_in_words(
    tmp_path: Path,
) -> None:
    """Its thread has ended, but a weak reference still finds it."""
    closing, taken = threading.Event(), threading.Event()

    class Slow(sqlite3.Connection):
        def close(self) -> None:
            closing.set()
            assert taken.wait(30)
            super().close()

    every: weakref.WeakSet[Held] = weakref.WeakSet()

    def live_and_end() -> None:
        connection = sqlite3.connect(
            tmp_path / "research.db", factory=Slow, check_same_thread=False
        )
        every.add(Held(connection, tmp_path / "research.db"))  # nobody else has it: it ends here

    holder: list[Held] = []

    def look() -> None:
        assert closing.wait(30)
        holder.extend(every)
        taken.set()

    threads = [threading.Thread(target=look), threading.Thread(target=live_and_end)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(holder) == 1, "the moment that this test is about did not come"
    (held,) = holder
    with pytest.raises(DatabaseError, match="is closed; open it again"), held as connection:
        connection.execute("SELECT 1")
