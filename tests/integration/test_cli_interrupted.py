"""The command `reslib` when it is interrupted: by Ctrl-C, by a signal, by a lost library."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commandline import Run, command_in, environment, rows

#: The command with an extractor that waits, and says that it does, beside its document.
SLOW = """
import sys, time
from pathlib import Path
from reslib import register_extractor
from reslib.commands.cli import main

@register_extractor("slow", suffixes=[".slow"])
def read(path):
    path.with_suffix(".started").touch()
    while not path.with_suffix(".go").exists():
        time.sleep(0.02)
    return "slowly read"

main(sys.argv[1:])
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in an empty folder."""
    return command_in(tmp_path)


@pytest.fixture
def start_slow(tmp_path: Path, folder: Path):
    """Start the command on two slow documents, with one worker at the first of them."""
    processes = []

    def start() -> subprocess.Popen[str]:
        for name in ("a.slow", "b.slow"):
            (folder / name).write_text(f"content of {name}")
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, "extract", "--workers", "1", str(folder)],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        deadline = time.monotonic() + 60
        while not (folder / "a.started").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def read_until_it_says(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"it ended without saying {word!r}")


def jobs(tmp_path: Path) -> list[tuple[object, ...]]:
    return rows(
        tmp_path / "research.db", "SELECT status, attempts FROM extraction_queue ORDER BY id"
    )


def test_ctrl_c_once_lets_the_running_document_finish(start_slow, tmp_path: Path, folder: Path):
    process = start_slow()
    process.send_signal(signal.SIGINT)
    read_until_it_says(process, "Stopping")
    (folder / "a.go").touch()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "every job is kept" in out
    assert jobs(tmp_path) == [("complete", 0), ("pending", 0)]
    assert not (folder / "b.started").exists()


def test_ctrl_c_ends_it_also_when_nobody_reads_what_it_says(
    start_slow, tmp_path: Path, folder: Path
):
    process = start_slow()
    process.stderr.close()
    process.stderr = None
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)  # the second of two signals at once would be the first for the program
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    assert jobs(tmp_path) == [("pending", 0), ("pending", 0)]


def test_ctrl_c_after_the_library_was_deleted_ends_it_and_says_that_it_is_gone(
    start_slow, tmp_path: Path, folder: Path
):
    process = start_slow()
    for each in tmp_path.glob("research.db*"):
        each.unlink()
    process.send_signal(signal.SIGINT)
    read_until_it_says(process, "Stopping: 1 running document")
    (folder / "a.go").touch()
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 2, errors
    assert "research.db was deleted or moved while it was open" in errors
    assert "every job is kept" not in out
    assert "Traceback" not in errors


def test_ctrl_c_twice_gives_the_running_document_back(start_slow, tmp_path: Path):
    process = start_slow()
    process.send_signal(signal.SIGINT)
    read_until_it_says(process, "Stopping")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert jobs(tmp_path) == [("pending", 0), ("pending", 0)], errors


def test_sigterm_stops_like_ctrl_c_and_a_run_without_path_carries_on(
    start_slow, run: Run, tmp_path: Path, folder: Path
):
    process = start_slow()
    process.send_signal(signal.SIGTERM)
    read_until_it_says(process, "Stopping")
    (folder / "a.go").touch()
    process.communicate(timeout=60)
    assert process.returncode == 143
    (folder / "b.slow").rename(folder / "b.txt")
    db = sqlite3.connect(tmp_path / "research.db", isolation_level=None)
    db.execute("UPDATE attachments SET path = replace(path, 'b.slow', 'b.txt')")
    db.close()
    assert run("extract").returncode == 0
    assert [status for status, _ in jobs(tmp_path)] == ["complete", "complete"]
