"""The queues that ``queues.py`` compares, each behind the same six calls.

Every side has its file in WAL mode with ``synchronous=NORMAL``: whatever was committed survives the
death of a process, a power cut may take the last commits. Two peers are slower as they come and are
told to do the same here. A queue whose calls are coroutines is called below them, where its work is
done, so that it does not pay for an event loop.
"""

from __future__ import annotations

import json
import pickle
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reslib import QueueManager, ResearchDatabase
from reslib.clock import utc_text
from reslib.jobs.enqueue import NewJobs
from reslib.jobs.records import identity_columns
from reslib.jobs.retry import LONGEST_DELAY
from reslib.liveness import ProcessIdentity
from reslib.models import TEXT
from reslib.storage import sql
from reslib.storage.store import Store

#: What a peer's job carries; a job of reslib names an attachment.
PAYLOAD = {"document": 12345}


class Side:
    """A queue in a folder, opened in this process."""

    #: What of acknowledgement, retry, priority and history it has.
    offers = ""
    #: Whether it has a call for many jobs, and whether several processes can share a file.
    batches = True
    shared = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self, count: int) -> None:
        """Write what must be there before *count* jobs can be put."""

    def put(self, number: int) -> None:
        """Enqueue one job; numbers begin with 1."""
        raise NotImplementedError

    def put_many(self, count: int) -> None:
        """Enqueue jobs 1 to *count*, in one transaction where that can be."""
        raise NotImplementedError

    def take(self) -> Any:
        """Claim a job; None when there is none."""
        raise NotImplementedError

    def finish(self, job: Any) -> None:
        """Acknowledge it."""
        raise NotImplementedError

    def finish_and_take(self, job: Any) -> Any:
        """Acknowledge a job and claim the next."""
        self.finish(job)
        return self.take()

    def close(self) -> None:
        """Let go of the file."""


def add_attachments(store: Store, count: int) -> None:
    """Add that many documents that nobody will read."""
    with store.write() as transaction:
        for number in range(1, count + 1):
            values = {
                "filename": f"{number}.pdf",
                "path": f"/papers/{number}.pdf",
                "mime_type": "application/pdf",
                "file_size": 1,
                "file_mtime_ns": 1,
                "content_hash": "0",
                "now": utc_text(),
            }
            transaction.rows("add_attachment", values)


class Reslib(Side):
    """reslib, by its public calls, one for the end of a job and one for the next."""

    offers = "ack, retry, priority, fence, history of attempts, heartbeats"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.db = ResearchDatabase(folder / "queue.db")
        self.queue = QueueManager(self.db)

    def prepare(self, count: int) -> None:
        add_attachments(self.db.store, count)

    def put(self, number: int) -> None:
        self.queue.enqueue(number)

    def put_many(self, count: int) -> None:
        self.queue.enqueue_batch(range(1, count + 1))

    def take(self) -> Any:
        return self.queue.claim(threading.current_thread().name)

    def finish(self, job: Any) -> None:
        if not self.queue.complete(job.id, 5.0, 0.9, attempt=job.attempt):
            raise RuntimeError(f"job {job.id} was somebody else's")

    def close(self) -> None:
        self.db.close()


class ReslibAtOnce(Reslib):
    """reslib, as its pool calls it while there is more to do."""

    def finish_and_take(self, job: Any) -> Any:
        done, following = self.queue.complete_and_claim(
            job.id, threading.current_thread().name, 5.0, 0.9, attempt=job.attempt
        )
        if not done:
            raise RuntimeError(f"job {job.id} was somebody else's")
        return following


#: Parameters of the row of an attempt of which nothing is known but its end.
_UNKNOWN = dict.fromkeys(
    "extractor extractor_version mime_type page_count char_count confidence text_status "
    "extraction_time_ms cpu_time_ms peak_rss_mb".split()
)


class Bare(Side):
    """The statements of reslib in a loop over sqlite3: no lock, no checks, no errors explained."""

    offers = "nothing but the same rows: the limit"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = folder / "queue.db"
        ResearchDatabase(self.path).close()
        self.local = threading.local()
        self.sql = sql.queries()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        if not hasattr(self.local, "connection"):
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            self.local.connection = connection
            identity = identity_columns(ProcessIdentity.current())
            self.local.who = {**identity, "worker_id": threading.current_thread().name}
        found: sqlite3.Connection = self.local.connection
        return found

    def prepare(self, count: int) -> None:
        with ResearchDatabase(self.path) as db:
            add_attachments(db.store, count)

    def _put(self, numbers: range) -> None:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        job = {**NewJobs().columns, "batch_id": None, "now": utc_text()}
        wanted = {"ids": json.dumps(list(numbers)), "task": TEXT}
        connection.execute(self.sql["may_be_enqueued"], wanted).fetchall()
        jobs = [{**job, "attachment_id": number} for number in numbers]
        connection.executemany(self.sql["enqueue"], jobs)
        connection.execute("COMMIT")

    def put(self, number: int) -> None:
        self._put(range(number, number + 1))

    def put_many(self, count: int) -> None:
        self._put(range(1, count + 1))

    def take(self) -> Any:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        job = self._take(connection, utc_text())
        connection.execute("COMMIT")
        return job

    def finish(self, job: Any) -> None:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        self._finish(connection, job, utc_text())
        connection.execute("COMMIT")

    def _take(self, connection: sqlite3.Connection, now: str) -> Any:
        values = {
            "worker_id": self.local.who["worker_id"],
            "now": now,
            "horizon": utc_text(LONGEST_DELAY),
            "task": TEXT,
        }
        rows = connection.execute(self.sql["claim"], values).fetchall()
        if rows:
            values = {**self.local.who, "now": now, "job_id": rows[0]["id"]}
            connection.execute(self.sql["heartbeat_claimed"], values)
        return rows[0] if rows else None

    def _finish(self, connection: sqlite3.Connection, job: Any, now: str) -> None:
        fence = {"job_id": job["id"], "attempt": job["claims"], "now": now}
        values = {**_UNKNOWN, **fence, "outcome": "complete", "extraction_time_ms": 5.0}
        connection.execute(self.sql["record_attempt"], {**values, "confidence": 0.9})
        connection.execute(self.sql["complete"], fence)
        ended = {**fence, "completed": 1, "failed": 0}
        connection.execute(self.sql["heartbeat_finished"], ended)


class BareAtOnce(Bare):
    """The same in one transaction: the limit of reslib's pool."""

    def finish_and_take(self, job: Any) -> Any:
        connection, now = self.connection, utc_text()
        connection.execute("BEGIN IMMEDIATE")
        self._finish(connection, job, now)
        following = self._take(connection, now)
        connection.execute("COMMIT")
        return following


class TinyJobs(Side):
    """tinyjobs."""

    offers = "ack, retry, priority, history of attempts, leases"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from tinyjobs.backends.sqlite import SQLiteBackend
        from tinyjobs.models import Job
        from tinyjobs.status import JobStatus

        self.backend = SQLiteBackend(str(folder / "queue.db"), busy_timeout=30)
        self.backend._setup_sync()
        self.job, self.queued = Job, JobStatus.QUEUED

    def _job(self) -> Any:
        return self.job(
            id=str(uuid.uuid4()),
            task="extract",
            payload=b'{"document": 12345}',
            codec="json",
            queue="default",
            status=self.queued,
            max_attempts=4,
            created_at=time.time(),
        )

    def put(self, number: int) -> None:
        self.backend._enqueue_sync(self._job())

    def put_many(self, count: int) -> None:
        self.backend._enqueue_many_sync([self._job() for _ in range(count)])

    def take(self) -> Any:
        name = threading.current_thread().name
        jobs = self.backend._claim_sync(name, ("default",), 1, 60.0)
        return jobs[0] if jobs else None

    def finish(self, job: Any) -> None:
        if not self.backend._complete_sync(job, None):
            raise RuntimeError("the job was somebody else's")

    def close(self) -> None:
        self.backend._close_sync()


def nothing() -> None:
    """Be the function that a job of gigq names."""


class GigQ(Side):
    """gigq; its worker claims and completes, and is called where it does so."""

    offers = "ack, retry, priority, history of attempts"
    batches = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import gigq
        from gigq.db_utils import get_connection

        self.gigq, self.connect = gigq, get_connection
        self.path = str(folder / "queue.db")
        self.queue, self.worker = gigq.JobQueue(self.path), gigq.Worker(self.path)
        self.local = threading.local()

    def _normal(self) -> None:
        if not hasattr(self.local, "set"):
            self.local.set = True
            self.connect(self.path).execute("pragma synchronous=normal")

    def put(self, number: int) -> None:
        self._normal()
        self.queue.submit(self.gigq.Job("extract", nothing, PAYLOAD))

    def take(self) -> Any:
        self._normal()
        return self.worker._claim_job()

    def finish(self, job: Any) -> None:
        self.worker._complete_job(job["id"], job["execution_id"], self.gigq.JobStatus.COMPLETED)


class LocalQueue(Side):
    """localqueue, whose engine is written in Rust."""

    offers = "ack, retry, fence, leases; no priority"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import localqueue

        self.queue = localqueue.SimpleQueue(str(folder))

    def put(self, number: int) -> None:
        self.queue.put(PAYLOAD)

    def put_many(self, count: int) -> None:
        self.queue.put_many([PAYLOAD] * count)

    def take(self) -> Any:
        from localqueue.exceptions import Empty

        try:
            return self.queue.get(timeout=0.0)
        except Empty:
            return None

    def finish(self, job: Any) -> None:
        self.queue.ack(job)

    def close(self) -> None:
        self.queue.close()


class LiteQueue(Side):
    """litequeue; one object a thread, because they share nothing but the file."""

    offers = "ack, fence and retry by hand after 0.9; no priority"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.local = threading.local()

    @property
    def queue(self) -> Any:
        """The queue of this thread."""
        if not hasattr(self.local, "queue"):
            from litequeue import LiteQueue as Queue

            self.local.queue = Queue(self.folder / "queue.db", timeout=30)
        return self.local.queue

    def put(self, number: int) -> None:
        self.queue.put('{"document": 12345}')

    def put_many(self, count: int) -> None:
        with self.queue.transaction(mode="IMMEDIATE"):
            for _ in range(count):
                self.queue.put('{"document": 12345}')

    def take(self) -> Any:
        return self.queue.pop()

    def finish(self, job: Any) -> None:
        # Versions after 0.9, which need Python 3.12, number claims.
        claim = {"claim_id": job.claim_id} if hasattr(job, "claim_id") else {}
        self.queue.done(job.message_id, **claim)


class Huey(Side):
    """The storage of huey's SqliteHuey. Taking a job deletes it, so there is nothing to finish."""

    offers = "priority; no ack: a job dies with its worker"
    batches = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from huey.storage import SqliteStorage

        class Normal(SqliteStorage):  # type: ignore[misc]
            def _create_connection(self) -> Any:
                connection = super()._create_connection()
                connection.execute("pragma synchronous=normal")
                return connection

        self.storage = Normal(filename=str(folder / "queue.db"), timeout=30)
        self.data = pickle.dumps(PAYLOAD)

    def put(self, number: int) -> None:
        self.storage.enqueue(self.data)

    def take(self) -> Any:
        return self.storage.dequeue()

    def finish(self, job: Any) -> None:
        pass

    def close(self) -> None:
        self.storage.close()


class PersistQueue(Side):
    """The acknowledging queue of persist-queue; a second process found it empty when it was not."""

    offers = "ack; no priority, one process"
    batches = False
    shared = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from persistqueue import SQLiteAckQueue

        self.queue = SQLiteAckQueue(str(folder), multithreading=True, auto_resume=False, timeout=30)
        for connection in {self.queue._putter, self.queue._getter}:
            connection.execute("pragma synchronous=normal")

    def put(self, number: int) -> None:
        self.queue.put(PAYLOAD)

    def take(self) -> Any:
        from persistqueue import Empty

        try:
            return self.queue.get(block=False, raw=True)
        except Empty:
            return None

    def finish(self, job: Any) -> None:
        self.queue.ack(job)

    def close(self) -> None:
        self.queue.close()


#: Name, package, and what opens it.
SIDES: dict[str, tuple[str, Callable[[Path], Side]]] = {
    "reslib": ("reslib", ReslibAtOnce),
    "reslib, two calls": ("reslib", Reslib),
    "bare loop": ("reslib", BareAtOnce),
    "bare loop, two calls": ("reslib", Bare),
    "tinyjobs": ("tinyjobs", TinyJobs),
    "gigq": ("gigq", GigQ),
    "localqueue": ("localqueue", LocalQueue),
    "litequeue": ("litequeue", LiteQueue),
    "huey": ("huey", Huey),
    "persist-queue": ("persistqueue", PersistQueue),
}


def installed() -> list[str]:
    """Return the names of the sides that can run here."""
    return [name for name, (package, _) in SIDES.items() if find_spec(package)]
