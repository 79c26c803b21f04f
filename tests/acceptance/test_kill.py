"""The promise: nothing is lost when the process dies, and nothing is done twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import psutil

from reslib import QueueManager, ResearchDatabase

DOCUMENTS = 200
KILLS = 20

PROGRAM = """
import sys, time
from reslib import ExtractionWorker, ResearchDatabase, register_extractor

log = sys.argv[2]

@register_extractor("noted", suffixes=[".noted"])
def noted(path):
    with open(log, "a") as file:
        file.write(path.name + "\\n")
    time.sleep(0.02)
    yield path.read_text()
    time.sleep(0.02)
    yield "second page"

worker = ExtractionWorker(ResearchDatabase(sys.argv[1]), num_workers=2)
first = iter(["running"])
worker.on("job_started", lambda *_: [print(word, flush=True) for word in first])
with worker:
    assert worker.wait()
"""


def test_killing_the_process_20_times_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, folder: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    moments = random.Random(seed)
    path, log = tmp_path / "research.db", tmp_path / "extracted.log"
    with ResearchDatabase(path) as db:
        for n in range(DOCUMENTS):
            file = folder / f"{n:03}.noted"
            file.write_text(f"document number{n}")
            db.add_attachment(file.name, file)
        # On a slow machine a document whose retry is due is first in line each time: none is to
        # run out of retries here.
        QueueManager(db).enqueue_batch(range(1, DOCUMENTS + 1), max_retries=KILLS)

    for _ in range(KILLS):
        program = start(path, log)
        time.sleep(moments.uniform(0, 0.35))
        kill_and_check_children(program)
    program = start(path, log)
    assert program.wait(timeout=120) == 0

    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    jobs = raw.execute("SELECT id, status, attempts, claims FROM extraction_queue").fetchall()
    assert Counter(status for _, status, _, _ in jobs) == {"complete": DOCUMENTS}
    completed = Counter(
        job
        for (job,) in raw.execute(
            "SELECT job_id FROM extraction_metrics WHERE outcome = 'complete'"
        )
    )
    assert completed == dict.fromkeys(range(1, DOCUMENTS + 1), 1), "complete exactly once"
    attempts = dict(
        raw.execute("SELECT job_id, count(*) FROM extraction_metrics GROUP BY job_id").fetchall()
    )
    assert attempts == {job: claims for job, _, _, claims in jobs}, "each claim is accounted for"
    crashed = sum(claims - 1 for _, _, _, claims in jobs)
    assert crashed > 0, "the kills hit something"

    extracted = Counter(log.read_text().split())
    names = dict(raw.execute("SELECT id, filename FROM attachments").fetchall())
    for job, _, _, claims in jobs:
        assert 1 <= extracted[names[job]] <= claims, "extracted no more often than claimed"
    for n in range(DOCUMENTS):
        text, offsets = raw.execute(
            "SELECT extracted_text, page_offsets FROM attachments WHERE filename = ?",
            (f"{n:03}.noted",),
        ).fetchone()
        assert text == f"document number{n}\fsecond page"
        assert offsets == f"[0,{len(f'document number{n}') + 1}]"
    hits = raw.execute("SELECT count(*) FROM attachments_fts WHERE attachments_fts MATCH 'second'")
    assert hits.fetchone() == (DOCUMENTS,)
    raw.close()


ARCHIVES, MEMBERS = 12, 10


def test_what_lies_in_archives_is_there_once_however_often_the_process_is_killed(
    tmp_path: Path, folder: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    moments = random.Random(seed)
    path, log = tmp_path / "research.db", tmp_path / "extracted.log"
    with ResearchDatabase(path) as db:
        for box in range(ARCHIVES):
            with zipfile.ZipFile(folder / f"{box}.zip", "w") as archive:
                for n in range(MEMBERS):
                    archive.writestr(f"{n}.txt", f"member {n} of box {box}")
        QueueManager(db).enqueue_batch(db.add_folder(folder), max_retries=KILLS)
    kills = 0
    while True:
        program = start(path, log)
        try:
            assert program.wait(timeout=moments.uniform(0, 0.2) if kills < 5 else 120) == 0
            break
        except subprocess.TimeoutExpired:
            kill_and_check_children(program)
            kills += 1
    raw = sqlite3.connect(path)
    texts = raw.execute(
        "SELECT a.extracted_text FROM attachments AS a JOIN attachments AS box"
        " ON box.id = a.parent_id WHERE a.path = box.path || '//' || a.filename"
    ).fetchall()
    wanted = {f"member {n} of box {box}" for n in range(MEMBERS) for box in range(ARCHIVES)}
    assert Counter(text for (text,) in texts) == dict.fromkeys(wanted, 1)
    jobs = raw.execute("SELECT status, count(*) FROM extraction_queue GROUP BY status").fetchall()
    assert jobs == [("complete", ARCHIVES * (MEMBERS + 1))]
    raw.close()


def start(path: Path, log: Path) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), str(log)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "running\n"
    program.stdout.close()
    return program


def kill_and_check_children(program: subprocess.Popen[str]) -> None:
    children = psutil.Process(program.pid).children(recursive=True)
    program.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=2)
    # One that has ended and that init has not collected yet is not alive.
    alive = [child for child in alive if child.is_running() and child.status() != "zombie"]
    assert not alive, "no child outlives its parent by more than 2 s"
    program.wait(timeout=10)
