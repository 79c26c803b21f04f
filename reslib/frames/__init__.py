"""The queue, its history and the library as pandas DataFrames, one call each.

Every function but :func:`cluster` takes the database first; each returns a new DataFrame whose
columns, dtypes and order are those of its docstring, also when there is nothing to show. Times are
UTC (``datetime64[ms, UTC]``), states and error types are categoricals that know all their values,
whole numbers are ``Int64`` and may be ``<NA>``. *since* is a time, or how long ago:
``timedelta(hours=1)``, ``"-1 day"``. *since*, *status* and *limit* are applied by SQLite, before a
row reaches Python.
"""

try:
    import pandas as _pandas  # noqa: F401 - only to see whether it is there
except ImportError as _error:  # pragma: no cover - the tests have it
    raise ImportError(
        "reslib.frames needs pandas. From a clone of reslib: pip install '.[notebook]'"
    ) from _error

from reslib.frames.batchframe import batches
from reslib.frames.clusterframe import cluster
from reslib.frames.comparison import compare
from reslib.frames.documentframes import attachments, search, skipped, stale
from reslib.frames.foundframes import documents, references, sections, tables
from reslib.frames.pageframe import pages
from reslib.frames.queueframes import failed_jobs, jobs, metrics, queue_stats, throughput, workers
from reslib.frames.textframes import doubtful, summary, texts
from reslib.frames.warningframe import warnings

__all__ = [
    "attachments",
    "batches",
    "cluster",
    "compare",
    "documents",
    "doubtful",
    "failed_jobs",
    "jobs",
    "metrics",
    "pages",
    "queue_stats",
    "references",
    "search",
    "sections",
    "skipped",
    "stale",
    "summary",
    "tables",
    "texts",
    "throughput",
    "warnings",
    "workers",
]


def __dir__() -> list[str]:
    """Complete to the frames, and not to what they are made with."""
    return __all__
