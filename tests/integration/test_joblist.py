"""The jobs of a state as a list: its window and order, its filter, details, retries."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from reslib import JobStatus, QueueManager, ResearchDatabase, joblist
from reslib.clock import utc_text
from reslib.liveness import ProcessIdentity
from reslib.testing import wait_until


def enqueue(db: ResearchDatabase, queue: QueueManager, *names: str, priority: int = 0) -> list[int]:
    ids = [db.add_attachment(Path(name).name, Path("/library") / name) for name in names]
    return queue.enqueue_batch(ids, priority)


def fail(queue: QueueManager, kind: str, message: str = "no", **more: object) -> int:
    job = queue.claim("me")
    assert job is not None
    queue.failed(job.id, message, kind, 0, **more)  # type: ignore[arg-type]
    return job.id


def test_jobs_that_wait_are_listed_in_the_order_in_which_they_are_taken(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    later = enqueue(db, queue, "a.pdf", "b.pdf")
    urgent = enqueue(db, queue, "c.pdf", priority=5)
    assert joblist.first_jobs(db, JobStatus.PENDING, 50) == [*urgent, *later]
    assert joblist.first_jobs(db, JobStatus.PENDING, 2) == [urgent[0], later[0]]
    assert joblist.matching_jobs(db, JobStatus.PENDING, "") == [*urgent, *later]
    assert [queue.claim("me").id for _ in range(3)] == [*urgent, *later]  # type: ignore[union-attr]


def test_texts_are_listed_before_other_tasks_as_they_are_taken(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    names = ("a.pdf", "b.pdf", "c.pdf")
    ids = [db.add_attachment(name, Path("/library") / name) for name in names]
    texts = queue.enqueue_batch(ids)
    urgent = queue.enqueue_batch(ids[:2], priority=9, task="figures")
    tables = queue.enqueue_batch(ids, task="words")
    waiting = joblist.first_jobs(db, JobStatus.PENDING, 50)
    assert waiting == [*texts, *urgent, *tables]
    assert joblist.first_jobs(db, JobStatus.PENDING, 4) == [*texts, urgent[0]]
    assert joblist.matching_jobs(db, JobStatus.PENDING, "pdf") == waiting
    taken = [queue.claim("me", tasks=("text", "figures", "words")) for _ in waiting]
    assert [job.id for job in taken if job is not None] == waiting


@pytest.mark.parametrize("status", list(JobStatus))
def test_a_window_and_a_filter_that_matches_all_give_the_same_order(
    db: ResearchDatabase, queue: QueueManager, status: JobStatus
) -> None:
    jobs = enqueue(db, queue, *(f"{n}.pdf" for n in range(12)))
    for number, job in enumerate(jobs):
        if number % 6:
            queue.claim("me")
        if number % 6 == 1:
            queue.failed(job, "broken", "corruption", 0)
        elif number % 6 == 2:
            queue.failed(job, "slow", "timeout", 3)
        elif number % 6 == 3:
            queue.cancel(job)
        elif number % 6 == 4:
            queue.complete(job)
    by_state = joblist.states(db, jobs)
    window = joblist.first_jobs(db, status, 50)
    assert len(window) == by_state.get(status, 0)
    assert joblist.matching_jobs(db, status, "PDF") == window or status is JobStatus.COMPLETE
    assert {job.status for job in joblist.listed(db, window)} <= {status}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("thesis", ["Thesis 1.pdf", "thesis_2.pdf"]),
        ("one thesis", ["Thesis 1.pdf"]),
        ("_", ["thesis_2.pdf"]),
        ("%", []),
        ("\\", []),
        ("élan", ["ÉLAN.pdf", unicodedata.normalize("NFD", "élan.txt")]),
        ("TRUNCATED", ["thesis_2.pdf"]),
        ("no such word", []),
        ("  ", ["Thesis 1.pdf", "thesis_2.pdf", "ÉLAN.pdf", "e\u0301lan.txt"]),
    ],
)
def test_a_filter_looks_for_each_word_in_name_folder_and_cause(
    db: ResearchDatabase, queue: QueueManager, text: str, names: list[str]
) -> None:
    enqueue(db, queue, "one/Thesis 1.pdf", "two/thesis_2.pdf", "two/ÉLAN.pdf", "e\u0301lan.txt")
    fail(queue, "corruption", "odd", error_code="malformed")
    fail(queue, "corruption", "odd", error_code="truncated")
    fail(queue, "unknown", "odd", error_code="crashed")
    fail(queue, "unknown", "odd", error_code="crashed")
    found = joblist.listed(db, joblist.matching_jobs(db, JobStatus.FAILED, text))
    assert sorted(job.filename for job in found) == sorted(names)


def test_a_document_whose_path_is_not_utf8_is_listed_and_found(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    queue.enqueue(db.add_attachment("caf.pdf", "/library/caf\udce9/x.pdf"))
    [job] = joblist.listed(db, joblist.matching_jobs(db, JobStatus.PENDING, "library"))
    assert job.path == "/library/caf\udce9/x.pdf"


def test_each_state_says_since_when(db: ResearchDatabase, queue: QueueManager) -> None:
    waits, runs, again, ended = enqueue(db, queue, "a", "b", "c", "d", priority=0)
    queue.cancel(waits)
    for job in (runs, again, ended):
        claimed = queue.claim("me")
        assert claimed is not None
        assert claimed.id == job
    queue.failed(again, "slow", "timeout", 3)
    queue.failed(ended, "broken", "corruption", 3)
    rows = {row.job_id: row for row in joblist.listed(db, [runs, again, ended, waits])}
    stored = {job: queue.get_job(job) for job in rows}
    assert rows[waits].since == stored[waits].completed_at  # type: ignore[union-attr]
    assert rows[runs].since == stored[runs].started_at  # type: ignore[union-attr]
    assert rows[ended].since == stored[ended].completed_at  # type: ignore[union-attr]
    assert rows[again].since < rows[again].next_retry_at  # type: ignore[operator]
    assert [rows[job].retry_may_help for job in (again, ended)] == [True, False]


def test_details_tell_the_attempts_and_what_to_do(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    [job] = enqueue(db, queue, "a.pdf")
    for _ in range(25):
        queue.claim("me")
        queue.release(job)
    queue.claim("me")
    queue.failed(job, "a.pdf: it needs a password", "unsupported", 3, error_code="encrypted")
    found = joblist.details(db, job)
    assert found is not None
    assert found.advice == "give its password and retry, or save a copy without it and add that"
    assert len(found.attempts) == 20
    assert found.attempts[0].number == 26
    assert found.attempts[0].error_code == "encrypted"
    assert found.attempts[1].outcome == "interrupted"
    assert joblist.details(db, 999) is None


def test_only_what_would_be_reset_counts_as_retriable(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    hopeless, hopeful, twice = enqueue(db, queue, "a", "b", "c")
    for kind in ("corruption", "timeout", "unknown"):
        fail(queue, kind)
    again = queue.enqueue(queue.get_job(twice).attachment_id)  # type: ignore[union-attr]
    assert joblist.retriable(db) == joblist.Retriable((hopeful, hopeless), (hopeful,))
    fail(queue, "timeout")
    found = joblist.retriable(db)
    assert found.every == (again, hopeful, hopeless)
    assert queue.retry_failed() == len(found.every)


def test_a_retry_resets_what_failed_and_nothing_else(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    one, two, waits = enqueue(db, queue, "a", "b", "c")
    fail(queue, "timeout")
    fail(queue, "corruption")
    assert joblist.retry(db, [two, waits, 999, one, one]) == [two, one]
    assert joblist.states(db, [one, two, waits, 999]) == {JobStatus.PENDING: 3}


def test_the_document_that_waits_for_longest_is_named(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    assert joblist.oldest_waiting(db) is None
    first, second = enqueue(db, queue, "a.pdf", "b.pdf")
    queue.claim("me")
    waits = queue.get_job(second)
    assert waits is not None
    wait_until(lambda: utc_text() > waits.available_at)
    queue.release(first)  # it waits from now on
    assert joblist.oldest_waiting(db) == ("b.pdf", waits.available_at)


def test_what_is_newest_moves_when_a_job_is_in_its_state_again(
    db: ResearchDatabase, queue: QueueManager
) -> None:
    seen = {joblist.newest(db)}
    [job] = enqueue(db, queue, "a.pdf")
    seen.add(joblist.newest(db))
    fail(queue, "timeout")
    seen.add(joblist.newest(db))
    joblist.retry(db, [job])
    fail(queue, "corruption")
    seen.add(joblist.newest(db))
    assert seen == {(0, 0), (1, 0), (1, 1), (1, 2)}


def test_a_job_is_interrupted_when_its_process_is_dead(
    db: ResearchDatabase, queue: QueueManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue(db, queue, "a", "b")
    queue.claim("alive")
    assert joblist.interrupted(db) == 0
    me = ProcessIdentity.current()
    gone = ProcessIdentity(me.hostname, me.pid, me.process_started_at - 1)
    with monkeypatch.context() as patch:
        patch.setattr(ProcessIdentity, "current", classmethod(lambda _: gone))
        queue.claim("dead")
    assert joblist.interrupted(db) == 1
