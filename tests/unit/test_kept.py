"""What was made of a file is kept for its documents, and goes with the first of another file."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from reslib.extractors.kept import Kept, Room, only_of
from reslib.extractors.packed import member
from reslib.extractors.tapes import tape


class _Thing:
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_a_thing_is_made_once_as_long_as_its_file_stays_what_it_is(tmp_path: Path) -> None:
    kept: Kept[_Thing] = Kept()
    file = tmp_path / "a"
    file.write_bytes(b"1")
    first = kept.of(file, _Thing)
    assert kept.of(file, _Thing) is first
    assert kept.of(file, _Thing, "for something else") is not first
    file.write_bytes(b"22")
    assert kept.of(file, _Thing) is not first
    kept.forget()
    assert first.is_closed


def test_only_the_last_few_things_are_kept(tmp_path: Path) -> None:
    kept: Kept[_Thing] = Kept()
    (tmp_path / "a").write_bytes(b"1")
    things = [kept.of(tmp_path / "a", _Thing, str(number)) for number in range(10)]
    assert [thing.is_closed for thing in things] == [True] * 6 + [False] * 4


def test_nothing_is_kept_of_what_could_not_be_made(tmp_path: Path) -> None:
    kept: Kept[_Thing] = Kept()
    (tmp_path / "a").write_bytes(b"1")
    with pytest.raises(ZeroDivisionError):
        kept.of(tmp_path / "a", lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    assert isinstance(kept.of(tmp_path / "a", _Thing), _Thing)


def test_a_packed_tape_is_unpacked_once_and_removed_when_another_file_is_read(
    tmp_path: Path,
) -> None:
    packed = tmp_path / "box.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(os.fspath(Path(__file__)), "a.txt")
    only_of(packed)
    first, second = tape(packed), tape(packed)
    assert first is not None
    assert first is second
    assert first.file != packed
    assert b"".join(member(packed, "a.txt")) == Path(__file__).read_bytes()
    only_of(tmp_path / "other")
    assert not first.file.exists()


def test_there_is_room_for_no_more_than_half_of_the_disk() -> None:
    room = Room()
    assert room.takes(1000)
    assert not room.takes(1 << 60)
    room.close()
    assert not room.folder.exists()
