"""A pool reads its documents through an engine, whatever that is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reslib import ErrorCode, ExtractionWorker, QueueManager, ResearchDatabase, unregister_extractor
from reslib.engines import LocalEngine, Runner
from reslib.models import ExtractionRequest, ExtractionResult, Failure, Outcome
from reslib.sandbox import Sandbox
from reslib.testing import register_fault_extractor, wait_until, write_fault


class InThisThread:
    """An engine without processes, as small as one can be."""

    def __init__(self) -> None:
        self.runners: list[InThisThread] = []
        self.read: list[str] = []
        self.is_up = self.is_closed = False
        self.pid = None
        self.lacking = ""

    def runner(self) -> Runner:
        made = InThisThread()
        made.read = self.read
        self.runners.append(made)
        return made

    def tend(self) -> None:
        pass

    def warm_up(self, give_up: Callable[[], bool]) -> str | None:
        self.is_up = True
        return None

    def run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        path = Path(request.path)
        self.read.append(path.name)
        if path.suffix == ".bad":
            return Outcome(failure=Failure(f"{path.name}: no", ErrorCode.MALFORMED))
        return Outcome(ExtractionResult(path.read_text().upper(), extractor="upper"))

    def kill(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed, self.is_up = True, False


@pytest.mark.parametrize("engine", ["local", object(), LocalEngine, 2])
def test_what_is_no_engine_is_refused(db: ResearchDatabase, engine: Any) -> None:
    with pytest.raises(TypeError, match=r"engine is an object whose runner\(\) gives") as caught:
        ExtractionWorker(db, engine=engine)
    assert str(caught.value).endswith(f"({type(engine).__name__})")


def test_a_pool_reads_by_the_engine_that_it_is_given(db: ResearchDatabase, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("words of a note")
    (tmp_path / "bad.bad").write_text("?")
    engine = InThisThread()
    good, bad = (db.add_attachment(n, tmp_path / n) for n in ("good.txt", "bad.bad"))
    with ExtractionWorker(db, num_workers=2, engine=engine) as worker:
        worker.enqueue_batch([good, bad])
        assert worker.wait(timeout=60)
    assert sorted(engine.read) == ["bad.bad", "good.txt"]
    assert db.get_attachment(good).extracted_text == "WORDS OF A NOTE"
    [failed] = QueueManager(db).get_failed_jobs()
    assert failed.error_code is ErrorCode.MALFORMED
    assert len(engine.runners) == 2
    assert all(runner.is_closed for runner in engine.runners)


class Raises(InThisThread):
    """An engine that raises the first time that it is asked to *do* something."""

    def __init__(self, do: str, error: Exception) -> None:
        super().__init__()
        self.do, self.error, self.has_raised = do, error, False

    def runner(self) -> Runner:
        self._may_raise("runner")
        return self

    def warm_up(self, give_up: Callable[[], bool]) -> str | None:
        self._may_raise("warm_up")
        return super().warm_up(give_up)

    def run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        self._may_raise("run")
        return super().run(request, on_progress)

    def _may_raise(self, what: str) -> None:
        if what == self.do and not self.has_raised:
            self.has_raised = True
            raise self.error


@pytest.mark.parametrize("do", ["warm_up", "run"])
def test_what_an_engine_raises_costs_no_attempt_and_work_goes_on(
    do: str, db: ResearchDatabase, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("words")
    engine = Raises(do, ConnectionError("the other machine has gone"))
    problems: list[str | None] = []
    with ExtractionWorker(db, num_workers=1, engine=engine, poll_interval=0.05) as worker:
        worker.enqueue(db.add_attachment("a.txt", tmp_path / "a.txt"))

        def is_said() -> bool:
            problems.append(worker.get_status()["problem"])
            return any(problems)

        wait_until(is_said)
        assert worker.wait(timeout=60)
    assert engine.has_raised
    assert "ConnectionError: the other machine has gone" in next(filter(None, problems))
    [job] = QueueManager(db).get_recent_jobs()
    assert (job["status"], job["attempts"]) == ("complete", 0)


@pytest.mark.parametrize("error", [ValueError("no such place"), ConnectionRefusedError(111, "no")])
def test_an_engine_that_gives_no_runner_leaves_a_stopped_pool(
    error: Exception, db: ResearchDatabase
) -> None:
    worker = ExtractionWorker(db, engine=Raises("runner", error))
    with pytest.raises(type(error)):
        worker.start()
    assert not worker.is_running()
    worker.start()
    assert worker.is_running()
    assert worker.stop(timeout=30)


class BeginsLate(LocalEngine):
    """Runs what it is asked to run a little later, when somebody has cancelled it."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.cancel = cancel

    def runner(self) -> Sandbox:
        sandbox = super().runner()
        run = sandbox.run

        def late(*arguments: Any) -> Outcome:
            self.cancel()
            time.sleep(0.3)  # several looks of the watcher, before there is anything to end
            return run(*arguments)

        sandbox.run = late  # type: ignore[method-assign, assignment]
        return sandbox


def test_a_job_that_is_cancelled_while_its_extraction_begins_is_ended(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    register_fault_extractor()
    path = write_fault(tmp_path, "slow.fault", "sleep 60")
    cancelled = threading.Event()
    with (
        ResearchDatabase(db.path) as same,
        ExtractionWorker(
            db, num_workers=1, engine=BeginsLate(lambda: QueueManager(same).cancel(1))
        ) as worker,
    ):
        worker.on("job_cancelled", lambda job: cancelled.set())
        worker.enqueue(db.add_attachment("slow.fault", path))
        assert cancelled.wait(30)
    unregister_extractor("fault")


def test_without_one_documents_are_read_in_processes_of_this_machine(db: ResearchDatabase) -> None:
    worker = ExtractionWorker(db, memory_limit_mb=300)
    assert repr(worker.engine) == "LocalEngine(memory_limit_mb=300)"
    assert isinstance(worker.engine, LocalEngine)


class Nonsense(InThisThread):
    """An engine that gives what no engine should."""

    gives: Any = None

    def runner(self) -> Runner:
        return self

    def run(self, request: ExtractionRequest, on_progress: Any = None) -> Outcome:
        given: Outcome = self.gives
        return given


@pytest.mark.parametrize(
    "result",
    [
        ExtractionResult(text="words", confidence=7.0),
        ExtractionResult(text="half a character \ud800"),
        ExtractionResult(text="words", text_status="odd"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_stored_fails_its_job_and_the_pool_goes_on(
    db: ResearchDatabase, tmp_path: Path, result: ExtractionResult
) -> None:
    engine = Nonsense()
    engine.gives = Outcome(result=result)
    (tmp_path / "a.txt").write_text("words")
    with ExtractionWorker(db, num_workers=1, max_retries=0, engine=engine) as worker:
        worker.enqueue(db.add_attachment("a.txt", tmp_path / "a.txt"))
        assert worker.wait(30)
        [job] = worker.queue.get_failed_jobs()
    assert (job.error_code, job.attempts) == ("exception", 1)
    assert "a.txt: what was read of it cannot be stored" in str(job.error_message)


def test_an_engine_that_gives_no_outcome_costs_no_attempt(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    engine = Nonsense()
    (tmp_path / "a.txt").write_text("words")
    with ExtractionWorker(db, num_workers=1, engine=engine) as worker:
        id = worker.enqueue(db.add_attachment("a.txt", tmp_path / "a.txt"))
        wait_until(lambda: "instead of an Outcome" in str(worker.get_status()["problem"]))
        engine.gives = Outcome(result=ExtractionResult(text="words", page_offsets=(0,)))
        assert worker.wait(30)
        assert id is not None
        job = worker.queue.get_job(id)
    assert job is not None
    assert (job.status, job.attempts) == ("complete", 0)
