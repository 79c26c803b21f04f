"""7z and RAR: read by bsdtar where that is installed, and waited for where it is not."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packedfiles import PAPERS, PDF, add_and_read, failures, found, paths, zipped

from reslib import ErrorCode, ExtractionError, ExtractionWorker, ResearchDatabase
from reslib.extractors import packed
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


_RAR5 = b"Rar!\x1a\x07\x01\x00"
_END = _block(0x7B, 0x4000, b"")


def _block5(fields: bytes) -> bytes:
    """Return a block of a RAR archive of version 5."""
    block = bytes([len(fields)]) + fields
    return struct.pack("<I", zlib.crc32(block)) + block


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


@needs_bsdtar
@pytest.mark.skipif(shutil.which("7z") is None, reason="needs 7z, which writes them")
def test_a_7z_that_is_damaged_or_packed_in_another_way_has_no_password(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("A quokka. " * 99)
    for name, packing in {"other.7z": "Deflate64", "damaged.7z": "LZMA"}.items():
        subprocess.run(
            ["7z", "a", "-bd", f"-m0={packing}", folder / name, tmp_path / "notes.txt"],
            check=True,
            timeout=60,
            stdout=subprocess.DEVNULL,
        )
    damaged = bytearray((folder / "damaged.7z").read_bytes())
    damaged[40] ^= 0xFF
    (folder / "damaged.7z").write_bytes(damaged)
    add_and_read(worker, folder)
    # Newer versions of bsdtar may know Deflate64.
    assert failures(worker) in (
        {"damaged.7z": "malformed"},
        dict.fromkeys(("damaged.7z", "other.7z"), "malformed"),
    )
    assert not any("null" in str(job.error_message) for job in worker.queue.get_failed_jobs())


@needs_bsdtar
def test_noise_of_a_rar_with_a_password_is_nobodys_text(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    noise = bytes(range(7, 23))
    locked = struct.pack("<IIBI", 16, 16, 3, 0) + struct.pack("<IBBHI", 0, 29, 0x30, 5, 0o100644)
    (folder / "old.rar").write_bytes(
        rar({}).removesuffix(_END)
        + _block(0x74, 0x8404, locked + b"a.txt" + noise[:8])
        + noise
        + _END
    )
    (folder / "old-names.rar").write_bytes(
        b"Rar!\x1a\x07\x00" + _block(0x73, 0x80, bytes(6)) + noise * 9
    )
    main, end = _block5(b"\1\0\0"), _block5(b"\5\0\0")
    record = b"\x30\1\0\1\x0f" + bytes(44)
    fields = b"\2\3" + bytes([len(record)]) + b"\x10\4\x10\0" + bytes(4) + b"\0\1\5a.txt"
    (folder / "new.rar").write_bytes(_RAR5 + main + _block5(fields + record) + noise + end)
    (folder / "new-names.rar").write_bytes(_RAR5 + _block5(b"\4\0\0\1\x0f" + bytes(28)) + noise * 9)
    add_and_read(worker, folder)
    assert failures(worker) == dict.fromkeys(
        ("old.rar", "old-names.rar", "new.rar", "new-names.rar"), "encrypted"
    )
    assert len(paths(db, folder)) == 4, "no document inside is taken for one"


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


def test_a_tar_with_a_hole_of_terabytes_is_a_bomb(tmp_path: Path) -> None:
    hole = tarfile.TarInfo("hole.txt")
    hole.type, hole.size = tarfile.GNUTYPE_SPARSE, 512
    head = bytearray(hole.tobuf(tarfile.GNU_FORMAT))
    head[386:410] = b"%011o\0%011o\0" % (0, 512)
    head[483:495] = b"\x80" + (1 << 43).to_bytes(11, "big")
    head[148:156] = b"%06o\0 " % (sum(head) - sum(head[148:156]) + 8 * 32)
    file = tmp_path / "hole.tar"
    file.write_bytes(head + b"A quokka.".ljust(512) + bytes(1024))
    with pytest.raises(ExtractionError, match="no honest archive"):
        list(packed.extract(file))
