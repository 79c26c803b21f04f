"""The requests of people to a pool: documents to be read, jobs to be cancelled or tried again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reslib.database import ResearchDatabase
from reslib.given import whole
from reslib.jobs.batches import Batch
from reslib.jobs.manager import QueueManager
from reslib.models import TEXT
from reslib.pool.again import enqueue_again
from reslib.pool.batchwatch import BatchWatch
from reslib.pool.events import EventBus
from reslib.pool.settings import check_task
from reslib.pool.thread import WorkerThread

__all__ = ["Requests"]


class Requests:
    """The calls of a pool that change its queue."""

    db: ResearchDatabase
    queue: QueueManager
    events: EventBus
    batches: BatchWatch
    max_retries: int

    def members(self) -> Sequence[WorkerThread]:
        """Return the worker threads of this moment."""
        raise NotImplementedError

    def enqueue(
        self,
        attachment_id: int,
        priority: int = 0,
        *,
        task: str = TEXT,
        options: Mapping[str, Any] | None = None,
    ) -> int | None:
        """Ask for an attachment to be extracted; see :meth:`QueueManager.enqueue`.

        Raises
        ------
        ValueError
            No extractor of this process does *task*.
        """
        check_task(task)
        return self.queue.enqueue(
            attachment_id, priority, max_retries=self.max_retries, task=task, options=options
        )

    def enqueue_batch(
        self,
        attachment_ids: Iterable[int],
        priority: int = 0,
        *,
        task: str = TEXT,
        options: Mapping[str, Any] | None = None,
    ) -> Batch:
        """Enqueue many attachments at once; see :meth:`QueueManager.enqueue_batch`.

        Raises
        ------
        ValueError
            No extractor of this process does *task*.
        """
        check_task(task)
        return self.queue.enqueue_batch(
            attachment_ids, priority, max_retries=self.max_retries, task=task, options=options
        )

    def extract_again(
        self, attachment_ids: Iterable[int], *, extractor: str | None = None
    ) -> list[int]:
        """Ask for documents to be read again, whatever text they have.

        Until that is done, and when it fails, the text stays and is found. Afterwards it is one of
        ``db.earlier_texts(id)``, and :func:`reslib.frames.compare` compares two extractors.

        Parameters
        ----------
        attachment_ids
            Which documents. All of them must exist, else nothing is enqueued.
        extractor
            Which extractor is to read them; the usual one of each when None. Documents that it does
            not read are left as they are.

        Returns
        -------
        list of int
            Ids of the jobs. A document with an open job gets no other one: that of a job that
            still waits is read by *extractor*, one that is being read is left alone, and a
            warning names it when another extractor reads it.

        Raises
        ------
        AttachmentNotFound, ValueError
            There is no such document, or no such extractor.
        """
        return enqueue_again(self.db.store, attachment_ids, extractor, self.max_retries)

    def cancel(self, job_id: int) -> bool:
        """Cancel a job; one that is running is killed.

        Returns
        -------
        bool
            False when the job is final already, or does not exist.
        """
        if not self.queue.cancel(job_id):
            return False
        running = [worker for worker in self.members() if worker.kill_job(job_id)]
        if not running:
            job = self.queue.get_job(job_id)
            if job is not None:
                self.events.emit("job_cancelled", job)
            self.batches.tell()
        return True

    def retry_failed_jobs(self, job_ids: Iterable[int] | None = None) -> int:
        """Make failed jobs pending again: these, or all when None. Returns how many."""
        if job_ids is None:
            return self.queue.retry_failed()
        wanted = [whole("job_id", job_id) for job_id in job_ids]
        return sum(map(self.queue.retry_failed, wanted))
