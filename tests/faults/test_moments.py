"""Faults at one moment each, where a random schedule would need luck to hit it."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import disk
import psutil
import pytest

from reslib import ExtractionWorker, QueueManager, ResearchDatabase, register_extractor
from reslib.errors import DatabaseBusy
from reslib.extractors.registry import unregister_extractor
from reslib.models import ExtractionResult, JobStatus, Outcome
from reslib.storage.lock import write_lock
from reslib.testing import wait_until, write_fault

AddText = Callable[..., int]
RESULT = Outcome(result=ExtractionResult("some words", extractor="test"))
OWNER_DIES = "UPDATE worker_heartbeat SET process_started_at = process_started_at + 1"


def test_when_the_text_cannot_be_stored_the_job_is_not_complete(
    queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    job_id = queue.enqueue(add_text())
    assert job_id is not None
    job = queue.claim("w")
    assert job is not None
    sqlite.execute(
        "CREATE TRIGGER no_text BEFORE UPDATE OF extracted_text ON attachments "
        "BEGIN SELECT raise(ABORT, 'not today'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        queue.complete(job.id, attempt=job.attempt, outcome=RESULT)
    after = queue.get_job(job.id)
    assert after is not None
    assert after.status is JobStatus.PROCESSING
    assert sqlite.execute("SELECT count(*) FROM extraction_metrics").fetchone() == (0,)
    sqlite.execute("DROP TRIGGER no_text")
    assert queue.complete(job.id, attempt=job.attempt, outcome=RESULT)


def test_starting_a_pool_gives_back_what_a_dead_process_had(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    job_id = queue.enqueue(add_text())
    assert job_id is not None
    queue.claim("dead")
    sqlite.execute(OWNER_DIES)
    worker = ExtractionWorker(db, num_workers=1)
    worker.start()
    try:
        job = queue.get_job(job_id)
        assert job is not None
        assert job.worker_id != "dead" or job.status is not JobStatus.PROCESSING
        assert worker.wait(30)
    finally:
        worker.stop(timeout=5)


def test_a_running_pool_gives_back_what_a_dead_process_had(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.pause()
        job_id = queue.enqueue(add_text())
        assert job_id is not None
        assert queue.claim("dead") is not None
        sqlite.execute(OWNER_DIES + " WHERE worker_id = 'dead'")
        worker.resume()
        assert worker.wait(30)


@pytest.mark.parametrize("heard", [False, True])
def test_a_result_that_comes_after_the_job_was_given_to_another_is_dropped(
    db: ResearchDatabase, folder: Path, heard: bool
) -> None:
    """Also when the next job would be claimed with it, which is when nobody hears of this one."""
    path = str(db.path)
    completed: list[int] = []

    # The extractor itself sees to it that the job has another owner when it returns.
    @register_extractor("late", suffixes=[".late"])
    def late(document: Path) -> str:
        import sqlite3

        other = sqlite3.connect(path, isolation_level=None, timeout=10)
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute(
            "UPDATE extraction_queue SET claims = claims + 1, worker_id = 'other' "
            "WHERE status = 'processing'"
        )
        other.close()
        return "words of the late one"

    # The pool looks now and then whether a job is still its own, and may be faster than the result
    # of one of them; not of all.
    documents = [folder / f"{n}.late" for n in range(5)]
    try:
        with ExtractionWorker(db, num_workers=1) as worker:
            if heard:
                worker.on("job_completed", lambda job, result: completed.append(job.id))
            for document in documents:
                document.write_text(document.name)
                worker.enqueue(db.add_attachment(document.name, document))
                wait_until(lambda: worker.queue.get_recent_jobs(1)[0]["worker_id"] == "other")
                wait_until(lambda: worker.get_status()["active_workers"] == 0)
            jobs = [worker.queue.get_job(job_id) for job_id in range(1, 6)]
            for job in jobs:
                assert job is not None
                assert (job.status, job.worker_id) == (JobStatus.PROCESSING, "other")
                assert db.get_attachment(job.attachment_id).extracted_text is None
            assert completed == []
    finally:
        unregister_extractor("late")


def test_a_pool_stops_while_a_child_does_not_begin(db: ResearchDatabase) -> None:
    worker = ExtractionWorker(db, num_workers=1)
    before = {child.pid for child in psutil.Process().children()}
    worker.start()
    children: list[psutil.Process] = []

    def child_is_there() -> bool:
        # Not one that is only a fork so far: who makes it waits until it runs its program.
        me = psutil.Process()
        new = [child for child in me.children() if child.pid not in before]
        children[:] = [child for child in new if child.cmdline() != me.cmdline()]
        return bool(children)

    wait_until(child_is_there)
    children[0].send_signal(signal.SIGSTOP)
    stopper = threading.Thread(target=worker.stop, kwargs={"timeout": 0})
    stopper.start()
    stopper.join(20)
    stuck = stopper.is_alive()
    with contextlib.suppress(psutil.NoSuchProcess):
        children[0].kill()
    stopper.join()
    assert not stuck
    assert [t.name for t in threading.enumerate() if t.name.startswith("reslib")] == []


def test_two_processes_are_never_both_in_the_write_gate(db: ResearchDatabase) -> None:
    program = (
        "import sys; from pathlib import Path; from reslib.storage.lock import write_lock\n"
        "lock = write_lock(Path(sys.argv[1])); lock.acquire(5)\n"
        "print('inside', flush=True); sys.stdin.read(); lock.release()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(db.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdin is not None
    try:
        assert other.stdout.readline() == "inside\n"
        with pytest.raises(DatabaseBusy, match="another process"):
            write_lock(db.path).acquire(0.2)
    finally:
        other.stdin.close()
        other.stdout.close()
        other.wait(timeout=10)
    lock = write_lock(db.path)
    lock.acquire(5)
    lock.release()


# --- the disk, in a process of its own --------------------------------------------------------

BEGIN = """
import sys, time
from pathlib import Path
import disk
from reslib import ExtractionWorker, QueueManager, ResearchDatabase
from reslib.errors import DatabaseError
from reslib.testing import register_fault_extractor

path, document, control = sys.argv[1:]
control = Path(control)
disk.install(control)
"""

READ_ONLY = """
db = ResearchDatabase(path)

def try_to_write():
    try:
        db.add_attachment(filename="x", path=document)
        return "written"
    except DatabaseError as error:
        return f"{type(error).__name__}: {error}"

print(try_to_write())
control.write_text("ok      ")
print(try_to_write())
"""

FULL = """
register_fault_extractor()
db = ResearchDatabase(path)
worker = ExtractionWorker(db, num_workers=1)
job = worker.enqueue(db.add_attachment(filename=Path(document).name, path=document))
worker.on("job_started", lambda *_: control.write_text("full"))
worker.start()
while not any(w["status"] == "busy" for w in worker.get_status()["workers"]):
    time.sleep(0.01)
time.sleep(1.5)  # it is done by now, and cannot be stored
assert worker.queue.get_job(job).status == "processing"
control.write_text("ok      ")
assert worker.wait(30)
worker.stop()
after = worker.queue.get_job(job)
print(after.status, after.claims, db.get_attachment(after.attachment_id).extracted_text)
"""


def run_program(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program, *arguments],
        env={"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "CannotHook" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def control(tmp_path: Path) -> Path:
    path = tmp_path / "control"
    path.write_text(disk.OK)
    return path


def test_what_was_read_is_kept_until_the_full_disk_has_room_again(
    tmp_path: Path, folder: Path, control: Path
) -> None:
    document = write_fault(folder, "x.fault", "page words")
    said = run_program(FULL, str(tmp_path / "r.db"), str(document), str(control))
    assert said == "complete 1 words\n", "one attempt, and its text"


def test_a_database_that_was_opened_on_a_read_only_disk_writes_when_the_disk_is_back(
    tmp_path: Path, folder: Path, control: Path
) -> None:
    document = write_fault(folder, "x.fault", "page words")
    control.write_text("readonly")
    with ResearchDatabase(tmp_path / "r.db") as somebody_else:
        said = run_program(READ_ONLY, str(somebody_else.path), str(document), str(control))
    first, second = said.splitlines()
    assert first.startswith("DatabaseError: ")
    assert "cannot be opened for writing" in first
    assert second == "written"


#: A pool whose process may write no file longer than so many MB, until it has noticed.
LIMITED = """
import logging, random, resource, sys, threading
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase

folder, limit, noticed, how = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
seen = threading.Event()

class Listener(logging.Handler):
    def emit(self, record):
        if noticed in record.getMessage():
            seen.set()

logging.getLogger("reslib").addHandler(Listener())
draw = random.Random(1)
with ResearchDatabase(folder / "a.db") as db:
    ids = []
    for n in range(30):
        path = folder / f"{n}.txt"
        path.write_text(" ".join(f"{draw.getrandbits(30):x}" for _ in range(120_000)))
        ids.append(db.add_attachment(path.name, path))
    worker = ExtractionWorker(db, num_workers=1)
    worker.enqueue_batch(ids)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    worker.start()
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit << 20, most))
    assert seen.wait(60), "it did not notice"
    if how == "stop":
        worker.stop(timeout=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    worker.start()
    done = worker.wait(150)
    worker.stop()
    counts = {str(status): jobs for status, jobs in worker.queue.counts().items() if jobs}
    beats = db.store.rows("workers")
    print(done, counts, sum(row["jobs_completed"] for row in beats))
"""


@pytest.mark.parametrize(
    ("limit", "noticed", "how"),
    [(24, "could not be brought back", "wait"), (8, "Trying again", "stop")],
    ids=["when-the-log-is-brought-back", "and-the-pool-is-stopped"],
)
def test_no_job_is_left_behind_when_the_file_cannot_grow(
    folder: Path, limit: int, noticed: str, how: str
) -> None:
    """A write that is done and a log that cannot be brought back are not a write that failed; and
    what a worker could not give back when it ended is given back when the pool starts again.
    """
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder), str(limit), noticed, how],
        capture_output=True,
        text=True,
        timeout=260,
    )
    assert ended.stdout.strip() == "True {'complete': 30} 30", ended.stdout + ended.stderr


#: Writes until the log cannot be brought back into a file that may not grow.
FULL_FILE = """
import logging, resource, sys
from reslib import ResearchDatabase

seen = []
class Listener(logging.Handler):
    def emit(self, record):
        seen.append(record.getMessage())

logging.getLogger("reslib").addHandler(Listener())
def write(db, number):
    text = f"{number} " * 300_000
    with db.store.write() as transaction:
        transaction._connection.execute(
            "UPDATE attachments SET extracted_text = ? WHERE id = ?", (text, number)
        )
with ResearchDatabase(sys.argv[1]) as db:
    ids = [db.add_attachment(f"{n}.txt", f"/papers/{n}.txt") for n in range(80)]
    for number in ids[:40]:
        write(db, number)
with ResearchDatabase(sys.argv[1]) as db:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 << 20, most))
    for number in ids[40:]:
        write(db, number)
        if seen:
            break
    print(number - ids[39], seen[0].split(" of ")[0])
"""


def test_a_write_that_is_done_has_not_failed_because_the_log_cannot_be_brought_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    ended = subprocess.run(
        [sys.executable, "-c", FULL_FILE, str(path)], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    count, said = ended.stdout.split(" ", 1)
    assert said.strip() == "the write-ahead log"
    with ResearchDatabase(path) as db:
        texts = [attachment for attachment in range(1, 81) if has_text(db, attachment)]
    assert texts == list(range(1, 41 + int(count)))


def has_text(db: ResearchDatabase, attachment: int) -> bool:
    return db.get_attachment(attachment).extracted_text is not None
