"""Record a library: ``python samples/record_library.py`` writes ``samples/recorded.db``.

Makes the documents of :mod:`library_documents` in a temporary folder, extracts them with reslib,
and keeps what reslib wrote down about each attempt, without the texts. Nothing is invented: every
number was measured here. Lesson 4 explores the file. It is committed, so this is needed only after
a change of the documents or of the schema; it takes some minutes and needs the ``dev`` extra. A
machine that does nothing else gives the clearest picture.

Four pools work one after the other, and their workers are named after them:

``two``
    Two workers. The folder ``server`` is away when they begin, and comes back after some seconds.
``eight``
    The same documents again, with eight workers.
``plumber``
    The PDFs once more, by pdfplumber.
``short``
    Documents that never end or crash, with a deadline of three seconds.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from library_documents import write_documents

from reslib import ExtractionWorker, ResearchDatabase, register_extractor
from reslib.storage.searchindex import add_functions
from reslib.testing import register_fault_extractor, write_fault

__all__ = ["POOLS", "TROUBLE", "keep_the_numbers", "record"]

RECORDED = Path(__file__).resolve().parent / "recorded.db"
#: The pools, in their order.
POOLS = ("two", "eight", "plumber", "short")
#: Documents of the last pool, by name: what they do.
TROUBLE = {
    "never-ends-1.fault": ("pages 2", "sleep 600"),
    "never-ends-2.fault": ("sleep 600",),
    "crashes-1.fault": ("pages 3", "segfault"),
    "crashes-2.fault": ("segfault",),
    "crashes-3.fault": ("page one", "exit 7"),
}
#: Seconds for which the folder ``server`` is away.
_AWAY = 4.0
_DEADLINE = 120.0


def read_card(path: Path) -> Iterator[str]:
    """Read a card of the catalogue: it says how long the archive takes to answer, and what."""
    seconds, _, text = path.read_text(encoding="utf-8").partition("\n")
    time.sleep(float(seconds))
    yield text


def record(target: Path, share: float = 1.0) -> None:
    """Make, extract and record the documents.

    Parameters
    ----------
    target
        The database; replaced when it is there.
    share
        How many of the documents, see :func:`library_documents.write_documents`.
    """
    register_extractor("archive", read_card, suffixes=[".card"], version="1")
    register_fault_extractor()
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name) / "library", Path(name) / "recorded.db"
        write_documents(folder, share=share)
        with ResearchDatabase(path) as db:
            _extract(db, folder, share)
        keep_the_numbers(path, folder, POOLS)
        target.write_bytes(path.read_bytes())


def _extract(db: ResearchDatabase, folder: Path, share: float) -> None:
    """Let the pools do their work, one after the other."""
    server, away = folder / "server", folder.parent / "away"
    on_the_server = db.add_folder(server)
    every = db.add_folder(folder)
    server.rename(away)
    with _pool(db, "two", 2) as worker:
        worker.enqueue_batch(on_the_server)
        time.sleep(_AWAY * share)
        away.rename(server)
        worker.enqueue_batch(n for n in every if n not in set(on_the_server))
        worker.wait()
    with _pool(db, "eight", 8) as worker:
        worker.enqueue_batch(every)
        worker.wait()
    with _pool(db, "plumber", 2, extractors=["pdfplumber"]) as worker:
        for kind in ("articles", "reports", "half-scanned"):
            worker.enqueue_batch(db.add_folder(folder / kind))
        worker.wait()
    trouble = folder / "trouble"
    trouble.mkdir()
    for name, instructions in TROUBLE.items():
        write_fault(trouble, name, *instructions)
    with _pool(db, "short", 2, extraction_timeout=3) as worker:
        worker.enqueue_batch(db.add_folder(trouble))
        worker.wait()


def _pool(db: ResearchDatabase, name: str, workers: int, **settings: object) -> ExtractionWorker:
    print(f"{name} …", file=sys.stderr)
    chosen = {"extraction_timeout": _DEADLINE, "ocr": False, **settings}
    return ExtractionWorker(db, num_workers=workers, **chosen)  # type: ignore[arg-type]


#: All other tables are emptied.
_KEPT = {"attachments", "extraction_queue", "queue_counts", "extraction_metrics"}
#: What is left out: the texts, what is long, and whatever speaks of the machine or its folders.
_SCRIPT = """
UPDATE attachments SET extracted_text = NULL, page_offsets = NULL, metadata = NULL, title = NULL,
    content_hash = NULL, path = 'library/' || substr(path, :cut);
UPDATE extraction_metrics SET traceback = NULL, stderr_tail = NULL, content_hash = NULL;
"""


def keep_the_numbers(path: Path, folder: Path, pools: Sequence[str]) -> None:
    """Take the texts and every trace of this machine out of a database.

    Parameters
    ----------
    path
        The database; nobody else has it open.
    folder
        Where its documents are: in it they lie in ``library`` afterwards.
    pools
        What to call the pools that worked on it, in the order in which they began.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    add_functions(connection)
    connection.execute("BEGIN")
    for statement in filter(str.strip, _SCRIPT.split(";\n")):
        connection.execute(statement, {"cut": len(f"{folder}/") + 1} if ":cut" in statement else {})
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' "
        "AND name NOT LIKE 'attachments_fts%' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for table in {name for (name,) in tables} - _KEPT:
        connection.execute(f"DELETE FROM {table}")
    _name_workers(connection, pools)
    connection.execute("COMMIT")
    connection.execute("INSERT INTO attachments_fts (attachments_fts) VALUES ('optimize')")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("VACUUM")
    connection.close()


def _name_workers(connection: sqlite3.Connection, pools: Sequence[str]) -> None:
    """Call worker ``HOST-PID-xxxx-2`` of the pool ``two`` ``two-2``, and so on."""
    found = connection.execute(
        "SELECT worker_id FROM extraction_metrics GROUP BY worker_id ORDER BY min(started_at)"
    ).fetchall()
    begun = dict.fromkeys(name.rpartition("-")[0] for (name,) in found)
    new = dict(zip(begun, pools, strict=True))
    for (name,) in found:
        pool, _, number = name.rpartition("-")
        for table in ("extraction_metrics", "extraction_queue"):
            connection.execute(
                f"UPDATE {table} SET worker_id = ? WHERE worker_id = ?",
                (f"{new[pool]}-{number}", name),
            )


if __name__ == "__main__":
    record(RECORDED)
