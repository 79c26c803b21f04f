"""The request that a worker makes of its sandbox: a job with its document, as the pool reads it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from reslib.database import ResearchDatabase
from reslib.engines import Runner, guard
from reslib.errors import DatabaseError
from reslib.items import Child, Page
from reslib.jobs.document import Document
from reslib.jobs.taskpages import finished, keep_pages, pages_to_do
from reslib.models import OCR, ExtractionRequest, Job, Outcome
from reslib.pool.reading import Reading
from reslib.storage.store import Store

__all__ = ["ask", "brings_jobs", "request_of"]

logger = logging.getLogger(__name__)


class _Settings(Protocol):
    db: ResearchDatabase
    extraction_timeout: float
    extractors: tuple[str, ...]
    reading: Reading


def request_of(
    job: Job, document: Document, settings: _Settings, passwords: tuple[str, ...]
) -> ExtractionRequest:
    """Return what a sandbox is asked for.

    Parameters
    ----------
    job, document
        What is to be done, and of which document.
    settings
        Those of the pool.
    passwords
        What to try when the document is protected; empty before that is known.
    """
    options = {**settings.reading.options(job.task), **job.options}
    timeout = settings.extraction_timeout
    if job.task == OCR:
        timeout = max(timeout, settings.reading.longest_page())
        left = pages_to_do(settings.db.store, job.id, job.attachment_id, job.task)
        if left is not None:
            options.setdefault("pages", left)
    return ExtractionRequest(
        path=document.path,
        mime_type=document.mime_type,
        timeout=timeout,
        extractors=settings.extractors,
        only=job.extractor,
        accepted=document.accepted,
        task=job.task,
        options=options,
        passwords=passwords,
        by_page=job.task == OCR,
    )


def ask(
    settings: _Settings,
    runner: Runner,
    job: Job,
    document: Document,
    passwords: tuple[str, ...],
    on_progress: Callable[[int, int | None], None],
) -> Outcome:
    """Have a document read; return the outcome with what the pool has to say to it."""
    request = request_of(job, document, settings, passwords)
    keeper = _Keeper(settings.db.store, job, document) if request.by_page else None
    outcome = guard.run(runner, request, on_progress, keeper)
    return replace(
        outcome,
        follow_ups=settings.reading.follow_ups(job.task),
        content_hash=document.content_hash,
    )


def brings_jobs(outcome: Outcome) -> bool:
    """True when other jobs may come of what was read: of documents inside, or of its pages."""
    result = outcome.result
    return result is not None and (
        any(isinstance(item, Child) for item in result.items)
        or (bool(outcome.follow_ups) and any(page.wants for page in result.pages))
    )


class _Keeper:
    """Keeps the pages of a job as they come, so that nobody reads them again.

    What cannot be kept now is kept with those that come next, or when the attempt ends.
    """

    def __init__(self, store: Store, job: Job, document: Document) -> None:
        self._store, self._content_hash = store, document.content_hash
        self._fence = {"job_id": job.id, "attempt": job.attempt}
        self._waiting: list[Page] = []

    def __call__(self, pages: Sequence[Page]) -> None:
        """Keep those of some pages that are done."""
        self._waiting += finished(pages)
        if not self._waiting:
            return
        try:
            with self._store.write() as transaction:
                keep_pages(transaction, self._fence, self._waiting, self._content_hash)
        except DatabaseError as error:
            logger.warning("pages that were read could not be kept yet: %s", error)
        else:
            self._waiting.clear()
