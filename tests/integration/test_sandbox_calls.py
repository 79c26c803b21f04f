"""System calls that act on another process are refused to a confined child, one by one.

Each is made for real: in a process behind the filter alone, so that Landlock cannot take the
credit, and in a child of a sandbox. The other process is one of ours that waits.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox
from reslib.sandbox.syscalls import NUMBERS, rules

MACHINE = platform.machine()
pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or MACHINE not in NUMBERS
    or "Seccomp:" not in Path("/proc/self/status").read_text(),
    reason="this system has no seccomp filters for x86-64 or 64-bit ARM",
)

#: A siginfo_t of sigqueue(3): its third number is SI_QUEUE.
QUEUED = b"\0" * 8 + b"\xff" * 4 + b"\0" * 116
#: Arguments of each call, as they would reach OTHER; memory for a structure is a number of bytes.
ON_OTHERS: dict[str, tuple[Any, ...]] = {
    "fcntl F_SETOWN": ("fcntl", 0, 8, "OTHER"),
    "fcntl F_SETOWN_EX": ("fcntl", 0, 15, b"\1\0\0\0" + b"\1\0\0\0"),
    "fcntl F_SETSIG": ("fcntl", 0, 10, 9),
    "get_robust_list": ("get_robust_list", "OTHER", b"8" * 8, b"8" * 8),
    "ioctl FIOSETOWN": ("ioctl", 0, 0x8901, b"\0" * 8),
    "ioctl SIOCSPGRP": ("ioctl", 0, 0x8902, b"\0" * 8),
    "ioctl TIOCSPGRP": ("ioctl", 0, 0x5410, b"\0" * 8),
    "ioctl TIOCSTI": ("ioctl", 0, 0x5412, b"x"),
    "ioctl TIOCLINUX": ("ioctl", 0, 0x541C, b"\3"),
    "ioprio_set": ("ioprio_set", 1, "OTHER", 2 << 13 | 7),
    "ioprio_set of a group": ("ioprio_set", 2, "OTHER", 2 << 13 | 7),
    "ioprio_set of a user": ("ioprio_set", 3, "USER", 2 << 13 | 7),
    "kcmp": ("kcmp", "OTHER", "OTHER", 0, 0, 0),
    "keyctl KEYCTL_SESSION_TO_PARENT": ("keyctl", 18),
    "kill": ("kill", "OTHER", 0),
    "kill a group": ("kill", "-OTHER", 0),
    "kill all": ("kill", -1, 0),
    "migrate_pages": ("migrate_pages", "OTHER", 8, b"\1" + b"\0" * 7, b"\1" + b"\0" * 7),
    "move_pages": ("move_pages", "OTHER", 0, 0, 0, 0, 0),
    "perf_event_open": ("perf_event_open", b"\0" * 128, "OTHER", -1, -1, 0),
    "pidfd_getfd": ("pidfd_getfd", 0, 0, 0),
    "pidfd_open": ("pidfd_open", "OTHER", 0),
    "pidfd_send_signal": ("pidfd_send_signal", 0, 0, 0, 0),
    "prctl PR_SCHED_CORE": ("prctl", 62, 1, "OTHER", 0, 0),
    "prlimit64": ("prlimit64", "OTHER", 0, b"\xff" * 16, 0),
    "process_madvise": ("process_madvise", 0, b"\0" * 16, 1, 0, 0),
    "process_mrelease": ("process_mrelease", 0, 0),
    "process_vm_readv": ("process_vm_readv", "OTHER", b"\0" * 16, 1, b"\0" * 16, 1, 0),
    "process_vm_writev": ("process_vm_writev", "OTHER", b"\0" * 16, 1, b"\0" * 16, 1, 0),
    "ptrace PTRACE_TRACEME": ("ptrace", 0, 0, 0, 0),
    "ptrace PTRACE_SEIZE": ("ptrace", 0x4206, "OTHER", 0, 0),
    "rt_sigqueueinfo": ("rt_sigqueueinfo", "OTHER", 0, QUEUED),
    "rt_tgsigqueueinfo": ("rt_tgsigqueueinfo", "OTHER", "OTHER", 0, QUEUED),
    "sched_setaffinity": ("sched_setaffinity", "OTHER", 8, b"\1" + b"\0" * 7),
    "sched_setattr": ("sched_setattr", "OTHER", b"\x30" + b"\0" * 47, 0),
    "sched_setparam": ("sched_setparam", "OTHER", b"\0" * 4),
    "sched_setscheduler": ("sched_setscheduler", "OTHER", 0, b"\0" * 4),
    "setpgid": ("setpgid", 0, "OTHER"),
    "setpriority": ("setpriority", 0, "OTHER", 5),
    "setpriority of a group": ("setpriority", 1, "OTHER", 5),
    "setpriority of a user": ("setpriority", 2, "USER", 5),
    "tgkill": ("tgkill", "OTHER", "OTHER", 0),
    "tkill": ("tkill", "OTHER", 0),
}
#: Only reslib's own extractors are refused these by the filter: others end processes that they
#: have started, and Landlock looks at whom they mean.
SIGNALS = ("kill", "tgkill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
LOCKS = {
    "flock": ("flock", 0, 1),
    **{f"fcntl {n}": ("fcntl", 0, n, b"\0" * 32) for n in (6, 7, 37, 38)},
    "fcntl F_SETLEASE": ("fcntl", 0, 1024, 2),
}
#: What a process may ask about itself.
ON_ONESELF: dict[str, tuple[Any, ...]] = {
    "kill": ("kill", "SELF", 0),
    "raise": ("tgkill", "SELF", "SELF", 0),
    "tkill": ("tkill", "SELF", 0),
    "prlimit64": ("prlimit64", 0, 4, 0, b"\0" * 16),
    "prlimit64 by number": ("prlimit64", "SELF", 4, 0, b"\0" * 16),
    "sched_setaffinity": ("sched_setaffinity", 0, 128, b"\xff" * 128),
    "sched_setscheduler": ("sched_setscheduler", "SELF", 0, b"\0" * 4),
    "setpriority": ("setpriority", 0, 0, 5),
    "ioprio_set": ("ioprio_set", 1, 0, 2 << 13 | 7),
    "setpgid": ("setpgid", 0, 0),
    "get_robust_list": ("get_robust_list", 0, b"\0" * 8, b"\0" * 8),
    "prctl": ("prctl", 38, 1, 0, 0, 0),
    "fcntl": ("fcntl", 1, 1, 0),
    "socketpair": ("socketpair", 1, 1, 0, b"\0" * 8),
}

#: Defines ``ask(number, *arguments)``: what a system call gives, or the name of its error.
ASK = """
import ctypes, errno, os
syscall = ctypes.CDLL(None, use_errno=True).syscall
syscall.restype = ctypes.c_long

def ask(number, *arguments):
    words = [ctypes.c_long(word) if isinstance(word, int) else
             ctypes.create_string_buffer(bytes.fromhex(word)) for word in arguments]
    ctypes.set_errno(0)
    result = syscall(ctypes.c_long(number), *words)
    return result if result >= 0 else errno.errorcode[ctypes.get_errno()]
"""
BEHIND_THE_FILTER = """
import json, sys
confined, calls = json.loads(sys.argv[1])
if confined is not None:
    from reslib.sandbox import seccomp
    assert seccomp.restrict(own_extractor=confined)
me = {"SELF": os.getpid()}
print(json.dumps({name: ask(*[me.get(word, word) for word in call])
                  for name, call in calls.items()}))
"""

Filled = dict[str, list[Any]]


def filled(calls: dict[str, tuple[Any, ...]], other: int, extra: int = 0) -> Filled:
    """Put numbers and hexadecimal bytes into a table of calls, so that it can be sent."""
    words: dict[Any, int] = {"OTHER": other, "-OTHER": -other, "USER": 54_321}
    return {
        name: [
            extra | NUMBERS[MACHINE][call],
            *(w.hex() if isinstance(w, bytes) else words.get(w, w) for w in arguments),
        ]
        for name, (call, *arguments) in calls.items()
    }


def answers(own_extractor: bool | None, calls: Filled) -> dict[str, int | str]:
    """Make calls in a new process, unconfined or behind the filter alone."""
    done = subprocess.run(
        [sys.executable, "-c", ASK + BEHIND_THE_FILTER, json.dumps([own_extractor, calls])],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
        check=True,
    )
    found: dict[str, int | str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def other() -> Iterator[psutil.Popen]:
    """A process of this user, in a group of its own."""
    waiting = [sys.executable, "-c", "input()"]
    with psutil.Popen(waiting, stdin=subprocess.PIPE, process_group=0) as other:
        yield other
        other.kill()


@pytest.fixture(scope="module")
def refused(other: psutil.Popen) -> dict[bool, dict[str, int | str]]:
    """What the calls give behind the filter, for reslib's own extractors and for others."""
    calls = filled(ON_OTHERS | LOCKS, other.pid)
    return {own: answers(own, calls) for own in (True, False)}


def test_every_rule_has_a_call_that_tries_it() -> None:
    tried = {call for call, *_ in (ON_OTHERS | LOCKS).values()}
    sockets = {"socket", "socketpair", "io_uring_setup"}  # test_sandbox_network.py
    assert {rule.call for rule in rules(1, own_extractor=True)} - sockets == tried


@pytest.mark.parametrize("call", [*ON_OTHERS, *LOCKS])
def test_reslibs_own_extractors_are_refused_every_call_on_another_process(
    refused: dict[bool, dict[str, int | str]], call: str
) -> None:
    assert refused[True][call] == "EPERM"


@pytest.mark.parametrize(
    "call", [name for name, (call, *_) in ON_OTHERS.items() if call not in SIGNALS]
)
def test_registered_extractors_are_refused_all_of_them_but_signals(
    refused: dict[bool, dict[str, int | str]], call: str
) -> None:
    assert refused[False][call] == "EPERM"


def test_without_the_filter_those_calls_are_answered_otherwise(other: psutil.Popen) -> None:
    """Else the tests above would show nothing."""
    # Not the ones that reach further than one process: this one has no filter.
    wide = ("kill all", "ptrace PTRACE_TRACEME", "keyctl KEYCTL_SESSION_TO_PARENT")
    calls = {k: v for k, v in filled(ON_OTHERS | LOCKS, other.pid).items() if k not in wide}
    free = answers(None, calls)
    assert isinstance(free["prlimit64"], int)
    assert isinstance(free["setpriority"], int)
    assert isinstance(free["sched_setaffinity"], int)
    assert isinstance(free["kill"], int)
    allowed = {name for name, answer in free.items() if answer != "EPERM"}
    # Some systems (Yama, containers) refuse a few by themselves.
    assert len(allowed) > 0.6 * len(calls), sorted(set(calls) - allowed)


@pytest.mark.parametrize("own_extractor", [True, False], ids=["own", "registered"])
def test_what_a_process_asks_about_itself_is_answered(own_extractor: bool) -> None:
    got = answers(own_extractor, filled(ON_ONESELF, 1))
    assert {name: answer for name, answer in got.items() if not isinstance(answer, int)} == {}


@pytest.mark.skipif(MACHINE != "x86_64", reason="only x86-64 has the x32 ABI")
def test_the_x32_numbers_lead_to_no_call_at_all(other: psutil.Popen) -> None:
    got = answers(False, filled(ON_OTHERS | ON_ONESELF, other.pid, extra=0x40000000))
    assert set(got.values()) == {"ENOSYS"}


INT_80 = """
import ctypes, mmap, os, sys
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
# push rbx; mov eax, edi; mov ebx, esi; mov ecx, edx; int 0x80; pop rbx; ret
code.write(bytes.fromhex("53 89f8 89f3 89d1 cd80 5b c3"))
call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int)(
    ctypes.addressof(ctypes.c_char.from_buffer(code)))
if sys.argv[1] == "confined":
    from reslib.sandbox import seccomp
    assert seccomp.restrict(own_extractor=False)
GETPID, KILL, SETPRIORITY = 20, 37, 97
print(call(GETPID, 0, 0) == os.getpid(), call(KILL, os.getppid(), 0), call(SETPRIORITY, 0, 0))
"""


@pytest.mark.skipif(MACHINE != "x86_64", reason="only x86-64 has this way to the 32-bit calls")
def test_the_32_bit_entry_leads_to_no_call_at_all() -> None:
    def run(word: str) -> str:
        done = subprocess.run([sys.executable, "-c", INT_80, word], capture_output=True, text=True)
        return done.stdout.strip()

    if run("free") != "True 0 0":
        pytest.skip("this kernel takes no 32-bit system calls")
    no = -errno.ENOSYS
    assert run("confined") == f"False {no} {no}"


# --- in a sandbox -----------------------------------------------------------------------------


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run a piece of Python as an extractor, and return what it leaves in ``answer``."""
    paper = tmp_path / "paper.own"
    paper.write_text("words")
    opened: list[Sandbox] = []

    def ask(code: str, *, writes: bool) -> str:
        def read(path: Path) -> str:
            scope: dict[str, Any] = {"path": path}
            exec(code, scope)
            return str(scope["answer"])

        registry = Registry()
        registry.add(Extractor(name="own", function=read, suffixes=(".own",), writes=writes))
        opened.append(Sandbox(registry=registry))
        outcome = opened[-1].run(ExtractionRequest(str(paper), timeout=60))
        assert outcome.failure is None, outcome.failure
        assert outcome.result is not None
        return outcome.result.text

    yield ask
    for sandbox in opened:
        sandbox.close()


NOTEBOOK = """
import resource, sys
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

def read(path):
    import os, resource
    resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))
    return "done"

registry = Registry()
registry.add(Extractor(name="own", function=read, suffixes=(".own",), writes=sys.argv[2] == "yes"))
with Sandbox(registry=registry) as sandbox:
    failure = sandbox.run(ExtractionRequest(sys.argv[1], timeout=60)).failure
print(failure.exception_type, resource.getrlimit(resource.RLIMIT_CPU)[0])
"""


@pytest.mark.parametrize("writes", ["no", "yes"], ids=["own", "registered"])
def test_a_child_does_not_limit_the_time_of_the_notebook(tmp_path: Path, writes: str) -> None:
    paper = tmp_path / "paper.own"
    paper.write_text("words")
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, str(paper), writes],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "PermissionError -1\n", done.stderr


@pytest.mark.parametrize("writes", [False, True], ids=["own", "registered"])
def test_no_child_of_a_sandbox_changes_another_process(
    ask: Callable[..., str], other: psutil.Popen, writes: bool
) -> None:

    def settings() -> list[Any]:
        limits = other.rlimit(psutil.RLIMIT_CPU)
        return [other.nice(), other.cpu_affinity(), limits, other.ionice(), os.getpgid(other.pid)]

    before = settings()
    wide = ("kill all", "kill a group")  # a child may signal its own family
    calls = {k: v for k, v in filled(ON_OTHERS, other.pid).items() if k not in wide}
    said = ask(
        f"{ASK}\nanswer = [name for name, call in {calls!r}.items() if ask(*call) != 'EPERM']",
        writes=writes,
    )
    assert said == "[]"
    assert settings() == before


def test_reslibs_own_extractors_do_not_lock_what_they_can_read(
    ask: Callable[..., str], tmp_path: Path
) -> None:
    database = tmp_path / "research.db"
    database.write_text("years of work")
    said = ask(
        f"""
import fcntl
answer = []
with open({str(database)!r}, "rb") as file:
    for lock in (fcntl.flock, fcntl.lockf):
        try:
            lock(file, fcntl.LOCK_SH)
            answer.append(lock.__name__)
        except PermissionError:
            pass
""",
        writes=False,
    )
    assert said == "[]"


def test_a_registered_extractor_locks_its_cache_and_ends_what_it_started(
    ask: Callable[..., str], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    said = ask(
        f"""
import fcntl, os, resource, signal, subprocess, sys
with open({str(cache)!r}, "w") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
    started.terminate()
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.nice(1)
os.sched_setaffinity(0, os.sched_getaffinity(0))
answer = started.returncode == -signal.SIGTERM
""",
        writes=True,
    )
    assert said == "True"


@pytest.mark.parametrize(
    ("way", "seen"),
    [
        ("os.abort()", "SIGABRT"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
        ("signal.raise_signal(11)", "SIGSEGV"),
    ],
)
def test_a_child_of_reslibs_own_extractors_ends_itself_as_ever(
    tmp_path: Path, way: str, seen: str
) -> None:
    paper = tmp_path / "paper.own"
    paper.write_text("words")

    def read(path: Path) -> str:
        exec(f"import os, signal; {way}", {})
        return ""

    registry = Registry()
    registry.add(Extractor(name="own", function=read, suffixes=(".own",), writes=False))
    with Sandbox(registry=registry) as sandbox:
        outcome = sandbox.run(ExtractionRequest(str(paper), timeout=60))
    assert outcome.failure is not None
    assert outcome.failure.signal == seen
