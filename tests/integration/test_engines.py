"""A pool reads its documents through an engine, whatever that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reslib import ErrorCode, ExtractionWorker, QueueManager, ResearchDatabase
from reslib.engines import LocalEngine, Runner
from reslib.models import ExtractionRequest, ExtractionResult, Failure, Outcome


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
        attempt: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        path = Path(attempt.path)
        self.read.append(path.name)
        if path.suffix == ".bad":
            return Outcome(failure=Failure(f"{path.name}: no", ErrorCode.MALFORMED))
        return Outcome(ExtractionResult(path.read_text().upper(), extractor="upper"))

    def kill(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed, self.is_up = True, False


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


def test_without_one_documents_are_read_in_processes_of_this_machine(db: ResearchDatabase) -> None:
    worker = ExtractionWorker(db, memory_limit_mb=300)
    assert repr(worker.engine) == "LocalEngine(memory_limit_mb=300)"
    assert isinstance(worker.engine, LocalEngine)
