"""The child process: sets itself up, then serves attempts one after another.

Run as ``python -m reslib.sandbox.child`` with the numbers of its descriptors; only
:mod:`reslib.sandbox.process` does so.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import (
    AnyRequirement,
    DataFile,
    OneOf,
    PackagedProgram,
    Program,
    Requirement,
)
from reslib.items import Item
from reslib.models import Acceptance, ExtractionResult
from reslib.sandbox import guard, memory
from reslib.sandbox.confinement import NETWORK, Confinement, NetworkWatch
from reslib.sandbox.memory import MB
from reslib.sandbox.note import PROGRESS
from reslib.sandbox.outgoing import Outgoing
from reslib.sandbox.pickled import Pickled
from reslib.sandbox.protocol import (
    MARKER_ID,
    MAX_METADATA,
    REQUEST_LIMITS,
    Kind,
    Message,
    MessageReader,
    ProtocolError,
    dump,
    encode,
    read_result,
    result_header,
)
from reslib.sandbox.run import describe, extract, unstorable

__all__ = ["main"]

_LIBC = ctypes.CDLL(None)
#: Resident memory from which giving some back is worth its milliseconds.
_MUCH_MB = 64
#: Bytes of requests that are read at once. Buffers of many times that size are mapped anew each
#: time, which takes longer than reading a short text.
_CHUNK = 1 << 16
#: Exit codes (sysexits.h) of a child that cannot go on; the parent starts another one.
_EX_PROTOCOL = 76


class _Child:
    """Descriptors and registry of this process."""

    def __init__(self, requests: int, replies: int, note: int, confinement: Confinement) -> None:
        self.pid = os.getpid()
        self.requests, self.replies, self.note = requests, replies, note
        self.confinement = confinement
        self.refused: list[str] = []
        self.network = NetworkWatch()
        # Opened now: later it may not be allowed to write there.
        self.clear_peak = _opened("/proc/self/clear_refs")
        self.registry = Registry()
        self.reader = MessageReader(REQUEST_LIMITS)
        #: Freed when memory runs out, so that there is some for the words about it; made anew then.
        self.reserve: bytearray | None = None
        self._versions: dict[str, tuple[Extractor, str]] = {}

    def serve(self) -> None:
        """Answer requests until the parent closes its end."""
        if NETWORK in self.refused:
            self.network.arm()
        with contextlib.suppress(Exception):
            self.registry.installed()
        _flush()
        self.send(
            Kind.READY,
            {
                "cpu_total_ms": _cpu_seconds() * 1000,
                "peak_mb": _lifelong_peak_mb(),
                "refused": self.refused,
            },
        )
        while data := os.read(self.requests, _CHUNK):
            for message in self.reader.feed(data):
                if message.kind is Kind.EXTRACTORS:
                    self._replace_extractors(message)
                else:
                    self._attempt(message.header)

    def send(self, kind: Kind, header: Mapping[str, Any]) -> None:
        """Write one message."""
        self._check_process()
        view = memoryview(encode(kind, header))
        while view:
            view = view[os.write(self.replies, view) :]

    def _check_process(self) -> None:
        """End a copy of this process that an extractor forked and that came back: it has nothing
        to say.
        """
        if os.getpid() != self.pid:
            os._exit(_EX_PROTOCOL)

    def _replace_extractors(self, message: Message) -> None:
        for name in self.registry.registered():
            self.registry.remove(name)
        position = 0
        for entry in message.header["extractors"]:
            code = message.body[position : position + entry["size"]]
            position += entry["size"]
            self.registry.add(
                Extractor(
                    name=entry["name"],
                    function=Pickled(entry["name"], code, entry["error"]),
                    mime_types=tuple(entry["mime_types"]),
                    suffixes=tuple(entry["suffixes"]),
                    requires=tuple(_REQUIREMENTS[name](*said) for name, *said in entry["requires"]),
                    version=entry["version"],
                    recipe=entry["recipe"],
                    by_name_only=entry["by_name_only"],
                    network=entry["network"],
                    environment=tuple(entry["environment"]),
                    writes=entry["writes"],
                    task=entry["task"],
                    takes_options=entry["takes_options"],
                )
            )

    def _attempt(self, request: Mapping[str, Any]) -> None:
        _follow(request)
        self._reset_peak()
        self.network.asked = False
        cpu = _cpu_seconds()
        if self.reserve is None:
            self.reserve = bytearray(MB)
        current: Extractor | None = None
        attempt = request["attempt"]

        def started(extractor: Extractor, mime_type: str) -> None:
            nonlocal current
            if Confinement.of(extractor) != self.confinement:
                raise _Elsewhere(extractor.name)
            current = extractor
            self.send(
                Kind.STARTED,
                {
                    "attempt": attempt,
                    "extractor": extractor.name[:1000],
                    "extractor_version": self._version(extractor)[:1000],
                    "recipe": extractor.recipe,
                },
            )

        def progress(page: int, total: int | None) -> None:
            os.pwrite(self.note, PROGRESS.pack(_count(page), _count(total)), 0)

        outgoing = Outgoing(self.note, attempt)

        def give(item: Item) -> None:
            self._check_process()
            outgoing.add(item)

        kind = Kind.FAILED
        header: dict[str, Any]
        try:
            result = extract(
                request["path"],
                request["mime_type"],
                tuple(request["extractors"]),
                self.registry,
                started,
                progress,
                give,
                only=request["only"],
                accepted=Acceptance(*request["accepted"]) if request["accepted"] else None,
                task=request["task"],
                options=request["options"],
                passwords=request["passwords"],
            )
            kind, header = Kind.DONE, _header(result)
        except _Elsewhere as other:
            self.send(Kind.WRONG_CONFINEMENT, {"attempt": attempt, "extractor": other.args[0]})
            return
        except BaseException as error:
            self.reserve = None
            asked = self.network.asked
            header = describe(error, request["path"], current, asked)
        _flush()
        cpu_now = _cpu_seconds()
        header |= {
            "attempt": attempt,
            "cpu_ms": (cpu_now - cpu) * 1000,
            "cpu_total_ms": cpu_now * 1000,
            "peak_mb": _peak_mb(),
            "left_processes": _has_children(),
        }
        self.send(kind, header)
        _give_memory_back()

    def _reset_peak(self) -> None:
        # proc(5): "5" sets the peak resident set size to the current one.
        if self.clear_peak is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self.clear_peak, b"5", 0)

    def _version(self, extractor: Extractor) -> str:
        known = self._versions.get(extractor.name)
        if known is None or known[0] is not extractor:
            known = self._versions[extractor.name] = (extractor, extractor.full_version())
        return known[1]


#: What an extractor may need, by the name that the parent sends.
_REQUIREMENTS: dict[str, type[AnyRequirement]] = {
    kind.__name__: kind for kind in (Requirement, Program, PackagedProgram, OneOf, DataFile)
}


class _Elsewhere(BaseException):
    """The document is for a child that is confined differently."""


def _header(result: ExtractionResult) -> dict[str, Any]:
    """Return the header of the answer, after the checks that the parent will make: here a mistake
    of the extractor can still be put into words.
    """
    try:
        header: dict[str, Any] = json.loads(dump(result_header(result)))
        read_result(header, (), ())
    except (TypeError, ValueError, RecursionError, ProtocolError) as error:
        raise unstorable(result.extractor, error) from error
    if len(dump(header["metadata"])) > MAX_METADATA:
        raise ExtractionError(
            f"it has more than {MAX_METADATA // MB} MB of metadata. Split the document",
            ErrorCode.OUTPUT_LIMIT,
        )
    return header


def _follow(request: Mapping[str, Any]) -> None:
    """Import and open relative paths as the parent would."""
    sys.path[:] = request["sys_path"]
    if request["cwd"] is not None:
        with contextlib.suppress(OSError):
            os.chdir(request["cwd"])


def _count(number: int | None) -> int:
    return min(max(number or 0, 0), 1 << 32)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    with contextlib.suppress(Exception):
        _LIBC.fflush(None)


# --- cost -------------------------------------------------------------------------------------


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _peak_mb() -> float:
    status = memory.read_proc("self", "status")
    peak = None if status is None else memory.peak_mb(status)
    return _lifelong_peak_mb() if peak is None else peak


def _lifelong_peak_mb() -> float:
    return memory.lifelong_peak_mb(resource.getrusage(resource.RUSAGE_SELF))


def _give_memory_back() -> None:
    """Return to the system what a large document needed. glibc keeps it where pieces that are
    still in use lie behind it, and the next document would be charged with it.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if (memory.resident_mb("self") or 0) > _MUCH_MB:
            _LIBC.malloc_trim(0)


def _has_children() -> bool:
    found: set[bytes] = set()
    try:
        for thread in os.listdir("/proc/self/task"):  # noqa: PTH208
            found.update((memory.read_proc("self", f"task/{thread}/children") or b"").split())
    except OSError:
        return False
    return bool(found - {str(guard.guard_pid()).encode()})


# --- set-up -----------------------------------------------------------------------------------


def _limit_memory(limit_mb: int) -> None:
    """Bound the address space so that resident memory stays under *limit_mb*.

    The interpreter has mapped more than it uses; what it has mapped comes on top.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return  # accepted but not enforced elsewhere; the parent watches instead
    with open("/proc/self/statm", "rb", 0) as file:  # noqa: PTH123
        mapped, used = (int(n) * resource.getpagesize() for n in file.read().split()[:2])
    limit = limit_mb * MB + mapped - used
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _offer_to_the_oom_killer() -> None:
    # Should the machine itself run out, this process is to go, not the notebook.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("800")


def _signals() -> None:
    # The Interrupt button and Ctrl-C reach the whole group; they are for the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A handler, not SIG_IGN: that would be inherited by programs which extractors start.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    # Forks are to die of it, from the first moment on: that is how a pool of multiprocessing ends
    # its workers, some of them just begun.
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM}),
        after_in_child=_die_of_sigterm,
    )
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    faulthandler.enable(2)
    faulthandler.register(signal.SIGUSR1, 2, all_threads=True)


def _die_of_sigterm() -> None:
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def main() -> NoReturn:
    """Serve until the parent closes the request pipe."""
    requests, replies, note, parent, limit_mb = (int(word) for word in sys.argv[1:6])
    confinement = Confinement.decode(sys.argv[6])
    _signals()
    for descriptor in (requests, replies, note):
        os.set_inheritable(descriptor, False)
    _offer_to_the_oom_killer()
    child = _Child(requests, replies, note, confinement)
    # Before the guard starts a thread: those that are there already would stay free.
    child.refused = confinement.apply()
    guard.arm(parent, f"{MARKER_ID}={os.environ[MARKER_ID]}".encode(), (requests, replies, note))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(  # type: ignore[union-attr]
            encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
    _limit_memory(limit_mb)
    child.serve()
    sys.exit(0)


if __name__ == "__main__":
    main()
