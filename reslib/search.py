"""Search over the documents of a library: what a person typed, and the hits."""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reslib.arguments import shown
from reslib.mediatypes import guess_from_name
from reslib.models import SearchHit, SearchHits
from reslib.query import parse
from reslib.snippet import Finder
from reslib.store import Store

__all__ = ["search"]

#: Copies of one document among the hits: so many more rows are asked for at first.
_SPARE = 10


def search(
    store: Store,
    query: str,
    limit: int = 20,
    *,
    all_pages: bool = False,
    folder: str | os.PathLike[str] | None = None,
    file_type: str | None = None,
) -> SearchHits:
    """Find documents by their words; what :meth:`ResearchDatabase.search` does."""
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
    filters = {"query": asked.match, **_folder(folder), **_file_type(file_type)}
    finder = Finder(asked.phrases)
    for row in _documents(store, filters, min(limit, 2**31)):
        text = store.value("text", {"id": row["attachment_id"]}) or ""
        hits += _hits(row, text, finder, all_pages)
    return hits


def _documents(store: Store, filters: dict[str, Any], limit: int) -> list[Any]:
    """Return the best rows, each document once, also where the library has it several times."""
    asked = limit + _SPARE
    while True:
        rows = store.rows("search", {**filters, "limit": asked})
        seen: dict[object, Any] = {}
        for row in rows:
            key = row["content_hash"] if row["file_size"] else None
            if key is None:
                seen[row["attachment_id"]] = row
            elif key not in seen or (not _is_there(seen[key]) and _is_there(row)):
                seen[key] = row
        if len(seen) >= limit or len(rows) < asked:
            return list(seen.values())[:limit]
        asked *= 4


def _is_there(row: Any) -> bool:
    return os.path.lexists(os.fsdecode(row["path"]))


def _hits(row: Any, text: str, finder: Finder, all_pages: bool) -> Iterator[SearchHit]:
    found = finder.snippet(text)
    offsets = json.loads(row["page_offsets"] or "[0]")
    if found.position is None:
        named = finder.snippet(row["filename"])
        yield _hit(row, None, named.text if named.position is not None else found.text)
        return
    best = max(bisect_right(offsets, found.position), 1)
    pages = _pages(text, offsets, finder) if all_pages else [best]
    for page in pages or [best]:
        if all_pages and pages:
            begin, end = _page(text, offsets, page)
            yield _hit(row, page, finder.snippet(text[begin:end]).text)
        else:
            yield _hit(row, page, found.text)


def _pages(text: str, offsets: list[int], finder: Finder) -> list[int]:
    """Return the pages that have as many of the phrases as the page that has most of them."""
    counts = {
        page: finder.count(text[slice(*_page(text, offsets, page))])
        for page in range(1, len(offsets) + 1)
    }
    most = max(counts.values(), default=0)
    return [page for page, count in counts.items() if count == most > 0]


def _page(text: str, offsets: list[int], page: int) -> tuple[int, int]:
    return offsets[page - 1], offsets[page] if page < len(offsets) else len(text)


def _hit(row: Any, page: int | None, snippet: str) -> SearchHit:
    return SearchHit(
        attachment_id=row["attachment_id"],
        filename=row["filename"],
        page=page,
        snippet=snippet,
        rank=row["rank"],
        path=os.fsdecode(row["path"]),
    )


def _folder(folder: str | os.PathLike[str] | None) -> dict[str, bytes | None]:
    """Return the least and the first too large path of a folder's files, as bytes."""
    if folder is None:
        return {"path_from": None, "path_to": None}
    try:
        inside = os.fsencode(os.path.abspath(Path(folder).expanduser()).rstrip(os.sep) + os.sep)
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
