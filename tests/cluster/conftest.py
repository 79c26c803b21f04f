"""Fixtures: a cluster on the loopback, and pools on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import AddFault, Cluster, MakePool, Watched

from reslib import ExtractionWorker, ResearchDatabase, unregister_extractor
from reslib.testing import register_fault_extractor, write_fault


@pytest.fixture(scope="module")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(_started: Cluster) -> Cluster:
    """A scheduler and two workers; what an earlier test has killed is there again."""
    _started.heal()
    return _started


@pytest.fixture
def faults() -> Iterator[None]:
    register_fault_extractor()
    yield
    unregister_extractor("fault")


@pytest.fixture
def pool(db: ResearchDatabase, cluster: Cluster) -> Iterator[MakePool]:
    """Make pools on the cluster; they are stopped in the end."""
    made: list[ExtractionWorker] = []

    def make(engine: Any = None, **settings: Any) -> ExtractionWorker:
        settings = {"num_workers": None, "max_retries": 3, **settings}
        worker = ExtractionWorker(db, engine=engine or Watched(cluster.address), **settings)
        made.append(worker)
        worker.start()
        return worker

    yield make
    for worker in made:
        worker.stop(timeout=0)


@pytest.fixture
def add_fault(db: ResearchDatabase, folder: Path, faults: None) -> AddFault:
    """Write a fault and add it as an attachment."""

    def add(name: str, *instructions: str) -> int:
        path = write_fault(folder, f"{name}.fault", *instructions)
        return db.add_attachment(path.name, path)

    return add
