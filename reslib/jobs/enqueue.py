"""New jobs: one open job for each attachment and task, unless somebody asks for more."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reslib.clock import utc_text
from reslib.errors import AttachmentNotFound
from reslib.jobs.batches import Batch
from reslib.jobs.options import checked_task, options_text
from reslib.models import TEXT
from reslib.storage.store import Store

__all__ = ["NewJobs", "enqueue"]


@dataclass(frozen=True, slots=True)
class NewJobs:
    """The settings that jobs which are made together have in common.

    Parameters
    ----------
    priority
        Higher is sooner.
    deduplicate
        Make no second job of an attachment while one of this task is open.
    max_retries
        Attempts that may follow the first.
    task, options
        What is to be done, and what the extractor is told; None for what it was told when it made
        what the document has.

    Raises
    ------
    TypeError, ValueError
        *max_retries* is negative, *task* is no name, *options* is no JSON object.
    """

    priority: int = 0
    deduplicate: bool = True
    max_retries: int = 3
    task: str = TEXT
    options: Mapping[str, Any] | None = None
    #: As they are stored.
    columns: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.max_retries < 0:
            raise ValueError(f"max_retries must be 0 or more, not {self.max_retries!r}")
        columns = {
            "priority": self.priority,
            "max_retries": self.max_retries,
            "is_extra": not self.deduplicate,
            "task": checked_task(self.task),
            "options": None if self.options is None else options_text(self.options),
        }
        object.__setattr__(self, "columns", columns)


def enqueue(
    store: Store, attachment_ids: Iterable[int], new: NewJobs, *, as_batch: bool = False
) -> Batch:
    """Make jobs in one transaction, all of them or none; see :meth:`QueueManager.enqueue_batch`.

    Parameters
    ----------
    store
        The database.
    attachment_ids
        Of which documents.
    new
        What the jobs have in common.
    as_batch
        Whether it is noted that they belong together.

    Raises
    ------
    AttachmentNotFound
        One of them does not exist.
    TypeError
        One of them is not a whole number.
    """
    # What counts as a whole number counts as an id, also numpy's.
    wanted = f"[{','.join([f'{operator.index(each):d}' for each in attachment_ids])}]"
    with store.write() as transaction:
        now = utc_text()
        accepted = []
        asked = {"ids": wanted, "task": new.task}
        for found in transaction.rows("may_be_enqueued", asked):
            if not found["known"]:
                raise AttachmentNotFound(f"there is no attachment {found['id']!r}")
            if not (new.deduplicate and found["has_open_job"]):
                accepted.append(found["id"])
        if new.deduplicate:
            accepted = list(dict.fromkeys(accepted))
        batch_id = None
        if as_batch and accepted:
            [batch_id] = transaction.insert("make_batch", [{"now": now}])
        job = {**new.columns, "batch_id": batch_id, "now": now}
        made = transaction.insert("enqueue", [{**job, "attachment_id": a} for a in accepted])
    if made:
        store.announce()
    return Batch(made, batch_id)
