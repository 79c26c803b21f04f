"""The DataFrame of the documents that are worth reading again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from reslib.documents.freshness import StaleDocument
from reslib.errors import printable
from reslib.models import TextStatus

if TYPE_CHECKING:
    import pandas

__all__ = ["DataFrame", "stale_frame"]

#: What :meth:`ResearchDatabase.stale` returns; a name for whoever may not know pandas.
DataFrame: TypeAlias = "pandas.DataFrame"

#: A text whose file has changed covers what it covered; the reason says the rest.
_COVERAGE = [status.value for status in TextStatus if status is not TextStatus.STALE]


def stale_frame(documents: Sequence[StaleDocument]) -> DataFrame:
    """Return a row a document and task; see :func:`reslib.frames.stale`.

    Parameters
    ----------
    documents
        In the order of the rows.

    Raises
    ------
    ImportError
        pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "db.stale() needs pandas. From a clone of reslib: pip install '.[notebook]'. Without "
            "it, db.needs_extraction(stale=True) gives the ids"
        ) from error
    kinds = {
        "attachment_id": "Int64",
        "filename": "string",
        "path": "string",
        "reason": "string",
        "extractor": "string",
        "recipe": "Int64",
        "new_recipe": "Int64",
        "text_status": pd.CategoricalDtype(_COVERAGE),
    }
    columns = {
        name: pd.Series([getattr(document, name) for document in documents], dtype=kind)
        for name, kind in kinds.items()
    }
    columns["path"] = columns["path"].map(printable).astype("string")
    times = pd.Series([document.extracted_at for document in documents], dtype="object")
    columns["extracted_at"] = pd.to_datetime(times, format="ISO8601", utc=True).astype(
        "datetime64[ms, UTC]"
    )
    columns["task"] = pd.Series([document.task for document in documents], dtype="string")
    return pd.DataFrame(columns).set_index("attachment_id")
