"""The acceptance of a document by an extractor when it was looked at, and who has that one.

A document that an extractor of a notebook or a plug-in accepted is for that one: another process on
the same file may have none of its name, and would read it with another, or with none at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from reslib.documents.places import File
from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.base import Extractor
from reslib.extractors.choice import acceptance_of, choose
from reslib.extractors.registry import registry
from reslib.formats.inner import is_inner
from reslib.liveness import ProcessIdentity, owner_is_dead
from reslib.models import TEXT, Acceptance
from reslib.storage.store import Store, Transaction

__all__ = [
    "acceptance_from",
    "can_be_read_here",
    "custom_extractors",
    "extractors_elsewhere",
    "reader_here",
    "remember",
    "suffix_of",
]


def remember(transaction: Transaction, looked_at: Mapping[int, File]) -> None:
    """Store which extractor accepts each document that was looked at.

    What is known stays when this process has none of that name, as long as the document is what
    was accepted: a process without the extractor cannot tell.

    Parameters
    ----------
    transaction
        In which the documents are stored.
    looked_at
        The file of each document, by the document's id.
    """
    known = {
        row["attachment_id"]: Acceptance(row["extractor"], row["mime_type"], row["suffix"])
        for row in transaction.rows("acceptances", {"ids": json.dumps(list(looked_at))})
    }
    here = registry.custom()
    for id, file in looked_at.items():
        mime_type, suffix = file.read_as or file.mime_type, suffix_of(file.path)
        before = known.get(id)
        if before and before.extractor not in here and before.holds(mime_type, suffix):
            continue
        now = acceptance_of(registry, mime_type, suffix)
        if now is None and before is not None:
            transaction.run("forget_acceptance", {"id": id})
        elif now is not None and now != before:
            columns = {
                "extractor": now.extractor,
                "mime_type": now.mime_type,
                "suffix": now.suffix,
            }
            transaction.run("remember_acceptance", {"id": id, **columns})


def suffix_of(path: str) -> str:
    """Return the suffix by which extractors know a document, lower case with its dot."""
    return PurePosixPath(path).suffix.lower()


def acceptance_from(row: Any) -> Acceptance | None:
    """Return what a row has in ``extractor, accepted_type, suffix``."""
    if row["extractor"] is None:
        return None
    return Acceptance(row["extractor"], row["accepted_type"], row["suffix"])


def can_be_read_here(path: str, mime_type: str | None, accepted: Acceptance | None) -> bool:
    """True when this process has an extractor for a document that failed for want of one.

    Parameters
    ----------
    path, mime_type
        Of the document, as they are known.
    accepted
        Which extractor accepted it.
    """
    try:
        return _reader(path, mime_type, accepted) is not None
    except ExtractionError as error:
        return error.code not in (ErrorCode.NO_EXTRACTOR, ErrorCode.MISSING_EXTRACTOR)
    except OSError:
        return True  # its job says what is wrong with the file


def reader_here(
    path: str, mime_type: str | None, accepted: Acceptance | None, task: str = TEXT
) -> Extractor | None:
    """Return the extractor of this process that reads a document now, with all that it needs.

    None when there is none, or the file is not there.

    Parameters
    ----------
    path, mime_type, accepted
        See :func:`can_be_read_here`.
    task
        What is to be done with it.
    """
    try:
        return _reader(path, mime_type, accepted, task)
    except (ExtractionError, OSError):
        return None


def _reader(
    path: str, mime_type: str | None, accepted: Acceptance | None, task: str = TEXT
) -> Extractor | None:
    suffix = suffix_of(path)
    found = choose(registry, mime_type or "", suffix, accepted=accepted, task=task)
    # The content may be of another type than was said; then the job would fail as before.
    if suffix in found.suffixes or is_inner(path):
        return found
    from reslib.formats.detect import detect  # here, as where files are taken in

    fits = found.accepts(detect(Path(path), mime_type), suffix)
    return found if fits else None


def custom_extractors() -> str | None:
    """Return the extractors of this process that are not reslib's own, as JSON; None without."""
    names = registry.custom()
    return json.dumps(sorted(names)) if names else None


def extractors_elsewhere(store: Store) -> frozenset[str]:
    """Return extractors that this process does not have, and a pool of another one that lives has.

    Jobs of theirs are left to that pool.
    """
    names: set[str] = set()
    me = ProcessIdentity.current()
    for row in store.rows("extractors_elsewhere"):
        identity = ProcessIdentity.from_row(row)
        if identity != me and not owner_is_dead(row):
            names |= set(json.loads(row["extractors"]))
    return frozenset(names) - registry.custom() if names else frozenset()
