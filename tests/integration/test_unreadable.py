"""What cannot be looked at costs only itself."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from intake import extract, reasons

from reslib import ExtractionWorker, ResearchDatabase


def as_somebody_else(tmp_path: Path, code: str, *arguments: Path) -> str:
    """Run as another user when this one is root, whom permissions do not stop."""
    ResearchDatabase(tmp_path / "r.db").close()
    for path in tmp_path.glob("r.db*"):
        path.chmod(0o666)
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if parent != Path(parent.anchor) and os.access(parent, os.W_OK):
            parent.chmod(parent.stat().st_mode | 0o055)
    begin = (
        "import hashlib, json, os, sys, psutil\n"
        "import reslib.formats.detect\n"
        "from reslib import ResearchDatabase, available_extractors\n"
        "from reslib.storage import sql\n"
        "# Before, because what is read late may be in a folder of root's.\n"
        "available_extractors(), sql.queries()\n"
        "if os.geteuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", begin + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_that_cannot_be_read_any_more_keeps_its_text(tmp_path: Path, folder: Path) -> None:
    (folder / "a.txt").write_text("the estuary")
    with ResearchDatabase(tmp_path / "r.db") as db:
        db.add_folder(folder)
        extract(db)
        known = db.get_attachment(1).content_hash
    (folder / "a.txt").chmod(0)
    done = as_somebody_else(
        tmp_path,
        "db = ResearchDatabase(sys.argv[1])\n"
        "db.add_folder(sys.argv[2], verify=True)\n"
        "print(db.needs_extraction(), db.get_attachment(1).content_hash)\n",
        tmp_path / "r.db",
        folder,
    )
    assert done == f"[] {known}\n"


def test_a_folder_that_may_not_be_entered_costs_itself(tmp_path: Path, folder: Path) -> None:
    (folder / "good.txt").write_text("one")
    for name, mode in (("listed", 0o444), ("closed", 0o000), ("blind", 0o111)):
        (folder / name).mkdir()
        (folder / name / "inside.txt").write_text(name)
        (folder / name).chmod(mode)
    (folder / "secret.txt").write_text("two")
    (folder / "secret.txt").chmod(0)
    done = as_somebody_else(
        tmp_path,
        "added = ResearchDatabase(sys.argv[1]).add_folder(sys.argv[2])\n"
        "print(json.dumps([len(added), {s.path.name: s.reason for s in added.skipped}]))\n",
        tmp_path / "r.db",
        folder,
    )
    for name in ("listed", "closed", "blind"):
        (folder / name).chmod(0o755)
    added, skipped = json.loads(done)
    assert added == 2, "the file without permission is added, and its job says what is wrong"
    denied = "the folder cannot be looked through: Permission denied"
    assert skipped == dict.fromkeys(("listed", "closed", "blind"), denied)


def test_a_path_that_is_too_long_costs_itself(db: ResearchDatabase, folder: Path) -> None:
    (folder / "good.txt").write_text("one")
    here = Path.cwd()
    os.chdir(folder)
    for depth in range(25):
        Path("x" * 200).mkdir()
        os.chdir("x" * 200)
        Path("inside.txt").write_text(f"words {depth}")
    os.chdir(here)
    try:
        added = db.add_folder(folder)
        assert len(added) > 10
        assert {item.reason.partition(": ")[2] for item in added.skipped} == {"File name too long"}
        assert 1 <= len(added.skipped) <= 2
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def dead_mount(folder: Path) -> Iterator[Path]:
    """A FUSE file system whose program is gone: whatever is asked, it is not connected."""
    place = folder / "server"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        descriptor = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        pytest.skip("/dev/fuse cannot be opened here")
    options = f"fd={descriptor},rootmode=40000,user_id=0,group_id=0".encode()
    failed = libc.mount(b"none", os.fsencode(place), b"fuse", 0, options)
    os.close(descriptor)
    if failed:
        pytest.skip("a file system cannot be mounted here")
    yield place
    libc.umount2(os.fsencode(place), 2)


def test_a_dead_mount_costs_itself(db: ResearchDatabase, folder: Path, dead_mount: Path) -> None:
    (folder / "good.txt").write_text("one")
    (folder / "link.txt").symlink_to(dead_mount / "paper.txt")
    added = db.add_folder(folder)
    assert len(added) == 1
    assert set(reasons(added, folder)) == {"server", "link.txt"}
    assert "not connected" in reasons(added, folder)["server"]
    assert db.add_attachment("paper.txt", dead_mount / "paper.txt") == 2


@pytest.mark.parametrize("target", ["/proc/kmsg", "/proc/kcore", "/proc/self/pagemap", "/dev/zero"])
def test_a_file_without_end_ends_the_look_and_not_the_program(
    db: ResearchDatabase, folder: Path, target: str
) -> None:
    if not Path(target).exists():
        pytest.skip(f"this system has no {target}")
    (folder / "x.txt").symlink_to(target)
    (folder / "good.txt").write_text("one")
    os.mkfifo(folder / "pipe.txt")
    assert db.add_folder(folder, verify=True)
    id = db.add_attachment("x.txt", folder / "x.txt", verify=True)
    with ExtractionWorker(db, num_workers=1, max_retries=0, extraction_timeout=20) as worker:
        worker.enqueue(id)
        assert worker.wait(60)
        [job] = worker.queue.get_failed_jobs()
    assert job.error_message
