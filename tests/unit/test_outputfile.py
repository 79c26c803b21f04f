from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from reslib.commands.outputfile import is_stream, whole_file


def test_what_is_written_into_a_fifo_comes_to_its_reader_and_it_stays_a_fifo(
    tmp_path: Path,
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()), daemon=True)
    reader.start()
    with whole_file(fifo) as stream:
        stream.write("words")
    reader.join(10)
    assert read == ["words"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert is_stream(fifo)
    assert [p.name for p in tmp_path.iterdir()] == ["fifo"]


@pytest.mark.parametrize("there_already", [True, False])
def test_a_link_stays_a_link_and_what_it_leads_to_is_written(
    tmp_path: Path, there_already: bool
) -> None:
    target, link = tmp_path / "far" / "target.csv", tmp_path / "link.csv"
    target.parent.mkdir()
    if there_already:
        target.write_text("before")
    link.symlink_to("far/target.csv")
    with whole_file(link) as stream:
        stream.write("words")
    assert link.is_symlink()
    assert target.read_text() == "words"
    assert [p.name for p in target.parent.iterdir()] == ["target.csv"]


def test_a_file_that_could_be_the_draft_of_another_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "x.csv.part"
    mine.write_text("years of work")
    with whole_file(tmp_path / "x.csv") as stream:
        stream.write("words")
    assert mine.read_text() == "years of work"


def test_an_error_leaves_what_was_there_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("before")
    with pytest.raises(UnicodeError), whole_file(path) as stream:
        stream.writelines(["half", b"\xff".decode()])
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


def test_the_umask_decides_who_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "x.csv"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x.csv").stat().st_mode) == 0o640
