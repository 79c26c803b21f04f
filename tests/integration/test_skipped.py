"""What is left out of a folder is named, and remembered."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from intake import reasons

from reslib import ResearchDatabase, frames

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_what_programs_leave_beside_documents_is_named_and_not_read(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "deep").mkdir()
    left = ["~$lock.docx", "~$Tabelle.xlsx", "Thumbs.db", "deep/thumbs.db", "deep/desktop.ini"]
    for name in left:
        (folder / name).write_bytes(b"\x05Ann" + bytes(158))
    for name in ("a.txt", "~notes.txt", "$x.txt", "deep/desktop.txt", ".DS_Store"):
        (folder / name).write_text(f"the estuary in {name}")
    added = db.add_folder(folder)
    assert len(added) == 4
    assert set(reasons(added, folder)) == set(left)
    assert all(reason.startswith("not a document: ") for reason in reasons(added, folder).values())


def test_what_was_left_out_is_kept_until_it_is_added_or_gone(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "figures").mkdir()
    for name in ("a.png", "b.png", "figures/c.png", "data.wpd"):
        (folder / name).write_bytes(PNG if name.endswith("png") else b"\xffWPC" + bytes(18))
    db.add_folder(folder)
    assert db.skipped_counts() == {".png": 3, ".wpd": 1}
    found = frames.skipped(db)
    assert list(found.index) == sorted(
        str(folder / name) for name in ("a.png", "b.png", "figures/c.png", "data.wpd")
    )
    assert found.loc[str(folder / "a.png"), "mime_type"] == "image/png"
    assert any("images=True" in reason for reason in found["reason"])
    first = found.loc[str(folder / "b.png"), "seen_at"]
    (folder / "a.png").unlink()
    (folder / "figures" / "c.png").unlink()
    (folder / "data.wpd").write_text("words after all")
    (folder / "data.wpd").rename(folder / "data.txt")
    db.add_folder(folder, recursive=False)
    assert db.skipped_counts() == {".png": 2}, "what is deeper was not looked at"
    db.add_folder(folder, "**/*.txt")
    assert db.skipped_counts() == {".png": 2}
    db.add_folder(folder)
    assert db.skipped_counts() == {".png": 1}
    assert frames.skipped(db).loc[str(folder / "b.png"), "seen_at"] == first
    db.add_attachment("b.png", folder / "b.png")
    assert db.skipped_counts() == {}


def test_looking_again_at_what_was_left_out_writes_nothing(
    db: ResearchDatabase, folder: Path
) -> None:
    for number in range(50):
        (folder / f"{number}.png").write_bytes(PNG)
    db.add_folder(folder)
    with sqlite3.connect(db.path) as raw:
        rows = raw.execute("SELECT rowid, * FROM skipped ORDER BY path").fetchall()
        db.add_folder(folder)
        assert raw.execute("SELECT rowid, * FROM skipped ORDER BY path").fetchall() == rows


def test_what_was_left_out_of_a_folder_that_was_moved_goes_with_it(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "figures").mkdir()
    (folder / "figures" / "a.png").write_bytes(PNG)
    (folder / "a.txt").write_text("words")
    db.add_folder(folder)
    new = folder.with_name("moved")
    folder.rename(new)
    db.add_folder(new)
    assert list(frames.skipped(db).index) == [str(new / "figures" / "a.png")]


def test_the_database_itself_is_not_left_out_but_no_document(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    assert db.add_folder(tmp_path).skipped == ()
