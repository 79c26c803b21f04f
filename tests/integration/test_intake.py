"""Looking at files and folders: which document each file is, and what costs only itself."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import oracle
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reslib import ExtractionWorker, QueueManager, ResearchDatabase, frames
from reslib.models import ExtractionResult, Outcome, TextStatus

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def extract(db: ResearchDatabase) -> list[int]:
    """Give every document that needs it the text of its file; return which."""
    queue, wanted = QueueManager(db), db.needs_extraction()
    queue.enqueue_batch(wanted)
    while (job := queue.claim("test")) is not None:
        path = Path(queue.find_document(job.attachment_id).path)
        if path.exists():
            result = ExtractionResult(path.read_text(), extractor="test")
            queue.complete(job.id, outcome=Outcome(result=result))
        else:
            queue.failed(job.id, "gone", max_retries=0, error_code="file_not_found")
    return wanted


def reasons(added: object, folder: Path) -> dict[str, str]:
    skipped = added.skipped  # type: ignore[attr-defined]
    return {str(item.path.relative_to(folder)): item.reason for item in skipped}


# --- moved, copied, changed -----------------------------------------------------------------------


def test_a_copy_is_one_document_with_two_places(db: ResearchDatabase, folder: Path) -> None:
    (folder / "a.txt").write_text("the estuary")
    shutil.copy(folder / "a.txt", folder / "b.txt")
    added = db.add_folder(folder)
    assert list(added) == [1]
    assert added.copies == (folder / "b.txt",)
    assert db.places(1) == [str(folder / "a.txt"), str(folder / "b.txt")]
    assert db.add_attachment("b.txt", folder / "b.txt") == 1
    extract(db)
    assert len(db.search("estuary")) == 1
    db.delete_attachment(1)
    assert db.store.row("attachment_by_path", {"path": str(folder / "b.txt")}) is None


def test_a_copy_that_is_added_by_name_is_a_document_of_its_own_and_one_hit(
    db: ResearchDatabase, folder: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("the tide")
    ids = [db.add_attachment(name, folder / name) for name in ("a.txt", "b.txt")]
    assert ids == [1, 2]
    assert list(db.add_folder(folder)) == ids
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(ids)
        assert worker.wait(60)
    assert len(db.search("tide")) == 1
    (folder / "new").mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).rename(folder / "new" / name)
        assert db.add_attachment(name, folder / "new" / name) == ids.pop(0), "it was moved"
    assert db.needs_extraction() == []


def test_a_search_in_a_folder_finds_what_has_a_copy_there(
    db: ResearchDatabase, folder: Path
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "paper.txt").write_text("the estuary")
    [id] = db.add_folder(folder)
    extract(db)
    for name in ("one", "two"):
        assert [hit.attachment_id for hit in db.search("estuary", folder=folder / name)] == [id]
    assert db.search("estuary", folder=folder / "three") == []


def test_a_hit_leads_to_the_copy_that_is_there_and_in_the_folder_asked_for(
    db: ResearchDatabase, folder: Path
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "paper.txt").write_text("the tide")
    db.add_folder(folder)
    extract(db)
    [hit] = db.search("tide")
    assert set(hit.places) == set(map(str, folder.rglob("paper.txt")))
    for name in ("one", "two"):
        [hit] = db.search("tide", folder=folder / name)
        assert hit.path == hit.places[0] == str(folder / name / "paper.txt")
    assert frames.search(db, "tide")["places"].tolist() == [2]
    assert frames.attachments(db)["places"].tolist() == [2]
    for name, other in (("one", "two"), ("two", "one")):
        (folder / name / "paper.txt").rename(folder / "away")
        [hit] = db.search("tide")
        assert hit.path == str(folder / other / "paper.txt")
        (folder / "away").rename(folder / name / "paper.txt")


def test_a_copy_that_is_edited_becomes_a_document_of_its_own(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("the estuary")
    shutil.copy(folder / "a.txt", folder / "b.txt")
    db.add_folder(folder)
    extract(db)
    (folder / "b.txt").write_text("the estuary, second version")
    assert list(db.add_folder(folder)) == [1, 2]
    assert (db.places(1), db.places(2)) == ([str(folder / "a.txt")], [str(folder / "b.txt")])
    assert extract(db) == [2]


def test_when_the_first_of_two_copies_is_edited_the_other_keeps_the_document(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("the estuary")
    shutil.copy(folder / "a.txt", folder / "b.txt")
    db.add_folder(folder)
    extract(db)
    (folder / "a.txt").write_text("something else")
    assert list(db.add_folder(folder)) == [2, 1]
    assert db.places(1) == [str(folder / "b.txt")]
    assert db.get_attachment(1).filename == "b.txt"
    assert extract(db) == [2]


def test_a_file_that_takes_the_place_of_another_without_trace_is_that_one_edited(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("first version")
    (folder / "b.txt").write_text("second version")
    db.add_folder(folder)
    extract(db)
    (folder / "b.txt").replace(folder / "a.txt")
    assert list(db.add_folder(folder)) == [1]
    assert db.get_attachment(1).text_status is TextStatus.STALE
    assert extract(db) == [1]
    assert db.get_attachment(1).extracted_text == "second version"


def test_the_name_that_people_gave_a_document_moves_with_it(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "scan0001.txt").write_text("the estuary")
    id = db.add_attachment("Smith 2019", folder / "scan0001.txt")
    (folder / "scan0001.txt").rename(folder / "scan0002.txt")
    assert list(db.add_folder(folder)) == [id]
    assert db.get_attachment(id).filename == "Smith 2019"


def test_empty_files_are_not_copies_of_each_other(db: ResearchDatabase, folder: Path) -> None:
    for name in ("a.txt", "b.txt", "c.pdf"):
        (folder / name).touch()
    assert len(db.add_folder(folder)) == 3


def test_the_same_bytes_read_in_another_way_are_another_document(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "page.html").write_text("<p>the estuary</p>")
    shutil.copy(folder / "page.html", folder / "page.txt")
    assert len(db.add_folder(folder)) == 2


def test_a_file_renamed_so_that_it_is_read_in_another_way_is_extracted_again(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "page.txt").write_text("<p>the estuary</p>")
    db.add_folder(folder)
    extract(db)
    (folder / "page.txt").rename(folder / "page.html")
    assert list(db.add_folder(folder)) == [1]
    assert db.get_attachment(1).mime_type == "text/html"
    assert db.needs_extraction() == [1]


def test_what_an_older_library_holds_twice_is_not_merged(
    db: ResearchDatabase, folder: Path, sqlite: sqlite3.Connection
) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(f"the estuary {name}")
    db.add_folder(folder)
    shutil.copy(folder / "a.txt", folder / "b.txt")
    os.utime(folder / "b.txt", ns=(7, 7))
    sqlite.execute(
        "UPDATE attachments SET file_mtime_ns = 7, content_hash = "
        "(SELECT content_hash FROM attachments WHERE id = 1)"
    )
    assert list(db.add_folder(folder)) == [1, 2]
    folder.rename(folder.with_name("moved"))
    assert list(db.add_folder(folder.with_name("moved"))) == [1, 2]


def test_a_job_that_waits_finds_its_document_where_it_was_moved(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("the estuary")
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.pause()
        worker.enqueue_batch(db.add_folder(folder))
        folder.rename(folder.with_name("moved"))
        assert db.add_folder(folder.with_name("moved")).moved == (1,)
        worker.resume()
        assert worker.wait(60)
    assert len(db.search("estuary")) == 1


def test_programs_that_look_at_a_moved_folder_at_once_agree(
    db: ResearchDatabase, folder: Path
) -> None:
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"estuary {number % 50}")
    ids = db.add_folder(folder)
    new = folder.rename(folder.with_name("moved"))
    code = (
        "import sys\n"
        "from reslib import ResearchDatabase\n"
        "with ResearchDatabase(sys.argv[1]) as db:\n"
        "    print(sorted(db.add_folder(sys.argv[2])))\n"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(db.path), str(new)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for program in programs:
        assert json.loads(program.communicate(timeout=60)[0]) == sorted(ids)
    assert sum(len(db.places(id)) for id in ids) == 60
    assert oracle.violations(db.path, oracle.Truth()) == []


def test_same_size_and_time_but_other_content_is_found_when_asked(
    db: ResearchDatabase, folder: Path
) -> None:
    path = folder / "a.txt"
    path.write_text("the estuary")
    db.add_folder(folder)
    extract(db)
    before = path.stat()
    path.write_text("the harbour")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    db.add_folder(folder)
    assert db.needs_extraction() == []
    db.add_folder(folder, verify=True)
    assert extract(db) == [1]
    assert db.get_attachment(1).extracted_text == "the harbour"
    db.add_folder(folder, verify=True)
    assert db.needs_extraction() == []


def test_a_failure_stands_until_the_content_is_another(db: ResearchDatabase, folder: Path) -> None:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF-1.4 damaged")
    queue = QueueManager(db)
    job = queue.enqueue_batch(db.add_folder(folder))[0]
    queue.claim("test")
    queue.failed(job, "damaged", "corruption")
    new = folder.with_name("moved")
    shutil.copytree(folder, new, copy_function=shutil.copyfile)
    shutil.rmtree(folder)
    db.add_folder(new)
    assert db.needs_extraction() == [], "copied and removed, so written later, but the same"
    before = (new / "a.pdf").stat()
    (new / "a.pdf").write_bytes(b"%PDF-1.4 mended!")
    os.utime(new / "a.pdf", ns=(before.st_atime_ns, before.st_mtime_ns))
    db.add_folder(new)
    assert db.needs_extraction() == []
    db.add_folder(new, verify=True)
    assert db.needs_extraction() == [1]


def test_a_hash_that_was_never_taken_is_learned_and_makes_nothing_stale(
    db: ResearchDatabase, folder: Path, sqlite: sqlite3.Connection
) -> None:
    (folder / "a.txt").write_text("the estuary")
    db.add_folder(folder)
    extract(db)
    known = db.get_attachment(1).content_hash
    sqlite.execute("UPDATE attachments SET content_hash = NULL")
    db.add_folder(folder, verify=True)
    assert db.get_attachment(1).content_hash == known
    assert db.needs_extraction() == []


def test_a_name_that_is_not_utf_8_can_be_moved_and_copied(
    db: ResearchDatabase, folder: Path
) -> None:
    odd = folder / os.fsdecode(b"caf\xe9.txt")
    odd.write_text("the estuary")
    shutil.copy(odd, folder / os.fsdecode(b"th\xe9.txt"))
    [id] = db.add_folder(folder)
    assert len(db.places(id)) == 2
    new = folder.with_name(os.fsdecode(b"d\xe9m\xe9nag\xe9"))
    folder.rename(new)
    assert list(db.add_folder(new)) == [id]
    assert all(Path(path).exists() for path in db.places(id))
    (new / odd.name).unlink()
    db.add_folder(new)
    assert len(db.places(id)) == 1
    [path] = map(Path, db.places(id))
    path.rename(new / "cafe.txt")
    db.add_folder(new)
    assert db.get_attachment(id).filename == "cafe.txt"


NAMES = [f"{folder}{name}.txt" for folder in ("", "sub/") for name in "abcd"]
TEXTS = ["", "one", "two", "three", "four"]
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
        st.tuples(st.just("move"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("copy"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("swap"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("remove"), st.sampled_from(NAMES), st.just("")),
        st.tuples(st.just("look"), st.just(""), st.just("")),
        st.tuples(st.just("look at"), st.sampled_from(NAMES), st.just("")),
    ),
    max_size=25,
)


def act(root: Path, action: str, one: str, other: str, clock: Iterator[int]) -> None:
    first, second = root / one, root / other
    if action == "write":
        first.write_text(other)
        os.utime(first, ns=(0, next(clock)))
    elif not first.exists():
        return
    elif action == "remove":
        first.unlink()
    elif action == "move":
        first.rename(second)
    elif action == "copy" and first != second:
        shutil.copy(first, second)
        os.utime(second, ns=(0, next(clock)))
    elif action == "swap" and second.exists() and first != second:
        first.rename(root / "between")
        second.rename(first)
        (root / "between").rename(second)


@given(actions=ACTIONS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_to_the_files_each_is_one_document_and_nothing_is_read_twice(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str, str]]
) -> None:
    place = tmp_path_factory.mktemp("model")
    root = place / "papers"
    (root / "sub").mkdir(parents=True)
    clock = iter(range(1, 1000))
    with ResearchDatabase(place / "research.db") as db:
        for action, one, other in [*actions, ("look", "", "")]:
            if action not in ("look", "look at"):
                act(root, action, one, other, clock)
                continue
            before = documents(db)
            if action == "look":
                db.add_folder(root)
                check(db, root, before)
            else:
                db.add_attachment(one, root / one)
            extract(db)
            with closing(sqlite3.connect(db.path)) as raw:
                raw.row_factory = sqlite3.Row
                for sound in (oracle.the_file_is_sound, oracle.no_place_is_that_of_two_documents):
                    assert list(sound(raw, oracle.Truth())) == []
    shutil.rmtree(place)


def documents(db: ResearchDatabase) -> dict[int, tuple[str | None, list[str]]]:
    """Return of each document the text that it has, when it is current, and its places."""
    rows = db.store.rows("documents", {"ids": None})
    found = {}
    for row in rows:
        document = db.get_attachment(row["attachment_id"])
        text = document.extracted_text
        # A file that was written between look and extraction is not known by its bytes.
        known = document.content_hash == f"sha256:{sha256((text or '').encode()).hexdigest()}"
        current = document.text_status is TextStatus.FULL and known
        found[document.id] = (text if current else None, db.places(document.id))
    return found


def check(
    db: ResearchDatabase, root: Path, before: dict[int, tuple[str | None, list[str]]]
) -> None:
    files = {str(path): path.read_text() for path in root.rglob("*.txt")}
    after = documents(db)
    owner = {path: id for id, (_, places) in after.items() for path in places}
    assert sum(len(places) for _, places in after.values()) == len(owner), "a place is of one"
    assert files.keys() <= owner.keys(), "every file is known"
    for id, (text, places) in after.items():
        there = [path for path in places if path in files]
        assert not there or there == places, "where there are files, no place is a dead end"
        assert len({files[path] for path in there}) <= 1, "copies are alike"
        if text is not None and there:
            assert files[places[0]] == text, "the text is that of the file"
        assert id in before or there
    # What was read before is not read again, but where the file that has it now is all that is
    # left of another document.
    had = {text for text, _ in before.values() if text}
    was_of = {path: id for id, (_, places) in before.items() for path in places}
    for path, text in files.items():
        lost = was_of.get(path) == owner[path] and before[owner[path]][0] != text
        if text in had and not lost:
            assert after[owner[path]][0] == text
    for path in files:
        if len({files[p] for p in after[owner[path]][1]}) == 1 and not files[path]:
            assert after[owner[path]][1] == [path], "an empty file is no copy"


# --- links ----------------------------------------------------------------------------------------


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


# --- what costs itself ----------------------------------------------------------------------------


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
        "import hashlib, json, os, sys\n"
        "import reslib.detect\n"
        "from reslib import ResearchDatabase, available_extractors, sql\n"
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


def test_a_link_to_the_running_system_is_not_walked(db: ResearchDatabase, folder: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("this system has no /proc")
    (folder / "system").symlink_to("/proc")
    added = db.add_folder(folder)
    assert reasons(added, folder) == {"system": "a view of the running system, not of a disk"}


# --- odd arguments --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_what_can_be_no_path_is_refused(db: ResearchDatabase, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        db.add_attachment("a", path)
    with pytest.raises(ValueError, match="path"):
        db.add_folder(path)


def test_a_path_longer_than_any_can_be_added_and_its_job_says_so(db: ResearchDatabase) -> None:
    id = db.add_attachment("a.txt", "/" + "x" * 5_000)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        db.add_folder("x" * 5_000)
    with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
        worker.enqueue(id)
        assert worker.wait(60)
        [job] = worker.queue.get_failed_jobs()
    assert job.error_code == "not_a_file"
    assert "longer than" in (job.error_message or "")


def test_a_name_that_begins_with_a_tilde_is_no_user(
    db: ResearchDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("~$paper.txt").write_text("the lock file of a word processor")
    id = db.add_attachment("~$paper.txt", "~$paper.txt")
    assert db.get_attachment(id).path == str(folder / "~$paper.txt")


def test_a_number_that_no_database_keeps_is_refused(db: ResearchDatabase) -> None:
    with pytest.raises(ValueError, match="larger"):
        db.get_attachment(2**70)


# --- what was left out ----------------------------------------------------------------------------


def test_what_was_left_out_is_kept_until_it_is_added_or_gone(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "figures").mkdir()
    for name in ("a.png", "b.png", "figures/c.png", "data.zip"):
        (folder / name).write_bytes(PNG if name.endswith("png") else b"PK\x05\x06" + bytes(18))
    db.add_folder(folder)
    assert db.skipped_counts() == {".png": 3, ".zip": 1}
    found = frames.skipped(db)
    assert list(found.index) == sorted(
        str(folder / name) for name in ("a.png", "b.png", "figures/c.png", "data.zip")
    )
    assert found.loc[str(folder / "a.png"), "mime_type"] == "image/png"
    assert "no extractor reads image/png" in found["reason"].to_list()
    first = found.loc[str(folder / "b.png"), "seen_at"]
    (folder / "a.png").unlink()
    (folder / "figures" / "c.png").unlink()
    (folder / "data.zip").write_text("words after all")
    (folder / "data.zip").rename(folder / "data.txt")
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
