"""States in which something is stuck, and the way out that docs/recovery.md gives."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from slowpool import AddText, status

from reslib import (
    DatabaseBusy,
    DatabaseError,
    ErrorCode,
    ExtractionWorker,
    QueueManager,
    ResearchDatabase,
    UnsafeFilesystem,
)
from reslib.maintenance.doctor import Verdict, diagnose
from reslib.models import Job, WorkerStatus

ROOT = Path(__file__).parents[2]


# --- workers ----------------------------------------------------------------------------------


def test_a_worker_of_another_host_that_fell_silent_before_the_clock_was_set_back_is_cleaned_up(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    queue.beat("worker-1", WorkerStatus.BUSY, 10, job_id=job.id)
    sqlite.execute(
        "UPDATE worker_heartbeat SET hostname = 'elsewhere', "
        "last_heartbeat = datetime('now', '+3 days')"
    )
    assert queue.cleanup_stale_jobs() == 1
    assert status(queue, job.id) == "pending"


def test_a_living_worker_is_left_alone_when_the_clock_was_set_back(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    queue.beat("worker-1", WorkerStatus.BUSY, 10, job_id=job.id)
    sqlite.execute("UPDATE worker_heartbeat SET last_heartbeat = datetime('now', '+3 days')")
    assert queue.cleanup_stale_jobs() == 0
    assert status(queue, job.id) == "processing"


def test_a_process_without_open_files_takes_no_owner_for_dead(db: ResearchDatabase) -> None:
    code = """
import resource, sys
from reslib import QueueManager, ResearchDatabase

queue = QueueManager(ResearchDatabase(sys.argv[1]))
queue.has_claimable()
held = [open("/dev/null") for _ in range(3)]
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (held[0].fileno(), hard))
print(queue.rescue())
"""
    queue = QueueManager(db)
    path = db.path.parent / "a.txt"
    path.write_text("words")
    queue.enqueue(db.add_attachment("a.txt", path))
    job = queue.claim("worker-1")
    assert job is not None
    done = subprocess.run(
        [sys.executable, "-c", code, db.path], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "0\n", done.stderr
    assert status(queue, job.id) == "processing"


def test_a_worker_that_was_killed_while_it_had_nothing_to_do_is_stopped_by_the_next_rescue(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    code = """
import os, signal, sys
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import wait_until

worker = ExtractionWorker(ResearchDatabase(sys.argv[1]), num_workers=1)
worker.start()
wait_until(lambda: [row["status"] for row in worker.queue.get_workers()] == ["idle"])
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, db.path], timeout=60, check=False)
    assert [row["status"] for row in queue.get_workers()] == ["idle"]
    assert queue.rescue() == 0
    assert [row["status"] for row in queue.get_workers()] == ["stopped"]


def test_a_job_from_the_future_is_claimed_also_when_others_have_extractors_of_their_own(
    queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    job_id = queue.enqueue(add_text())
    sqlite.execute(
        "UPDATE extraction_queue SET status = 'retry_pending', next_retry_at = '2999-01-01'"
    )
    assert queue.has_claimable(leave=["theirs"])
    claimed = queue.claim("w", leave=["theirs"])
    assert claimed is not None
    assert claimed.id == job_id


def test_a_job_from_the_future_is_claimed_like_any_other(
    queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    job_id = queue.enqueue(add_text())
    sqlite.execute(
        "UPDATE extraction_queue SET created_at = '2999-01-01', available_at = '2999-01-01'"
    )
    claimed = queue.claim("w")
    assert claimed is not None
    assert claimed.id == job_id
    assert queue.complete(claimed.id)


def test_a_paused_pool_says_so_and_goes_on_when_it_is_told_to(
    db: ResearchDatabase, add_text: AddText
) -> None:
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.pause()
        worker.enqueue(add_text())
        assert worker.get_status()["paused"]
        assert not worker.wait(0.3)
        worker.resume()
        assert worker.wait(30)


def test_a_process_that_stands_still_with_the_lock_is_named_by_its_file_and_killing_it_helps(
    db: ResearchDatabase, folder: Path
) -> None:
    code = (
        "import sys\n"
        "from reslib.storage.store import Store\n"
        "store = Store(sys.argv[1])\n"
        "with store.write():\n"
        "    print('inside', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with (
        ResearchDatabase(db.path, timeout=0.3) as hasty,
        subprocess.Popen(
            [sys.executable, "-c", code, str(db.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == b"inside\n"
        other.send_signal(signal.SIGSTOP)
        with pytest.raises(DatabaseBusy, match=r"research\.db\.lock"):
            hasty.add_attachment("a.txt", folder / "a.txt")
        other.kill()
        other.wait()
        assert hasty.add_attachment("a.txt", folder / "a.txt") == 1


# --- documents --------------------------------------------------------------------------------


def test_an_encrypted_document_is_read_again_when_a_copy_without_password_takes_its_place(
    db: ResearchDatabase, queue: QueueManager, folder: Path
) -> None:
    path = folder / "thesis.txt"
    path.write_text("only with a password")
    attachment = db.add_attachment("thesis.txt", path)
    queue.enqueue(attachment)
    claimed = queue.claim("w")
    assert claimed is not None
    queue.failed(claimed.id, "needs a password", "unsupported", error_code=ErrorCode.ENCRYPTED)
    assert status(queue, claimed.id) == "failed"
    assert db.needs_extraction([attachment]) == [], "asking again does not help"
    path.write_text("the same words for everybody")
    assert db.needs_extraction(db.add_folder(folder)) == [attachment]


def test_a_missing_package_is_waited_for_and_tried_again_on_request(
    db: ResearchDatabase, queue: QueueManager, job: Job
) -> None:
    queue.failed(job.id, "needs a package", "extractor_missing", max_retries=1)
    assert status(queue, job.id) == "retry_pending"
    assert not queue.has_claimable(), "not within half a minute"
    with closing(sqlite3.connect(db.path)) as raw:
        raw.execute("UPDATE extraction_queue SET next_retry_at = datetime('now')")
        raw.commit()
    again = queue.claim("w")
    assert again is not None
    queue.failed(again.id, "needs a package", "extractor_missing", max_retries=1)
    assert status(queue, job.id) == "failed"
    assert db.needs_extraction() == [job.attachment_id], "`reslib extract` tries it again"
    assert queue.retry_failed() == 1, "and so does `reslib retry`"
    assert queue.claim("w") is not None


def test_a_cancelled_job_is_asked_for_again_by_extracting_again(
    db: ResearchDatabase, queue: QueueManager, job: Job
) -> None:
    queue.cancel(job.id)
    assert db.needs_extraction() == [job.attachment_id]
    assert queue.enqueue(job.attachment_id) is not None


# --- where the file is ------------------------------------------------------------------------


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the system says is on NFS, as far as this process can see."""
    place = tmp_path / "share"
    place.mkdir()
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    say_mounted(proc, place, "nfs4")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(proc))
    return place


def say_mounted(proc: Path, place: Path, kind: str) -> None:
    (proc / "filesystems").write_text(f"nodev\t{kind}\n\text4\n")
    (proc / "self" / "mounts").write_text(
        f"/dev/sda1 / ext4 rw 0 0\nserver:/home {place} {kind} rw 0 0\n"
    )


needs_mounts = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc/mounts")


@needs_mounts
def test_a_database_on_a_share_is_refused_with_the_remedy(share: Path) -> None:
    with pytest.raises(UnsafeFilesystem, match=r"nfs4.*Keep it on a local disk"):
        ResearchDatabase(share / "research.db")
    assert list(share.iterdir()) == []


@needs_mounts
def test_a_link_to_a_database_on_a_share_is_refused(share: Path, tmp_path: Path) -> None:
    (tmp_path / "research.db").symlink_to(share / "research.db")
    with pytest.raises(UnsafeFilesystem):
        ResearchDatabase(tmp_path / "research.db")


@needs_mounts
def test_a_folder_that_is_a_link_into_a_share_is_refused(share: Path, tmp_path: Path) -> None:
    (tmp_path / "papers").symlink_to(share, target_is_directory=True)
    with pytest.raises(UnsafeFilesystem):
        ResearchDatabase(tmp_path / "papers" / "research.db")


@needs_mounts
def test_a_single_file_that_is_mounted_from_a_share_is_refused(share: Path, tmp_path: Path) -> None:
    path = tmp_path / "research.db"
    ResearchDatabase(path).close()
    say_mounted(tmp_path / "proc", path, "cifs")
    with pytest.raises(UnsafeFilesystem, match="cifs"):
        ResearchDatabase(path)


@needs_mounts
def test_a_backup_may_go_to_a_share_and_come_back_from_it(share: Path, tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "research.db") as db:
        db.add_attachment("a.txt", tmp_path / "a.txt")
        copy = db.backup(share / "copy.db")
    assert [path.name for path in share.iterdir()] == ["copy.db"]
    with ResearchDatabase(copy.rename(tmp_path / "back.db")) as db:
        assert db.get_attachment(1).filename == "a.txt"


@pytest.fixture
def read_only_disk(mount_disk: Callable[[int], Path]) -> Path:
    """A file system of its own with a library in it, which cannot be written any more."""
    place = mount_disk(16 * 1024**2)
    code = "import sys; from reslib import ResearchDatabase as D; D(sys.argv[1]).close()"
    subprocess.run([sys.executable, "-c", code, str(place / "research.db")], check=True)
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    return place


def test_a_library_on_a_disk_that_is_read_only_is_refused_with_the_reason(
    read_only_disk: Path,
) -> None:
    for name in ("research.db", "new.db"):
        with pytest.raises(DatabaseError, match=r"cannot be.*Choose a folder"):
            ResearchDatabase(read_only_disk / name)
    found = [
        check for check in diagnose(read_only_disk / "research.db") if check.name == "Database"
    ]
    assert [check.verdict for check in found] == [Verdict.FAIL]


def test_the_doctor_says_when_the_log_is_there_and_the_database_is_gone(tmp_path: Path) -> None:
    Path(tmp_path / "research.db-wal").write_bytes(b"what was stored last")
    found = [check for check in diagnose(tmp_path / "research.db") if check.name == "Database"]
    assert found[0].verdict is Verdict.FAIL
    assert "Put it back" in found[0].remedy
    assert os.listdir(tmp_path) == ["research.db-wal"]  # noqa: PTH208 - nothing was made


def test_every_way_out_names_a_test_that_exists() -> None:
    table = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", table))
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in sources} == set()
