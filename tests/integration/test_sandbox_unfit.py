"""What people are told of a system that cannot refuse everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asked import LANDLOCK, needs_landlock, needs_seccomp

from reslib import ExtractionWorker, ResearchDatabase
from reslib.extractors.registry import register_extractor
from reslib.maintenance import doctor
from reslib.sandbox.confinement import Confinement


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
