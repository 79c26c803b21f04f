"""The sum of what OCR did, and what to install where it did nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console

from reslib.commands.terminal import plural, say
from reslib.database import ResearchDatabase
from reslib.extractors.registry import registry
from reslib.models import OCR

__all__ = ["say_ocr"]


def say_ocr(console: Console, db: ResearchDatabase, attachment_ids: Sequence[int]) -> None:
    """Print how many pages of documents were read by OCR, and how many it could read.

    Parameters
    ----------
    console
        Where to.
    db
        The database.
    attachment_ids
        Which documents.
    """
    counts = db.store.row("ocr_counts", {"ids": json.dumps(list(attachment_ids)), "task": OCR})
    assert counts is not None
    if counts["read_pages"]:
        documents = plural(counts["read_documents"], "document")
        say(console, f"Read by OCR: {plural(counts['read_pages'], 'page')} of {documents}.")
    missing = _missing()
    if counts["wanting"] and missing:
        pages = plural(counts["wanting"], "page")
        say(console, f"OCR could read {pages} more. It is not installed: {missing}")


def _missing() -> str:
    """Return what installs OCR; empty when it is there."""
    doers = [each for each in registry.all() if each.task == OCR and not each.by_name_only]
    if not doers or any(not each.missing() for each in doers):
        return ""
    return " and ".join(dict.fromkeys(need.install for need in doers[0].missing()))
