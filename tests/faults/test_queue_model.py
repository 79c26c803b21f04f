"""QueueManager against a model of forty lines: any order of calls, from several connections.

The model is a dict of jobs. Hypothesis makes up sequences of calls, by owners that live and owners
that have died, with late answers of older claims and with a clock that is set forward and back;
after each call the file must say what the model says.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from oracle import OPEN, PERMANENT, Truth, violations, word_of

import reslib.clock
from reslib import QueueManager, ResearchDatabase
from reslib.errors import AttachmentNotFound, ErrorType
from reslib.jobs.retry import LONGEST_DELAY
from reslib.models import ExtractionResult, Job, Outcome

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CONNECTIONS = 3
EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "60"))


class Clock:
    """The wall clock, as far as reslib can see."""

    now_is = BEGIN


class _Datetime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return Clock.now_is


@dataclass
class ModelJob:
    attachment: int
    priority: int
    max_retries: int
    created: datetime
    task: str = "text"
    batch: int | None = None
    status: str = "pending"
    attempts: int = 0
    claims: int = 0
    due: datetime | None = None
    owner_is_dead: bool = False
    rows: list[str] = field(default_factory=list)

    def fail(self, kind: str, max_retries: int) -> None:
        self.attempts += 1
        self.max_retries = max_retries
        over = kind in PERMANENT or self.attempts > max_retries
        self.status = "failed" if over else "retry_pending"
        self.rows.append("failed")


queues = st.integers(0, CONNECTIONS - 1)
priorities = st.integers(-2, 2)
retries = st.integers(0, 3)
tasks = st.sampled_from(["text", "tables"])
orders = st.sampled_from([("text",), ("tables",), ("text", "tables"), ("tables", "text")])
kinds = st.sampled_from([str(kind) for kind in ErrorType])


class QueueMachine(RuleBasedStateMachine):
    attachments = Bundle("attachments")
    jobs = Bundle("jobs")
    claims = Bundle("claims")

    @initialize()
    def open(self) -> None:
        Clock.now_is = BEGIN
        self.folder = Path(tempfile.mkdtemp(prefix="reslib-model-"))
        self.path = self.folder / "research.db"
        self.dbs = [ResearchDatabase(self.path) for _ in range(CONNECTIONS)]
        self.queues = [QueueManager(db) for db in self.dbs]
        self.raw = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        self.raw.row_factory = sqlite3.Row
        self.model: dict[int, ModelJob] = {}
        self.texts: dict[int, str] = {}
        self.truth = Truth()
        self.owners = 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.raw.close()
            for db in self.dbs:
                db.close()
            try:
                assert violations(self.path, self.truth) == []
            finally:
                shutil.rmtree(self.folder)

    # --- filling ---

    @rule(target=attachments)
    def add(self) -> int:
        number = len(self.truth.pages)
        path = self.folder / f"{number}.txt"
        path.write_text(str(number))
        attachment = self.dbs[0].add_attachment(path.name, path)
        self.truth.words[attachment] = word_of(number)
        self.truth.pages[attachment] = (f"text of {word_of(number)}", "more")
        return attachment

    def _is_open(self, attachment: int, task: str) -> bool:
        return any(
            j.attachment == attachment and j.task == task and j.status in OPEN
            for j in self.model.values()
        )

    def _made(
        self,
        job: int,
        attachment: int,
        priority: int,
        max_retries: int,
        task: str,
        batch: int | None = None,
    ) -> None:
        assert job not in self.model, "an id is never used twice"
        self.model[job] = ModelJob(attachment, priority, max_retries, Clock.now_is, task, batch)
        self.truth.jobs[job] = attachment

    @rule(
        target=jobs,
        queue=queues,
        attachment=attachments,
        priority=priorities,
        n=retries,
        task=tasks,
    )
    def enqueue(self, queue: int, attachment: int, priority: int, n: int, task: str) -> Any:
        if attachment in self.truth.deleted:
            with pytest.raises(AttachmentNotFound):
                self.queues[queue].enqueue(attachment, priority, max_retries=n, task=task)
            return multiple()
        job = self.queues[queue].enqueue(attachment, priority, max_retries=n, task=task)
        assert (job is None) == self._is_open(attachment, task)
        if job is None:
            return multiple()
        self._made(job, attachment, priority, n, task)
        return job

    @rule(
        target=jobs,
        queue=queues,
        wanted=st.lists(attachments, min_size=1, max_size=4),
        priority=priorities,
        task=tasks,
    )
    def enqueue_batch(self, queue: int, wanted: list[int], priority: int, task: str) -> Any:
        if set(wanted) & self.truth.deleted:
            with pytest.raises(AttachmentNotFound):
                self.queues[queue].enqueue_batch(wanted, priority, task=task)
            return multiple()
        free = [a for a in dict.fromkeys(wanted) if not self._is_open(a, task)]
        made = self.queues[queue].enqueue_batch(wanted, priority, task=task)
        assert len(made) == len(free)
        assert (made.id is None) == (not free)
        for job, attachment in zip(made, free, strict=True):
            self._made(job, attachment, priority, 3, task, made.id)
        return multiple(*made)

    # --- claiming ---

    def _claimable(self, order: tuple[str, ...]) -> list[int]:
        now, horizon = Clock.now_is, Clock.now_is + timedelta(seconds=LONGEST_DELAY)
        ready = [
            job
            for job, j in self.model.items()
            if j.task in order
            and (
                j.status == "pending"
                or (
                    j.due is not None and not now < j.due <= horizon and j.status == "retry_pending"
                )
            )
        ]

        def key(job: int) -> tuple[int, int, datetime, int]:
            entry = self.model[job]
            return order.index(entry.task), -entry.priority, entry.created, job

        return sorted(ready, key=key)

    @rule(target=claims, queue=queues, order=orders)
    def claim(self, queue: int, order: tuple[str, ...]) -> Any:
        assert self.queues[queue].has_claimable(tasks=order) == bool(self._claimable(order))
        self.owners += 1
        return self._claimed(self.queues[queue].claim(f"owner-{self.owners}", tasks=order), order)

    def _claimed(self, job: Job | None, order: tuple[str, ...]) -> Any:
        ready = self._claimable(order)
        if job is None:
            assert not ready
            event("nothing to claim")
            return multiple()
        assert job.id == ready[0], "the first task, in it highest priority first, then oldest"
        entry = self.model[job.id]
        entry.status, entry.claims, entry.due = "processing", entry.claims + 1, None
        entry.owner_is_dead = False
        assert job.attempt == entry.claims
        return (job.id, job.attempt)

    def _holds(self, claim: tuple[int, int]) -> bool:
        job, attempt = claim
        entry = self.model.get(job)
        holds = entry is not None and entry.status == "processing" and entry.claims == attempt
        if not holds:
            event("an answer that comes too late")
        return holds

    def _result(self, job: int) -> Outcome:
        first, second = self.truth.pages[self.truth.jobs[job]]
        text = f"{first}\f{second}"
        return Outcome(result=ExtractionResult(text, (0, len(first) + 1), extractor="model"))

    def _completed(self, job: int, outcome: Outcome) -> None:
        assert outcome.result is not None
        self.model[job].status = "complete"
        self.model[job].rows.append("complete")
        if self.model[job].task == "text":
            self.texts[self.truth.jobs[job]] = outcome.result.text

    @rule(queue=queues, claim=claims)
    def complete(self, queue: int, claim: tuple[int, int]) -> None:
        job, attempt = claim
        outcome, holds = self._result(job), self._holds(claim)
        assert self.queues[queue].complete(job, attempt=attempt, outcome=outcome) == holds
        if holds:
            self._completed(job, outcome)

    @rule(target=claims, queue=queues, claim=claims, order=orders)
    def complete_and_claim(self, queue: int, claim: tuple[int, int], order: tuple[str, ...]) -> Any:
        job, attempt = claim
        outcome, holds = self._result(job), self._holds(claim)
        self.owners += 1
        done, following = self.queues[queue].complete_and_claim(
            job, f"owner-{self.owners}", attempt=attempt, outcome=outcome, tasks=order
        )
        assert done == holds
        if not holds:
            assert following is None
            return multiple()
        self._completed(job, outcome)
        return self._claimed(following, order)

    @rule(queue=queues, claim=claims, kind=kinds, n=retries)
    def fail(self, queue: int, claim: tuple[int, int], kind: str, n: int) -> None:
        job, attempt = claim
        holds = self._holds(claim)
        done = self.queues[queue].failed(job, "no", kind, n, attempt=attempt)
        assert done == holds
        if holds:
            self.model[job].fail(kind, n)
            self._take_due(job, least=30 if kind == "extractor_missing" else 0.5)

    def _take_due(self, job: int, least: float) -> None:
        """When it is due is random; that it is not too early or late is not."""
        if self.model[job].status != "retry_pending":
            return
        (text,) = self.raw.execute(
            "SELECT next_retry_at FROM extraction_queue WHERE id = ?", (job,)
        ).fetchone()
        due = datetime.fromisoformat(text).replace(tzinfo=UTC)
        wait = (due - Clock.now_is).total_seconds()
        assert least - 0.001 <= wait < LONGEST_DELAY
        self.model[job].due = due

    @rule(queue=queues, claim=claims)
    def release(self, queue: int, claim: tuple[int, int]) -> None:
        job, attempt = claim
        holds = self._holds(claim)
        assert self.queues[queue].release(job, attempt=attempt) == holds
        if holds:
            self.model[job].status = "pending"
            self.model[job].rows.append("interrupted")

    # --- people ---

    @rule(queue=queues, job=jobs)
    def cancel(self, queue: int, job: int) -> None:
        entry = self.model.get(job)
        can = entry is not None and entry.status in OPEN
        assert self.queues[queue].cancel(job) == can
        if can and entry is not None:
            if entry.status == "processing":
                entry.rows.append("cancelled")
            entry.status, entry.due = "cancelled", None
            self.truth.cancelled.add(job)

    @rule(queue=queues, job=st.one_of(st.none(), jobs))
    def retry_failed(self, queue: int, job: int | None) -> None:
        latest: dict[tuple[int, str], int] = {}
        for number, entry in self.model.items():
            if entry.status in ("failed", "complete"):
                of = entry.attachment, entry.task
                latest[of] = max(number, latest.get(of, 0))
        expected = [
            number
            for number, entry in self.model.items()
            if entry.status == "failed"
            and not self._is_open(entry.attachment, entry.task)
            and number == (latest[entry.attachment, entry.task] if job is None else job)
        ]
        assert self.queues[queue].retry_failed(job) == len(expected)
        for number in expected:
            entry = self.model[number]
            entry.status, entry.attempts = "pending", 0
            self.truth.retried.add(number)

    @rule(queue=queues, attachment=consumes(attachments))
    def delete(self, queue: int, attachment: int) -> None:
        if attachment not in self.truth.deleted:
            self.dbs[queue].delete_attachment(attachment)
            self.truth.deleted.add(attachment)
            self.texts.pop(attachment, None)
            self.model = {n: j for n, j in self.model.items() if j.attachment != attachment}

    # --- the world ---

    @rule(seconds=st.sampled_from([0, 0.4, 1, 3, 70, 90_000, -2, -70, -90_000]))
    def set_clock(self, seconds: float) -> None:
        Clock.now_is += timedelta(seconds=seconds)

    @rule(claim=claims)
    def owner_dies(self, claim: tuple[int, int]) -> None:
        """Its process id belongs to another process now, which began at another time."""
        if not self._holds(claim):
            return
        self.raw.execute(
            "UPDATE worker_heartbeat SET process_started_at = process_started_at + 1 WHERE "
            "worker_id = (SELECT worker_id FROM extraction_queue WHERE id = ?)",
            claim[:1],
        )
        self.model[claim[0]].owner_is_dead = True

    @rule(queue=queues)
    def rescue(self, queue: int) -> None:
        dead = [n for n, j in self.model.items() if j.status == "processing" and j.owner_is_dead]
        assert self.queues[queue].rescue() == len(dead), "the jobs of the dead, and no others"
        for job in dead:
            self.model[job].fail("unknown", self.model[job].max_retries)
            self._take_due(job, least=0.5)

    # --- what must hold ---

    @invariant()
    def the_file_says_what_the_model_says(self) -> None:
        if not hasattr(self, "folder"):
            return
        rows = self.raw.execute("SELECT * FROM extraction_queue ORDER BY id").fetchall()
        columns = (
            "status", "attempts", "claims", "priority", "max_retries", "task", "batch_id"
        )  # fmt: skip
        found = {row["id"]: tuple(row[name] for name in columns) for row in rows}
        assert found == {
            n: (j.status, j.attempts, j.claims, j.priority, j.max_retries, j.task, j.batch)
            for n, j in sorted(self.model.items())
        }
        counts = {str(k): n for k, n in self.queues[0].counts().items() if n}
        statuses = [j.status for j in self.model.values()]
        assert counts == {status: statuses.count(status) for status in statuses}
        open_of_batch = self.raw.execute("SELECT id, open_jobs FROM batches")
        assert {batch: number for batch, number in open_of_batch if number} == Counter(
            j.batch for j in self.model.values() if j.batch is not None and j.status in OPEN
        )
        texts = self.raw.execute(
            "SELECT id, extracted_text FROM attachments WHERE extracted_text IS NOT NULL"
        )
        assert dict(map(tuple, texts)) == self.texts
        history = self.raw.execute("SELECT job_id, outcome FROM extraction_metrics ORDER BY id")
        by_job: dict[int, list[str]] = {}
        for job, outcome in history:
            by_job.setdefault(job, []).append(outcome)
        assert {n: by_job.get(n, []) for n in self.model} == {
            n: j.rows for n, j in self.model.items()
        }


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reslib.clock, "datetime", _Datetime)
    random.seed(0)


def test_any_order_of_calls_leaves_what_the_model_says() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        QueueMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
