"""The child as its parent sees it: start it, measure it, end it with all it started."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from reslib.sandbox import memory, note
from reslib.sandbox.confinement import Confinement
from reslib.sandbox.environment import for_child
from reslib.sandbox.memory import MB
from reslib.sandbox.protocol import MARKER, MARKER_ID, REPLY_LIMITS, MessageReader
from reslib.sandbox.scratch import PrivateDirectory

__all__ = ["ChildProcess", "Orphan", "orphans"]

#: Unless people set them: each thread of OpenBLAS and each arena of malloc reserves tens of
#: megabytes, so that on a machine of many cores importing numpy alone would meet the limit.
_FRUGAL = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
#: A process has gone, or cannot be looked at: psutil opens files, and there may be too many.
_UNSEEN = (psutil.Error, OSError)
#: In /proc/PID/status, see proc(5): what it does, and the signals that wait for it.
_STATE = re.compile(rb"^State:\s*(.)", re.MULTILINE)
_PENDING = re.compile(rb"^(?:SigPnd|ShdPnd):\s*(\w+)", re.MULTILINE)
#: With -c rather than -m, so that sys.path is the parent's before reslib is looked for. First of
#: all it ties itself to its parent (PR_SET_PDEATHSIG, SIGKILL): on a busy machine the imports take
#: seconds, in which a parent may be killed. What else guards it is set up later, in guard.py.
_BOOT = (
    "import ctypes, os, sys; "
    "sys.platform == 'linux' and ctypes.CDLL(None).prctl(1, 9, 0, 0, 0); "
    "os.getppid() == int(sys.argv[4]) or os._exit(1); "
    "sys.path[:] = sys.argv.pop().split('\\n'); "
    "from reslib.sandbox.child import main; main()"
)


class ChildProcess:
    """One child with its descriptors. Made, used and closed by the thread that runs attempts.

    Parameters
    ----------
    memory_limit_mb
        See :class:`~reslib.sandbox.sandbox.Sandbox`.
    confinement
        What it may do.

    Raises
    ------
    OSError
        It could not be started.
    """

    def __init__(self, memory_limit_mb: int, confinement: Confinement) -> None:
        self.confinement = confinement
        #: What it says it is refused.
        self.refused: frozenset[str] = frozenset()
        self.token = os.urandom(16).hex()
        self._owner = os.getpid()
        self.thread = threading.current_thread()
        self.ready = False
        self.jobs = 0
        #: The registry's generation that it knows.
        self.generation = 0
        #: Processor time it had used by the end of its last attempt.
        self.cpu_ms = 0.0
        #: Largest resident memory before this attempt. A new process starts with its parent's
        #: (getrusage(2) keeps it over exec), so a smaller one says nothing.
        self.peak_before_mb = 0.0
        #: Resident memory after its first attempt, which imports what a format needs.
        self.settled_mb: float | None = None
        self.reader = MessageReader(REPLY_LIMITS)
        self.returncode: int | None = None
        self._rusage: resource.struct_rusage | None = None
        self._reaping = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None
        self._scratch: PrivateDirectory | None = None
        #: What it had started when it was told to end.
        self._family: list[psutil.Process] = []
        self._pidfd = self._requests = self._replies = self._errors = self._note = -1
        theirs: list[int] = []
        try:
            request_end, self._requests = os.pipe()
            theirs.append(request_end)
            self._replies, reply_end = os.pipe()
            theirs.append(reply_end)
            self._errors, error_end = os.pipe()
            theirs.append(error_end)
            self._note = note.make()
            self._scratch = PrivateDirectory()
            self._spawn(request_end, reply_end, error_end, memory_limit_mb)
        except BaseException:
            self.close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        for descriptor in (self._requests, self._replies, self._errors):
            os.set_blocking(descriptor, False)

    def _spawn(self, requests: int, replies: int, errors: int, memory_limit_mb: int) -> None:
        assert self._scratch is not None
        numbers = (requests, replies, self._note, os.getpid(), memory_limit_mb)
        folder = str(self._scratch.path)
        confinement = self.confinement
        passed = for_child(os.environ, confinement.environment, network=confinement.network)
        paths = "\n".join(entry for entry in sys.path if isinstance(entry, str))
        # A Ctrl-C before the child has said that it ignores them would end it. The mask is
        # inherited; the child lifts it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-c", _BOOT, *map(str, numbers), confinement.encode(), paths],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=(requests, replies, self._note),
                # A group of its own: a kernel that shuts down first waits for the children in its
                # group, longer than it is given, so atexit never came to hand running jobs back.
                process_group=0,
                env={
                    **_FRUGAL,
                    **passed,
                    **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder),
                    MARKER: str(os.getpid()),
                    MARKER_ID: self.token,
                },
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.pid = self._popen.pid
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self._pidfd = os.pidfd_open(self.pid)

    # --- pipes ---

    @property
    def requests(self) -> int:
        """The descriptor that requests are written to; non-blocking."""
        return self._requests

    @property
    def replies(self) -> int:
        """The descriptor that messages come from; non-blocking."""
        return self._replies

    @property
    def errors(self) -> int:
        """The descriptor of what the child prints; non-blocking."""
        return self._errors

    @property
    def pidfd(self) -> int:
        """Readable when the child has ended; -1 where the system has no such thing."""
        return self._pidfd

    @property
    def note(self) -> int:
        """The file that it writes its progress and its items into, see :mod:`.note`."""
        return self._note

    # --- life ---

    def usable(self) -> bool:
        """True when the next attempt can go to it.

        Not when it has died, and not when the thread that started it may end in the middle:
        the system ends the child with that thread (PR_SET_PDEATHSIG).
        """
        here, main = threading.current_thread(), threading.main_thread()
        return self.poll() is None and self.thread in (here, main)

    def is_alive(self) -> bool:
        """True when it can still do anything; slower than :meth:`poll`, and right a little earlier.

        A process that was killed cannot be waited for before the last of its threads has ended,
        which on a busy machine takes a while; meanwhile it is a zombie, or has SIGKILL before it.
        """
        if self.poll() is not None:
            return False
        status = self._status()
        if status is None:
            return sys.platform != "linux" or self.poll() is None
        state = _STATE.search(status)
        pending = _PENDING.findall(status)
        if state is None or state[1] in b"ZX":
            return False
        return not any(int(mask, 16) & 1 << (signal.SIGKILL - 1) for mask in pending)

    def _status(self) -> bytes | None:
        """Return what proc(5) says of it in ``status``; None where there is no such thing."""
        return memory.read_proc(self.pid, "status")

    def poll(self) -> int | None:
        """Return how it ended as :attr:`subprocess.Popen.returncode` says it, None while it
        lives.
        """
        with self._reaping:
            popen = self._popen
            if popen is None or self.returncode is not None or not self._is_ours():
                return self.returncode
            try:
                pid, status, self._rusage = os.wait4(popen.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = popen.pid, 0  # somebody else's waitpid(-1) took the answer
            if pid:
                self.returncode = popen.returncode = os.waitstatus_to_exitcode(status)
            return self.returncode

    def wait(self, seconds: float) -> bool:
        """Wait for its end; return whether it has come."""
        until = time.monotonic() + seconds
        while self.poll() is None:
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self._pidfd >= 0:
                waiter = select.poll()
                waiter.register(self._pidfd, select.POLLIN)
                waiter.poll(left * 1000)
            else:
                time.sleep(min(left, 0.005))
        return True

    def dump_stacks(self) -> None:
        """Have the child write the stack of every thread to what it prints."""
        self._signal(signal.SIGUSR1)

    def kill(self) -> None:
        """End it and everything it started, now."""
        if self._popen is None or not self._is_ours():
            return
        if self.poll() is None:
            # Stopped, it can start nothing new and keeps what it adopted in its family.
            self._signal(signal.SIGSTOP)
            for _ in range(10):
                family = _descendants(self.pid)
                if not family:
                    break
                _kill_all(family)
                psutil.wait_procs(family, timeout=0.02)
                if not any(_is_running(process) for process in family):
                    break
            self._signal(signal.SIGKILL)
            self.wait(0.5)
        else:
            _kill_all(_marked(self.token))

    def let_go(self) -> None:
        """Tell it to end while it is idle, so that it can remove its temporary files.

        :meth:`close` ends what is left of it.
        """
        if self._is_ours() and self.poll() is None and self._requests >= 0:
            self._family = _descendants(self.pid)
            os.close(self._requests)
            self._requests = -1

    def shut_down(self) -> None:
        """Let it go, and wait for its end, not for long."""
        self.let_go()
        if self._is_ours():
            self.wait(0.5)
        self.close()

    def close(self) -> None:
        """Kill it if it still lives, and close every descriptor. Idempotent."""
        if self._is_ours() and self._popen is not None and self.poll() is None:
            self.kill()
        family, self._family = self._family, []
        if self._is_ours():
            _kill_all(family)
        names = ("_pidfd", "_requests", "_replies", "_errors", "_note")
        for name in names:
            descriptor = getattr(self, name)
            setattr(self, name, -1)
            if descriptor >= 0:
                os.close(descriptor)
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            scratch.remove()

    def __del__(self) -> None:
        # An exception between two statements must not leave a child behind.
        with contextlib.suppress(Exception):
            self.close()

    def _is_ours(self) -> bool:
        """False in a process that was forked from the one that started the child."""
        return os.getpid() == self._owner

    def _signal(self, number: signal.Signals) -> None:
        # Not Popen's: it waits for the process first, and poll() would not learn how it ended.
        with self._reaping, contextlib.suppress(ProcessLookupError):
            if self.returncode is None:
                os.kill(self.pid, number)

    # --- cost ---

    def measure(self) -> Usage | None:
        """Return what the child and its descendants use, None when it is gone."""
        try:
            process = psutil.Process(self.pid)
            family = [process, *process.children(recursive=True)]
        except _UNSEEN:
            return None
        resident, cpu = 0.0, 0.0
        for member in family:
            try:
                times = member.cpu_times()
                resident += member.memory_info().rss / MB
            except _UNSEEN:
                continue
            cpu += times.user + times.system
            if member is process:
                cpu += times.children_user + times.children_system
        return Usage(max(resident, self.peak_mb() or 0), resident, cpu, len(family) - 1)

    def last_usage(self) -> Usage | None:
        """Return what the child had used when it ended; the peak is 0 when nobody can tell."""
        used = self._rusage
        if used is None or self.returncode is None:
            return None
        peak = memory.lifelong_peak_mb(used)
        # A little more is noise of the kernel's per-thread counters.
        known = peak if peak > self.peak_before_mb + 1 else 0.0
        return Usage(known, 0.0, used.ru_utime + used.ru_stime, 0)

    def resident_mb(self) -> float:
        """Return the child's resident memory."""
        resident = memory.resident_mb(self.pid)
        if resident is not None:
            return resident
        try:  # of a system without /proc
            return float(psutil.Process(self.pid).memory_info().rss / MB)
        except _UNSEEN:
            return 0.0

    def shared_memory_counted_once(self) -> float:
        """Return the resident memory of child and descendants, each shared page counted once.
        Slow: it walks the page tables.
        """
        total = 0.0
        try:
            process = psutil.Process(self.pid)
            family = [process, *process.children(recursive=True)]
        except _UNSEEN:
            return total
        for member in family:
            try:
                full = member.memory_full_info()
            except _UNSEEN:
                continue
            total += getattr(full, "pss", full.uss) / MB
        return total

    def peak_mb(self) -> float | None:
        """Return the largest resident memory since it was last reset; None where unknown."""
        status = self._status()
        return None if status is None else memory.peak_mb(status)


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of a child and its descendants; memory in MB, processor time in seconds since
    they started.
    """

    peak_mb: float
    resident_mb: float
    cpu_seconds: float
    descendants: int


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except _UNSEEN:
        return []


def _is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except _UNSEEN:
        return False


def _marked(token: str) -> list[psutil.Process]:
    """Return the processes that carry a child's mark: what is left of one that died by itself
    can no longer be found by its parent.
    """
    found = []
    with contextlib.suppress(OSError):
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and process.environ().get(MARKER_ID) == token:
                    found.append(process)
            except _UNSEEN:
                continue
    return found


def _kill_all(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(*_UNSEEN):
            process.kill()


# --- what other runs left ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Orphan:
    """A sandbox process whose parent is gone.

    Parameters
    ----------
    pid
        Its process id.
    parent_pid
        Of the process that had started it.
    age
        Seconds since it started.
    """

    pid: int
    parent_pid: int
    age: float


def orphans() -> list[Orphan]:
    """Return the processes that sandboxes of ended processes left running.

    There should be none: children end with their parent. Programs that an extractor started
    can survive when everything above them is killed at once. Only processes of this user are
    seen.
    """
    found = []
    for process in psutil.process_iter():
        try:
            parent_pid = int(process.environ().get(MARKER, ""))
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            started = process.create_time()
        except (psutil.Error, OSError, ValueError):
            continue
        if not _lives_since_before(parent_pid, started):
            found.append(Orphan(process.pid, parent_pid, max(0.0, time.time() - started)))
    return found


def _lives_since_before(pid: int, moment: float) -> bool:
    try:
        # Start times are rounded to clock ticks.
        return bool(psutil.Process(pid).create_time() <= moment + 0.1)
    except psutil.Error:
        return False
