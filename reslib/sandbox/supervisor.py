"""The sandbox as a worker sees it: ``run(attempt)`` gives an outcome, whatever happens.

Everything on the parent's side happens in the calling thread, which waits on the child's
pipes, on its end and on a pipe through which :meth:`Sandbox.kill` wakes it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from reslib.errors import ErrorCode
from reslib.extractors.base import Extractor, Registry
from reslib.extractors.base import registry as process_registry
from reslib.models import Attempt, Failure, Outcome
from reslib.sandbox import verdict
from reslib.sandbox.child import NOTE
from reslib.sandbox.process import ChildProcess, Usage
from reslib.sandbox.protocol import (
    Frame,
    Kind,
    ProtocolError,
    encode,
    optional_number,
    optional_text,
    read_failure,
    read_result,
)

__all__ = ["MAX_PRINTED_MB", "Sandbox"]

#: An extraction that prints more than this is ended.
MAX_PRINTED_MB = 64
_MB = 1 << 20
_TAIL = 8192
_CHUNK = 1 << 18
#: Seconds between looks at the progress of a running attempt.
_PULSE = 0.05
#: Seconds between looks at the memory of a running attempt.
_MEMORY_INTERVAL = 0.2
#: Seconds for a child to start. Long: many may start at once on a busy machine.
_START_TIMEOUT = 60.0
#: Seconds for the stacks of a child that is to be killed.
_DUMP_TIME = 0.2
#: A child whose resident memory, between attempts, is above the first share of the limit, or
#: has grown by the second since its first attempt, is replaced.
_FULL, _GROWN = 0.75, 0.25


class Sandbox:
    """Runs extractions in one child process that can be killed.

    The child serves one attempt after another. It is replaced when it died or had to be
    killed, after *max_jobs* attempts, after running into the memory limit, when an attempt
    left processes behind, and when it has grown: its resident memory between two attempts is
    more than a quarter of the limit above what it was after its first, or three quarters of
    the limit in all.

    One attempt at a time; as many sandboxes as there are threads to run them.

    Parameters
    ----------
    memory_limit_mb
        Most memory of an extraction, in MB (2**20 bytes). On Linux the child's address space
        is bounded, so a library that reserves much more than it uses (CUDA) needs a higher
        limit; elsewhere, and for programs that an extractor starts, the resident memory is
        looked at five times a second.
    registry
        Where the extractors are that people registered.
    max_jobs
        Attempts after which the child is replaced.

    Raises
    ------
    ValueError
        *memory_limit_mb* is under 64, or *max_jobs* under 1.
    NotImplementedError
        On Windows.
    """

    def __init__(
        self,
        *,
        memory_limit_mb: int = 2048,
        registry: Registry = process_registry,
        max_jobs: int = 500,
    ) -> None:
        if memory_limit_mb < 64:
            raise ValueError(
                f"memory_limit_mb is {memory_limit_mb}; an extraction needs at least 64"
            )
        if max_jobs < 1:
            raise ValueError(f"max_jobs is {max_jobs}; it must be at least 1")
        self.memory_limit_mb = memory_limit_mb
        self.max_jobs = max_jobs
        self._registry = registry
        self._child: ChildProcess | None = None
        self._attempts = 0
        # Held while an attempt runs.
        self._busy = threading.RLock()
        # Guards the four below. Re-entrant: kill() may be called from a signal handler that
        # interrupted this very class.
        self._state = threading.RLock()
        self._running = False
        self._killed = False
        self._closed = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    @property
    def pid(self) -> int | None:
        """Process id of the living child."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def warm_up(self) -> None:
        """Start the child, without waiting for it, so that the first attempt need not."""
        with self._busy:
            self._check_open()
            with contextlib.suppress(OSError):
                self._usable_child()

    def run(
        self, attempt: Attempt, on_progress: Callable[[int, int | None], None] | None = None
    ) -> Outcome:
        """Read one document.

        Blocks until there is an outcome: at most ``attempt.timeout`` and one second. The time
        allowed counts from when the child is there to begin.

        Parameters
        ----------
        attempt
            What to read.
        on_progress
            Called in this thread, at most twenty times a second, with the number of pages
            done and how many there are (None while unknown).

        Returns
        -------
        Outcome
            With a failure for everything that a document or an extractor may do.

        Raises
        ------
        RuntimeError
            The sandbox is closed.
        BaseException
            What *on_progress* or a signal handler raised (KeyboardInterrupt); the extraction
            is killed first.
        """
        with self._busy:
            with self._state:
                self._check_open()
                self._running, self._killed = True, False
            try:
                return self._run(attempt, on_progress)
            except BaseException:
                self._discard()
                raise
            finally:
                with self._state:
                    self._running = False
                    _drain(self._wake_read)
                    if self._closed:
                        self._release()

    def kill(self) -> None:
        """End the running extraction at once; :meth:`run` returns an interrupted outcome.

        From any thread, also from a signal handler. Without a running extraction it does
        nothing, also not to later ones.
        """
        with self._state:
            if self._running and not self._killed:
                self._killed = True
                os.write(self._wake_write, b"k")

    def close(self) -> None:
        """End the child. A running extraction is killed. May be called more than once."""
        with self._state:
            self._closed = True
            self.kill()
        with self._busy, self._state:
            if not self._running:
                self._release()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Only what never fails: the interpreter may be on its way out.
        with contextlib.suppress(Exception):
            self._release()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the sandbox is closed")

    def _release(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.dismiss()
        for name in ("_wake_read", "_wake_write"):
            descriptor = getattr(self, name)
            setattr(self, name, -1)
            if descriptor >= 0:
                os.close(descriptor)

    # --- the child ---

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.close()

    def _retire(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.dismiss()

    def _usable_child(self) -> ChildProcess:
        child = self._child
        if child is not None:
            if not child.usable() or self._has_unasked_reply(child):
                self._discard()
            elif child.jobs >= self.max_jobs or self._has_grown(child):
                self._retire()
        if self._child is None:
            self._child = ChildProcess(self.memory_limit_mb)
        return self._child

    def _has_unasked_reply(self, child: ChildProcess) -> bool:
        if not child.ready:
            return False
        return child.reader.pending or bool(_read(child.replies))

    def _has_grown(self, child: ChildProcess, spare_mb: float = 0.0) -> bool:
        if not child.jobs:
            return False
        resident = child.resident_mb() - spare_mb
        if child.settled_mb is None:
            child.settled_mb = resident
        limit = self.memory_limit_mb
        return resident > _FULL * limit or resident > child.settled_mb + _GROWN * limit

    def _run(
        self, attempt: Attempt, on_progress: Callable[[int, int | None], None] | None
    ) -> Outcome:
        began = time.monotonic()
        seen = verdict.Observed(attempt, self.memory_limit_mb)
        problem = ""
        for _ in range(2):
            try:
                child = self._usable_child()
            except OSError as error:
                return _outcome(began, verdict.not_started(seen, str(error)))
            self._attempts += 1
            session = _Session(self, child, seen, on_progress)
            try:
                started = session.wait_until_ready()
                if started:
                    outcome = session.extract(self._attempts)
            finally:
                session.close()
            if self._killed and (not started or outcome is None):
                self._discard()
                return _outcome(began if not started else session.began)
            if started:
                assert outcome is not None
                self._settle(child, session, outcome)
                return outcome
            problem = session.last_words()
            self._discard()
        return _outcome(began, verdict.not_started(seen, problem))

    def _settle(self, child: ChildProcess, session: _Session, outcome: Outcome) -> None:
        """Keep the child for the next attempt, or not."""
        child.jobs += 1
        text = outcome.result.text if outcome.result else ""
        failure = outcome.failure
        if (
            session.finished is None
            or child.poll() is not None
            or session.left_processes
            or (failure is not None and failure.error_code is ErrorCode.MEMORY_LIMIT)
        ):
            self._discard()
        # The child may not have freed the text yet.
        elif len(text) > _MB and self._has_grown(child, 12 * len(text) / _MB):
            self._retire()

    # --- requests ---

    def _request(self, child: ChildProcess, attempt: Attempt, number: int) -> list[bytes]:
        parts: list[bytes] = []
        generation = self._registry.generation
        if child.generation != generation:
            parts += _extractors(self._registry.registered().values())
            child.generation = generation
        parts.append(
            encode(
                Kind.RUN,
                {
                    "attempt": number,
                    "path": attempt.path,
                    "mime_type": attempt.mime_type,
                    "extractors": list(attempt.extractors),
                    "sys_path": [entry for entry in sys.path if isinstance(entry, str)],
                    "cwd": os.getcwd(),  # noqa: PTH109
                },
            )
        )
        return parts


class _Session:
    """One attempt at one child: the loop that waits for whatever comes first."""

    def __init__(
        self,
        sandbox: Sandbox,
        child: ChildProcess,
        seen: verdict.Observed,
        on_progress: Callable[[int, int | None], None] | None,
    ) -> None:
        self.sandbox, self.child, self.seen = sandbox, child, seen
        self.on_progress = on_progress
        self.began = time.monotonic()
        self.number = 0
        self.finished: Frame | None = None
        self.left_processes = False
        self.printed = 0
        self.problem = ""
        self.last_page_at: float | None = None
        self.usage: Usage | None = None
        self._tail = bytearray()
        self._outbox: list[memoryview] = []
        self._memory_due = 0.0
        self._over_memory = False
        self._selector = (
            selectors.PollSelector()
            if hasattr(selectors, "PollSelector")
            else (selectors.SelectSelector())
        )
        self._selector.register(child.replies, selectors.EVENT_READ)
        self._selector.register(child.errors, selectors.EVENT_READ)
        self._selector.register(sandbox._wake_read, selectors.EVENT_READ)
        if child.pidfd >= 0:
            self._selector.register(child.pidfd, selectors.EVENT_READ)

    def close(self) -> None:
        """Let go of the selector."""
        self._selector.close()

    def last_words(self) -> str:
        """Return the last line that was printed."""
        lines = bytes(self._tail).decode("utf-8", "replace").strip().splitlines()
        return self.problem or (lines[-1] if lines else "it said nothing")

    # --- the two waits ---

    def wait_until_ready(self) -> bool:
        """Wait for a child that was just started; return whether it is there."""
        until = time.monotonic() + _START_TIMEOUT
        while not self.child.ready:
            if self._is_over(until):
                return self.child.ready
        return True

    def extract(self, number: int) -> Outcome | None:
        """Send the request and wait for its end. None when :meth:`Sandbox.kill` was called."""
        child, seen = self.child, self.seen
        self.number = number
        child.clear_note()
        self.began = time.monotonic()
        parts = self.sandbox._request(child, seen.attempt, number)
        self._outbox = [memoryview(part) for part in parts if part]
        self._write()
        deadline = self.began + seen.attempt.timeout
        self._memory_due = self.began + _MEMORY_INTERVAL
        while not self._is_over(deadline):
            pass
        ended = time.monotonic()
        return self._judge(ended)

    def _is_over(self, deadline: float) -> bool:
        """Wait for the next thing to happen; return whether there is nothing to wait for."""
        child = self.child
        now = time.monotonic()
        timeout = max(0.0, min(deadline - now, _PULSE))
        ready = {key.fd for key, _ in self._selector.select(timeout)}
        if self._outbox and child.requests in ready:
            self._write()
        if child.errors in ready:
            self._read_errors()
        try:
            if child.replies in ready:
                self._read_replies()
            gone = (child.pidfd in ready or child.pidfd < 0) and child.poll() is not None
            if gone and not self.finished:
                # It may have answered before it died.
                self._read_replies()
        except ProtocolError as error:
            self.problem = str(error)
            return True
        if self.finished is not None or gone or self.sandbox._killed:
            return True
        now = time.monotonic()
        if self.number:
            self._note_progress(now)
            if now >= self._memory_due:
                self._watch_memory()
        return self._over_memory or self.printed > MAX_PRINTED_MB * _MB or now >= deadline

    # --- pipes ---

    def _write(self) -> None:
        requests = self.child.requests
        while self._outbox:
            part = self._outbox[0]
            try:
                written = os.write(requests, part)
            except BlockingIOError:
                break
            except BrokenPipeError:
                self._outbox.clear()  # its end is on its way
                break
            if written < len(part):
                self._outbox[0] = part[written:]
            else:
                self._outbox.pop(0)
        registered = requests in self._selector.get_map()
        if self._outbox and not registered:
            self._selector.register(requests, selectors.EVENT_WRITE)
        elif registered and not self._outbox:
            self._selector.unregister(requests)

    def _read_errors(self) -> None:
        while data := _read(self.child.errors):
            self.printed += len(data)
            self._tail += data
            if len(self._tail) > 8 * _TAIL:
                del self._tail[:-_TAIL]
            if len(data) < 65536:
                return
            if self.printed > MAX_PRINTED_MB * _MB:
                return
        if data is None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self.child.errors)

    def _read_replies(self) -> None:
        data = _read(self.child.replies)
        if data is None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self.child.replies)
            return
        while data:
            for frame in self.child.reader.feed(data):
                self._take(frame)
            if self.finished:
                return
            data = _read(self.child.replies)

    def _take(self, frame: Frame) -> None:
        if self.finished is not None:
            raise ProtocolError("more than one answer")
        if frame.kind is Kind.READY:
            if self.child.ready:
                raise ProtocolError("it started twice")
            self.child.ready = True
            self.child.cpu_ms = optional_number(frame.header, "cpu_total_ms") or 0.0
            return
        if not self.number or frame.header.get("attempt") != self.number:
            raise ProtocolError("an answer to another question")
        if frame.kind is Kind.STARTED:
            self.seen.extractor = optional_text(frame.header, "extractor")
            self.seen.extractor_version = optional_text(frame.header, "extractor_version")
        else:
            self.finished = frame

    # --- while it runs ---

    def _note_progress(self, now: float) -> None:
        note = self.child.note()
        if len(note) < NOTE.size:
            return
        page, total = NOTE.unpack_from(note)
        seen = self.seen
        news = (page or None, total or None)
        if news == (seen.page, seen.page_count):
            return
        if page:
            self.last_page_at = now
        seen.page, seen.page_count = news
        if self.on_progress is not None:
            self.on_progress(page, total or None)

    def _watch_memory(self) -> None:
        began = time.monotonic()
        usage = self.child.measure()
        if usage is not None:
            self._remember(usage)
            limit = self.sandbox.memory_limit_mb
            bounded = sys.platform == "linux" and not usage.descendants
            if (
                not bounded
                and usage.resident_mb > limit
                and self.child.shared_memory_counted_once() > limit
            ):
                self._over_memory = True
        now = time.monotonic()
        # On a machine with thousands of processes a look takes long; never a tenth of the time.
        self._memory_due = now + max(_MEMORY_INTERVAL, 10 * (now - began))

    def _remember(self, usage: Usage) -> None:
        self.usage = usage
        self.seen.peak_mb = max(self.seen.peak_mb or 0.0, usage.peak_mb)

    # --- the end ---

    def _judge(self, ended: float) -> Outcome | None:
        child, seen = self.child, self.seen
        if self.finished is not None:
            try:
                return self._answered(self.finished, ended)
            except ProtocolError as error:
                self.problem, self.finished = str(error), None
        usage = child.measure() if child.poll() is None else None
        if usage is not None:
            self._remember(usage)
        if self.sandbox._killed:
            return None
        returncode = child.poll()
        failure: Failure
        if self.problem:
            child.kill()
            self._end(ended)
            failure = verdict.garbled(seen, self.problem)
        elif self.printed > MAX_PRINTED_MB * _MB:
            self._end(ended)
            child.kill()
            failure = verdict.output_limit(seen, MAX_PRINTED_MB)
        elif self._over_memory:
            child.kill()
            self._end(ended)
            failure = verdict.memory_limit(seen)
        elif returncode is not None:
            self._end(ended)
            failure = verdict.crashed(seen, returncode)
        else:
            self._collect_stacks()
            child.kill()
            self._end(ended)
            stalled = None if self.last_page_at is None else ended - self.last_page_at
            failure = verdict.timed_out(seen, stalled)
        cpu = None
        if self.usage is not None:
            cpu = max(0.0, self.usage.cpu_seconds * 1000 - child.cpu_ms)
        return Outcome(
            failure=failure,
            extraction_time_ms=(ended - self.began) * 1000,
            cpu_time_ms=cpu,
            peak_rss_mb=seen.peak_mb,
        )

    def _answered(self, frame: Frame, ended: float) -> Outcome:
        header, seen = frame.header, self.seen
        self._end(ended)
        cpu, peak = optional_number(header, "cpu_ms"), optional_number(header, "peak_mb")
        if peak is not None:
            seen.peak_mb = max(peak, seen.peak_mb or 0.0)
        self.child.cpu_ms = optional_number(header, "cpu_total_ms") or 0.0
        self.left_processes = header.get("left_processes") is True
        if frame.kind is Kind.DONE:
            result, failure = read_result(header, frame.body), None
        else:
            result, failure = None, verdict.failed(seen, read_failure(header))
        return Outcome(result, failure, (ended - self.began) * 1000, cpu, seen.peak_mb)

    def _end(self, ended: float) -> None:
        """Take what was printed and noted last."""
        self._read_errors()
        self._note_progress(ended)
        self.seen.stderr = bytes(self._tail[-_TAIL:])

    def _collect_stacks(self) -> None:
        self._read_errors()
        self.child.dump_stacks()
        until = time.monotonic() + _DUMP_TIME
        before = self.printed
        while (left := until - time.monotonic()) > 0:
            wait = min(left, 0.03) if self.printed > before else left
            ready = {key.fd for key, _ in self._selector.select(wait)}
            if self.child.errors in ready:
                self._read_errors()
            elif self.printed > before or not ready:
                return  # all written, or nothing comes
            else:
                time.sleep(0.005)  # something else is ready, and stays so


def _extractors(extractors: Any) -> list[bytes]:
    """Return the EXTRACTORS frame for what people registered."""
    import cloudpickle

    entries: list[dict[str, Any]] = []
    codes: list[bytes] = []
    extractor: Extractor
    for extractor in extractors:
        code, problem = b"", None
        try:
            code = cloudpickle.dumps(extractor.function)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        codes.append(code)
        entries.append(
            {
                "name": extractor.name,
                "size": len(code),
                "error": problem,
                "mime_types": extractor.mime_types,
                "suffixes": extractor.suffixes,
                "requires": [(r.module, r.install, r.distribution) for r in extractor.requires],
                "version": extractor.version,
                "by_name_only": extractor.by_name_only,
            }
        )
    body = b"".join(codes)
    return [encode(Kind.EXTRACTORS, {"extractors": entries}, body), body]


def _outcome(began: float, failure: Failure | None = None) -> Outcome:
    return Outcome(failure=failure, extraction_time_ms=(time.monotonic() - began) * 1000)


def _read(descriptor: int) -> bytes | None:
    """Return what can be read now, ``b""`` when nothing, None at the end."""
    try:
        return os.read(descriptor, _CHUNK) or None
    except BlockingIOError:
        return b""


def _drain(descriptor: int) -> None:
    while descriptor >= 0 and _read(descriptor):
        pass
