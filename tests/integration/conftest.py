"""Fixtures that several files share: reading a document in a child, and a pool."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from asked import Asked
from hostiledocuments import Bait, Reader
from pages import Fail, Read
from slowpool import AddText

from reslib import (
    ExtractionWorker,
    QueueManager,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.models import ExtractionRequest, ExtractionResult, Failure, Job, Outcome
from reslib.sandbox import Sandbox

Extract: TypeAlias = Callable[..., tuple[str, Outcome]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def extract(sandbox: Sandbox, tmp_path: Path) -> Extract:
    """Extract a file, or the bytes of a PDF; return the file's name and the outcome."""
    numbers = itertools.count()

    def run(document: Path | bytes, *extractors: str) -> tuple[str, Outcome]:
        if isinstance(document, bytes):
            path = tmp_path / f"document-{next(numbers)}.pdf"
            path.write_bytes(document)
        else:
            path = document
        return path.name, sandbox.run(
            ExtractionRequest(os.fspath(path), timeout=60, extractors=extractors)
        )

    return run


@pytest.fixture
def read(extract: Extract) -> Read:
    def run(document: Path | bytes, *extractors: str) -> ExtractionResult:
        _, outcome = extract(document, *extractors)
        assert outcome.result is not None, outcome.failure
        return outcome.result

    return run


@pytest.fixture
def fail(extract: Extract) -> Fail:
    def run(document: Path | bytes, *extractors: str) -> Failure:
        name, outcome = extract(document, *extractors)
        assert outcome.failure is not None, outcome.result
        assert outcome.failure.message.startswith(name)
        return outcome.failure

    return run


@pytest.fixture
def job(queue: QueueManager, add_text: AddText) -> Job:
    """A job that was claimed."""
    queue.enqueue(add_text())
    claimed = queue.claim("worker-1")
    assert claimed is not None
    return claimed


@pytest.fixture
def worker(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    pool = ExtractionWorker(db, num_workers=2, max_retries=0, heartbeat_interval=0.1)
    yield pool
    pool.stop(timeout=0)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which packages count as installed."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    yield folder
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    made: list[Asked] = []

    def ask(code: str, **needs: Any) -> Asked:
        made.append(Asked(tmp_path, code, **needs))
        return made[-1]

    yield ask
    for asked in made:
        asked.sandbox.close()


@pytest.fixture
def slow() -> Iterator[None]:
    """An extractor that takes as many seconds as its document says."""

    def read_slowly(path: Path) -> str:
        seconds = float(path.read_text().split()[0])
        time.sleep(seconds)
        return f"slept {seconds}"

    register_extractor("slow", read_slowly, suffixes=[".slow"])
    yield
    unregister_extractor("slow")


@pytest.fixture(scope="module")
def withstand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Read a document made to attack whoever reads it; return what became of it."""
    reader = Reader(tmp_path_factory.mktemp("hostile"))
    yield reader
    # Whatever they were, the same pool reads the next document.
    good = tmp_path_factory.mktemp("good") / "good.txt"
    good.write_text("The pool is well.", encoding="utf-8")
    assert reader(good).text == "The pool is well."
    reader.close()


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[Bait]:
    """A file and an address that no document may reach."""
    made = Bait(tmp_path)
    yield made
    made.close()
