"""A cluster as people use it: from the command line, by an object, with TLS, growing, and shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster, Security
from loopback import AddFault, Cluster, MakePool, Watched, free_port, ready

from reslib import ExtractionWorker, JobStatus, ResearchDatabase, frames
from reslib.engines import ClusterEngine, DaskEngine, LocalEngine
from reslib.engines.cluster.scaling import Scaling
from reslib.testing import wait_until
from reslib_widgets import ControlPanel

PAPERS = Path(__file__).parents[2] / "samples" / "papers"


def reslib(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.run(
        [sys.executable, "-m", "reslib", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=place,
        env=environment,
    )


# --- the command line -----------------------------------------------------------------------------


def test_the_command_line_reads_a_folder_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    done = reslib(tmp_path, "extract", str(PAPERS), "--no-ocr", "--cluster", cluster.address)
    assert done.returncode == 1, done.stderr  # two of the samples fail on purpose
    said = json.loads(reslib(tmp_path, "status", "--json").stdout)
    assert said["jobs"]["complete"] == 10
    assert said["jobs"]["failed"] == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tls-ca", __file__], "--tls-ca is for a cluster"),
        (["--documents", "bytes"], "--documents is for a cluster"),
        (["--cluster", "head:8786"], "tcp://host:8786"),
        (["--cluster", "tcp://head:1", "--scheduler-file", __file__], "not both"),
    ],
)
def test_options_that_make_no_cluster_are_refused(
    options: list[str], says: str, tmp_path: Path
) -> None:
    done = reslib(tmp_path, "extract", str(PAPERS), *options)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_cluster_that_is_not_there_is_said_with_the_reason(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    address = f"tcp://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "reslib", "extract", str(PAPERS), "--cluster", address]
    asked = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment,
        cwd=tmp_path,
    )  # fmt: skip
    try:
        assert asked.stderr is not None
        first = next(line for line in asked.stderr if "cluster" in line)
        assert f"{address} cannot be reached (" in first
        assert "Look whether its scheduler runs" in first
    finally:
        asked.send_signal(signal.SIGINT)
        asked.communicate(timeout=60)
    assert asked.returncode == 130


WITHOUT_DASK = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "distributed" else found(name, *more)
sys.modules["distributed"] = None
from reslib.__main__ import main
main()
"""


@pytest.mark.parametrize("options", [[], ["--tls-ca", __file__]])
def test_without_dask_the_words_that_install_it_are_said(
    options: list[str], tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DASK, "extract", "--cluster", "tls://head:1", *options],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env=environment,
    )
    assert done.returncode == 2
    assert "pip install 'reslib-toolkit[cluster]'" in done.stderr


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """The files for TLS: one certificate, which is its own authority."""
    made = Security.temporary()
    files = {}
    for name, value in {"ca": made.tls_ca_file, "key": made.tls_client_key}.items():
        path = tmp_path / f"{name}.pem"
        path.write_text(value)
        files[name] = str(path)
    return {**files, "cert": files["ca"]}


def test_the_way_to_a_cluster_is_encrypted_and_then_passwords_may_go_it(
    tmp_path: Path, keys: dict[str, str]
) -> None:
    settings = {
        f"DASK_DISTRIBUTED__COMM__TLS__{name}": keys[key]
        for name, key in {
            "CA_FILE": "ca",
            "SCHEDULER__CERT": "cert",
            "SCHEDULER__KEY": "key",
            "WORKER__CERT": "cert",
            "WORKER__KEY": "key",
        }.items()
    } | {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
    with Cluster(tmp_path, 1, settings, protocol="tls") as cluster:
        options = ["--tls-ca", keys["ca"], "--tls-cert", keys["cert"], "--tls-key", keys["key"]]
        done = reslib(
            tmp_path, "extract", str(PAPERS), "--no-ocr", "--cluster", cluster.address, *options
        )
        assert done.returncode == 1, done.stderr
        assert "documents" in done.stdout
        said = json.loads(reslib(tmp_path, "status", "--json").stdout)
        assert said["jobs"]["complete"] == 10
        engine = DaskEngine(
            cluster.address,
            security=Security(
                tls_ca_file=keys["ca"],
                tls_client_cert=keys["cert"],
                tls_client_key=keys["key"],
                require_encryption=True,
            ),
        )
        with (
            ResearchDatabase(tmp_path / "research.db") as db,
            ExtractionWorker(db, num_workers=None, engine=engine) as worker,
        ):
            ready(worker, 1)
            assert engine.is_private


def keys_at(path: str) -> Security:
    return Security(tls_ca_file=path, tls_client_cert=path, tls_client_key=path)


@pytest.mark.parametrize(
    ("address", "security", "says"),
    [
        ("http://head:8787/status", None, "is a web page"),
        ("tcp://head", None, "tcp://host:8786"),
        ("tcp://head:port", None, "tcp://host:8786"),
        ("tcp://", None, "tcp://host:8786"),
        ("tls://head:1", None, "needs three files"),
        ("tls://head:1", Security(tls_ca_file=__file__), "needs three files"),
        ("tls://head:1", keys_at("/nowhere/ca.pem"), "TLS cannot be had"),
        ("tls://head:1", keys_at(__file__), "TLS cannot be had"),
        ("tcp://head:1", Security(require_encryption=True), "begins with tls://"),
    ],
)
def test_what_can_never_be_connected_to_is_refused_at_once(
    address: str, security: Security | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        DaskEngine(address, security=security)


# --- objects --------------------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        local_directory=tmp_path,
    ) as made:
        yield made


def test_a_cluster_object_grows_with_the_work_and_shrinks_without(
    local: LocalCluster, db: ResearchDatabase, add_fault: AddFault
) -> None:
    engine = DaskEngine(local, scale=(1, 3))
    assert engine._scaling is not None
    engine._scaling._idle = 1.0
    ids = [add_fault(f"f{n}", "page words", "sleep 0.7") for n in range(24)]
    with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
        ready(worker, 1)
        worker.enqueue_batch(ids)
        wait_until(lambda: worker.num_workers == 3, 60)
        assert worker.wait(timeout=90)
        wait_until(lambda: worker.num_workers == 1, 60)
        assert worker.queue.counts()[JobStatus.COMPLETE] == 24


def test_a_client_that_is_given_is_used_and_left_open(
    cluster: Cluster, db: ResearchDatabase, add_fault: AddFault
) -> None:
    with Client(cluster.address, set_as_default=False) as client:
        engine = DaskEngine(client)
        with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
            worker.enqueue(add_fault("quick", "page words"))
            assert worker.wait(timeout=60)
        assert client.status == "running"
        assert client.submit(abs, -3).result(timeout=20) == 3


def test_a_pool_on_a_cluster_can_be_started_again(
    cluster: Cluster, db: ResearchDatabase, add_fault: AddFault
) -> None:
    worker = ExtractionWorker(db, num_workers=None, engine=Watched(cluster.address))
    for number in range(2):
        worker.enqueue(add_fault(f"f{number}", "page words"))
        worker.start()
        assert worker.wait(timeout=60)
        assert worker.stop(timeout=30)
    assert worker.queue.counts()[JobStatus.COMPLETE] == 2


def test_scaling_asks_for_what_is_needed_and_gives_back_only_when_all_is_done() -> None:
    class Asked:
        def __init__(self) -> None:
            self.sizes: list[int] = []

        def scale(self, n: int) -> None:
            self.sizes.append(n)

    asked = Asked()
    scaling = Scaling(asked, 0, 40, idle=0.0)
    for open_jobs in (3, 100, 60, 5, 0):
        scaling.follow(open_jobs, threads_each=2, present=40)
    assert asked.sizes == [2, 40, 0]


def test_a_cluster_that_cannot_be_asked_for_workers_goes_on_with_those_it_has() -> None:
    class Full:
        def scale(self, n: int) -> None:
            raise RuntimeError("sbatch: no such account")

    scaling = Scaling(Full(), 0, 4, again=0.0)
    for _ in range(2):
        scaling.follow(9, threads_each=1, present=2)
    assert "4 workers (RuntimeError: sbatch: no such account)" in str(scaling.problem)


def test_workers_that_have_left_are_asked_for_again(
    local: LocalCluster, db: ResearchDatabase, add_fault: AddFault
) -> None:
    engine = DaskEngine(local, scale=(0, 1))
    assert engine._scaling is not None
    engine._scaling._again = 2.0
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}),
        ExtractionWorker(db, num_workers=None, engine=engine) as worker,
        Client(local, set_as_default=False) as client,
    ):
        ready(worker, 1)
        client.retire_workers([*client.scheduler_info()["workers"]])  # as at the end of a walltime
        wait_until(lambda: not worker.get_status()["cluster"]["workers"], 30)
        worker.enqueue(add_fault("later", "page words"))
        assert worker.wait(timeout=90)


@pytest.mark.parametrize("given", ["cluster", "client"])
def test_a_cluster_that_its_owner_has_closed_is_not_waited_for(
    given: str, local: LocalCluster, db: ResearchDatabase, add_fault: AddFault
) -> None:
    with Client(local, set_as_default=False) as client:
        engine = DaskEngine(local if given == "cluster" else client)
        worker = ExtractionWorker(db, num_workers=None, engine=engine)
        worker.enqueue(add_fault("slow", "page words", "sleep 600"))
        worker.start()
        wait_until(lambda: any(w["where"] for w in worker.get_status()["workers"]), 60)
        (local if given == "cluster" else client).close()
        wait_until(lambda: f"the {given} that was given is closed" in problem_of(worker), 30)
        assert "make a new client or cluster" in problem_of(worker)
        worker.stop(timeout=0)
        assert worker.queue.counts()[JobStatus.PENDING] == 1


def problem_of(worker: ExtractionWorker) -> str:
    return str(worker.get_status()["cluster"]["problem"])


# --- size -----------------------------------------------------------------------------------------


def test_a_pool_has_as_many_workers_as_its_cluster_has_threads(
    pool: MakePool, cluster: Cluster
) -> None:
    worker = pool()
    ready(worker, 2)
    wait_until(lambda: worker.num_workers == 2)
    extra = cluster.add_worker()
    wait_until(lambda: worker.num_workers == 3, 60)
    extra.terminate()
    wait_until(lambda: worker.num_workers == 2, 60)
    worker.resize(1)
    assert worker.num_workers == 1
    ready(worker, 2)
    assert worker.num_workers == 1, "who says a number has it"


def test_fewer_workers_than_the_cluster_has_threads_are_said(
    pool: MakePool, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    worker = pool(num_workers=1)
    ready(worker, 2)
    wait_until(lambda: "num_workers=None asks for as many" in caplog.text)


def test_the_engine_of_this_machine_is_no_cluster(db: ResearchDatabase) -> None:
    assert not isinstance(LocalEngine(), ClusterEngine)
    worker = ExtractionWorker(db, num_workers=None)
    assert worker.num_workers == 2
    assert worker.get_status()["cluster"] is None
    assert len(frames.cluster(worker)) == 0


# --- shown ----------------------------------------------------------------------------------------


def test_the_cluster_is_shown_with_its_hosts_and_who_gets_nothing(
    pool: MakePool, cluster: Cluster, add_fault: AddFault
) -> None:
    worker = pool()
    ready(worker, 2)
    engine = worker.engine
    assert isinstance(engine, Watched)
    worker.enqueue(add_fault("slow", "page x", "sleep 600"))
    begun = engine.next_begun()
    for other in engine.connection.fit():
        if other.address != begun["at"]:
            for _ in range(4):
                engine.connection.note_error(other.address)
    table = frames.cluster(worker)
    assert sorted(table["fit"]) == [False, True]
    assert table.loc[begun["at"], "running"] == 1
    assert table["host"].nunique() == 1
    [busy] = [each for each in worker.get_status()["workers"] if each["document"]]
    assert busy["where"] == begun["at"]
    shown = worker._repr_html_()
    assert f"on 2 workers of the cluster {cluster.address}, 1 of which get nothing" in shown
    panel = ControlPanel(worker)
    try:
        html = panel.snapshot_html()
        assert "data-cluster" in html
        assert cluster.address in html
        assert "gets nothing: its last tasks ended with errors" in html
        assert begun["at"].removeprefix("tcp://") in html
    finally:
        panel.close()
