"""What a child is refused, whoever has taken it over; and what works all the same.

The code under test runs in real children, as an extractor. ``writes=False`` gives it the
confinement of reslib's own extractors.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from asked import LANDLOCK, Asked, needs_landlock, needs_proc, needs_seccomp

from reslib.errors import ErrorCode
from reslib.extractors.registry import Registry
from reslib.maintenance import doctor
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox, orphaned_directories, remove_orphaned_directories
from reslib.testing import wait_until

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
        assert orphaned_directories() == []
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(child))
    living = ask("import tempfile; answer = tempfile.gettempdir()")
    mine = Path(living.answer())
    for path in (left, mine):
        os.utime(path, (0, 0))
    assert orphaned_directories() == [left]
    assert doctor._temporary_files().verdict is doctor.Verdict.WARN
    assert remove_orphaned_directories() == 1
    assert list(place.iterdir()) == [mine]
    assert doctor._temporary_files().verdict is doctor.Verdict.OK
