"""The pages that other tasks give, put in place of the text's, and the jobs that pages want."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from reslib.documents.founditems import pages_of
from reslib.items import DocumentInfo, Page
from reslib.jobs.itemstore import item_columns, store_pages
from reslib.storage.store import Store, Transaction

__all__ = ["MEANS", "finished", "follow_up", "given", "keep_pages", "merge_pages", "pages_to_do"]


#: What a task was done with, among the metadata that its extractor gives.
MEANS = "means"


def given(pages: Iterable[Page]) -> list[Page]:
    """Return the pages that an extractor gave, without those that stand for others."""
    return [page for page in pages if page != Page("", number=page.number)]


def finished(pages: Iterable[Page]) -> list[Page]:
    """Return those of the given pages that are done, not those that were only begun."""
    return [page for page in given(pages) if page.text.strip() or page.blank or not page.wants]


def keep_pages(
    transaction: Transaction,
    fence: dict[str, Any],
    pages: Iterable[Page],
    content_hash: str | None,
) -> None:
    """Keep pages that the task of a job gave, until they are put in place and ever after.

    Parameters
    ----------
    transaction
        In which they are kept.
    fence
        The job and the number of the claim; nothing is kept of another one.
    pages
        The pages, with their numbers.
    content_hash
        Of the content that they were read from; None for that of the moment.
    """
    rows = [{**item_columns(page), **fence, "content_hash": content_hash} for page in pages]
    transaction.run_many("keep_task_page", rows)


def merge_pages(transaction: Transaction, attachment_id: int) -> None:
    """Put the pages that other tasks gave in place of those of the text: words, places, judgement.

    A page that another task could not read stays as it is, and says so where it has no words.
    """
    # Here: who only asks and searches never puts a text together.
    from reslib.extractors.assemble import in_order, join, judged

    document = {"id": attachment_id}
    transaction.run("forget_task_pages", document)
    given = transaction.rows("task_pages", document)
    if not given:
        return
    before = pages_of(transaction.row("stored_pages", document))
    pages = {page.number or 0: page for page in before}
    for row in given:
        number = row["number"]
        pages[number] = _better(pages.get(number), _page(row))
    after = in_order(pages)
    if list(after) == before:
        return
    text, offsets = join(after)
    status, confidence, reason = judged(after, DocumentInfo())
    values = {
        "text": text,
        "text_status": status,
        "page_count": len(offsets),
        "page_offsets": json.dumps(offsets, separators=(",", ":")),
        "confidence": confidence,
        "confidence_reason": reason,
    }
    transaction.run("replace_text", {**document, **values})
    transaction.run("forget_pages", document)
    store_pages(transaction, attachment_id, after, offsets)


def _page(row: Any) -> Page:
    return Page(
        text=row["text"],
        confidence=row["confidence"],
        reason=row["reason"],
        blank=bool(row["blank"]),
        number=row["number"],
        label=row["label"],
        origin=row["origin"],
        wants=tuple(json.loads(row["wants"])),
    )


def _better(old: Page | None, new: Page) -> Page:
    """Return what a page is from now on; never nothing over something."""
    if old is None:
        return new
    label = new.label or old.label
    if new.text.strip():
        kept = new
    elif old.text.strip():
        return _with(old, label, new.wants, old.reason)
    else:
        kept = new if new.blank else old
        return _with(kept, label, new.wants, new.reason or old.reason)
    return _with(kept, label, new.wants, kept.reason)


def _with(page: Page, label: str, wants: tuple[str, ...], reason: str) -> Page:
    return Page(
        text=page.text,
        confidence=page.confidence,
        reason=reason,
        blank=page.blank,
        number=page.number,
        label=label,
        origin=page.origin,
        wants=wants,
    )


def follow_up(
    transaction: Transaction, job_id: int, attachment_id: int, tasks: Collection[str], now: str
) -> bool:
    """Make a job of each task that some page of a document wants and that is to follow.

    They belong to the batch of this job and have its priority. A document that has an open job of
    a task gets no other one.

    Returns
    -------
    bool
        Whether one was made.
    """
    if not tasks:
        return False
    wanted = {row["task"] for row in transaction.rows("tasks_wanted", {"id": attachment_id})}
    made = False
    for task in sorted(wanted.intersection(tasks)):
        asked = {"ids": json.dumps([attachment_id]), "task": task}
        if transaction.rows("may_be_enqueued", asked)[0]["has_open_job"]:
            continue
        outer = transaction.row("job_of_inner", {"job_id": job_id})
        assert outer is not None
        job = {name: outer[name] for name in ("priority", "max_retries", "batch_id")}
        more = {"is_extra": False, "task": task, "options": "{}", "now": now}
        transaction.run("enqueue", {**job, **more, "attachment_id": attachment_id})
        made = True
    return made


def pages_to_do(store: Store, job_id: int, attachment_id: int, task: str) -> list[int] | None:
    """Return the numbers of the pages that are left for a job: those that want its task, or that
    have no words and were never looked at by it, but for those that this job has done already.

    None when nothing is known of the pages, because the document has not been read.
    """
    pages = pages_of(store.row("stored_pages", {"id": attachment_id}))
    if not pages:
        return None
    done = {row["number"] for row in store.rows("pages_done_by_job", {"job_id": job_id})}
    left = [page for page in pages if page.number not in done]
    return [
        page.number or 0
        for page in left
        if task in page.wants or not (page.text.strip() or page.blank or page.origin)
    ]
