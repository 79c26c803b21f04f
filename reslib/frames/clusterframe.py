"""The workers of a cluster as a DataFrame; people call it from :mod:`reslib.frames`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reslib.frames.dataframe import TEXT, TRUTH, WHOLE, Schema, frame
from reslib.given import shown
from reslib.pool.pool import ExtractionWorker

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cluster"]


def cluster(worker: ExtractionWorker) -> pd.DataFrame:
    """Return the workers of the cluster that reads the documents of a pool.

    Parameters
    ----------
    worker
        The pool, not the database: who is in a cluster is known while it runs only.

    Returns
    -------
    DataFrame
        One row a worker; none of a pool without a cluster, or of one that does not run. Index
        ``address``. ``host`` (string), ``pid`` there (Int64), ``threads``: how many documents it
        reads at once, ``running``: how many it is at (Int64), ``fit``: whether it gets any
        (boolean), ``unfit``: why not, ``note``: what else is different there (string).

    Raises
    ------
    TypeError
        It is no pool.
    """
    if not isinstance(worker, ExtractionWorker):
        raise TypeError(f"worker is an ExtractionWorker, not {shown(worker)}")
    said = worker.get_status()["cluster"]
    rows = [{**row, "fit": row["unfit"] is None} for row in said["workers"]] if said else []
    schema: Schema = {
        "address": TEXT,
        "host": TEXT,
        "pid": WHOLE,
        "threads": WHOLE,
        "running": WHOLE,
        "fit": TRUTH,
        "unfit": TEXT,
        "note": TEXT,
    }
    return frame(rows, schema, "address")
