"""The places of documents inside others: they go where the file goes that they are in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from reslib.storage.store import Transaction

__all__ = ["lift", "mark_stale", "put_back", "stored_path"]


def stored_path(path: str) -> str | bytes:
    """Return a path as it is stored: text, or bytes when it is not UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def mark_stale(transaction: Transaction, attachment_id: int) -> None:
    """Note that what is known of a document is of other content than it has by now."""
    transaction.run("mark_stale", {"id": attachment_id})
    transaction.run("mark_tasks_stale", {"id": attachment_id})


def lift(transaction: Transaction, moving: Mapping[int, str]) -> dict[int, tuple[int, str]]:
    """Take what lies in documents that move from its places, which others may get.

    Parameters
    ----------
    transaction
        In which they move.
    moving
        The path that each of them has so far, by its id.

    Returns
    -------
    dict
        For each document inside: in which it lies, and the rest of its path.
    """
    lifted = {}
    for id, path in moving.items():
        for row in transaction.rows("paths_inside", {"id": id}):
            lifted[row["id"]] = id, os.fsdecode(row["path"])[len(path) :]
    _move(transaction, ((inner, b"\0%d" % inner) for inner in lifted))
    return lifted


def put_back(
    transaction: Transaction, lifted: Mapping[int, tuple[int, str]], moved: Mapping[int, str]
) -> None:
    """Give what :func:`lift` took its place where the document around it is now.

    Parameters
    ----------
    transaction
        In which they move.
    lifted
        What :func:`lift` gave.
    moved
        The path of each document that moved.
    """
    _move(
        transaction,
        ((inner, stored_path(moved[id] + rest)) for inner, (id, rest) in lifted.items()),
    )


def _move(transaction: Transaction, paths: Iterable[tuple[int, str | bytes]]) -> None:
    for id, path in paths:
        values = {"id": id, "path": path, "file_mtime_ns": None}
        transaction.run("move_attachment", values)
