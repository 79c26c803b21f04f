"""The documents that could be read better, or more of, since an extractor or its needs came.

Of documents that were read, by something else or without a part of what lies in them. What failed
is in :mod:`reslib.documents.freshness`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reslib.documents.acceptances import acceptance_from, reader_here, suffix_of
from reslib.documents.innerplaces import stored_path
from reslib.documents.intake import readable
from reslib.extraction import STAND_IN
from reslib.extractors.base import Extractor
from reslib.extractors.registry import registry
from reslib.extractors.requirements import named_in
from reslib.formats.inner import is_inner, outer_of
from reslib.storage.store import Store

__all__ = ["improvements"]


def improvements(store: Store, attachment_ids: Sequence[int] | None) -> Iterator[tuple[Any, str]]:
    """Yield what could be read better by now: what is known of it, and why, for people.

    Parameters
    ----------
    store
        The database.
    attachment_ids
        Which documents to look at; all when None.
    """
    ids = None if attachment_ids is None else json.dumps(list(attachment_ids))
    yield from _read_by_stand_ins(store, ids)
    yield from _with_more_inside(store, ids)


def _read_by_stand_ins(store: Store, ids: str | None) -> Iterable[tuple[Any, str]]:
    """Yield what was read by an extractor in place of one that has all that it needs by now."""
    declared = [each for extractor in registry.all() for each in extractor.requires]
    for row in store.rows("read_by_stand_ins", {"ids": ids, "code": STAND_IN}):
        needed = named_in(row["message"], declared)
        if needed is None or not needed.is_met():
            continue
        reader = _reader(row, os.fsdecode(row["path"]), row["mime_type"])
        if reader is not None and reader.name != row["read_by"]:
            found = f"{needed} was missing and is installed now: {reader.name} reads it, which goes"
            yield row, f"{found} before {row['read_by']}"


def _reader(row: Any, path: str, mime_type: str | None) -> Extractor | None:
    return reader_here(path, mime_type, acceptance_from(row), row["task"])


def _with_more_inside(store: Store, ids: str | None) -> Iterable[tuple[Any, str]]:
    """Yield documents in which something was left out that an extractor of this process reads."""
    types, suffixes = readable()
    left_out: dict[str | bytes, list[tuple[str, str]]] = {}
    for row in store.rows("skipped_inside"):
        path, mime_type = row["path"], row["mime_type"]
        if not is_inner(path) or not (mime_type in types or suffix_of(path) in suffixes):
            continue
        reader = reader_here(path, mime_type, None)
        if reader is not None:
            outer, name = outer_of(path)
            left_out.setdefault(stored_path(outer), []).append((name, reader.name))
    paths = json.dumps([path for path in left_out if isinstance(path, str)], ensure_ascii=False)
    for row in store.rows("documents_at", {"paths": paths, "ids": ids}):
        (name, reader_name), *others = left_out[row["path"]]
        more = f" and {len(others):,} more" if others else ""
        yield row, f"nothing read {name!r}{more} in it, and {reader_name} is here now"
