"""The request that a worker makes of its sandbox: a job with its document, as the pool reads it."""

from __future__ import annotations

from typing import Protocol

from reslib.jobs.document import Document
from reslib.models import ExtractionRequest, Job

__all__ = ["request_of"]


class _Settings(Protocol):
    extraction_timeout: float
    extractors: tuple[str, ...]


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
    return ExtractionRequest(
        path=document.path,
        mime_type=document.mime_type,
        timeout=settings.extraction_timeout,
        extractors=settings.extractors,
        only=job.extractor,
        accepted=document.accepted,
        task=job.task,
        options=job.options,
        passwords=passwords,
    )
