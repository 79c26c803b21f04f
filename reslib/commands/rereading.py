"""Reading again on request: ``reslib extract --again``, ``--stale``, ``reslib retry``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import click

from reslib.commands.terminal import plural
from reslib.database import ResearchDatabase
from reslib.documents.acceptances import suffix_of
from reslib.documents.freshness import StaleDocument, stale_documents
from reslib.documents.wanting import wanting
from reslib.errors import printable
from reslib.extractors.registry import registry
from reslib.library import DocumentState, documents
from reslib.models import OCR, TEXT
from reslib.pool.pool import ExtractionWorker
from reslib.pool.settings import extractor_named

__all__ = [
    "ask_others",
    "enqueue_for_ocr",
    "say_again",
    "say_not_again",
    "say_not_stale",
    "say_stale",
]

#: So many reasons are counted by name.
_REASONS_AT_MOST = 10


def say_again(
    pool: ExtractionWorker, states: Sequence[DocumentState], extractors: Sequence[str]
) -> None:
    """Enqueue documents to be read again, and say how many, and which are left as they are.

    Parameters
    ----------
    pool
        Whose queue it is.
    states
        The documents.
    extractors
        Names; the first that reads a document is to read it. Without any, the usual one of each.
    """
    jobs: list[int] = []
    wanted: dict[str | None, list[int]] = {}
    left = 0
    for state in states:
        reader = _reader(state, extractors)
        if extractors and reader is None:
            left += state.has_current_text
        else:
            wanted.setdefault(reader, []).append(state.attachment_id)
    for reader, ids in wanted.items():
        jobs += pool.extract_again(ids, extractor=reader)
    by = f" by {_either(extractors)}" if extractors else ""
    click.echo(f"To be read again{by}: {plural(len(jobs), 'document')}.", err=True)
    if left:
        click.echo(
            f"Left as they are, because {_either(extractors)} does not read them: "
            f"{plural(left, 'document')}.",
            err=True,
        )


def say_stale(
    pool: ExtractionWorker, attachment_ids: Iterable[int] | None, extractors: Sequence[str]
) -> None:
    """Enqueue documents that are worth reading again, and say how many, and of which extractors.

    Parameters
    ----------
    pool
        Whose queue it is.
    attachment_ids
        Which documents to look at; the whole library when None.
    extractors
        As :func:`say_again` takes them.
    """
    found = stale_documents(pool.db.store, attachment_ids)
    # Other tasks are for a process that does them.
    found = [document for document in found if document.task in registry.tasks()]
    if extractors:
        ids = [document.attachment_id for document in found if document.task == TEXT]
        say_again(pool, documents(pool.db, ids), extractors)
        return
    wanted: dict[str | None, list[int]] = {}
    others: dict[str, list[int]] = {}
    for document in found:
        if document.task == TEXT:
            wanted.setdefault(_by_name(document), []).append(document.attachment_id)
        else:
            others.setdefault(document.task, []).append(document.attachment_id)
    jobs = sum(len(pool.extract_again(ids, extractor=name)) for name, ids in wanted.items())
    jobs += sum(len(pool.queue.enqueue_batch(ids, task=task)) for task, ids in others.items())
    click.echo(f"To be read again: {plural(jobs, 'document')}.", err=True)
    for reason, count in Counter(map(_shortly, found)).most_common(_REASONS_AT_MOST):
        click.echo(f"  {plural(count, 'document')}: {printable(reason)}", err=True)


def enqueue_for_ocr(pool: ExtractionWorker, attachment_ids: Iterable[int] | None) -> list[int]:
    """Enqueue documents that OCR can read by now and has not; say how many, return which.

    Parameters
    ----------
    pool
        Whose queue it is.
    attachment_ids
        Which documents to look at; the whole library when None.
    """
    ids = None if attachment_ids is None else list(attachment_ids)
    found = [row["id"] for row, _ in wanting(pool.db.store, ids)]
    if found:
        pool.queue.enqueue_batch(found, task=OCR)
        click.echo(f"To be read by OCR: {plural(len(found), 'document')}.", err=True)
    return found


def _by_name(document: StaleDocument) -> str | None:
    """Return the extractor that has to be asked for by name to read a document as before."""
    if document.extractor is None or not document.has_new_recipe:
        return None
    return document.extractor if extractor_named(document.extractor).by_name_only else None


def _shortly(document: StaleDocument) -> str:
    """Return why a document is read again, in words that many have in common."""
    if document.has_new_recipe:
        return f"{document.extractor} gives other texts now"
    return document.reason


def ask_others(pool: ExtractionWorker, job_ids: Iterable[int], extractors: Sequence[str]) -> None:
    """Have jobs that one extractor was asked for be done by others that were named now.

    A pool's ``extractors`` are what it prefers, and a job's own wish goes before.

    Parameters
    ----------
    pool
        Whose queue it is.
    job_ids
        The jobs.
    extractors
        Names; the first that reads a document is to read it. Without any, wishes stay.
    """
    jobs = [pool.queue.get_job(job_id) for job_id in (job_ids if extractors else ())]
    wishes = {job.attachment_id for job in jobs if job is not None and job.extractor is not None}
    for state in documents(pool.db, wishes):
        reader = _reader(state, extractors)
        if reader is not None:
            pool.extract_again([state.attachment_id], extractor=reader)


def say_not_again(states: Iterable[DocumentState], extractors: Sequence[str]) -> None:
    """Say that ``--extractor`` alone changes nothing about texts that are there already.

    Parameters
    ----------
    states
        Documents that have a text.
    extractors
        Names that were given.
    """
    others = sum(
        _reader(state, extractors) is not None and state.extractor not in extractors
        for state in states
    )
    if others:
        click.echo(
            f"Of these, not read by {_either(extractors)}: {plural(others, 'document')}. Nothing "
            f"was read again; with --again {_either(extractors)} reads them.",
            err=True,
        )


def say_not_stale(db: ResearchDatabase, attachment_ids: Iterable[int]) -> None:
    """Say how many documents would be read otherwise by now, which are not read again.

    Parameters
    ----------
    db
        The database.
    attachment_ids
        Documents that are left alone.
    """
    found = stale_documents(db.store, attachment_ids)
    count = sum(document.has_new_recipe for document in found)
    better = Counter(document.reason for document in found if document.is_improvable)
    if better:
        reason, _ = better.most_common(1)[0]
        click.echo(
            f"Of these, read better by now: {plural(better.total(), 'document')} "
            f"({printable(reason)}). Nothing was read again; with --stale they are.",
            err=True,
        )
    if count:
        click.echo(
            f"Of these, read by an extractor that gives other texts now: "
            f"{plural(count, 'document')}. Nothing was read again; with --stale they are.",
            err=True,
        )


def _reader(state: DocumentState, extractors: Iterable[str]) -> str | None:
    """Return the first of the named extractors that reads a document."""
    for name in extractors:
        if extractor_named(name).accepts(state.mime_type or "", suffix_of(state.path)):
            return name
    return None


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
