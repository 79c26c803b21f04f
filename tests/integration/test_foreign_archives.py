"""7z and RAR: read by bsdtar where that is installed, and waited for where it is not."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packedfiles import PAPERS, PDF, add_and_read, failures, found, paths, zipped

from reslib import ErrorCode, ExtractionError, ExtractionWorker, ResearchDatabase
from reslib.extractors.tapes import check_is_honest

needs_bsdtar = pytest.mark.skipif(shutil.which("bsdtar") is None, reason="needs bsdtar")
GIB = 1 << 30


def seven(folder: Path, archive: Path, members: Mapping[str, bytes], *more: str) -> None:
    """Write a 7z archive of *members*, by way of *folder*."""
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    names = list(dict.fromkeys(name.partition("/")[0] for name in members))
    command = [
        "bsdtar",
        "-c",
        "-f",
        str(archive),
        "--format",
        "7zip",
        *more,
        "-C",
        str(folder),
        *names,
    ]
    subprocess.run(command, check=True, timeout=60, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin"})


def rar(members: Mapping[str, bytes]) -> bytes:
    """Return a RAR archive (version 2.9) of files that are stored as they are."""
    out = b"Rar!\x1a\x07\x00" + _block(0x73, 0, bytes(6))
    for name, data in members.items():
        sizes = struct.pack("<IIBI", len(data), len(data), 3, zlib.crc32(data))
        rest = struct.pack("<IBBHI", 0x5A6A0000, 29, 0x30, len(name), 0o100644)
        out += _block(0x74, 0x8000, sizes + rest + name.encode()) + data
    return out + _block(0x7B, 0x4000, b"")


def _block(kind: int, flags: int, fields: bytes) -> bytes:
    block = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(block) & 0xFFFF) + block


@needs_bsdtar
@pytest.mark.parametrize("packing", ["lzma1", "store", "ppmd", "bzip2"])
def test_a_7z_of_papers_goes_in_with_its_folders_and_what_is_hidden_stays_out(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, tmp_path: Path, packing: str
) -> None:
    more = {
        ".hidden.txt": b"no",
        "größe/ñ 日本.txt": b"A dugong.",
        "in.zip": zipped({"a.txt": b"A"}),
    }
    options = f"compression={packing}"
    seven(tmp_path / "in", folder / "box.7z", PAPERS | more, "--options", options)
    add_and_read(worker, folder)
    assert failures(worker) == {}
    inside = {"2024/narwhal.pdf", "notes.txt", "größe/ñ 日本.txt", "in.zip", "in.zip//a.txt"}
    assert paths(db, folder) == {"box.7z", *(f"box.7z//{name}" for name in inside)}
    assert found(db, "narwhal estuary") == ["box.7z/2024/narwhal.pdf, page 1"]
    assert found(db, "dugong") == ["box.7z/größe/ñ 日本.txt, page 1"]
    assert db.needs_extraction() == []


@needs_bsdtar
def test_a_rar_of_papers_goes_in(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "box.rar").write_bytes(rar({"2024/narwhal.pdf": PDF, "notes.txt": b"A quokka."}))
    add_and_read(worker, folder)
    assert failures(worker) == {}
    assert found(db, "narwhal estuary") == ["box.rar/2024/narwhal.pdf, page 1"]
    assert found(db, "quokka") == ["box.rar/notes.txt, page 1"]


@needs_bsdtar
def test_a_7z_that_is_cut_off_or_something_else_is_malformed(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, tmp_path: Path
) -> None:
    seven(tmp_path / "in", tmp_path / "whole.7z", PAPERS)
    whole = (tmp_path / "whole.7z").read_bytes()
    for tenth in range(1, 10):
        (folder / f"cut-{tenth}.7z").write_bytes(whole[: len(whole) * tenth // 10])
    (folder / "noise.7z").write_bytes(whole[:6] + bytes(range(256)) * 9)
    (folder / "noise.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + b"x" * 99)
    (folder / "words.7z").write_text("These are words.")
    add_and_read(worker, folder)
    cut = {name: code for name, code in failures(worker).items() if name.startswith("cut-")}
    assert cut == {f"cut-{tenth}.7z": "truncated" for tenth in range(1, 10)}
    others = {name: code for name, code in failures(worker).items() if name not in cut}
    assert others.pop("noise.7z") in ("malformed", "truncated")
    assert others == dict.fromkeys(("noise.rar", "words.7z"), "malformed")
    said = {job.error_message for job in worker.queue.get_failed_jobs()}
    assert not any("bsdtar: " in str(each) or str(tmp_path) in str(each) for each in said)


@needs_bsdtar
@pytest.mark.skipif(shutil.which("7z") is None, reason="needs 7z, which writes them")
@pytest.mark.parametrize("names", ["off", "on"])
def test_a_7z_with_a_password_says_so(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, tmp_path: Path, names: str
) -> None:
    (tmp_path / "notes.txt").write_text("A quokka.")
    subprocess.run(
        ["7z", "a", "-bd", "-psecret", f"-mhe={names}", folder / "box.7z", tmp_path / "notes.txt"],
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
    add_and_read(worker, folder)
    assert failures(worker) == {"box.7z": "encrypted"}


def test_a_7z_waits_for_the_program_that_reads_it(
    db: ResearchDatabase, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    (folder / "box.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(26))
    ids = db.add_folder(folder)
    assert db.skipped_counts() == {}
    with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
        worker.enqueue_batch(ids)
        assert worker.wait(60)
        (failed,) = worker.queue.get_failed_jobs()
    assert failed.error_type == "extractor_missing"
    assert "the program bsdtar, which is not installed" in str(failed.error_message)
    assert "apt install libarchive-tools" in str(failed.error_message)
    (programs / "bsdtar").write_text("#!/bin/sh\nexit 0\n")
    (programs / "bsdtar").chmod(0o755)
    [row] = db.stale().to_dict("records")
    assert row["reason"] == "the program bsdtar was missing and is installed now"


def test_an_archive_that_unpacks_to_what_no_honest_one_does_is_a_bomb() -> None:
    check_is_honest(packed=5_000_000, unpacked=4 * GIB)
    check_is_honest(packed=1 * GIB, unpacked=100 * GIB)
    with pytest.raises(ExtractionError, match="no honest archive") as refused:
        check_is_honest(packed=5_000_000, unpacked=4 * GIB + 1)
    assert refused.value.code is ErrorCode.MALFORMED
