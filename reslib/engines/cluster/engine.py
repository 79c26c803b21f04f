"""DaskEngine: the engine that reads documents on the workers of a Dask cluster."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reslib.engines.cluster import wire
from reslib.engines.cluster.client import ClosedByOwner, new_client
from reslib.engines.cluster.connection import Connection
from reslib.engines.cluster.exchange import Exchange, Losses
from reslib.engines.cluster.files import Documents, Places
from reslib.engines.cluster.here import Here
from reslib.engines.cluster.registered import packed
from reslib.engines.cluster.runner import ClusterRunner
from reslib.engines.cluster.scaling import Scaling, checked_scale
from reslib.engines.cluster.window import Budget, Window
from reslib.extractors.registry import registry
from reslib.given import shown

if TYPE_CHECKING:
    from distributed import Security

__all__ = ["DaskEngine", "security_of"]

logger = logging.getLogger(__name__)

#: Seconds that stopping waits for the connection to close.
_PATIENCE = 5.0
#: Ways to speak whose addresses have a port.
_WITH_PORT = ("tcp", "tls", "ws", "wss")
#: Addresses at which nobody can read along.
_OF_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class DaskEngine:
    """Reads documents on the workers of a Dask cluster.

    Nothing is connected before the pool starts. When the cluster goes away, what it was reading
    goes back into the queue without a lost attempt, and the pool waits for it to come back.

    Parameters
    ----------
    cluster
        The address of a scheduler (``"tcp://host:8786"``), a ``distributed.Client``, or a cluster
        object such as ``LocalCluster`` or ``SLURMCluster``.
    documents
        ``"auto"``: by its path where a worker sees the same file, by its bytes (32 MB at most)
        where it does not. ``"path"`` sends none, ``"bytes"`` all. Or what folders are called on the
        workers: ``{"/home/ada/papers": "/scratch/papers"}``. A document that cannot go there is
        read on this machine.
    scale
        The fewest and the most workers; the cluster is asked for as many as there is work for,
        and they are given back after a minute without any. Needs a cluster object.
    memory_limit_mb
        Memory that one extraction may use, in MB. A worker of the cluster needs a GB more.
    scheduler_file
        A file that a scheduler has written, instead of *cluster*.
    security
        Keys and certificates for TLS: a ``distributed.Security``.

    Raises
    ------
    ImportError
        Dask is not installed.
    TypeError, ValueError
        A setting is none of that.

    Examples
    --------
    >>> engine = DaskEngine("tcp://head:8786")
    >>> with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
    ...     worker.wait()
    """

    def __init__(
        self,
        cluster: Any = None,
        *,
        documents: Documents = "auto",
        scale: tuple[int, int] | None = None,
        memory_limit_mb: int = 2048,
        scheduler_file: str | os.PathLike[str] | None = None,
        security: Security | None = None,
    ) -> None:
        _check_installed()
        _check_cluster(cluster, scheduler_file)
        _check_security(security, cluster)
        limits = checked_scale(scale)
        self._cluster, self._scheduler_file = cluster, scheduler_file
        self._security = security
        self.memory_limit_mb = memory_limit_mb
        self.places = Places(documents)
        self.id = uuid.uuid4().hex[:12]
        self._scaling: Scaling | None = None
        if limits is not None:
            scalable = getattr(cluster, "cluster", None) or cluster
            if not callable(getattr(scalable, "scale", None)):
                raise ValueError(
                    "scale needs a cluster object that can be asked for workers, such as "
                    f"LocalCluster or SLURMCluster, not {shown(cluster)}"
                )
            self._scaling = Scaling(scalable, *limits)
        self._lock = threading.Lock()
        self._users, self._pid = 0, os.getpid()
        self._number = 0
        self._exchanges: dict[str, Exchange] = {}
        self._registered: tuple[int, bytes] = (-1, b"")
        self._open_jobs = 0
        self.unseen: dict[str, float] = {}
        #: What was said to people since the start, by its kind.
        self._said: dict[str, str] = {}
        self.budget, self.losses = Budget(), Losses()
        self.here = Here(memory_limit_mb)
        self._renew()

    def __repr__(self) -> str:
        return f"DaskEngine({self.connection.place!r})"

    def _renew(self) -> None:
        self.connection = Connection(
            self._client,
            self._place(),
            f"reslib-{self.id}",
            self._hear,
            self._changed,
            self._reconcile,
        )
        self.connection.on_look = self._scale
        self.window = Window(lambda: self.connection.threads)

    def _place(self) -> str:
        if self._scheduler_file is not None:
            return os.fspath(self._scheduler_file)
        if isinstance(self._cluster, str):
            return self._cluster
        scheduler = getattr(self._cluster, "scheduler_address", None)
        if scheduler is None:
            scheduler = getattr(getattr(self._cluster, "scheduler", None), "address", None)
        return str(scheduler or type(self._cluster).__name__)

    # --- what a pool asks ---

    def runner(self) -> ClusterRunner:
        """Return what reads for one more worker of a pool."""
        return ClusterRunner(self)

    def start(self) -> None:
        """Begin to connect; does not wait. As often as it is called, :meth:`stop` is."""
        with self._lock:
            if self._pid != os.getpid():  # a fork: the thread stayed in its parent
                self._users, self._pid = 0, os.getpid()
            self._users += 1
            if self._users > 1:
                return
            self._said = {}
            self._renew()
        self.connection.start()

    def stop(self) -> None:
        """Let go of the cluster; what is still being read there is given up."""
        with self._lock:
            self._users = max(0, self._users - 1)
            if self._users:
                return
        self.connection.stop(_PATIENCE)
        if self._scaling is not None:
            self._scaling.forget()
        self.here.close()

    @property
    def slots(self) -> int:
        """The documents that it takes at a time, at this moment."""
        return self.window.slots

    def follow(self, open_jobs: int) -> None:
        """Note how many documents wait or are being read."""
        self._open_jobs = open_jobs

    def describe(self) -> dict[str, Any]:
        """Return what is known of the cluster: plain values, for people and programs.

        Returns
        -------
        dict
            ``address``; ``dashboard``, the address of its web page, or None; ``problem``, why it
            reads nothing, or None; ``warnings``, what should be set otherwise; ``threads``;
            ``workers``: a dict for each with ``address, host, pid, threads, running, unfit, note``,
            where ``unfit`` says why it gets no documents, or is None.
        """
        connection = self.connection
        running = connection.running()
        return {
            "address": connection.place,
            "dashboard": connection.dashboard or None,
            "problem": connection.problem,
            "warnings": [*connection.warnings, *self._warnings()],
            "threads": connection.threads,
            "workers": [
                {
                    "address": worker.address,
                    "host": worker.host or None,
                    "pid": worker.pid or None,
                    "threads": worker.threads,
                    "running": running.get(worker.address, 0),
                    "unfit": worker.unfit or None,
                    "note": worker.note or None,
                }
                for worker in connection.workers()
            ],
        }

    # --- what its parts ask ---

    @property
    def is_private(self) -> bool:
        """True when nobody can read along on the way: TLS, or a cluster of this machine alone."""
        workers = [worker.address for worker in self.connection.workers()]
        client = self.connection.client
        scheduler = getattr(getattr(client, "scheduler", None), "address", "") or ""
        return bool(scheduler) and all(map(_is_private, [scheduler, *workers]))

    def work(self, documents: Sequence[wire.Sent], *, whole: bool) -> wire.Work:
        """Return a task of these documents."""
        generation = registry.generation
        with self._lock:
            self._number += 1
            number = self._number
            if self._registered[0] != generation:
                self._registered = generation, packed(registry.registered().values())
            data = self._registered[1]
        # What is small goes along each time: asking for it takes longer.
        small = len(data) < 1024
        return wire.Work(
            f"reslib-{self.id}-{number}",
            self.id,
            f"reslib-{self.id}",
            self.memory_limit_mb,
            (generation, data if whole or small else None),
            tuple(documents),
        )

    def warn(self, kind: str, text: str) -> None:
        """Say what people should know, once of its kind: logged, and among the warnings."""
        with self._lock:
            is_new = kind not in self._said
            self._said.setdefault(kind, text)
        if is_new:
            logger.warning("%s", text)

    def under_way(self, exchange: Exchange, *, is_over: bool) -> None:
        """Note a task that is out, or back."""
        with self._lock:
            if is_over:
                self._exchanges.pop(exchange.key, None)
            else:
                self._exchanges[exchange.key] = exchange

    def _client(self, timeout: float) -> tuple[Any, bool]:
        from distributed import Client

        if isinstance(self._cluster, Client):
            if self._cluster.status in ("closed", "closing"):
                raise ClosedByOwner("the client that was given is closed")
            return self._cluster, False
        if getattr(getattr(self._cluster, "status", None), "name", "") in ("closed", "closing"):
            raise ClosedByOwner("the cluster that was given is closed")
        settings = {
            "timeout": timeout,
            "set_as_default": False,
            "security": self._security,
            "name": "reslib",
            "direct_to_workers": False,
        }
        address = self._cluster
        if self._scheduler_file is not None:
            address = _address_in(self._scheduler_file)
        return new_client(address, settings), True

    def _hear(self, event: Mapping[str, Any]) -> None:
        exchange = self._exchanges.get(str(event.get("key")))
        if exchange is not None:
            exchange.hear(event)

    def _changed(self) -> None:
        self.window.pump()

    def _reconcile(self, known: Collection[str]) -> None:
        with self._lock:
            exchanges = list(self._exchanges.values())
        for exchange in exchanges:
            exchange.look_for(known)

    def _scale(self) -> None:
        if self._scaling is not None:
            workers = self.connection.workers()
            threads_each = workers[0].threads if workers else 1
            self._scaling.follow(self._open_jobs, threads_each, len(workers))

    def _warnings(self) -> list[str]:
        with self._lock:
            found = list(self._said.values())
        if self._scaling is not None and self._scaling.problem is not None:
            found.append(self._scaling.problem)
        return found


def security_of(
    ca: str | os.PathLike[str] | None,
    cert: str | os.PathLike[str] | None,
    key: str | os.PathLike[str] | None,
) -> Security | None:
    """Return what a client needs for TLS; None when no file is given.

    Parameters
    ----------
    ca
        The certificate of the authority that both sides trust.
    cert, key
        The client's own.

    Raises
    ------
    ImportError
        Dask is not installed.
    """
    _check_installed()
    names = ("tls_ca_file", "tls_client_cert", "tls_client_key")
    files = {
        name: os.fspath(file) for name, file in zip(names, (ca, cert, key), strict=True) if file
    }
    if not files:
        return None
    from distributed import Security

    return Security(require_encryption=True, **files)  # type: ignore[no-untyped-call]


def _check_installed() -> None:
    if importlib.util.find_spec("distributed") is None:
        raise ImportError(
            "a Dask cluster needs the package distributed: pip install 'reslib-toolkit[cluster]', "
            "or pip install '.[cluster]' in the folder of reslib"
        )


def _address_in(file: str | os.PathLike[str]) -> str:
    """Return the address that a scheduler wrote. Dask would wait for it, and never give up."""
    try:
        return str(json.loads(Path(file).read_bytes())["address"])
    except FileNotFoundError:
        raise ConnectionError("no scheduler has written this file yet") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ConnectionError(f"no scheduler wrote this file: {error}") from None


def _is_private(address: str) -> bool:
    scheme, host = urlsplit(address).scheme, urlsplit(address).hostname
    return scheme in ("tls", "wss", "inproc") or host in _OF_THIS_MACHINE


def _check_address(address: str) -> None:
    """Refuse what can never be connected to: the pool would try for ever."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https"):
        raise ValueError(
            f"{shown(address)} is a web page, such as the dashboard of a cluster; its scheduler "
            "has an address such as 'tcp://host:8786'"
        )
    try:
        is_whole = bool(parts.scheme and parts.netloc)
        if parts.scheme in _WITH_PORT:
            is_whole = is_whole and bool(parts.hostname and parts.port)
    except ValueError:  # its port is no number
        is_whole = False
    if not is_whole:
        raise ValueError(
            f"the address of a scheduler is such as 'tcp://host:8786', not {shown(address)}"
        )


def _check_security(security: object, cluster: object) -> None:
    speaks = urlsplit(cluster).scheme if isinstance(cluster, str) else ""
    if security is None and speaks != "tls":
        return
    from distributed import Security

    if security is None:
        security = Security()  # type: ignore[no-untyped-call]  # of Dask's own settings
    if not isinstance(security, Security):
        raise TypeError(f"security is a distributed.Security, not {shown(security)}")
    try:
        given = security.get_connection_args("client")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:  # the files are read by this
        raise ValueError(f"TLS cannot be had with these keys and certificates: {error}") from error
    if speaks == "tls" and given.get("ssl_context") is None:
        raise ValueError(
            f"{shown(cluster)} needs three files for TLS: the certificate of its authority, your "
            "own, and your key (--tls-ca, --tls-cert and --tls-key, or a distributed.Security)"
        )
    if speaks == "tcp" and getattr(security, "require_encryption", False):
        raise ValueError(
            f"{shown(cluster)} is not encrypted, and keys for TLS were given: its address begins "
            "with tls://"
        )


def _check_cluster(cluster: object, scheduler_file: object) -> None:
    if (cluster is None) == (scheduler_file is None):
        raise ValueError("give the cluster, or the file that its scheduler wrote")
    if cluster is None or isinstance(cluster, str):
        if isinstance(cluster, str):
            _check_address(cluster)
        return
    is_client = callable(getattr(cluster, "submit", None))
    if not (is_client or hasattr(cluster, "scheduler_address")) or isinstance(cluster, type):
        raise TypeError(
            "cluster is the address of a scheduler, a distributed.Client, or a cluster object such "
            f"as LocalCluster, not {shown(cluster)} ({type(cluster).__name__})"
        )
    if getattr(cluster, "asynchronous", False):
        raise TypeError("the client or cluster must not be an asynchronous one")
