"""Two hosts as network namespaces: another file system there, and a cable that can be pulled."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import dask.config
import pytest
from loopback import AddFault, Cluster, Watched, gone_within, lives, ready

from reslib import ExtractionWorker, JobStatus, ResearchDatabase
from reslib.testing import wait_until

#: A silent network is noticed after these; Dask's own are minutes.
SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "6s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "6s",
}
HERE, THERE = "10.213.77.1", "10.213.77.2"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def cable() -> Iterator[tuple[str, Callable[[str], None]]]:
    """Another host, and what pulls (``"down"``) and plugs (``"up"``) the cable to it."""
    number = os.getpid() % 10_000
    far, near_end, far_end = f"reslib{number}", f"rl{number}a", f"rl{number}b"
    try:
        ip("netns", "add", far)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("network namespaces cannot be made here")
    try:
        ip("link", "add", near_end, "type", "veth", "peer", "name", far_end)
        ip("link", "set", far_end, "netns", far)
        ip("addr", "add", f"{HERE}/30", "dev", near_end)
        ip("-n", far, "addr", "add", f"{THERE}/30", "dev", far_end)
        for words in (["link", "set", near_end, "up"], ["-n", far, "link", "set", far_end, "up"]):
            ip(*words)
        ip("-n", far, "link", "set", "lo", "up")
        yield far, lambda state: ip("link", "set", near_end, state)
    except subprocess.CalledProcessError:
        pytest.skip("network namespaces cannot be made here")
    finally:
        for words in (["link", "del", near_end], ["netns", "del", far]):
            with contextlib.suppress(subprocess.CalledProcessError):
                ip(*words)


def test_all_documents_go_by_bytes_and_a_pulled_cable_costs_no_document(
    cable: tuple[str, Callable[[str], None]],
    db: ResearchDatabase,
    add_fault: AddFault,
    folder: Path,
    tmp_path: Path,
) -> None:
    far, pull = cable
    ids = []
    for number in range(40):
        (folder / f"{number}.txt").write_text(f"document {number}")
        ids.append(db.add_attachment(f"{number}.txt", folder / f"{number}.txt"))
    slow = add_fault("slow", "page words", "sleep 20")
    # Over there the folder is empty: a file system of its own lies above it.
    hide = f'mount -t tmpfs none "{folder}" && exec "$@"'
    over_there = ["ip", "netns", "exec", far, "unshare", "-m", "sh", "-c", hide, "sh"]
    with (
        dask.config.set({"distributed.comm.timeouts.tcp": "12s"}),
        Cluster(tmp_path, 0, SETTINGS, host=HERE) as cluster,
    ):
        for _ in range(2):
            cluster.add_worker("--host", THERE, command=over_there)
        engine = Watched(cluster.address)
        with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
            ready(worker, 2)
            worker.enqueue_batch(ids)
            assert worker.wait(timeout=120)
            for number, id in enumerate(ids):
                assert db.get_attachment(id).extracted_text == f"document {number}"
            assert all(THERE in begun["at"] for begun in engine.begun)

            engine.begun.clear()
            job = worker.enqueue(slow)
            assert job is not None
            begun = engine.next_begun()
            pull("down")
            wait_until(lambda: status(worker, job) is not JobStatus.PROCESSING, 60)
            gone_within(begun["child"], 60)
            pull("up")
            # Workers that were cut off end by themselves; who started them starts others.
            wait_until(lambda: all(nanny.poll() is not None for nanny in cluster.nannies), 120)
            cluster.add_worker("--host", THERE, command=over_there)
            assert worker.wait(timeout=120)
            assert status(worker, job) is JobStatus.COMPLETE
            assert not lives(begun["child"])


def status(worker: ExtractionWorker, job_id: int) -> JobStatus:
    job = worker.queue.get_job(job_id)
    assert job is not None
    return job.status
