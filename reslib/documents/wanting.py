"""The documents whose pages OCR could read, and has not tried to with what is installed now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reslib.extractors.base import Extractor
from reslib.extractors.registry import registry
from reslib.models import OCR
from reslib.storage.store import Store

__all__ = ["means_of", "wanting"]

#: The extractor of reslib itself.
_OWN = "ocr"


def wanting(store: Store, ids: list[int] | None) -> Iterator[tuple[Any, str]]:
    """Yield documents as in the statement ``documents_wanting``, and why each is worth it.

    Once for what is installed: a program, a version and languages.
    """
    doers = [each for each in registry.all() if each.task == OCR and not each.by_name_only]
    able = [each for each in doers if not each.missing()]
    if not able or (means := means_here(able[0])) is None:
        return
    asked = {
        "ids": None if ids is None else json.dumps(ids),
        "task": OCR,
        "means": means,
        "types": json.dumps(sorted({kind for each in able for kind in each.mime_types})),
        "extractor": able[0].name,
        "recipe": able[0].recipe,
    }
    for row in store.rows("documents_wanting", asked):
        if row["means"] is None:
            yield row, "it has pages that OCR can read"
        else:
            yield row, "OCR has other languages, or is another, since it read it"


def means_here(extractor: Extractor) -> str | None:
    """Return what a document would be read with now; None when that cannot be found out."""
    if extractor.name != _OWN:
        return means_of(extractor.name, extractor.recipe)
    from reslib.extractors.ocr.tesseract import means  # here: it starts a program

    return means()


def means_of(extractor: str, recipe: int) -> str:
    """Return what stands for the means of an extractor that does not tell them."""
    return f"{extractor}, recipe {recipe}"
