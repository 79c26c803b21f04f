"""Search over the documents of a library: what a person typed, and the hits."""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Collection, Iterator
from typing import Any

from reslib.formats.inner import is_inner
from reslib.formats.mediatypes import guess_from_name, part_name
from reslib.given import shown
from reslib.search.hits import SearchHit, SearchHits
from reslib.search.query import Query, parse
from reslib.search.sections import Sections
from reslib.search.snippet import Finder
from reslib.storage.filesystem import expanded
from reslib.storage.store import Store

__all__ = ["search"]

#: Copies of one document among the hits: so many more rows are asked for at first.
_SPARE = 10


def search(
    store: Store,
    query: str,
    limit: int,
    all_pages: bool,
    folder: str | os.PathLike[str] | None,
    file_type: str | None,
    ids: Collection[int] | None = None,
    section: str | None = None,
) -> SearchHits:
    """Find documents by their words; what :meth:`ResearchDatabase.search` does.

    Parameters
    ----------
    store
        The database.
    query, limit, all_pages, folder, file_type, section
        See there.
    ids
        Only these documents; all when None.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit must be a whole number of at least 1, not {limit!r}")
    if not isinstance(query, str):
        raise ValueError(f"a query is text, not {query!r}")
    if not isinstance(file_type, str | None):
        raise TypeError(f"file_type is text such as 'pdf', not {shown(file_type)}")
    hits = SearchHits()
    asked = parse(query)
    if not asked.match:
        return hits
    if section is not None:
        inside = Sections(store, section)
        ids = inside.documents if ids is None else inside.documents.intersection(ids)
    only = {"ids": None if ids is None else json.dumps(sorted(ids))}
    filters = {"query": asked.match, **_folder(folder), **_file_type(file_type), **only}
    finder = Finder(asked.phrases)
    # Of documents that have the section not all have the words in it.
    most = limit if section is None else 20 * limit
    documents = 0
    for row in _documents(store, filters, min(most, 2**31)):
        if documents == limit:
            break
        text = store.value("text", {"id": row["attachment_id"]}) or ""
        if section is not None:
            offsets = json.loads(row["page_offsets"] or "[0]")
            kept = inside.blanked(row["attachment_id"], text, offsets)
            there = finder.phrases_in(kept)
            if not any(there.issuperset(one) for one in asked.alternatives):
                continue
            text = kept
        documents += 1
        places = _places(store, row, filters)
        for page, snippet in _found(row, text, finder, asked if all_pages else None):
            hits.append(
                SearchHit(
                    attachment_id=row["attachment_id"],
                    filename=row["filename"],
                    page=page,
                    snippet=snippet,
                    rank=row["rank"],
                    path=places[0],
                    places=places,
                    part=_part(store, row, page),
                )
            )
    return hits


def _part(store: Store, row: Any, page: int | None) -> str:
    """Return what people call a page."""
    if page is None:
        return ""
    name = part_name(row["mime_type"])
    if name == "page":
        return f"page {page}"
    known = {"id": row["attachment_id"], "number": page}
    label = store.value("page_label", known) or str(page)
    return label if label.startswith(f"{name} ") else f"{name} {label}"


def _places(store: Store, row: Any, filters: dict[str, Any]) -> tuple[str, ...]:
    """Return where a document is: first where it is there, and in the folder that was asked for."""
    if not row["has_copies"]:
        return (os.fsdecode(row["path"]),)
    paths = [
        os.fsdecode(place["path"]) for place in store.rows("places", {"id": row["attachment_id"]})
    ]
    first, last = filters["path_from"], filters["path_to"]

    def rank(path: str) -> tuple[bool, bool]:
        is_outside = first is not None and not first <= os.fsencode(path) < last
        return is_outside, not os.path.lexists(path)

    return tuple(sorted(paths, key=rank))


def _documents(store: Store, filters: dict[str, Any], limit: int) -> list[Any]:
    """Return the best rows, each document once, also where the library has it several times."""
    asked = limit + _SPARE
    while True:
        rows = store.rows("search", {**filters, "limit": asked})
        seen: dict[object, Any] = {}
        for row in rows:
            # Of a document inside another only that vouches for its hash.
            is_file = row["file_size"] and not is_inner(os.fsdecode(row["path"]))
            key = row["content_hash"] if is_file else None
            if key is None:
                seen[row["attachment_id"]] = row
            elif key not in seen or (not _is_there(seen[key]) and _is_there(row)):
                seen[key] = row
        if len(seen) >= limit or len(rows) < asked:
            return list(seen.values())[:limit]
        asked *= 4


def _is_there(row: Any) -> bool:
    return os.path.lexists(os.fsdecode(row["path"]))


def _found(
    row: Any, text: str, finder: Finder, asked: Query | None
) -> Iterator[tuple[int | None, str]]:
    """Yield page and snippet of the best place, or with *asked* of every page that fits."""
    found = finder.snippet(text)
    offsets = json.loads(row["page_offsets"] or "[0]")
    if found.position is None:
        named = finder.snippet(row["filename"])
        yield None, named.text if named.position is not None else found.text
        return
    pages = _pages(text, offsets, finder, asked) if asked is not None else []
    if not pages:
        page = max(bisect_right(offsets, found.position), 1)
        if part_name(row["mime_type"]) == "page":
            yield page, found.text
        else:  # the words of a slide or a sheet do not go on from those of the one before
            begin, end = _page(text, offsets, page)
            alone = finder.snippet(text[begin:end])
            yield page, found.text if alone.position is None else alone.text
    for page in pages:
        begin, end = _page(text, offsets, page)
        yield page, finder.snippet(text[begin:end]).text


def _pages(text: str, offsets: list[int], finder: Finder, asked: Query) -> list[int]:
    """Return the pages that have as much of an alternative as the page that has most of it."""
    there = {
        page: finder.phrases_in(text[slice(*_page(text, offsets, page))])
        for page in range(1, len(offsets) + 1)
    }
    best = {
        alternative: max(len(found.intersection(alternative)) for found in there.values())
        for alternative in asked.alternatives
    }
    # What the document has only in part is why it was not found.
    whole = max(count / len(alternative) for alternative, count in best.items())
    wanted = [one for one, count in best.items() if count and count / len(one) == whole]
    return [
        page
        for page, found in there.items()
        if any(len(found.intersection(one)) == best[one] for one in wanted)
    ]


def _page(text: str, offsets: list[int], page: int) -> tuple[int, int]:
    return offsets[page - 1], offsets[page] if page < len(offsets) else len(text)


def _folder(folder: str | os.PathLike[str] | None) -> dict[str, bytes | None]:
    """Return the least and the first too large path of a folder's files, as bytes."""
    if folder is None:
        return {"path_from": None, "path_to": None}
    try:
        inside = os.fsencode(os.path.abspath(expanded(os.fspath(folder))).rstrip(os.sep) + os.sep)
    except UnicodeEncodeError:
        raise ValueError(f"{shown(folder)} can be no folder") from None
    return {"path_from": inside, "path_to": inside[:-1] + bytes([inside[-1] + 1])}


def _file_type(file_type: str | None) -> dict[str, str | None]:
    """Return a media type and the end of a name, one of which a document must have."""
    if file_type is None:
        return {"mime_type": None, "suffix": None}
    if "/" in file_type:
        return {"mime_type": file_type.lower(), "suffix": None}
    suffix = "." + file_type.lower().removeprefix(".")
    mime_type = guess_from_name(f"name{suffix}")
    # Much is plain text that is not called .txt.
    return {"mime_type": None if mime_type == "text/plain" else mime_type, "suffix": suffix}
