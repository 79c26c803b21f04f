"""Two extractors compared, document by document; people call it from :mod:`reslib.frames`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reslib.frames.dataframe import NUMBER, TEXT, WHOLE, Schema, frame, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from reslib.database import ResearchDatabase

__all__ = ["compare"]

#: Multiplies the hash of a word before that of the next one is added (Knuth, TAOCP 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def compare(db: ResearchDatabase, first: str, second: str) -> pd.DataFrame:
    """Return what two extractors made of the same documents.

    ``worker.extract_again(ids, extractor=second)`` gives the second text.

    Parameters
    ----------
    db
        The database.
    first, second
        Names of extractors, such as ``"pdf"`` and ``"pdfplumber"``.

    Returns
    -------
    DataFrame
        One row a document of which both have given a text of the same content. Index
        ``attachment_id``. ``filename`` (string), ``chars_first``, ``chars_second``,
        ``words_first``, ``words_second``, ``pages_first``, ``pages_second`` (Int64),
        ``confidence_first``, ``confidence_second`` (Float64, 0 to 1), ``time_ms_first``,
        ``time_ms_second``: how long the latest attempt took (Float64); ``similarity``: the share of
        the pairs of neighbouring words that both texts have (Float64, 0 to 1, the coefficient of
        Dice 1945), so that words that are missing and words in another order lower it.

    Raises
    ------
    ValueError
        Both names are the same.
    """
    if first == second:
        raise ValueError(f"two different extractors can be compared, not {first!r} with itself")
    table = []
    for row in rows_of(db, "texts_of_two", {"first": first, "second": second}):
        texts = [
            db.store.value("text_by", {"id": row["attachment_id"], "extractor": name}) or ""
            for name in (first, second)
        ]
        words = [text.split() for text in texts]
        counts = {
            "chars_first": len(texts[0]),
            "chars_second": len(texts[1]),
            "words_first": len(words[0]),
            "words_second": len(words[1]),
        }
        table.append({**dict(row), **counts, "similarity": similarity(*words)})
    schema: Schema = {
        "attachment_id": WHOLE,
        "filename": TEXT,
        "chars_first": WHOLE,
        "chars_second": WHOLE,
        "words_first": WHOLE,
        "words_second": WHOLE,
        "pages_first": WHOLE,
        "pages_second": WHOLE,
        "confidence_first": NUMBER,
        "confidence_second": NUMBER,
        "time_ms_first": NUMBER,
        "time_ms_second": NUMBER,
        "similarity": NUMBER,
    }
    return frame(table, schema, "attachment_id")


def similarity(first: list[str], second: list[str]) -> float:
    """Return twice the pairs of neighbouring words that both have, by all pairs; 1.0 for equal
    texts, also for empty ones.

    Numbers stand for the words, so that texts of 100 MB fit into memory.
    """
    kinds_first, counts_first = _pairs(first)
    kinds_second, counts_second = _pairs(second)
    _, at_first, at_second = np.intersect1d(
        kinds_first, kinds_second, assume_unique=True, return_indices=True
    )
    common = np.minimum(counts_first[at_first], counts_second[at_second]).sum()
    return float(2 * common / (counts_first.sum() + counts_second.sum()))


def _pairs(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return each pair of neighbours once, and how often it occurs; the ends count as words."""
    hashes = np.fromiter(map(hash, ("\n", *words, "\n")), dtype=np.int64, count=len(words) + 2)
    numbers = hashes.view(np.uint64)
    return np.unique(numbers[:-1] * _GOLDEN + numbers[1:], return_counts=True)
