"""Whatever is done to files, each is one document, and nothing is read twice."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import oracle
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake import extract

from reslib import ResearchDatabase
from reslib.models import TextStatus

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
