"""The freshness of documents: which are worth reading, and which again, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from reslib.documents.acceptances import acceptance_from, can_be_read_here, reader_here
from reslib.documents.improvements import improvements
from reslib.documents.wanting import wanting
from reslib.errors import ErrorCode
from reslib.extractors.registry import registry
from reslib.extractors.requirements import named_in
from reslib.models import TEXT, TextStatus
from reslib.storage.store import Store

__all__ = ["StaleDocument", "needing_extraction", "stale_documents", "with_inside"]

#: Failures that are not the document's: whoever asks again has probably mended the cause.
_OUTSIDE = (ErrorCode.FILE_NOT_FOUND, ErrorCode.PERMISSION_DENIED, ErrorCode.MISSING_DEPENDENCY)
_CHANGED = "the file has changed since"
#: Failures for want of an extractor, which this process may have.
_LACKING = (ErrorCode.NO_EXTRACTOR, ErrorCode.MISSING_EXTRACTOR)


@dataclass(frozen=True, slots=True)
class StaleDocument:
    """A document that is worth reading again, and why. Times are UTC text."""

    attachment_id: int
    filename: str
    #: As :func:`os.fsdecode` gives it.
    path: str
    #: For people.
    reason: str
    #: Who made its text; of one without a text, who can read it now.
    extractor: str | None
    #: With which its text was made.
    recipe: int | None
    #: That the extractor has in this process; None when it is not here.
    new_recipe: int | None
    #: How much of the document its text covers.
    text_status: TextStatus | None
    extracted_at: str | None
    #: Whether a newer recipe is a reason: it is offered only to whoever asks for stale ones.
    has_new_recipe: bool
    #: Of what is to be made anew: the text, or what another task found.
    task: str = TEXT
    #: Whether it is one that could be read better or more fully; offered likewise.
    is_improvable: bool = False


def with_inside(store: Store, attachment_ids: Iterable[int]) -> list[int]:
    """Return documents, and after them those that lie in them, each once."""
    ids = list(dict.fromkeys(attachment_ids))
    rows = store.rows("documents_inside", {"ids": json.dumps(ids)})
    return list(dict.fromkeys([*ids, *(row["id"] for row in rows)]))


def needing_extraction(
    store: Store, attachment_ids: Iterable[int] | None, stale: bool
) -> list[int]:
    """Return the documents to read; see :meth:`ResearchDatabase.needs_extraction`.

    Parameters
    ----------
    store
        The database.
    attachment_ids
        Which documents to look at; all when None.
    stale
        Also those whose extractor has a newer recipe, what could be read better by now, and those
        that OCR can read.
    """
    if attachment_ids is not None:
        attachment_ids = with_inside(store, attachment_ids)
    found = {row["id"] for row in _offered(store, attachment_ids, _recipes() if stale else {})}
    if stale:
        better = improvements(store, attachment_ids)
        found |= {row["id"] for row, _ in better if row["task"] == TEXT}
        # When their text is read again, a job of OCR follows.
        found |= {row["id"] for row, _ in wanting(store, attachment_ids)}
    return sorted(found)


def stale_documents(
    store: Store, attachment_ids: Iterable[int] | None = None
) -> list[StaleDocument]:
    """Return the documents that are worth reading again; see :meth:`ResearchDatabase.stale`.

    Parameters
    ----------
    store
        The database.
    attachment_ids
        Which documents to look at; all when None.

    Returns
    -------
    list of StaleDocument
        In the order of their ids, the text first. Documents that were never read are none of them.
    """
    if attachment_ids is not None:
        attachment_ids = with_inside(store, attachment_ids)
    recipes = _recipes()
    found = (_judged(row, recipes) for row in _offered(store, attachment_ids, recipes))
    documents = [document for document in found if document is not None]
    documents += _stale_tasks(store, attachment_ids)
    known = {(document.attachment_id, document.task): document for document in documents}
    for row, reason in improvements(store, attachment_ids):
        key = row["id"], row["task"]
        before = known.get(key)
        known[key] = _improvable(row, reason, recipes) if before is None else _also(before, reason)
    for row, reason in wanting(store, attachment_ids):
        known.setdefault((row["id"], row["task"]), _of_task(row, reason, False))
    return sorted(known.values(), key=lambda document: document.attachment_id)


def _improvable(row: Any, reason: str, recipes: dict[str, int]) -> StaleDocument:
    document = _of_task({**row, "extractor": row["read_by"], "new_recipe": None}, reason, False)
    new = recipes.get(row["read_by"])
    return replace(document, new_recipe=new, extracted_at=row["extracted_at"], is_improvable=True)


def _also(document: StaleDocument, reason: str) -> StaleDocument:
    """Return a document that is worth reading again for one reason more."""
    if reason in document.reason:
        return document
    return replace(document, reason=f"{document.reason}; {reason}")


def _stale_tasks(store: Store, attachment_ids: list[int] | None) -> Iterable[StaleDocument]:
    """Yield what other tasks found in documents and is worth doing again."""
    recipes = {each.name: each.recipe for each in registry.all() if each.task != TEXT}
    values = {
        "ids": None if attachment_ids is None else json.dumps(attachment_ids),
        "recipes": json.dumps(recipes, ensure_ascii=False),
    }
    for row in store.rows("stale_tasks", values):
        by, new = row["extractor"], row["new_recipe"]
        reason = f"{by} has recipe {new} now, this was made with {row['recipe']}"
        yield _of_task(row, _CHANGED if row["is_stale"] else reason, not row["is_stale"])
    values["missing"] = json.dumps((*_LACKING, ErrorCode.MISSING_DEPENDENCY))
    for row in store.rows("failed_tasks", values):
        by, new = row["extractor"], row["new_recipe"]
        if row["has_changed"]:
            yield _of_task(row, _CHANGED, False)
        elif row["lacks"] and (found := _is_here_now(row)):
            yield _of_task(row, found, False)
        elif new is not None and (row["recipe"] or 0) < new:
            reason = f"{by} has recipe {new} now, and failed with {row['recipe']}"
            yield _of_task(row, reason, True)


def _of_task(row: Any, reason: str, has_new_recipe: bool) -> StaleDocument:
    return StaleDocument(
        attachment_id=row["id"],
        filename=row["filename"],
        path=os.fsdecode(row["path"]),
        reason=reason,
        extractor=row["extractor"],
        recipe=row["recipe"],
        new_recipe=row["new_recipe"],
        text_status=None if row["text_status"] is None else TextStatus(row["text_status"]),
        extracted_at=None,
        has_new_recipe=has_new_recipe,
        task=row["task"],
    )


def _is_here_now(row: Any) -> str:
    """Return what another task failed for want of and is here now; empty when it is not."""
    doing = [each for each in registry.all() if each.task == row["task"]]
    needed = named_in(row["error_message"] or "", [r for each in doing for r in each.requires])
    if needed is not None:
        return f"{needed} was missing and is installed now" if needed.is_met() else ""
    names = {each.name for each in doing}
    return "there was no extractor for it, and one is here now" if names else ""


def _recipes() -> dict[str, int]:
    """Return the recipe of each extractor of this process that reads texts."""
    return {each.name: each.recipe for each in registry.all() if each.task == TEXT}


def _offered(
    store: Store, attachment_ids: Iterable[int] | None, recipes: dict[str, int]
) -> list[Any]:
    """Return what is known of each document that is to be read."""
    ids = None if attachment_ids is None else json.dumps(list(attachment_ids))
    values = {
        "ids": ids,
        "recipes": json.dumps(recipes, ensure_ascii=False),
        "outside": json.dumps(_OUTSIDE),
        "lacking": json.dumps(_LACKING),
    }
    return [
        row
        for row in store.rows("needs_extraction", values)
        if not row["lacks"] or can_be_read_here(*_as_it_is_read(row))
    ]


def _as_it_is_read(row: Any) -> tuple[str, str | None, Any]:
    return os.fsdecode(row["path"]), row["mime_type"], acceptance_from(row)


def _judged(row: Any, recipes: dict[str, int]) -> StaleDocument | None:
    """Return why a document is to be read again; None for one that was never read."""
    extractor = row["read_by"]
    renewed = row["may_be_read_now"] == 1
    if row["text_status"] is None and renewed:
        extractor, reason = row["failed_by"], _failed_before(row, recipes)
    elif row["text_status"] is None:
        reason, extractor = _what_was_missing(row)
    elif row["is_stale"]:
        reason = _CHANGED
    else:
        renewed = renewed or row["is_renewed"] == 1
        reason = "; ".join(_reasons(row, recipes))
    new = None if extractor is None else recipes.get(extractor)
    if not reason:
        return None
    return StaleDocument(
        attachment_id=row["id"],
        filename=row["filename"],
        path=os.fsdecode(row["path"]),
        reason=reason,
        extractor=extractor,
        recipe=row["recipe"],
        new_recipe=new,
        text_status=None if row["text_status"] is None else TextStatus(row["text_status"]),
        extracted_at=row["extracted_at"],
        has_new_recipe=renewed,
    )


def _reasons(row: Any, recipes: dict[str, int]) -> Iterable[str]:
    if row["is_cut"]:
        yield ": ".join(filter(None, ("it was cut off", row["confidence_reason"])))
    if row["is_renewed"]:
        new, old = recipes[row["read_by"]], row["recipe"]
        yield f"{row['read_by']} has recipe {new} now, the text was made with {old}"
    elif row["may_be_read_now"]:
        yield _failed_before(row, recipes)


def _failed_before(row: Any, recipes: dict[str, int]) -> str:
    by = row["failed_by"]
    return f"{by} has recipe {recipes[by]} now, and failed with {row['failed_recipe']}"


def _what_was_missing(row: Any) -> tuple[str, str | None]:
    """Return what a document failed for want of and is here now, and who can read it."""
    if not row["lacks"] and row["error_code"] != ErrorCode.MISSING_DEPENDENCY:
        return "", None
    reader = reader_here(*_as_it_is_read(row))
    if reader is None:
        return "", None
    if row["lacks"]:
        return f"there was no extractor for it, and {reader.name} is here now", reader.name
    declared = [each for extractor in registry.all() for each in extractor.requires]
    needed = named_in(row["error_message"] or "", declared)
    if needed is None or not needed.is_met():
        return "", None
    return f"{needed} was missing and is installed now", reader.name
