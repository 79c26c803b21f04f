"""The claim of the next job: the highest priority first, then the oldest."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from reslib.clock import utc_text
from reslib.jobs.records import identity_columns
from reslib.jobs.retry import LONGEST_DELAY
from reslib.liveness import ProcessIdentity
from reslib.models import TEXT, Job
from reslib.storage.store import Store, Transaction

__all__ = ["claim", "is_any_due"]


def claim(transaction: Transaction, worker_id: str, now: str, leave: Collection[str]) -> Job | None:
    """Take the next job that is due, and note who has it.

    Parameters
    ----------
    transaction
        In which it is taken.
    worker_id
        Who takes it; noted with this process in ``worker_heartbeat``.
    now
        UTC text.
    leave
        Extractors whose documents are left to other processes.
    """
    due = {"worker_id": worker_id, "now": now, "horizon": _horizon(now[:19]), "task": TEXT}
    row = transaction.row(*_but("claim", due, leave))
    if row is None:
        return None
    owner = {"worker_id": worker_id, "now": now, "job_id": row["id"]}
    transaction.run("heartbeat_claimed", {**identity_columns(ProcessIdentity.current()), **owner})
    return Job.from_row(row)


def is_any_due(store: Store, leave: Collection[str]) -> bool:
    """Whether :func:`claim` would find something now."""
    now = utc_text()
    due = {"now": now, "horizon": _horizon(now[:19]), "task": TEXT}
    return bool(store.value(*_but("claimable", due, leave)))


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
