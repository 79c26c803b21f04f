"""The sandbox as a worker sees it: ``run(request)`` gives an outcome, whatever happens.

Everything on the parent's side happens in the calling thread, which waits on the child's
pipes, on its end and on a pipe through which :meth:`Sandbox.kill` wakes it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from functools import partial
from typing import Any

from reslib.errors import ErrorCode
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.extractors.registry import registry as process_registry
from reslib.items import Page
from reslib.models import ExtractionRequest, Failure, Outcome
from reslib.sandbox import diagnosis
from reslib.sandbox.confinement import Confinement
from reslib.sandbox.memory import MB
from reslib.sandbox.process import ChildProcess
from reslib.sandbox.protocol import Kind, encode
from reslib.sandbox.scratch import is_full
from reslib.sandbox.session import Session, read_available
from reslib.sandbox.succession import Succession

__all__ = ["Sandbox"]

#: An attempt that needed more than this share of the limit may have left its child large.
_MUCH = 0.25


class Sandbox:
    """Runs extractions in one child process that can be killed.

    The child serves one attempt after another. It is replaced when it died or had to be
    killed, after *max_jobs* attempts if given, after running into the memory limit, when an attempt
    left processes behind, and when it has grown: its resident memory between two attempts is
    more than a quarter of the limit above what it was after its first, or three quarters of
    the limit in all. Its successor is started before, while it still works: see
    :mod:`reslib.sandbox.succession`. It is replaced as well when the extractor of a document
    needs more, or less, than the child is allowed: see :mod:`reslib.sandbox.confinement`.

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
        Attempts after which the child is replaced; None for no such number.

    Raises
    ------
    ValueError
        *memory_limit_mb* is under 64, or *max_jobs* under 1.
    """

    def __init__(
        self,
        *,
        memory_limit_mb: int = 2048,
        registry: Registry = process_registry,
        max_jobs: int | None = None,
    ) -> None:
        if memory_limit_mb < 64:
            raise ValueError(
                f"memory_limit_mb is {memory_limit_mb}; an extraction needs at least 64"
            )
        if max_jobs is not None and max_jobs < 1:
            raise ValueError(f"max_jobs is {max_jobs}; it must be at least 1")
        self.memory_limit_mb = memory_limit_mb
        self.max_jobs = max_jobs
        self._registry = registry
        self._children = Succession(memory_limit_mb, max_jobs)
        #: Of the child, or of the next one; None before the first.
        self._confinement: Confinement | None = None
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

    @property
    def is_up(self) -> bool:
        """True when there is a living child."""
        return self.pid is not None

    @property
    def refused(self) -> frozenset[str]:
        """The things that the system refuses to the child: ``"network"``, ``"writes"`` (outside
        its temporary directory), ``"processes"`` (looking into others) and ``"signals"`` (sending
        them any, by whatever extractor); empty without one.
        """
        child = self._child
        return child.refused if child is not None else frozenset()

    @property
    def lacking(self) -> str:
        """The things that the child may do although it should not, for people; or empty."""
        child = self._child
        return child.confinement.lacking(child.refused) if child is not None and child.ready else ""

    @property
    def _child(self) -> ChildProcess | None:
        return self._children.child

    def tend(self) -> None:
        """Let a successor take over that has got ready; for who has no document at the moment.

        Does not wait.
        """
        with self._busy:
            if not self._closed:
                self._children.tend()

    def warm_up(self, give_up: Callable[[], bool] = lambda: False) -> str | None:
        """Start the child when there is none, and wait until it is ready.

        Parameters
        ----------
        give_up
            Asked a few times a second; True ends the waiting, and the child.

        Returns
        -------
        str or None
            Why it could not be started, for people; None when it is there, or was given up.
        """
        with self._busy:
            self._check_open()
            if self.pid is not None:
                return None
            try:
                child = self._usable_child()
            except OSError as error:
                return diagnosis.not_started(error)
            seen = diagnosis.Observed(ExtractionRequest(""), self.memory_limit_mb)
            session = Session(child, seen, None, self._wake_read, give_up)
            try:
                if session.wait_until_ready():
                    self._children.accept()
                    return None
                self._children.discard()
                return None if give_up() else diagnosis.not_started(session.last_stderr_line())
            finally:
                session.close()

    def run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        """Read one document.

        Blocks until there is an outcome: at most ``request.timeout`` and one second. The time
        allowed counts from when the child is there to begin, and anew from each page that is done
        when ``request.by_page`` says so.

        Parameters
        ----------
        request
            What to read.
        on_progress
            Called in this thread, at most twenty times a second, with the number of pages
            done and how many there are (None while unknown).

        Returns
        -------
        Outcome
            With a failure for everything that a document or an extractor may do, and with
            ``unavailable`` when no child could be started.

        Raises
        ------
        RuntimeError
            The sandbox is closed.
        BaseException
            What a listener or a signal handler raised (KeyboardInterrupt); the extraction is killed
            first.
        """
        return self.run_keeping(request, on_progress, None)

    def run_keeping(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
    ) -> Outcome:
        """Read one document as :meth:`run` does, and call *on_pages* as often with the pages that
        have come since: whoever keeps them loses none of them with this process.
        """
        with self._busy:
            with self._state:
                self._check_open()
                self._running, self._killed = True, False
            try:
                return self._run(request, on_progress, on_pages)
            except BaseException:
                self._children.discard()
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
        self._children.close()
        for name in ("_wake_read", "_wake_write"):
            descriptor = getattr(self, name)
            setattr(self, name, -1)
            if descriptor >= 0:
                os.close(descriptor)

    # --- the child ---

    def _usable_child(self) -> ChildProcess:
        if self._confinement is None:
            self._confinement = self._first_confinement()
        return self._children.usable(self._confinement)

    def _first_confinement(self) -> Confinement:
        # What people register, they are about to use. When not, the child says so.
        registered = list(self._registry.registered().values())
        return Confinement.of(registered[-1]) if registered else Confinement()

    def _other_confinement(self, child: ChildProcess, name: str) -> Confinement | None:
        """Return what the extractor that the child named needs, None when that is no other.

        The child may be in the hands of a document, so it gets nothing by asking: the new child
        looks for itself who is to read it.
        """
        for extractor in self._registry.all():
            if extractor.name == name:
                needed = Confinement.of(extractor)
                return needed if needed != child.confinement else None
        return None

    def _run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
    ) -> Outcome:
        listeners = on_progress, on_pages
        began = time.monotonic()
        seen = diagnosis.Observed(request, self.memory_limit_mb)
        outcome, spent = self._run_in_a_child(seen, *listeners, request.timeout)
        if outcome is None:
            outcome, _ = self._run_in_a_child(seen, *listeners, request.timeout - spent)
        if outcome is None:
            self._children.discard()
            outcome = _outcome(
                began, diagnosis.protocol_violation(seen, "it is never the one to read it")
            )
        return outcome

    def _run_in_a_child(
        self,
        seen: diagnosis.Observed,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
        seconds: float,
    ) -> tuple[Outcome | None, float]:
        """Return the outcome, None when another child is to read it, and the seconds it took."""
        began = time.monotonic()
        problem = ""
        for is_last in (False, True):
            try:
                child = self._usable_child()
            except OSError as error:
                return Outcome(unavailable=diagnosis.not_started(error)), 0.0
            self._attempts += 1
            session = Session(
                child, seen, on_progress, self._wake_read, lambda: self._killed, on_pages
            )
            try:
                if session.wait_until_ready():
                    self._children.accept()
                    messages = partial(self._messages, child, seen.request, self._attempts)
                    outcome = session.extract(self._attempts, messages, seconds, is_last=is_last)
                    if outcome is not None:
                        self._settle(child, session, outcome)
                        if session.no_room and is_full():
                            outcome = Outcome(unavailable=diagnosis.no_room())
                        return outcome, 0.0
                    spent = time.monotonic() - session.began
                    if session.elsewhere is not None:
                        needed = self._other_confinement(child, session.elsewhere)
                        if needed is not None:
                            self._children.retire()
                            self._confinement = needed
                        return None, spent
                    seconds -= spent  # it was dead before it began: another child is to read it
            finally:
                session.close()
            if self._killed:
                self._children.discard()
                return _outcome(began), 0.0
            problem = session.last_stderr_line()
            self._children.discard()
        return Outcome(unavailable=diagnosis.not_started(problem)), 0.0

    def _settle(self, child: ChildProcess, session: Session, outcome: Outcome) -> None:
        """Keep the child for the next attempt, or not."""
        child.jobs += 1
        text = outcome.result.text if outcome.result else ""
        failure = outcome.failure
        if (
            session.finished is None
            or child.poll() is not None
            or session.left_processes
            or session.no_room  # what it wrote itself goes with it, and is not counted against it
            or (failure is not None and failure.error_code is ErrorCode.MEMORY_LIMIT)
        ):
            self._children.discard()
        elif (outcome.peak_rss_mb or 0.0) > _MUCH * self.memory_limit_mb:
            # It may not have freed the text yet: up to four bytes a letter, three times over.
            self._children.settle(spare_mb=12 * len(text) / MB)

    # --- requests ---

    def _messages(
        self, child: ChildProcess, request: ExtractionRequest, number: int
    ) -> list[bytes]:
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
                    "path": request.path,
                    "mime_type": request.mime_type,
                    "extractors": list(request.extractors),
                    "only": request.only,
                    "accepted": request.accepted and list(astuple(request.accepted)),
                    "task": request.task,
                    "options": dict(request.options),
                    "passwords": request.passwords,
                    "sys_path": [entry for entry in sys.path if isinstance(entry, str)],
                    "cwd": _cwd(),
                },
            )
        )
        return parts


def _extractors(extractors: Iterable[Extractor]) -> list[bytes]:
    """Return the EXTRACTORS message for what people registered."""
    import cloudpickle

    entries: list[dict[str, Any]] = []
    codes: list[bytes] = []
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
                "requires": [(type(r).__name__, *astuple(r)) for r in extractor.requires],
                "version": extractor.version,
                "recipe": extractor.recipe,
                "by_name_only": extractor.by_name_only,
                "network": extractor.network,
                "environment": extractor.environment,
                "writes": extractor.writes,
                "task": extractor.task,
                "takes_options": extractor.takes_options,
            }
        )
    body = b"".join(codes)
    return [encode(Kind.EXTRACTORS, {"extractors": entries}, body), body]


def _cwd() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return None  # it was removed


def _outcome(began: float, failure: Failure | None = None) -> Outcome:
    return Outcome(failure=failure, extraction_time_ms=(time.monotonic() - began) * 1000)


def _drain(descriptor: int) -> None:
    while descriptor >= 0 and read_available(descriptor):
        pass
