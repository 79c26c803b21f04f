"""The ways from a folder of documents to text in SQLite that ``pipeline.py`` compares.

Each is a process that makes its database, does what it must before the first document (imports,
workers), says ready, and then reads all documents; the seconds are counted from there (warm) or
from the start of the process (cold). Every way stores in WAL mode with ``synchronous=NORMAL``, one
transaction a document, with a full-text index. A way that cannot read .docx uses python-docx.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from evaluation.readers import read_pdfplumber, read_pypdfium2
from reslib.clock import utc_text


def read_docx(path: str) -> str:
    """Read the paragraphs of a Word document with python-docx."""
    import docx

    return "\n".join(paragraph.text for paragraph in docx.Document(path).paragraphs)


_markitdown: Any = None


def read_markitdown(path: str) -> str:
    """Read with markitdown, one object for all."""
    global _markitdown
    if _markitdown is None:
        from markitdown import MarkItDown

        _markitdown = MarkItDown()
    text: str = _markitdown.convert(path).text_content
    return text


READERS: dict[str, Callable[[str], str]] = {
    "pypdfium2": read_pypdfium2,
    "pdfplumber": read_pdfplumber,
    "markitdown": read_markitdown,
}

# --- ways that write their own small schema -----------------------------------------------------

PLAIN = """
PRAGMA journal_mode = WAL;
CREATE TABLE documents (id INTEGER PRIMARY KEY, path TEXT, content TEXT);
CREATE VIRTUAL TABLE search USING fts5 (
    path, content, content = 'documents', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
"""


def _plain_database(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(PLAIN)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _store(connection: sqlite3.Connection, path: str, text: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO documents (path, content) VALUES (?, ?)", (path, text))
    connection.execute(
        "INSERT INTO search (rowid, path, content) VALUES (last_insert_rowid(), ?, ?)", (path, text)
    )
    connection.execute("COMMIT")


def loop(database: str, paths: list[str], reader: str, ready: Callable[[], None]) -> None:
    """Read one document after the other, in this process."""
    connection = _plain_database(database)
    ready()
    for path in paths:
        _store(connection, path, _text(reader, path))
    connection.close()


def _text(reader: str, path: str) -> str:
    of_pdf_only = reader != "markitdown"
    read = read_docx if of_pdf_only and path.endswith(".docx") else READERS[reader]
    try:
        # SQLite takes no half of a surrogate pair, which pdfplumber and markitdown can give.
        return read(path).encode("utf-8", "replace").decode()
    except Exception as error:
        print(f"{path}: {error!r}, stored without text", file=sys.stderr)
        return ""


def _read_in_child(arguments: tuple[str, str]) -> tuple[str, str]:
    reader, path = arguments
    return path, _text(reader, path)


def executor(
    database: str, paths: list[str], reader: str, workers: int, ready: Callable[[], None]
) -> None:
    """Read in a ProcessPoolExecutor, store in this process."""
    connection = _plain_database(database)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        list(pool.map(_imported, [reader] * workers * 2))
        ready()
        for path, text in pool.map(_read_in_child, [(reader, path) for path in paths]):
            _store(connection, path, text)
    connection.close()


def _imported(reader: str) -> None:
    __import__(reader)
    time.sleep(0.05)  # so that every process gets one of these


def reslib_pool(database: str, paths: list[str], workers: int, ready: Callable[[], None]) -> None:
    """Do what people do."""
    from reslib import ExtractionWorker, ResearchDatabase

    with ResearchDatabase(database) as db:
        worker = ExtractionWorker(db, num_workers=workers, extraction_timeout=120, ocr=False)
        worker.start()
        _warm_up(worker, paths)
        ids = [db.add_attachment(Path(path).name, path) for path in paths]
        ready()
        worker.enqueue_batch(ids)
        assert worker.wait(900)
        worker.stop()


def _warm_up(worker: Any, paths: list[str]) -> None:
    """Have some documents read until each worker has its process: a pool starts one when there is a
    document for it. What it read is deleted again.
    """
    me, db = psutil.Process(), worker.db
    with tempfile.TemporaryDirectory(prefix="reslib-warm-") as folder:
        ids = []
        for path in paths[:16]:
            copy = Path(folder, Path(path).name)
            copy.write_bytes(Path(path).read_bytes() + b"\n")  # another document than that one
            ids.append(db.add_attachment(copy.name, copy))
        until = time.monotonic() + 30
        while True:
            worker.extract_again(ids)
            assert worker.wait(120)
            if len(me.children()) >= worker.num_workers:
                break
            assert time.monotonic() < until, "the processes of the pool do not come up"
        for id in ids:
            db.delete_attachment(id)


def bare_pool(database: str, paths: list[str], workers: int, ready: Callable[[], None]) -> None:
    """Read with reslib's extractors in processes that write reslib's rows themselves.

    No claims, no deadline, no memory limit, no events; killed, it loses its place.
    """
    from reslib import ResearchDatabase

    with ResearchDatabase(database) as db:
        for path in paths:
            db.add_attachment(Path(path).name, path)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(workers + 1)
    shares = [
        context.Process(target=_bare_share, args=(database, n, workers, barrier))
        for n in range(workers)
    ]
    for share in shares:
        share.start()
    barrier.wait(60)
    ready()
    barrier.wait(60)
    assert all(share.join(900) or share.exitcode == 0 for share in shares)


def _bare_share(database: str, share: int, of: int, barrier: Any) -> None:
    from reslib.extractors.registry import Registry
    from reslib.sandbox.run import extract
    from reslib.storage.searchindex import add_functions

    connection = sqlite3.connect(database, timeout=60, isolation_level=None)
    add_functions(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    registry = Registry()
    registry.installed()
    rows = connection.execute(
        "SELECT id, path, mime_type, file_size FROM attachments WHERE id % ? = ? ORDER BY id",
        (of, share),
    ).fetchall()
    import pypdfium2  # noqa: F401 - as the children of a pool have it

    barrier.wait(60)
    barrier.wait(60)
    for attachment, path, mime_type, size in rows:
        started, began = utc_text(), time.perf_counter()
        result = extract(path, mime_type, (), registry, *[lambda *_: None] * 3)
        took = (time.perf_counter() - began) * 1000
        _store_as_reslib(connection, attachment, size, share, started, took, result)
    connection.close()


def _store_as_reslib(
    connection: sqlite3.Connection,
    attachment: int,
    size: int,
    share: int,
    started: str,
    took: float,
    result: Any,
) -> None:
    from reslib.jobs.itemstore import store_pages
    from reslib.jobs.records import attempt_columns, text_columns
    from reslib.models import Outcome
    from reslib.storage import sql, store

    worker, now = f"bare-{share}", utc_text()
    connection.execute("BEGIN IMMEDIATE")
    job = connection.execute(
        "INSERT INTO extraction_queue (attachment_id, status, claims, created_at, available_at,"
        " worker_id, started_at, completed_at) VALUES (?, 'complete', 1, ?, ?, ?, ?, ?)",
        (attachment, started, started, worker, started, now),
    ).lastrowid
    known = text_columns(result, job, now) | {"recipe": result.recipe, "is_cut": False}
    for statement in ("store_text", "store_provenance"):
        connection.execute(sql.queries()[statement], known)
    transaction = store.Transaction(connection)
    store_pages(transaction, attachment, result.pages, result.page_offsets)
    row = attempt_columns(Outcome(result=result), took, None)
    row |= {"job_id": job, "attachment_id": attachment, "attempt": 1, "worker_id": worker}
    row |= {"outcome": "complete", "started_at": started, "finished_at": now, "file_size": size}
    connection.execute(
        f"INSERT INTO extraction_metrics ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )
    connection.execute("COMMIT")


def run(way: str, workers: int, database: str, paths: Iterable[str]) -> dict[str, float]:
    """Go one way; return the seconds from ready to the end, of the clock and of the processor:
    those of this process, and those of its children.
    """
    began = own = others = 0.0

    def ready() -> None:
        nonlocal began, own, others
        own, others = time.process_time(), sum(map(_cpu, psutil.Process().children()))
        began = time.monotonic()

    documents = list(paths)
    kind, _, reader = way.partition(" ")
    if kind == "reslib":
        reslib_pool(database, documents, workers, ready)
    elif kind == "bare":
        bare_pool(database, documents, workers, ready)
    elif kind == "executor":
        executor(database, documents, reader, workers, ready)
    else:
        if reader == "markitdown":
            read_markitdown(documents[0])
        else:
            __import__(reader)
        loop(database, documents, reader, ready)
    seconds, own = time.monotonic() - began, time.process_time() - own
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "own_cpu": own,
        "children_cpu": max(0.0, ended.ru_utime + ended.ru_stime - others),
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    said = json.loads(sys.stdin.read())
    print(json.dumps(run(said["way"], said["workers"], said["database"], said["paths"])))
