"""A library that grows: made-up texts, the statements that store them, and queries for them.

Documents and texts are stored by the statements that reslib itself runs, whichever version of it is
imported; jobs and attempts are rows that ended at moments of the last month.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.measure import QUICK
from reslib import ResearchDatabase
from reslib.clock import utc_text

try:
    from reslib.storage import sql
except ImportError:  # where versions before had it
    from reslib import sql

WORDS = 150
VOCABULARY = 150_000
#: Of how many documents one is written with accents, and one in Chinese.
ACCENTED, CHINESE = 10, 50
MONTH = 30 * 24 * 3600
BATCH = 500
QUERIES = 40 if QUICK else 300
_ACCENTS = str.maketrans("aeiou", "\u00e1\u00e9\u00ed\u00f6\u00fc")
#: Of how many queries out of ten each kind is, and the ranks its words come from.
MIX = {
    "rare word": (3, (20_000, 120_000)),
    "less common word": (2, (1_000, 10_000)),
    "common word": (1, (40, 120)),
    "two words": (2, (300, 3_000)),
    "phrase": (1, (0, 0)),
    "beginning of a word": (1, (2_000, 20_000)),
}


class Texts:
    """Texts of a language that does not exist, the same for the same seed.

    One of ten is written with accents; one of fifty in Chinese characters, without spaces, as often
    as they are common.
    """

    def __init__(self, seed: int) -> None:
        self._numbers = np.random.default_rng(seed)
        draw = random.Random(seed)
        syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "ai")]
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            # Common words are short.
            count = 1 if len(words) < 60 else draw.choice((2, 2, 3, 3, 4, 5))
            words["".join(draw.choices(syllables, k=count)) + draw.choice(("", "n", "s"))] = None
        self.words = list(words)
        weights = 1 / (np.arange(1, VOCABULARY + 1) + 2.7)  # Zipf, as Mandelbrot corrected it
        self._cumulative = np.cumsum(weights) / weights.sum()
        self._made = 0

    def __call__(self, count: int) -> Iterator[str]:
        """Yield that many texts."""
        words = self.words
        for ids in self._cumulative.searchsorted(self._numbers.random((count, WORDS))):
            self._made += 1
            if self._made % CHINESE == 0:
                characters = "".join(chr(0x4E00 + 7 * i % 20_000) for i in ids)
                yield "\u3002".join(characters[at : at + 15] for at in range(0, WORDS, 15))
                continue
            text = " ".join([words[i] for i in ids])
            yield text.translate(_ACCENTS) if self._made % ACCENTED == 0 else text


class _Values(defaultdict[str, Any]):
    """Parameters of a statement; None for those that another version of it has besides."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(lambda: None, values)


def fill(db: ResearchDatabase, texts: Texts, first: int, last: int) -> tuple[float, int]:
    """Add documents *first* to *last*; return the seconds that SQLite took, and the characters."""
    seconds, characters = 0.0, 0
    queries, draw = sql.queries(), random.Random(first)
    for start in range(first, last, BATCH):
        some = list(texts(min(BATCH, last - start)))
        characters += sum(map(len, some))
        began = time.perf_counter()
        with db.store.write() as transaction:
            run = transaction._connection.execute
            for number, text in enumerate(some, start):
                name = f"{number}.txt"
                now = utc_text(-draw.random() * MONTH)
                added = {
                    "filename": name,
                    "path": f"/library/{number // 1000}/{name}",
                    "mime_type": "text/plain",
                    "file_size": len(text),
                    "file_mtime_ns": 1,
                    "content_hash": f"{number:064x}",  # copies are one hit
                    "now": now,
                }
                attachment = transaction.rows("add_attachment", _Values(added))[0][0]
                failed = number % 50 == 0
                state = "failed" if failed else "complete"
                error = ("corruption", "malformed", "no") if failed else (None, None, None)
                job = run(
                    "INSERT INTO extraction_queue (attachment_id, status, attempts, claims,"
                    " created_at, available_at, started_at, completed_at, worker_id, error_type,"
                    " error_code, error_message) VALUES (?, ?, 0, 1, ?, ?, ?, ?, 'w', ?, ?, ?)",
                    (attachment, state, now, now, now, now, *error),
                ).lastrowid
                run(
                    "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, worker_id,"
                    " extractor, mime_type, file_size, page_count, char_count, confidence,"
                    " text_status, outcome, started_at, finished_at, queue_wait_ms,"
                    " extraction_time_ms) VALUES (?, ?, 1, 'w', 'text', 'text/plain', ?, 2, ?, 0.9,"
                    " 'full', ?, ?, ?, 1, 5)",
                    (job, attachment, len(text), len(text), state, now, now),
                )
                stored = {
                    "job_id": job,
                    "text": text,
                    "text_status": "full",
                    "title": None,
                    "page_count": 2,
                    "page_offsets": json.dumps([0, len(text) // 2]),
                    "confidence": 0.9,
                    "confidence_reason": None,
                    "extractor": "text",
                    "extractor_version": "1",
                    "metadata": "{}",
                    "now": now,
                }
                run(queries["store_text"], _Values(stored))
        seconds += time.perf_counter() - began
    return seconds, characters


def queries_for(texts: Texts, db: ResearchDatabase, size: int) -> list[tuple[str, str]]:
    """Return kinds and queries, in random order."""
    draw = random.Random(size)
    made = []
    for kind, (share, (low, high)) in MIX.items():
        for _ in range(QUERIES * share // 10):
            if kind == "phrase":
                words: list[str] = []
                while len(words) < 3:  # a Chinese text has none
                    text = db.get_attachment(draw.randrange(1, size)).extracted_text or ""
                    words = text.split()
                at = draw.randrange(len(words) - 2)
                query = f'"{words[at]} {words[at + 1]}"'
            elif kind == "two words":
                query = " ".join(texts.words[draw.randrange(low, high)] for _ in range(2))
            elif kind == "beginning of a word":
                query = texts.words[draw.randrange(low, high)][:4] + "*"
            else:
                query = texts.words[draw.randrange(low, high)]
            made.append((kind, query))
    draw.shuffle(made)
    return made


def megabytes(db: ResearchDatabase) -> dict[str, float]:
    """Return megabytes of the whole file and of the search index with all its tables."""
    connection = sqlite3.connect(db.path)
    try:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        count = connection.execute("PRAGMA page_count").fetchone()[0]
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'attachments_fts_%'"
        ).fetchall()
        index = 0
        for (name,) in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            lengths = " + ".join(
                f"coalesce(length(CAST({column} AS BLOB)), 0)" for column in columns
            )
            index += connection.execute(f'SELECT sum({lengths}) FROM "{name}"').fetchone()[0] or 0
    finally:
        connection.close()
    return {"file": size * count / 1e6, "index": index / 1e6}
