"""The claim of the next job: the highest priority first, then the oldest, task by task."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from reslib.clock import utc_text
from reslib.jobs.document import Document
from reslib.jobs.records import identity_columns
from reslib.jobs.retry import LONGEST_DELAY
from reslib.jobs.transitions import Transition, execute
from reslib.liveness import ProcessIdentity
from reslib.models import Job
from reslib.storage.store import Store, Transaction

__all__ = ["Claimed", "Claims", "is_any_due"]


class Claimed(NamedTuple):
    """A job that was claimed, with its document when that was asked for."""

    job: Job
    document: Document | None


class Claims:
    """The claims of whoever works on a queue.

    Parameters
    ----------
    store
        The database.
    with_documents
        Whether each claim tells what is known of the document, too.
    """

    def __init__(self, store: Store, *, with_documents: bool = False) -> None:
        self._store, self._with_documents = store, with_documents
        #: Whether the latest claim found a job: then the next one need not look first.
        self._found_one = False

    def next(self, worker_id: str, leave: Collection[str], tasks: Sequence[str]) -> Claimed | None:
        """Take the next job that is due; see :meth:`QueueManager.claim`."""
        if not self._found_one and not is_any_due(self._store, leave, tasks):
            return None  # an idle worker does not take the write lock
        with self._store.write() as transaction:
            claimed = self._claim(transaction, worker_id, utc_text(), leave, tasks)
        self._found_one = claimed is not None
        return claimed

    def following(
        self, change: Transition, worker_id: str, leave: Collection[str], tasks: Sequence[str]
    ) -> tuple[bool, Claimed | None]:
        """End a claim and take the next job in the same transaction; see
        :meth:`QueueManager.complete_and_claim`.
        """
        with self._store.write() as transaction:
            now = utc_text()
            if not execute(transaction, change, now):
                return False, None
            claimed = self._claim(transaction, worker_id, now, leave, tasks)
        self._found_one = claimed is not None
        return True, claimed

    def _claim(
        self,
        transaction: Transaction,
        worker_id: str,
        now: str,
        leave: Collection[str],
        tasks: Sequence[str],
    ) -> Claimed | None:
        """Take the next job that is due, and note who has it."""
        due = {"worker_id": worker_id, "now": now, "horizon": _horizon(now[:19])}
        for task in tasks:
            due["task"] = task
            row = transaction.row(*_but("claim", due, leave))
            if row is not None:
                break
        else:
            return None
        owner = {"worker_id": worker_id, "now": now, "job_id": row["id"]}
        identity = identity_columns(ProcessIdentity.current())
        transaction.run("heartbeat_claimed", {**identity, **owner})
        document = None
        if self._with_documents:
            document = Document.of(transaction, row["attachment_id"])
        return Claimed(Job.from_row(row), document)


def is_any_due(store: Store, leave: Collection[str], tasks: Sequence[str]) -> bool:
    """True when a claim would find something now."""
    now = utc_text()
    due = {"now": now, "horizon": _horizon(now[:19])}
    return any(
        bool(store.value(*_but("claimable", {**due, "task": task}, leave))) for task in tasks
    )


@lru_cache(maxsize=1)  # of the second: a claim of each job would ask the clock once more
def _horizon(second: str) -> str:
    """Return a time that no retry which is written within a second is further away than."""
    return utc_text(LONGEST_DELAY)


def _but(
    name: str, parameters: dict[str, Any], leave: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """Return a statement and its parameters: with *leave*, the one that passes over these."""
    if not leave:
        return name, parameters
    return f"{name}_but", {**parameters, "left": json.dumps(sorted(leave))}
