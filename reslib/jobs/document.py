"""The document of a job: what a worker needs to know of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from reslib.documents.acceptances import acceptance_from
from reslib.documents.intake import settle
from reslib.errors import AttachmentNotFound
from reslib.models import Acceptance
from reslib.storage.store import Store, Transaction

__all__ = ["Document", "document_of", "find_document"]


@dataclass(frozen=True, slots=True)
class Document:
    """The attachment of a job, as far as a worker needs it."""

    filename: str
    path: str
    mime_type: str | None
    accepted: Acceptance | None
    content_hash: str | None = None

    @classmethod
    def of(cls, transaction: Transaction, attachment_id: int) -> Document:
        """Return the document of an attachment that is there."""
        [row] = transaction.rows("document", {"id": attachment_id})
        return cls.from_row(row)

    @classmethod
    def from_row(cls, row: Any) -> Document:
        """Return it from a row of the statement ``document``."""
        path = os.fsdecode(row["path"])
        accepted = acceptance_from(row)
        return cls(row["filename"], path, row["mime_type"], accepted, row["content_hash"])


def document_of(store: Store, attachment_id: int) -> Document:
    """Return the document of an attachment.

    Raises
    ------
    AttachmentNotFound
        It was deleted.
    """
    row = store.row("document", {"id": attachment_id})
    if row is None:
        raise AttachmentNotFound(f"there is no attachment {attachment_id}")
    return Document.from_row(row)


def find_document(store: Store, attachment_id: int) -> Document:
    """Return where a document is whose file has gone: at a copy of it, when there is one.

    From then on that is where it is.

    Raises
    ------
    AttachmentNotFound
        It was deleted.
    """
    outermost = store.value("outermost", {"id": attachment_id})
    if outermost is not None:
        settle(store, outermost)
    return document_of(store, attachment_id)
