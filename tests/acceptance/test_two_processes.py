"""Two processes share one file: every document is extracted once, and nobody meets a lock."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

from reslib import QueueManager, ResearchDatabase

DOCUMENTS = 5_000

PROGRAM = """
import logging, sys
from reslib import ExtractionWorker, ResearchDatabase

logging.basicConfig(level=logging.WARNING)
db = ResearchDatabase(sys.argv[1])
worker = ExtractionWorker(db, num_workers=4)
done = []
worker.on("job_completed", lambda job, result: done.append(job.attachment_id))
print("ready", flush=True)
sys.stdin.readline()
with worker:
    assert worker.wait(240)
print(len(done), flush=True)
"""


def test_two_processes_of_four_workers_extract_5000_documents_once_each(
    tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "research.db"
    with ResearchDatabase(path) as db:
        ids = []
        for n in range(DOCUMENTS):
            file = folder / f"{n:04}.txt"
            file.write_text(f"document number{n}", encoding="utf-8")
            ids.append(db.add_attachment(file.name, file))
        QueueManager(db).enqueue_batch(ids)

    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
        for program in programs:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        said = [program.communicate(timeout=280) for program in programs]
    finally:
        for program in programs:
            program.kill()
    # Whatever went wrong on the way, a lock or a lost claim, is logged as a warning at least.
    assert [errors for _, errors in said] == ["", ""]
    assert [program.returncode for program in programs] == [0, 0]
    shares = [int(output) for output, _ in said]
    assert sum(shares) == DOCUMENTS
    assert min(shares) > 0, "both took part"

    raw = sqlite3.connect(path)
    attempts = Counter(job for (job,) in raw.execute("SELECT job_id FROM extraction_metrics"))
    assert attempts == dict.fromkeys(range(1, DOCUMENTS + 1), 1), "each extracted once"
    texts = raw.execute("SELECT extracted_text FROM attachments ORDER BY id").fetchall()
    assert texts == [(f"document number{n}",) for n in range(DOCUMENTS)]
    raw.close()
