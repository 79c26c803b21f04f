"""Reading documents again that have a text already, on request."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from reslib.clock import utc_text
from reslib.documents.acceptances import suffix_of
from reslib.errors import AttachmentNotFound, printable
from reslib.given import whole
from reslib.models import TEXT
from reslib.pool.settings import extractor_named
from reslib.storage.store import Store

__all__ = ["enqueue_again"]

logger = logging.getLogger(__name__)

#: A warning names so many documents.
_NAME_AT_MOST = 20


def enqueue_again(
    store: Store, attachment_ids: Iterable[int], extractor: str | None, max_retries: int
) -> list[int]:
    """Enqueue documents whatever text they have; see :meth:`ExtractionWorker.extract_again`.

    Parameters
    ----------
    store
        The database.
    attachment_ids
        Which documents.
    extractor
        Which extractor is to read them; None for the usual one of each.
    max_retries
        Attempts that may follow a job's first.

    Returns
    -------
    list of int
        The jobs.

    Raises
    ------
    AttachmentNotFound
        One of them does not exist; then nothing was enqueued.
    ValueError
        There is no such extractor, or it does something else than reading the text.
    """
    reader = None if extractor is None else extractor_named(extractor)
    if reader is not None and reader.task != TEXT:
        raise ValueError(
            f"the extractor {extractor!r} does not read the text of documents: "
            f"enqueue(id, task={reader.task!r}) has it do what it does"
        )
    wanted = list(dict.fromkeys(whole("attachment_id", each) for each in attachment_ids))
    left_out = 0
    too_late: list[str] = []
    jobs: list[int] = []
    with store.write() as transaction:
        now = utc_text()
        new = {"max_retries": max_retries, "now": now, "extractor": extractor}
        for row in transaction.rows("may_be_read_again", {"ids": json.dumps(wanted)}):
            if not row["known"]:
                raise AttachmentNotFound(f"there is no attachment {row['id']!r}")
            suffix = suffix_of(os.fsdecode(row["path"]))
            if reader is not None and not reader.accepts(row["mime_type"] or "", suffix):
                left_out += 1
            elif row["open_job"] is None:
                jobs += transaction.insert("enqueue_again", [{**new, "attachment_id": row["id"]}])
            elif transaction.run(
                "ask_for_extractor", {"job_id": row["open_job"], "extractor": extractor}
            ):
                jobs.append(row["open_job"])
            elif row["open_extractor"] != extractor:
                too_late.append(printable(PurePosixPath(os.fsdecode(row["path"])).name))
    if left_out:
        logger.warning(
            "documents that the extractor %r does not read, which are left as they are: %d",
            extractor,
            left_out,
        )
    if too_late:
        more = len(too_late) - _NAME_AT_MOST
        logger.warning(
            "being read just now, and not to be read by %s afterwards; ask again then: %s%s",
            f"the extractor {extractor!r}" if extractor else "the usual extractor",
            ", ".join(too_late[:_NAME_AT_MOST]),
            f" and {more:,} more" if more > 0 else "",
        )
    if jobs:
        store.announce()
    return jobs
