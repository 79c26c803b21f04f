"""A pool as a table, for a notebook that has no widgets."""

from __future__ import annotations

from typing import Any, Protocol

from reslib.display import html_table
from reslib.errors import DatabaseError

__all__ = ["pool_html"]


class _Pool(Protocol):
    def get_status(self) -> dict[str, Any]: ...


def pool_html(pool: _Pool) -> str:
    """Return what the pool does right now, as HTML."""
    try:
        status = pool.get_status()
    except DatabaseError as error:
        return html_table([("problem", error)], caption=repr(pool))
    stats = status["stats"]
    caption = f"{pool!r}: {status['queue_depth']} jobs wait, {status['processing']} run"
    if status["running"]:
        caption += f", {stats['throughput_per_second']:.2f} a second"
    if (cluster := status["cluster"]) is not None:
        caption += f", on {len(cluster['workers'])} workers of the cluster {cluster['address']}"
        if unfit := sum(worker["unfit"] is not None for worker in cluster["workers"]):
            caption += f", {unfit} of which get nothing"
    if status["problem"]:
        caption += f". {status['problem']}"
    rows = [
        (
            " at ".join(filter(None, (worker["worker_id"], worker["where"]))),
            worker["status"],
            worker["document"],
            f"{worker['page']} of {worker['page_count'] or '?'}" if worker["page"] else None,
            f"{worker['seconds']:.1f} s" if worker["seconds"] is not None else None,
            worker["jobs_completed"],
            worker["jobs_failed"],
        )
        for worker in status["workers"]
    ]
    return html_table(
        rows, ("worker", "status", "document", "page", "for", "completed", "failed"), caption
    )
