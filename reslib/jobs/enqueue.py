"""New jobs: one open job an attachment, unless somebody asks for more."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from reslib.clock import utc_text
from reslib.errors import AttachmentNotFound
from reslib.storage.store import Store

__all__ = ["enqueue"]


def enqueue(
    store: Store,
    attachment_ids: Iterable[int],
    priority: int,
    deduplicate: bool,
    max_retries: int,
) -> list[int]:
    """Make jobs in one transaction, all of them or none; see :meth:`QueueManager.enqueue_batch`.

    Raises
    ------
    AttachmentNotFound
        One of them does not exist.
    TypeError
        One of them is not a whole number.
    ValueError
        *max_retries* is negative.
    """
    if max_retries < 0:
        raise ValueError(f"max_retries must be 0 or more, not {max_retries!r}")
    # What counts as a whole number counts as an id, also numpy's.
    wanted = f"[{','.join([f'{operator.index(each):d}' for each in attachment_ids])}]"
    with store.write() as transaction:
        now = utc_text()
        accepted = []
        for found in transaction.rows("may_be_enqueued", {"ids": wanted}):
            if not found["known"]:
                raise AttachmentNotFound(f"there is no attachment {found['id']!r}")
            if not (deduplicate and found["has_open_job"]):
                accepted.append(found["id"])
        if deduplicate:
            accepted = list(dict.fromkeys(accepted))
        job = {
            "priority": priority,
            "max_retries": max_retries,
            "now": now,
            "is_extra": not deduplicate,
        }
        made = transaction.insert("enqueue", [{**job, "attachment_id": a} for a in accepted])
    if made:
        store.announce()
    return list(made)
