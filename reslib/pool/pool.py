"""ExtractionWorker: the pool of workers that empties the queue.

Data flow::

    enqueue ──► queue ──claim──► worker thread ──run──► sandbox (child process)
                  ▲                   │
                  └── complete / failed / release, one transaction, fenced

A **worker** is a thread that claims a job, has its sandbox extract the document, and stores the
outcome. No document is ever opened in this process. One more thread, the **watcher**, writes the
heartbeats, notices what other processes enqueue or cancel, and rescues jobs of dead processes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal

from reslib.database import ResearchDatabase
from reslib.documents.acceptances import extractors_elsewhere
from reslib.engines import Engine, LocalEngine
from reslib.errors import DatabaseError
from reslib.given import seconds_to_wait
from reslib.jobs.batches import Batch
from reslib.jobs.claims import Claims
from reslib.jobs.manager import QueueManager
from reslib.pool.batchwatch import BatchWatch
from reslib.pool.control import Cause, Control, too_many_workers
from reslib.pool.crew import KILL_PATIENCE, Crew, all_or_none
from reslib.pool.events import EventBus
from reslib.pool.following import Following
from reslib.pool.passwords import GivenPasswords, Passwords
from reslib.pool.poolhtml import pool_html
from reslib.pool.pools import note_started, note_stopped
from reslib.pool.reading import AUTO, Reading
from reslib.pool.requests import Requests
from reslib.pool.settings import (
    check_engine,
    check_seconds,
    check_slots,
    check_whole,
    extractor_named,
)
from reslib.pool.signals import register_signal_handlers
from reslib.pool.slots import Slots
from reslib.pool.status import status_of
from reslib.pool.thread import WorkerThread
from reslib.pool.waiting import WAIT_INTERVAL, Wait
from reslib.pool.watcher import watch
from reslib.storage.diskspace import shortage

__all__ = ["ExtractionWorker", "register_signal_handlers"]

logger = logging.getLogger(__name__)


class ExtractionWorker(Requests):
    """A pool of workers on the queue of a database.

    Parameters
    ----------
    db
        The database.
    num_workers
        How many documents are extracted at a time; None for as many as the engine takes: all that
        the workers of a cluster can read at once, or two on this machine.
    max_retries
        Attempts that may follow a job's first; 0 fails at once.
    extraction_timeout
        Seconds until an extraction is killed.
    heartbeat_interval
        Seconds between two heartbeats of a worker.
    poll_interval
        Seconds until an idle worker looks at the queue by itself. Jobs start sooner: what this
        process enqueues wakes a worker at once, what another one enqueues within 0.1 s.
    memory_limit_mb
        Memory one extraction may use, in MB; of the default engine.
    extractors
        Names of extractors to prefer, e.g. ``["pdfplumber"]``.
    engine
        Where documents are read; in child processes of this machine when None.
    slots
        Most jobs of a task that are done at once, e.g. ``{"tables": 1}``. Otherwise every worker
        does ``text``, and half of them, at least one, each other task that some extractor of this
        process does. ``text`` comes first.
    passwords
        What opens protected documents (PDF, Office files, ZIP): a list, tried for each of them;
        a dict of patterns, as those of :meth:`ResearchDatabase.add_folder`, such as
        ``{"exams/*.pdf": ["a", "b"]}``, which are compared with the end of a document's path; or a
        function that takes the path and returns a list. They are kept in memory alone, and handed
        to the process that reads only for a document that has turned out to be protected.
        Documents that failed for want of a password are read by :meth:`retry_failed_jobs`.
    ocr
        Which pictures of pages are read: ``"auto"`` those of pages without words, with wrong ones,
        or under a text that an older OCR did worse; True every page with a picture; False none.
        Needs tesseract, see ``reslib doctor``.
    ocr_languages
        By tesseract's names, where they are mixed on a page: ``["eng", "ell"]``. When None, the
        language of each document is found out.
    ocr_page_timeout
        Seconds of computing that OCR may spend on one page. A document has as long as its pages
        need.

    Raises
    ------
    ValueError
        A setting is out of its range; the message says which and what is valid.
    TypeError
        *engine* is none.

    Examples
    --------
    >>> with ExtractionWorker(db, num_workers=2) as worker:
    ...     worker.enqueue_batch(db.add_folder("papers"))
    ...     worker.wait()
    """

    def __init__(
        self,
        db: ResearchDatabase,
        num_workers: int | None = 2,
        max_retries: int = 3,
        extraction_timeout: float = 300,
        heartbeat_interval: float = 10,
        poll_interval: float = 1.0,
        *,
        memory_limit_mb: int = 2048,
        extractors: Sequence[str] | None = None,
        engine: Engine | None = None,
        slots: Mapping[str, int] | None = None,
        passwords: GivenPasswords = None,
        ocr: bool | Literal["auto"] = AUTO,
        ocr_languages: Sequence[str] | None = None,
        ocr_page_timeout: float = 60,
    ) -> None:
        if num_workers is not None:
            check_whole("num_workers", num_workers, 1)
        check_whole("max_retries", max_retries, 0)
        check_whole("memory_limit_mb", memory_limit_mb, 64)
        check_seconds("extraction_timeout", extraction_timeout)
        check_seconds("heartbeat_interval", heartbeat_interval)
        check_seconds("poll_interval", poll_interval)
        if isinstance(extractors, str):
            raise ValueError(f"extractors is a list of names: [{extractors!r}]")
        self.db = db
        self.queue = QueueManager(db)
        self.claims = Claims(db.store, with_documents=True)
        self.num_workers = 2 if num_workers is None else num_workers
        self.max_retries = max_retries
        self.extraction_timeout = float(extraction_timeout)
        self.heartbeat_interval = float(heartbeat_interval)
        self.poll_interval = float(poll_interval)
        self.memory_limit_mb = memory_limit_mb
        self.engine = LocalEngine(memory_limit_mb) if engine is None else check_engine(engine)
        self.following = Following(self, is_size=num_workers is None)
        self.extractors = tuple(extractors or ())
        for name in self.extractors:
            extractor_named(name)
        self.passwords = Passwords(passwords)
        self.reading = Reading(ocr, ocr_languages, ocr_page_timeout)
        self.events = EventBus()
        self.batches = BatchWatch(db.store, self.events)
        self.control = Control()
        self.slots = Slots(check_slots(slots), self.num_workers, self.control.wake)
        self._lifecycle = threading.Lock()
        self._crew = Crew()
        self._watcher: threading.Thread | None = None
        self._forget_listener: Callable[[], None] | None = None
        self._started_at = 0.0
        self._starts = self._stops = 0

    def __repr__(self) -> str:
        state = "paused" if self.is_paused() else "running" if self.is_running() else "stopped"
        return f"<ExtractionWorker {state}, {self.num_workers} workers, {self.db!r}>"

    def __dir__(self) -> Iterable[str]:
        # Completes to what people call, not to what the parts of a pool share.
        shared = {
            "batches",
            "claims",
            "control",
            "engine",
            "events",
            "passwords",
            "reading",
            "slots",
        }
        return {*super().__dir__()} - shared - {"following", "lose_threads", "members", "set_size"}

    def _repr_html_(self) -> str:
        return pool_html(self)

    def __enter__(self) -> ExtractionWorker:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After an error nobody waits for what runs: it is given back at once.
        self.stop() if error is None else self.stop(timeout=0)

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the workers. Does nothing when they run; works again after :meth:`stop`.

        Jobs that dead processes left behind are given back first.

        Raises
        ------
        ReslibError
            The system allows this process no such number of workers; there are none then.
        """
        stops = self._stops
        with self._lifecycle:
            if self.is_running():
                return
            self._crew.join(KILL_PATIENCE, lambda worker: not worker.abandoned)
            self._give_back_what_is_left()
            self.queue.rescue()
            self.queue.forget_old_workers()
            if self._stops != stops:
                return  # it was told to stop meanwhile
            self.control.set(stopping=False, paused=False)
            self.control.forget_problems()
            self.control.set_problem(Cause.FILE, self.db.store.file_problem())
            self.control.set_problem(Cause.DISK, shortage(self.db.path))
            self.control.forget_finished()
            self.control.leave(extractors_elsewhere(self.db.store))
            self._started_at = time.monotonic()
            self._starts += 1
            self.slots = Slots(self.slots.given, self.num_workers, self.control.wake)
            crew = self._crew = Crew()
            self._forget_listener = self.db.store.listen(self.control.wake)
            start = self._starts

            def goes_on() -> bool:
                return start == self._starts and crew.is_alive

            watcher = threading.Thread(
                target=watch, args=(self, self.members, goes_on), name="reslib-watcher", daemon=True
            )
            note_started(self)
            try:
                self.following.start()
                crew.add(self, self.num_workers, self.num_workers)
                with all_or_none(self.num_workers, crew.members):
                    watcher.start()
            except BaseException:  # whatever an engine raises, and Ctrl-C: there are none then
                self.stop(timeout=0)
                raise
            # Not before: a callback of a worker may be calling stop(), which joins it.
            self._watcher = watcher

    def resize(self, num_workers: int) -> None:
        """Change how many documents are extracted at a time; also while the pool runs.

        Workers that are one too many finish what they do, and claim nothing more. New ones start
        a process when there is a document for it.

        Parameters
        ----------
        num_workers
            From now on; of a stopped pool from its next start.

        Raises
        ------
        ValueError
            It is not a whole number, or less than 1.
        ReslibError
            The system allows this process no such number; there are as many as before.
        """
        check_whole("num_workers", num_workers, 1)
        self.following.is_size = False
        self.set_size(num_workers)

    def set_size(self, num_workers: int) -> None:
        """Do as :meth:`resize`; the pool goes on to follow its engine when it did."""
        with self._lifecycle:
            if self.is_running():
                self._crew.resize(self, num_workers)
            self.num_workers = self.slots.workers = num_workers

    @property
    def advice(self) -> str | None:
        """Advice about the number of workers when there are more than two a core, else None."""
        return None if self.following.is_remote else too_many_workers(self.num_workers)

    def stop(self, timeout: float = 60.0) -> bool:
        """Stop the workers; every job is kept.

        Running extractions may finish for *timeout* seconds. What still runs then is killed and
        its job given back, without a lost attempt. May be called again, and from a signal handler;
        leaves no process, thread or open file of the pool behind, except of a worker whose
        callback does not return: its job is given back too, and it ends when the callback does.
        In a callback it returns at once, and the pool stops when the callback has returned.

        Parameters
        ----------
        timeout
            Seconds to wait; 0 gives everything back at once.

        Returns
        -------
        bool
            True when every worker stopped by itself, False when some job had to be given back,
            and in a callback.
        """
        timeout = seconds_to_wait(timeout)
        if timeout < 0:
            raise ValueError(f"timeout must be 0 or more seconds, not {timeout!r}")
        self._stops += 1
        self.control.set(stopping=True)
        crew = self._crew
        in_callback = any(worker.is_current_thread for worker in crew.members)
        if in_callback or self.db.store.held_by_this_thread:
            # A worker cannot end before its callback returns, and after a signal in the middle of
            # a write of this very thread none can: waiting here would be for nothing.
            threading.Thread(target=self.stop, args=(timeout,), name="reslib-stop").start()
            return False
        clean = crew.join(timeout)
        if not clean:
            crew.kill(self.queue)
        watcher = self._watcher
        if watcher is not None and watcher is not threading.current_thread():
            # While a worker is in its callback the watcher goes on.
            watcher.join(0.0 if crew.is_alive else KILL_PATIENCE)
        self.batches.finish()
        self.following.stop()
        if self._forget_listener is not None:
            self._forget_listener()
            self._forget_listener = None
            try:
                self._give_back_what_is_left()
            except DatabaseError as error:
                logger.error("jobs may be left: %s. The next start gives them back", error)
        note_stopped(self)
        return clean

    def lose_threads(self) -> None:
        """Become a stopped pool: this process is a fork, and the threads stayed in its parent."""
        self._lifecycle, self.control = threading.Lock(), Control()
        self._crew, self._watcher, self._forget_listener = Crew(), None, None
        self.batches = BatchWatch(self.db.store, self.events)

    def _give_back_what_is_left(self) -> None:
        """Release what workers were at that ended while the database could not be written, and
        what those have that do not return from a callback.
        """
        self.queue.release_all_of(self._crew.ended())

    def members(self) -> Sequence[WorkerThread]:
        """Return the worker threads of this moment, for those threads and the watcher."""
        return self._crew.members

    def pause(self) -> None:
        """Take no new jobs; what runs goes on."""
        self.control.set(paused=True)

    def resume(self) -> None:
        """Take jobs again after :meth:`pause`."""
        self.control.set(paused=False)

    def is_running(self) -> bool:
        """True when the pool was started and not told to stop; also True while it is paused."""
        return not self.control.stopping

    def is_paused(self) -> bool:
        """True when the pool takes no new jobs for now."""
        return self.control.paused

    # --- events ---------------------------------------------------------------------------------

    def on(self, event: str, callback: Callable[..., Any]) -> Callable[[], None]:
        """Call *callback* whenever *event* happens; :mod:`reslib.pool.events` lists them.

        Returns
        -------
        callable
            Ends it.

        Raises
        ------
        ValueError
            There is no such event.
        """
        if event == "batch_completed":
            self.batches.begin()
        return self.events.on(event, callback)

    # --- waiting ------------------------------------------------------------------------------

    def wait(
        self,
        timeout: float | None = None,
        progress: bool = False,
        *,
        batch: Batch | int | None = None,
    ) -> bool:
        """Wait until no job is pending, processing or waiting for a retry.

        Interrupting it (Ctrl-C, Jupyter's stop button) ends the waiting, not the pool. When all
        that is open is left to another process, which alone has its extractor, a warning says so.
        Jobs of tasks that no extractor of this process does are not waited for; a warning names
        them.

        Parameters
        ----------
        timeout
            Seconds; None waits as long as the pool runs.
        progress
            Show a bar with the time left.
        batch
            Wait for these jobs only: what :meth:`enqueue_batch` returned, or its id. When no job
            was made, because all of its documents had open ones, there is nothing to wait for: it
            returns True at once, and a warning says so when other jobs are open.

        Returns
        -------
        bool
            True when all is done; False when the time was up or the pool was stopped, and for a
            batch of a task that is not done here.

        Raises
        ------
        RuntimeError
            The pool does not run and jobs are open: nobody would ever do them.
        ValueError
            There is no such batch.
        """
        wait = Wait(self, timeout, batch, "wait")
        bar = wait.bar() if progress else None
        try:
            while (is_done := wait.is_over()) is None:
                if bar is not None:
                    bar.update()
                time.sleep(WAIT_INTERVAL)
            return is_done
        finally:
            if bar is not None:
                bar.close()

    async def drained(
        self, timeout: float | None = None, *, batch: Batch | int | None = None
    ) -> bool:
        """Do as :meth:`wait` without blocking the event loop of a notebook."""
        import asyncio  # a tenth of the time that importing reslib takes

        wait = Wait(self, timeout, batch, "drained")
        while (is_done := wait.is_over()) is None:
            await asyncio.sleep(WAIT_INTERVAL)
        return is_done

    # --- looking ------------------------------------------------------------------------------

    def get_status(self) -> dict[str, Any]:
        """Return what the pool does right now.

        Returns
        -------
        dict
            ``running, paused``: the pool's state; ``problem``: why a running pool begins nothing
            new, or less than it was asked for (the disk is almost full, nothing can be stored, no
            process can be started), and of any pool that the file was deleted; or None;
            ``lacking``: what this system lets extractions do although it should not (Landlock or
            seccomp is missing), or None; ``queue_depth``: jobs that wait, now or for a retry;
            ``processing``: jobs that run, in any process;
            ``num_workers``; ``active_workers``: workers of this pool at a document; ``workers``: a
            dict for each with ``worker_id, status, jobs_completed, jobs_failed, current_job_id,
            document, page, page_count, seconds, child_pid, where``; ``cluster``: what is known of
            the cluster that reads, as its engine describes it, or None; ``stats``:
            ``throughput_per_second``
            (attempts that ended in the last minute), ``avg_extraction_time_ms`` (their mean, 0.0
            when there are none), ``jobs_completed, jobs_failed, uptime_seconds``.
        """
        return status_of(self, self._crew.members, self._started_at)

    def get_recent_jobs(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return the newest jobs; see :meth:`QueueManager.get_recent_jobs`."""
        return self.queue.get_recent_jobs(limit)
