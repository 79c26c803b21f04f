"""The manifest of a corpus: documents that nobody here wrote, beside the project where they are.

``manifest.csv`` has a row for each file, with its format and category, and what is right.
"""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["BESIDE", "manifest", "real_pdfs"]

#: Where a corpus is looked for; it is not part of the project.
BESIDE = Path(__file__).parents[2] / "shared" / "corpus"
_NAME = "manifest.csv"
#: What is neither broken nor encrypted nor made to do harm.
_REAL = ("ordinary", "weird")


def manifest(corpus: Path) -> list[dict[str, str]]:
    """Return the rows, a value by column each."""
    with (corpus / _NAME).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def real_pdfs(corpus: Path) -> list[dict[str, str]]:
    """Return the rows of the PDFs that are said to open; says so when there is no corpus."""
    if not (corpus / _NAME).exists():
        print(f"skipped the papers of others: needs ../shared, and there is no {corpus}")
        return []
    return [row for row in manifest(corpus) if row["format"] == "pdf" and row["category"] in _REAL]
