"""What a child is refused, whoever has taken it over; and what works all the same.

The code under test runs in real children, as an extractor. ``writes=False`` gives it the
confinement of reslib's own extractors.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from reslib import ExtractionWorker, ResearchDatabase
from reslib.errors import ErrorCode
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry, register_extractor
from reslib.maintenance import doctor
from reslib.models import ExtractionRequest, Failure
from reslib.sandbox import Sandbox, remove_stale_directories, stale_directories
from reslib.sandbox.confinement import Confinement
from reslib.testing import wait_until


def _landlock_abi() -> int:
    if sys.platform != "linux":
        return 0
    syscall = ctypes.CDLL(None).syscall
    syscall.restype = ctypes.c_long
    return int(syscall(444, None, ctypes.c_long(0), ctypes.c_long(1)))


LANDLOCK = _landlock_abi()
# Asked of the system, not of the code under test: that must not excuse itself.
needs_seccomp = pytest.mark.skipif(
    sys.platform != "linux"
    or platform.machine() not in ("x86_64", "aarch64")
    or "Seccomp:" not in Path("/proc/self/status").read_text(),
    reason="this system has no seccomp filters for x86-64 or 64-bit ARM",
)
needs_landlock = pytest.mark.skipif(LANDLOCK < 3, reason="this kernel has no Landlock (ABI 3)")
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="this system has no /proc")


class Asked:
    """A sandbox whose extractor runs a piece of Python, and gives what it leaves in ``answer``."""

    def __init__(self, folder: Path, code: str, **needs: Any) -> None:
        self.registry = Registry()
        self.add("own", code, **needs)
        self.path = folder / "paper.own"
        self.path.write_text("words")
        self.sandbox = Sandbox(registry=self.registry)

    def add(self, name: str, code: str, **needs: Any) -> None:
        def read(path: Path) -> str:
            scope: dict[str, Any] = {"path": path}
            exec(code, scope)
            return str(scope["answer"])

        self.registry.add(Extractor(name=name, function=read, suffixes=(f".{name}",), **needs))

    def answer(self) -> str:
        outcome = self.sandbox.run(ExtractionRequest(str(self.path), timeout=60))
        assert outcome.failure is None, outcome.failure
        assert outcome.result is not None
        return outcome.result.text

    def failure(self) -> Failure:
        outcome = self.sandbox.run(ExtractionRequest(str(self.path), timeout=60))
        assert outcome.failure is not None
        return outcome.failure


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
def server() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine that says hello, and what it was told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    heard.append(b"somebody")
                    connection.sendall(b"hello")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


CONNECT = """
import socket
with socket.create_connection(("127.0.0.1", {port}), timeout=5) as connection:
    answer = connection.recv(100).decode()
"""


# --- the network ------------------------------------------------------------------------------


@needs_seccomp
@pytest.mark.parametrize("writes", [False, True], ids=["own", "registered"])
def test_an_extraction_has_no_network(
    ask: Callable[..., Asked], server: tuple[int, list[bytes]], writes: bool
) -> None:
    port, heard = server
    failure = ask(CONNECT.format(port=port), writes=writes).failure()
    assert failure.exception_type == "PermissionError"
    assert heard == []


@needs_seccomp
@pytest.mark.parametrize(
    ("writes", "allowed"), [(False, "[]"), (True, "['AF_UNIX']")], ids=["own", "registered"]
)
def test_every_family_of_sockets_is_refused_but_the_local_one_to_registered_extractors(
    ask: Callable[..., Asked], writes: bool, allowed: str
) -> None:
    asked = ask(
        """
import errno, socket
families = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}
answer = []
for name, family in sorted(families.items()):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
        except OSError as error:
            if error.errno == errno.EACCES:
                continue
        if name not in answer:
            answer.append(name)
socket.socketpair()
""",
        writes=writes,
    )
    assert asked.answer() == allowed


@needs_seccomp
def test_a_program_that_an_extractor_starts_has_no_network(
    ask: Callable[..., Asked], server: tuple[int, list[bytes]]
) -> None:
    port, heard = server
    asked = ask(f"""
import subprocess, sys
code = "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
answer = done.stderr.strip().splitlines()[-1]
""")
    assert asked.answer() == "PermissionError: [Errno 13] Permission denied"
    assert heard == []


@needs_seccomp
def test_the_back_doors_to_a_socket_are_shut(ask: Callable[..., Asked]) -> None:
    # io_uring makes sockets without the system call; x32 numbers calls differently.
    x32 = ["0x40000000 | 41, 2, 1, 0"] if platform.machine() == "x86_64" else []
    for call in ["425, 1, ctypes.create_string_buffer(512)", *x32]:
        asked = ask(f"""
import ctypes, errno
syscall = ctypes.CDLL(None, use_errno=True).syscall
result = syscall({call})
answer = result, errno.errorcode[ctypes.get_errno()]
""")
        assert asked.answer() in ("(-1, 'EPERM')", "(-1, 'ENOSYS')")


@needs_seccomp
def test_every_thread_of_a_child_is_confined(ask: Callable[..., Asked]) -> None:
    asked = ask("""
import os, pathlib
threads = list(pathlib.Path("/proc/self/task").iterdir())
answer = len(threads) > 1, {"Seccomp:\\t2" in (t / "status").read_text() for t in threads}
""")
    assert asked.answer() == "(True, {True})"


def test_what_needs_no_network_works_as_ever(ask: Callable[..., Asked]) -> None:
    asked = ask("""
import asyncio, multiprocessing, socket, subprocess
from multiprocessing.connection import Client, Listener
left, right = socket.socketpair()
left.sendall(b"x")
assert right.recv(1) == b"x"
for _ in range(20):  # its workers have to die of SIGTERM; most did by luck
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]

async def later():
    process = await asyncio.create_subprocess_exec("true")
    return await process.wait()

assert asyncio.run(later()) == 0
with Listener(family="AF_UNIX") as listener, Client(listener.address):
    pass
answer = subprocess.run(["echo", "well"], capture_output=True, text=True).stdout.strip()
""")
    assert asked.answer() == "well"


def test_an_extractor_that_says_so_keeps_the_network(
    ask: Callable[..., Asked], server: tuple[int, list[bytes]]
) -> None:
    port, heard = server
    asked = ask(CONNECT.format(port=port), network=True)
    assert asked.answer() == "hello"
    assert heard == [b"somebody"]
    assert asked.sandbox.refused == frozenset()


@needs_seccomp
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.invalid', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    ],
    ids=["connect", "name", "urlopen"],
)
def test_the_error_of_an_extractor_that_lacks_the_network_says_what_to_do(
    ask: Callable[..., Asked], code: str
) -> None:
    failure = ask(code).failure()
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "it asked for the network, which extractions do not have" in failure.message
    assert "register_extractor(..., network=True)" in failure.message


@needs_seccomp
def test_an_error_that_has_nothing_to_do_with_the_network_does_not_speak_of_it(
    ask: Callable[..., Asked],
) -> None:
    asked = ask("import socket; socket.socketpair(); raise ValueError('odd')")
    assert "network" not in asked.failure().message


@needs_seccomp
def test_only_the_documents_of_such_an_extractor_are_read_with_the_network(
    ask: Callable[..., Asked], tmp_path: Path
) -> None:
    asked = ask("answer = 'asked a server'", network=True)
    text = tmp_path / "notes.txt"
    text.write_text("My own words.")
    for _ in range(2):
        assert asked.answer() == "asked a server"
        assert asked.sandbox.refused == frozenset()
        outcome = asked.sandbox.run(ExtractionRequest(str(text)))
        assert outcome.result is not None
        assert outcome.result.text == "My own words."
        assert "network" in asked.sandbox.refused


@needs_seccomp
def test_a_child_does_not_get_the_network_by_asking_for_it(
    ask: Callable[..., Asked], tmp_path: Path
) -> None:
    ran = tmp_path / "ran-with-network"
    # What a document could do that has taken its child over: speak the protocol.
    asked = ask(f"""
import os, socket, sys
from reslib.sandbox.protocol import Kind, encode
try:
    socket.socket().close()
    open({str(ran)!r}, "w").close()
except OSError:
    pass
os.write(int(sys.argv[2]), encode(Kind.WRONG_CONFINEMENT, {{"attempt": 1, "extractor": "served"}}))
answer = ""
import time
time.sleep(60)
""")
    asked.add("served", "answer = ''", network=True)
    # The newest, so that the first child is confined as it needs.
    asked.registry.add(asked.registry.registered()["own"])
    outcome = asked.sandbox.run(ExtractionRequest(str(asked.path), timeout=30))
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.CRASHED
    assert not ran.exists()


# --- files ------------------------------------------------------------------------------------


CHANGES = {
    "make": "open(there / 'new', 'w')",
    "change": "open(there / 'old', 'a')",
    "empty": "os.truncate(there / 'old', 0)",
    "remove": "os.unlink(there / 'old')",
    "rename": "os.rename(there / 'old', there / 'other')",
    "folder": "os.mkdir(there / 'new')",
    "link": "os.symlink('/etc', there / 'new')",
    "program": "subprocess.run(['touch', str(there / 'new')], check=True)",
}


@needs_landlock
@pytest.mark.parametrize("change", CHANGES)
def test_reslibs_own_extractors_change_nothing_outside_their_temporary_directory(
    ask: Callable[..., Asked], tmp_path: Path, change: str
) -> None:
    there = tmp_path / "thesis"
    there.mkdir()
    (there / "old").write_text("years of work")
    before = {path: path.lstat() for path in there.iterdir()}
    asked = ask(
        f"import os, pathlib, subprocess; there = pathlib.Path({str(there)!r}); {CHANGES[change]}",
        writes=False,
    )
    assert asked.failure().exception_type in ("PermissionError", "subprocess.CalledProcessError")
    assert {path: path.lstat() for path in there.iterdir()} == before
    assert (there / "old").read_text() == "years of work"


def test_every_extractor_may_use_its_temporary_directory_and_the_null_device(
    ask: Callable[..., Asked],
) -> None:
    asked = ask(
        """
import os, subprocess, tempfile
with tempfile.TemporaryDirectory() as folder, open(folder + "/a", "w") as file:
    file.write("x")
    os.rename(folder + "/a", folder + "/b")
with open(os.devnull, "w") as null:
    null.write("x")
answer = subprocess.run(["true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
""",
        writes=False,
    )
    assert asked.answer() == "0"


def test_a_registered_extractor_may_write_a_cache(
    ask: Callable[..., Asked], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    asked = ask(f"answer = open({str(cache)!r}, 'w').write('x')")
    assert asked.answer() == "1"
    assert cache.read_text() == "x"


@needs_landlock
@needs_seccomp
def test_the_extractors_that_come_with_reslib_are_confined_most(tmp_path: Path) -> None:
    own = {name for name in Registry().installed() if name in ("pdf", "docx", "html", "text")}
    assert len(own) == 4
    assert not any(Registry().installed()[name].writes for name in own)
    text = tmp_path / "notes.txt"
    text.write_text("words")
    with Sandbox(registry=Registry()) as sandbox:
        assert sandbox.run(ExtractionRequest(str(text))).result is not None
        assert sandbox.refused - {"signals"} == {"network", "writes", "processes"}
        assert ("signals" in sandbox.refused) == (LANDLOCK >= 6)


def test_a_file_without_end_is_ended(ask: Callable[..., Asked]) -> None:
    failure = ask("""
import os, tempfile
with tempfile.TemporaryFile() as file:
    file.truncate(5 << 30)  # takes no room
""").failure()
    assert failure.error_code is ErrorCode.OUTPUT_LIMIT
    assert "wrote a file of more than 4096 MB" in failure.message


def test_the_number_of_open_files_is_bounded(ask: Callable[..., Asked]) -> None:
    failure = ask("files = [open('/dev/null') for _ in range(2000)]").failure()
    assert "Too many open files" in failure.message


# --- other processes --------------------------------------------------------------------------


@needs_landlock
@pytest.mark.parametrize("writes", [False, True], ids=["own", "registered"])
def test_an_extraction_does_not_get_into_the_process_that_started_it(
    ask: Callable[..., Asked], writes: bool
) -> None:
    asked = ask(
        """
import os
answer = []
# Root may read what it likes of other processes (CAP_PERFMON), but not change it.
doors = ["mem"] + ["environ", "maps"] * (os.getuid() != 0)
for door in doors:
    try:
        os.close(os.open(f"/proc/{os.getppid()}/{door}", os.O_RDWR if door == "mem" else 0))
        answer.append(door)
    except PermissionError:
        pass
""",
        writes=writes,
    )
    assert asked.answer() == "[]"


@pytest.mark.skipif(LANDLOCK < 6, reason="this kernel's Landlock does not hold signals (ABI 6)")
def test_an_extraction_sends_no_signals_to_others(ask: Callable[..., Asked]) -> None:
    failure = ask("import os; os.kill(os.getppid(), 0)").failure()
    assert failure.exception_type == "PermissionError"


# --- what it inherits -------------------------------------------------------------------------

SECRETS = (
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "OPENAI_API_KEY",
    "PGPASSWORD",
    "SSH_AUTH_SOCK",
    "CONDA_TOKEN",
    "PYTHON_KEYRING_PASSWORD",
    "SOMETHING_UNHEARD_OF",
)


@needs_proc
def test_no_secret_of_the_environment_reaches_the_child(
    ask: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "hunter2")
    asked = ask("""
import os, subprocess
answer = repr(dict(os.environ)) + open("/proc/self/environ").read()
answer += subprocess.run(["env"], capture_output=True, text=True).stdout
""")
    said = asked.answer()
    assert "PATH" in said
    assert "hunter2" not in said
    assert asked.sandbox.pid is not None
    seen = psutil.Process(asked.sandbox.pid).environ()
    assert not set(SECRETS) & set(seen)
    assert seen["PATH"] == os.environ["PATH"]


def test_what_programs_need_of_the_environment_reaches_the_child(
    ask: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {
        "HOME": "/home/somebody",
        "LANG": "C.UTF-8",
        "LC_NUMERIC": "C",
        "TZ": "Asia/Kolkata",
        "OMP_NUM_THREADS": "3",
        "TESSDATA_PREFIX": "/data",
        "CONDA_PREFIX": "/conda",
        "VIRTUAL_ENV": "/venv",
    }
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    asked = ask(f"import os; answer = {{n: os.environ.get(n) for n in {list(needed)!r}}}")
    assert asked.answer() == str(needed)


def test_an_extractor_gets_the_variables_that_it_asks_for_and_others_do_not(
    ask: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GROBID_TOKEN", "hunter2")
    code = "import os; answer = os.environ.get('GROBID_TOKEN')"
    asked = ask(code, environment=("GROBID_TOKEN",))
    asked.add("other", code)
    assert asked.answer() == "hunter2"
    other = tmp_path / "paper.other"
    other.write_text("words")
    outcome = asked.sandbox.run(ExtractionRequest(str(other)))
    assert outcome.result is not None
    assert outcome.result.text == "None"


@needs_proc
def test_a_child_inherits_no_open_file(ask: Callable[..., Asked], tmp_path: Path) -> None:
    secret = tmp_path / "thesis.db"
    secret.write_text("years of work")
    with secret.open("r+") as file, socket.create_server(("127.0.0.1", 0)) as listening:
        os.set_inheritable(file.fileno(), True)
        listening.set_inheritable(True)
        said = ask("""
import os
answer = []
for descriptor in os.listdir("/proc/self/fd"):
    try:
        answer.append(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:
        pass  # that of listdir
""").answer()
    assert "pipe:" in said
    assert "thesis.db" not in said
    assert "socket:" not in said


# --- temporary files --------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary directory of this system, for this test."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


WRITE_TEMPORARY = """
import os, tempfile
folder = tempfile.mkdtemp()
open(folder + "/file", "w").close()
os.symlink({kept!r}, folder + "/link")
os.mkdir(folder + "/locked")
open(folder + "/locked/file", "w").close()
os.chmod(folder + "/locked", 0)
answer = tempfile.gettempdir()
{then}
"""


@pytest.mark.parametrize(
    "then",
    ["", "os._exit(3)", "os.abort()", "import time; time.sleep(60)"],
    ids=["closed", "exit", "crash", "timeout"],
)
def test_temporary_files_are_private_and_gone_when_the_child_has_ended(
    ask: Callable[..., Asked], place: Path, tmp_path: Path, then: str
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "thesis").write_text("years of work")
    asked = ask(WRITE_TEMPORARY.format(kept=str(kept), then=then))
    outcome = asked.sandbox.run(ExtractionRequest(str(asked.path), timeout=60 if not then else 1.5))
    if not then:
        assert outcome.result is not None
        folder = Path(outcome.result.text)
        assert folder.parent == place
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        asked.sandbox.close()
    else:
        assert outcome.failure is not None
    assert list(place.iterdir()) == []
    assert (kept / "thesis").read_text() == "years of work"


def test_each_child_has_a_temporary_directory_of_its_own(
    ask: Callable[..., Asked], place: Path
) -> None:
    code = "import os, tempfile; answer = tempfile.gettempdir(), os.environ['TMPDIR']"
    one, other = ask(code), ask(code)
    assert one.answer() != other.answer()
    assert len(list(place.iterdir())) == 2


PARENT = """
import sys, time
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox
sandbox = Sandbox()
sandbox.warm_up()
print(sandbox.pid, flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_uses_is_not(
    ask: Callable[..., Asked], place: Path
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(place)},
    )
    assert parent.stdout is not None
    with parent, parent.stdout as said:
        child = int(said.readline())
        (left,) = place.iterdir()
        os.utime(left, (0, 0))
        assert stale_directories() == []
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(child))
    living = ask("import tempfile; answer = tempfile.gettempdir()")
    mine = Path(living.answer())
    for path in (left, mine):
        os.utime(path, (0, 0))
    assert stale_directories() == [left]
    assert doctor._temporary_files().verdict is doctor.Verdict.WARN
    assert remove_stale_directories() == 1
    assert list(place.iterdir()) == [mine]
    assert doctor._temporary_files().verdict is doctor.Verdict.OK


# --- what people see --------------------------------------------------------------------------


@needs_seccomp
@pytest.mark.skipif(LANDLOCK < 6, reason="this kernel's Landlock does not hold signals (ABI 6)")
def test_the_doctor_says_what_extractions_are_refused() -> None:
    check = {check.name: check for check in doctor.diagnose()}["Isolation"]
    assert check.verdict is doctor.Verdict.OK
    assert check.text == (
        "extractions cannot reach the network, nor write outside their temporary directory, nor "
        "look into other processes, nor send signals to other processes"
    )


#: Another processor, as far as Python is told; and a kernel that refuses Landlock.
UNFIT = "import platform, sys\nplatform.machine = lambda: 'riscv64'\nsys.maxsize = 2**31 - 1\n"
EVERYTHING = (
    "extractions can reach the network, and write outside their temporary directory, and look into "
    "other processes, and send signals to other processes: this system does not let a user refuse "
    "it"
)


#: Landlock of Linux 5.13 to 6.11, which does not know signals.
OLDER = "from reslib.sandbox import landlock\nlandlock.SCOPES_SINCE = 99\n"


def on_an_unfit_system(
    folder: Path, *arguments: str, what: str = UNFIT
) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(what)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_where_the_system_cannot_refuse_extraction_goes_on_and_the_doctor_says_so(
    tmp_path: Path,
) -> None:
    script = (
        "from reslib.maintenance import doctor\nfrom reslib.models import ExtractionRequest\n"
        "from reslib.sandbox import Sandbox\nimport sys\n"
        "check = doctor._isolation()\nprint(check.verdict, check.text)\n"
        "with Sandbox() as sandbox:\n"
        "    print(sandbox.run(ExtractionRequest(sys.argv[1])).result.text)\n"
    )
    text = tmp_path / "notes.txt"
    text.write_text("My own words.")
    done = on_an_unfit_system(tmp_path, "-c", script, str(text))
    assert done.stdout.splitlines() == [f"warn {EVERYTHING}", "My own words."], done.stderr


SIGNALLING = """
import os, sys
from reslib import ExtractionWorker, ResearchDatabase, register_extractor
from reslib.maintenance import doctor
from reslib.testing import wait_until
print(doctor._isolation().text)
def lacking():
    with ResearchDatabase("r.db") as db, ExtractionWorker(db, max_retries=0) as worker:
        (id,) = db.add_folder("papers")
        worker.extract_again([id])
        worker.wait(60)
        print(db.get_attachment(id).extracted_text.strip())
        print(worker.get_status()["lacking"])
os.mkdir("papers")
open("papers/a.txt", "w").write("words")
lacking()
def own(path):
    try:
        os.kill(os.getppid(), 0)
    except OSError as error:
        return f"signals are refused: {error}"
    return "signals are let through"
register_extractor("own", own, suffixes=[".txt"])
lacking()
"""


@needs_seccomp
@needs_landlock
def test_signals_of_registered_extractors_that_an_older_landlock_lets_through_are_said(
    tmp_path: Path,
) -> None:
    done = on_an_unfit_system(tmp_path, "-c", SIGNALLING, what=OLDER)
    said = "send signals to other processes: this system does not let a user refuse it"
    assert done.stdout.splitlines() == [
        "extractions cannot reach the network, nor write outside their temporary directory, nor "
        f"look into other processes, but those by registered extractors can {said}",
        "words",
        "None",
        "signals are let through",
        f"extractions can {said}",
    ], done.stderr


def test_extract_says_once_what_the_system_does_not_refuse(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in "abcd":
        (papers / f"{name}.txt").write_text(f"words of {name}")
    done = on_an_unfit_system(tmp_path, "-m", "reslib", "extract", "papers")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(EVERYTHING) == 1
    assert f"warning: {EVERYTHING}. `reslib doctor` and docs/threat-model.md say" in done.stderr


@needs_seccomp
@needs_landlock
@pytest.mark.parametrize(
    ("needs", "refused", "lacking"),
    [
        ({}, ("network", "writes", "processes"), ""),
        ({}, ("network",), "write outside their temporary directory, and look into"),
        ({}, ("writes", "processes"), "can reach the network, and send signals to"),
        ({"writes": True}, ("network", "processes", "signals"), ""),
        (
            {"writes": True},
            ("network", "processes"),
            "extractions can send signals to other processes:",
        ),
        ({"writes": True}, ("network",), "can look into other processes, and send signals to"),
        ({"writes": True, "network": True}, (), ""),
    ],
)
def test_what_is_lacking_depends_on_what_an_extractor_is_to_be_refused(
    needs: dict[str, Any], refused: tuple[str, ...], lacking: str
) -> None:
    said = Confinement(**needs).lacking(refused)
    assert lacking in said
    assert bool(said) == bool(lacking)


@needs_seccomp
@needs_landlock
def test_a_pool_says_nothing_where_all_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("words")
    with ResearchDatabase(tmp_path / "r.db") as db, ExtractionWorker(db) as worker:
        worker.enqueue(db.add_attachment(paper.name, paper))
        assert worker.wait(60)
        assert worker.get_status()["lacking"] is None
    assert "this system does not let" not in caplog.text


PANEL = """
from reslib import ExtractionWorker, ResearchDatabase
from reslib_widgets import view
from reslib_widgets.observe import observer_of
from reslib.testing import wait_until
with ResearchDatabase("r.db") as db, ExtractionWorker(db) as worker:
    wait_until(lambda: worker.get_status()["lacking"])
    print(view.bar_html(observer_of(worker).look(worker)).count("data-lacking"))
    print(observer_of(worker).look(worker).lacking)
"""


def test_the_panel_shows_what_the_system_does_not_refuse(tmp_path: Path) -> None:
    done = on_an_unfit_system(tmp_path, "-c", PANEL)
    assert done.stdout.splitlines() == ["1", EVERYTHING], done.stderr


def test_environment_is_a_list_of_names() -> None:
    with pytest.raises(TypeError, match=r"environment is a list of names: \['TOKEN'\]"):
        register_extractor("own", str, suffixes=[".own"], environment="TOKEN")
