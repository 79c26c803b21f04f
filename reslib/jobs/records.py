"""The columns that are written of an attempt: who, what it gave, what it cost, and its text."""

from __future__ import annotations

import json
from typing import Any

from reslib.liveness import ProcessIdentity
from reslib.models import ExtractionResult, Outcome

__all__ = ["attempt_columns", "failure_columns", "identity_columns", "text_columns"]

_NOTHING = Outcome()


def identity_columns(identity: ProcessIdentity) -> dict[str, Any]:
    """Return who a process is, as ``worker_heartbeat`` has it."""
    return {
        "hostname": identity.hostname,
        "pid": identity.pid,
        "process_started_at": identity.process_started_at,
    }


def attempt_columns(
    outcome: Outcome | None, extraction_time_ms: float | None, confidence: float | None
) -> dict[str, Any]:
    """Return what an attempt gave and cost, as ``extraction_metrics`` has it.

    Parameters
    ----------
    outcome
        What a sandbox gave.
    extraction_time_ms, confidence
        In place of those of *outcome*.
    """
    ran = outcome or _NOTHING
    result, failure = ran.result, ran.failure
    said_by = result or failure
    if extraction_time_ms is None and outcome is not None:
        extraction_time_ms = outcome.extraction_time_ms
    if confidence is None and result is not None:
        confidence = result.confidence
    return {
        "extractor": said_by.extractor if said_by else None,
        "extractor_version": said_by.extractor_version if said_by else None,
        "mime_type": result.mime_type if result else None,
        "page_count": _pages_read(result) if result else failure and failure.page_count,
        "char_count": result.char_count if result else None,
        "confidence": confidence,
        "text_status": result.text_status if result else None,
        "extraction_time_ms": extraction_time_ms,
        "cpu_time_ms": ran.cpu_time_ms,
        "peak_rss_mb": ran.peak_rss_mb,
    }


def _pages_read(result: ExtractionResult) -> int:
    """Return the number of pages of a document, or of those that were read otherwise than from its
    own letters, where there are such.
    """
    return sum(1 for page in result.pages if page.origin) or result.page_count


def failure_columns(outcome: Outcome | None) -> dict[str, Any]:
    """Return how an attempt failed, as ``extraction_metrics`` has it beside the error."""
    failure = outcome.failure if outcome else None
    return {
        "exception_type": failure.exception_type if failure else None,
        "traceback": failure.traceback if failure else None,
        "signal": failure.signal if failure else None,
        "stderr_tail": failure.stderr_tail if failure else None,
        "recipe": failure.recipe if failure else None,
        "failed_page": failure.page if failure else None,
    }


def text_columns(result: ExtractionResult, job_id: int, now: str) -> dict[str, Any]:
    """Return the text and what is known of it, as ``attachments`` has them."""
    return {
        "job_id": job_id,
        "now": now,
        "text": result.text,
        "text_status": result.text_status,
        "title": result.title,
        "page_count": result.page_count,
        "page_offsets": json.dumps(result.page_offsets, separators=(",", ":")),
        "confidence": result.confidence,
        "confidence_reason": result.confidence_reason,
        "extractor": result.extractor,
        "extractor_version": result.extractor_version,
        "metadata": json.dumps(dict(result.metadata), ensure_ascii=False, default=str),
    }
