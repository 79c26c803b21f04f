"""The documents inside a job's document: they become attachments, with jobs of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from reslib.documents.acceptances import remember, suffix_of
from reslib.documents.innerplaces import mark_stale, stored_path
from reslib.documents.intake import readable
from reslib.documents.places import File, storable
from reslib.documents.walk import Skipped
from reslib.formats.inner import Names, join
from reslib.formats.mediatypes import called, guess_from_name
from reslib.items import Child, Item
from reslib.models import TEXT
from reslib.storage.store import Transaction

__all__ = ["take_in_inner"]


def take_in_inner(transaction: Transaction, job_id: int, items: Iterable[Item], now: str) -> None:
    """Store what lies in a job's document as documents, and make a job for each new or changed one.

    Those that no extractor reads are noted as left out. One that is not there any more stays a
    document, as a file does that was deleted. Their jobs belong to the batch of this one and have
    its priority and its options.

    Parameters
    ----------
    transaction
        In which the job ends; it is open still, so that its batch is not done in between.
    job_id
        The job.
    items
        What its extractor gave.
    now
        The time, in UTC.
    """
    children = [item for item in items if isinstance(item, Child)]
    if not children:
        return
    outer = transaction.row("job_of_inner", {"job_id": job_id})
    assert outer is not None
    types, suffixes = readable()
    found: dict[int, File] = {}
    names = Names()  # once more: what comes from a child is not believed
    for child in children:
        name = names.of(child.name)
        file = _file(join(os.fsdecode(outer["path"]), name), name, child)
        if file.mime_type not in types and suffix_of(file.path) not in suffixes:
            transaction.run("note_skipped", _left_out(file, now))
            continue
        transaction.run("forget_skipped", {"path": storable(file.path)})
        id, is_news = _take_in(transaction, outer["id"], file, child, now)
        if is_news:
            found[id] = file
    remember(transaction, found)
    asked = {"ids": json.dumps(list(found)), "task": TEXT}
    job = {
        "priority": outer["priority"],
        "max_retries": outer["max_retries"],
        "batch_id": outer["batch_id"],
        "is_extra": False,
        "task": TEXT,
        "options": outer["options"],
        "now": now,
    }
    for row in transaction.rows("may_be_enqueued", asked):
        if not row["has_open_job"]:
            transaction.run("enqueue", {**job, "attachment_id": row["id"]})


def _left_out(file: File, now: str) -> dict[str, Any]:
    path = Path(storable(file.path))
    reason = f"no extractor reads {called(file.mime_type or 'unknown type')}"
    return {
        "path": storable(file.path),
        "kind": Skipped(path, reason, file.mime_type).kind,
        "mime_type": file.mime_type,
        "reason": reason,
        "now": now,
    }


def _file(path: str, inside: str, child: Child) -> File:
    name = PurePosixPath(inside).name
    mime_type = guess_from_name(name) or child.media_type.partition(";")[0].strip().lower() or None
    return File(path, name, mime_type, child.size, None)


def _take_in(
    transaction: Transaction, outer: int, file: File, child: Child, now: str
) -> tuple[int, bool]:
    """Store a document inside another; return its id, and True when it is new or has changed."""
    columns: dict[str, Any] = {
        "path": stored_path(file.path),
        "mime_type": file.mime_type,
        "file_size": file.file_size,
        "file_mtime_ns": None,
        # Not to be taken for the hash of a file: only the document around it vouches for it.
        "content_hash": f"inner:{child.fingerprint}",
    }
    known = transaction.row("inner_by_path", {"path": columns["path"]})
    if known is None:
        added = {**columns, "filename": file.filename, "now": now, "parent_id": outer}
        row = transaction.row("add_inner", added)
        assert row is not None
        return row["id"], True
    if known["parent_id"] != outer:  # which was lost with a damaged file
        transaction.run("adopt_inner", {"id": known["id"], "parent_id": outer})
    if known["content_hash"] == columns["content_hash"]:
        return known["id"], False
    transaction.run("touch_attachment", {"id": known["id"], **columns})
    mark_stale(transaction, known["id"])
    return known["id"], True
