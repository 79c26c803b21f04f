"""Jobs whose extractor another process has are left to it, and who waits is told so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reslib import (
    ExtractionWorker,
    JobStatus,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.testing import wait_until

WAIT = """
import logging, sys
from reslib import ExtractionWorker, ResearchDatabase
logging.basicConfig()
with ResearchDatabase(sys.argv[1]) as db, ExtractionWorker(db) as worker:
    print(worker.wait(3))
"""


def python(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def paused(db: ResearchDatabase, tmp_path: Path) -> Iterator[ExtractionWorker]:
    """A paused pool that alone has the extractor `dive`, with three documents for it."""
    register_extractor("dive", lambda path: "read by dive", suffixes=[".dive"])
    try:
        with ExtractionWorker(db, heartbeat_interval=0.1) as worker:
            worker.pause()
            (tmp_path / "logs").mkdir()
            for number in range(3):
                (tmp_path / "logs" / f"{number}.dive").write_text(f"{number} m")
            worker.enqueue_batch(db.add_folder(tmp_path / "logs"))
            wait_until(lambda: {w["status"] for w in worker.queue.get_workers()} == {"paused"}, 30)
            yield worker
    finally:
        unregister_extractor("dive")


def check_that_none_was_touched(worker: ExtractionWorker) -> None:
    jobs = worker.queue.get_recent_jobs()
    assert [(job["status"], job["attempts"]) for job in jobs] == [("pending", 0)] * 3
    worker.resume()
    assert worker.wait(60)
    assert worker.queue.counts()[JobStatus.COMPLETE] == 3


def test_extract_ends_with_a_word_about_what_a_paused_pool_of_another_process_will_do(
    db: ResearchDatabase, paused: ExtractionWorker, tmp_path: Path
) -> None:
    done = python("-m", "reslib", "extract", tmp_path / "logs", "--db", db.path)
    assert done.returncode == 0, done.stderr
    assert "3 documents are left to another process that has the extractor 'dive'" in done.stderr
    assert "not done yet" in done.stdout
    check_that_none_was_touched(paused)


def test_wait_says_that_what_is_left_is_for_another_process(
    db: ResearchDatabase, paused: ExtractionWorker
) -> None:
    done = python("-c", WAIT, db.path)
    assert done.stdout == "False\n", done.stderr
    assert done.stderr.count("are left to another process that has the extractor 'dive'") == 1
    check_that_none_was_touched(paused)


def test_extract_does_its_own_documents_before_it_ends(
    db: ResearchDatabase, paused: ExtractionWorker, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("a note")
    done = python("-m", "reslib", "extract", tmp_path / "note.txt", "--db", db.path)
    assert done.returncode == 0, done.stderr
    assert "3 documents are left to another process" in done.stderr
    assert len(db.search("note")) == 1
