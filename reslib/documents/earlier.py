"""Texts that documents had before they were read again, kept so that both can be compared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from reslib.models import ExtractionResult, TextStatus
from reslib.storage.store import Transaction

__all__ = ["EarlierText", "keep_text"]


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A text that a document had before, and what was known of it. Times are UTC text."""

    attachment_id: int
    extractor: str
    extractor_version: str | None
    extracted_at: str | None
    text_status: TextStatus
    page_count: int | None
    #: Where each page starts in :attr:`extracted_text`, in characters.
    page_offsets: tuple[int, ...]
    #: 0 to 1.
    confidence: float | None
    confidence_reason: str | None
    extracted_text: str

    @classmethod
    def from_row(cls, row: Any) -> EarlierText:
        """Return a row of ``earlier_texts``."""
        values = dict(row)
        values["text_status"] = TextStatus(values["text_status"])
        values["page_offsets"] = tuple(json.loads(values["page_offsets"] or "[]"))
        return cls(**values)

    def __repr__(self) -> str:
        return (
            f"<EarlierText of attachment {self.attachment_id} by {self.extractor}, "
            f"{len(self.extracted_text):,} characters, {self.extracted_at}>"
        )


def keep_text(transaction: Transaction, job_id: int, result: ExtractionResult) -> bool:
    """Keep the text that a job's document has, before *result* takes its place.

    Not one of an older content of the file: it says nothing of how well the file is read now, and
    earlier ones of that content are dropped with it.

    Returns
    -------
    bool
        Whether the document has, or has had, a text.
    """
    row = transaction.row("text_of_job", {"job_id": job_id})
    if row is None or not row["had_text"]:
        return False
    document = {"id": row["id"]}
    if row["text_status"] == TextStatus.STALE:
        transaction.run("forget_earlier_texts", document)
    elif row["text_status"] is not None and not row["is_cut"]:  # else it is the beginning of this
        text = {**document, "extractor": result.extractor, "text": result.text}
        transaction.run("keep_text", text)
        transaction.run("forget_same_text", text)
    return True
