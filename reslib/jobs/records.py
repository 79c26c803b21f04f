"""From what an attempt gave to the rows that are written of it, inside the queue's transactions."""

from __future__ import annotations

import json
from typing import Any

from reslib.liveness import ProcessIdentity
from reslib.models import AttemptOutcome, ExtractionResult, Outcome
from reslib.storage.store import Transaction

__all__ = ["finish_heartbeat", "identity_columns", "record_attempt", "text_columns"]


def identity_columns(identity: ProcessIdentity) -> dict[str, Any]:
    """Return who a process is, as ``worker_heartbeat`` has it."""
    return {
        "hostname": identity.hostname,
        "pid": identity.pid,
        "process_started_at": identity.process_started_at,
    }


def record_attempt(
    transaction: Transaction,
    fence: dict[str, Any],
    how: AttemptOutcome,
    now: str,
    *,
    error: dict[str, Any] | None = None,
    result: ExtractionResult | None = None,
    outcome: Outcome | None = None,
    extraction_time_ms: float | None = None,
    confidence: float | None = None,
) -> bool:
    """Write the row of an attempt that ends; False when the fence holds it off."""
    failure = outcome.failure if outcome else None
    if extraction_time_ms is None and outcome is not None:
        extraction_time_ms = outcome.extraction_time_ms
    said_by = result or failure
    values = {
        **fence,
        "now": now,
        "outcome": how,
        "error_type": None,
        "error_code": None,
        "error_message": None,
        **(error or {}),
        "extractor": said_by.extractor if said_by else None,
        "extractor_version": said_by.extractor_version if said_by else None,
        "mime_type": result.mime_type if result else None,
        "page_count": result.page_count if result else failure.page_count if failure else None,
        "char_count": result.char_count if result else None,
        "confidence": confidence,
        "text_status": result.text_status if result else None,
        "exception_type": failure.exception_type if failure else None,
        "traceback": failure.traceback if failure else None,
        "signal": failure.signal if failure else None,
        "stderr_tail": failure.stderr_tail if failure else None,
        "failed_page": failure.page if failure else None,
        "extraction_time_ms": extraction_time_ms,
        "cpu_time_ms": outcome.cpu_time_ms if outcome else None,
        "peak_rss_mb": outcome.peak_rss_mb if outcome else None,
    }
    return transaction.run("record_attempt", values) == 1


def finish_heartbeat(
    transaction: Transaction, job_id: int, now: str, completed: int = 0, failed: int = 0
) -> None:
    """Count a job that ended in the row of its worker, which is idle now."""
    transaction.run(
        "heartbeat_finished",
        {"job_id": job_id, "now": now, "completed": completed, "failed": failed},
    )


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
