"""The end of a job whose outcome the database refuses: it fails, and the pool goes on."""

from __future__ import annotations

import logging

from reslib.errors import ErrorCode, ErrorType, printable
from reslib.jobs.document import Document
from reslib.jobs.manager import QueueManager
from reslib.models import Job

__all__ = ["fail_unstorable"]

logger = logging.getLogger(__name__)


def fail_unstorable(
    queue: QueueManager, job: Job, document: Document, error: Exception, max_retries: int
) -> None:
    """End a claim whose outcome could not be stored; nothing of it was.

    Parameters
    ----------
    queue
        Whose job it is.
    job, document
        The claim, and what was read.
    error
        What storing raised: no trouble of the disk, which is waited for, but a value that no
        engine should give.
    max_retries
        Attempts that may follow the first.
    """
    logger.error("what was read of %s cannot be stored", printable(document.path), exc_info=error)
    queue.failed(
        job.id,
        f"{printable(document.filename)}: what was read of it cannot be stored "
        f"({type(error).__name__}: {printable(str(error))}). It is tried again; the log has the "
        "traceback, which belongs into a report",
        ErrorType.UNKNOWN,
        max_retries,
        attempt=job.attempt,
        error_code=ErrorCode.EXCEPTION,
    )
