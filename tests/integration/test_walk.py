"""Which files of a folder are looked at: links, and patterns."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake import reasons

from reslib import ResearchDatabase


def test_a_linked_folder_is_looked_through_once(db: ResearchDatabase, folder: Path) -> None:
    group = folder.with_name("group")
    (group / "deep").mkdir(parents=True)
    (group / "a.txt").write_text("one")
    (group / "deep" / "b.txt").write_text("two")
    (group / "deep" / "back").symlink_to(group)
    (folder / "first").symlink_to(group)
    (folder / "second").symlink_to(group)
    (folder / "third").symlink_to(group / "deep")
    (folder / "c.txt").symlink_to(group / "a.txt")
    (folder / "broken").symlink_to("nowhere")
    (folder / "self").symlink_to("self")
    (folder / "up").symlink_to(folder.parent)
    added = db.add_folder(folder)
    names = [db.get_attachment(id).path for id in added]
    assert names == [str(folder / "c.txt"), str(folder / "first" / "deep" / "b.txt")]
    assert db.places(added[0]) == [str(folder / "c.txt"), str(folder / "first" / "a.txt")]
    assert reasons(added, folder) == {
        "broken": "a broken link",
        "first/deep/back": "a link back to a folder that it is in",
        "self": "it cannot be looked at: Too many levels of symbolic links",
        "up": "a link back to a folder that it is in",
    }
    assert len(db.add_folder(folder, recursive=False)) == 1
    assert len(db.add_folder(folder, "first/*.txt")) == 1


def test_a_link_into_the_same_folder_adds_nothing_twice(db: ResearchDatabase, folder: Path) -> None:
    (folder / "zoology").mkdir()
    (folder / "zoology" / "a.txt").write_text("one")
    (folder / "all").symlink_to("zoology")
    [id] = db.add_folder(folder)
    assert db.places(id) == [str(folder / "zoology" / "a.txt")]


def test_a_link_to_the_running_system_is_not_walked(db: ResearchDatabase, folder: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("this system has no /proc")
    (folder / "system").symlink_to("/proc")
    added = db.add_folder(folder)
    assert reasons(added, folder) == {"system": "a view of the running system, not of a disk"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**/*", ["a.txt", "sub/b.txt", "sub/deep/c.md"]),
        ("*", ["a.txt"]),
        ("*.txt", ["a.txt"]),
        ("**/*.txt", ["a.txt", "sub/b.txt"]),
        ("sub/*", ["sub/b.txt"]),
        ("sub/**/*", ["sub/b.txt", "sub/deep/c.md"]),
        ("**/deep/*", ["sub/deep/c.md"]),
        ("**/sub/**/*.md", ["sub/deep/c.md"]),
        ("*/*/*.md", ["sub/deep/c.md"]),
        ("[ab].txt", ["a.txt"]),
        ("**", ["a.txt", "sub/b.txt", "sub/deep/c.md"]),
        ("?.md", []),
    ],
)
def test_a_pattern_means_what_it_means_to_pathlib(
    db: ResearchDatabase, folder: Path, pattern: str, names: list[str]
) -> None:
    (folder / "sub" / "deep").mkdir(parents=True)
    for name in ("a.txt", "sub/b.txt", "sub/deep/c.md"):
        (folder / name).write_text(name)
    added = db.add_folder(folder, pattern)
    assert [str(Path(db.get_attachment(id).path).relative_to(folder)) for id in added] == names
    if pattern != "**":  # which means folders only before Python 3.13
        assert {path for path in folder.glob(pattern) if path.is_file()} == {
            folder / name for name in names
        }


@pytest.mark.parametrize("pattern", ["", "/etc/*", "a**/b"])
def test_a_pattern_that_means_nothing_is_refused(
    db: ResearchDatabase, folder: Path, pattern: str
) -> None:
    with pytest.raises(ValueError, match=r"pattern|\*\*"):
        db.add_folder(folder, pattern)
