"""A fork of a process that uses reslib: it ends at once, and its parent goes on unharmed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib import DatabaseError, ExtractionWorker, ResearchDatabase
from reslib.queue import QueueManager

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]
#: Seconds that a fork has for what takes it none; it used to take 10 and 30.
PATIENCE = 5.0


def in_fork(act: Callable[[], object]) -> str:
    """Return what *act* gives in a fork, or the error that it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = str(act())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    began = time.monotonic()
    with os.fdopen(reading) as said_by_child:
        said = said_by_child.read()
    os.waitpid(child, 0)
    assert time.monotonic() - began < PATIENCE
    return said


FORKS = """
import os, sys, time
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase

folder, how = Path(sys.argv[1]), sys.argv[2]
for name in "ab":
    (folder / f"{name}.txt").write_text(f"words of {name}")
db = ResearchDatabase(folder / "research.db")
pool = ExtractionWorker(db, num_workers=2)
pool.start()
pool.enqueue_batch(db.add_folder(folder))
pool.wait(timeout=60)
# Workers without work have no child.
children = {worker.runner.pid for worker in pool.members()} - {None}
began = time.monotonic()
fork = os.fork()
if fork == 0:
    if how == "block":
        with db, pool.db:
            sys.exit(7)
    exec(how)
    sys.exit(7)
code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
(folder / "c.txt").write_text("words of c")
pool.enqueue_batch(db.add_folder(folder))
pool.enqueue(1)
print(code, time.monotonic() - began < 5, pool.wait(timeout=60), len(db.search("words")),
      bool(children) and children <= {worker.runner.pid for worker in pool.members()},
      pool.stop(timeout=60))
db.close()
"""


@pytest.mark.parametrize("how", ["pass", "block", "pool.stop()", "pool.__exit__()", "db.close()"])
def test_a_fork_of_a_running_pool_leaves_at_once_and_the_pool_goes_on(
    tmp_path: Path, how: str
) -> None:
    how = how.replace("__exit__()", "__exit__(None, None, None)")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS, str(tmp_path), how],
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.stdout == "7 True True 3 True True\n", done.stderr


def test_a_fork_is_told_at_once_that_it_has_to_open_the_database_anew(tmp_path: Path) -> None:
    path = tmp_path / "research.db"
    paper = tmp_path / "paper.txt"
    paper.write_text("words")
    with ResearchDatabase(path) as db:
        attachment = db.add_attachment(paper.name, paper)
        queue, pool = QueueManager(db), ExtractionWorker(db)
        inside, leave = threading.Event(), threading.Event()

        def write() -> None:
            with db.store.write():
                inside.set()
                leave.wait(60)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert inside.wait(60)
            for act in (
                lambda: queue.enqueue(attachment),
                lambda: db.add_folder(tmp_path),
                lambda: db.search("words"),
                pool.start,
                pool.wait,
            ):
                said = in_fork(act)
                assert said.startswith(DatabaseError.__name__), said
                assert "open it again in the new process" in said
        finally:
            leave.set()
            writer.join()
        assert queue.enqueue(attachment) is not None
        assert in_fork(lambda: QueueManager(ResearchDatabase(path)).counts()).startswith("{")


def test_many_forks_beside_writing_threads_leave_the_database_sound(tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("words")
    with ResearchDatabase(tmp_path / "research.db") as db:
        attachment = db.add_attachment(paper.name, paper)
        queue = QueueManager(db)
        done = threading.Event()
        made: list[int] = []

        def write() -> None:
            while not done.is_set():
                made.extend(queue.enqueue_batch([attachment] * 50, deduplicate=False))

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        try:
            for _ in range(20):
                assert in_fork(db.close) == "None"
        finally:
            done.set()
            for writer in writers:
                writer.join()
        assert sum(queue.counts().values()) == len(made) > 0
    with sqlite3.connect(tmp_path / "research.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
