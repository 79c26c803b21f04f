"""``reslib extract --again``: which documents are read again, by which extractor, and its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from reslib.acceptances import suffix_of
from reslib.library import DocumentState
from reslib.settings import extractor_named
from reslib.terminal import plural
from reslib.worker import ExtractionWorker

__all__ = ["say_again", "say_not_again"]


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


def _reader(state: DocumentState, extractors: Iterable[str]) -> str | None:
    """Return the first of the named extractors that reads a document."""
    for name in extractors:
        if extractor_named(name).accepts(state.mime_type or "", suffix_of(state.path)):
            return name
    return None


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
