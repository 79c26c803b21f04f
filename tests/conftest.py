"""Fixtures that several folders of tests share."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from reslib import QueueManager, ResearchDatabase

# A failing example prints the seed that brings it back; slow machines are no failure.
settings.register_profile("reslib", deadline=None, print_blob=True)
settings.load_profile("reslib")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Of several processes that run tests, let only one do so while a test marked ``alone`` runs.

    Such a test holds a lock for itself that all others share. Whoever waits for it holds the door
    as well, so that those who come later cannot keep it waiting. Of the two files nothing else is
    used. No time limit of a test has begun to run by then: this is the outermost of the hooks.
    """
    if not hasattr(item.config, "workerinput"):
        return (yield)  # the only process
    here, alone = Path(__file__), item.get_closest_marker("alone")
    with here.open("rb") as room, here.with_name("mypy.ini").open("rb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            return (yield)
        finally:
            # By name: a process that the test has forked may have the files open still.
            fcntl.flock(room, fcntl.LOCK_UN)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ResearchDatabase]:
    with ResearchDatabase(tmp_path / "research.db") as database:
        yield database


@pytest.fixture
def queue(db: ResearchDatabase) -> QueueManager:
    return QueueManager(db)


@pytest.fixture
def sqlite(db: ResearchDatabase) -> Iterator[sqlite3.Connection]:
    """The same file as anybody else opens it."""
    connection = sqlite3.connect(db.path, isolation_level=None, timeout=30)
    yield connection
    connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "papers"
    path.mkdir()
    return path


@pytest.fixture
def add_text(db: ResearchDatabase, folder: Path) -> Callable[..., int]:
    """Write a text file and add it as an attachment."""

    def add(text: str = "Some words of a paper.", name: str | None = None) -> int:
        path = folder / (name or f"note-{len(list(folder.iterdir()))}.txt")
        path.write_text(text, encoding="utf-8")
        return db.add_attachment(filename=path.name, path=path)

    return add


@pytest.fixture
def mount_disk() -> Iterator[Callable[[int], Path]]:
    """Mount an empty file system of so many bytes.

    Not below ``tmp_path``: what a killed run leaves mounted there, pytest cannot clear away, and
    every later run on that machine would end with an error.
    """
    place = Path(tempfile.mkdtemp(prefix="reslib-disk-"))
    mounted = False

    def mount(size: int) -> Path:
        nonlocal mounted
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
        mounted = subprocess.run(command, capture_output=True).returncode == 0
        if not mounted:
            pytest.skip("a small file system cannot be mounted here")
        return place

    yield mount
    if mounted:
        # Lazily: the lock file stays open as long as the database object lives.
        subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of documents that nobody here wrote; it is not part of the project."""
    beside = Path(__file__).parents[2] / "shared"
    path = Path(os.environ.get("RESLIB_SHARED", beside))
    if not (path / "corpus" / "manifest.csv").exists():
        pytest.skip("needs ../shared (or RESLIB_SHARED), which is not on this machine")
    return path
