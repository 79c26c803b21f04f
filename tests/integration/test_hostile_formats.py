"""What every format gets: cut off, under another's name, with bombs inside, a hundred megabytes.

The documents are those that hold one of every kind of part, damaged, through a real pool.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from hostiledocuments import DEADLINE, LIMIT_MB, SECRET, Bait, Ending, Reader, laughs

from evaluation.completeness import made
from evaluation.marks import Marked
from reslib import ErrorCode

DOCUMENTS = {document.name: document for document in made()}
PACKED = [name for name, document in DOCUMENTS.items() if document.content.startswith(b"PK")]
#: What says that a document is at fault, and how.
NAMED = frozenset(
    {
        ErrorCode.EMPTY_FILE,
        ErrorCode.ENCRYPTED,
        ErrorCode.MALFORMED,
        ErrorCode.OUTPUT_LIMIT,
        ErrorCode.TRUNCATED,
        ErrorCode.NO_EXTRACTOR,
    }
)


def is_told(ending: Ending) -> bool:
    """Whether it is a text, or an error that says what is wrong with the document."""
    return ending.code is None or (ending.code in NAMED and len(str(ending.job.error_message)) > 20)


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def changed(document: Marked, part: str, content: bytes, *more: tuple[str, bytes]) -> bytes:
    """Return a packed document with one part changed, and others added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document.content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        for name in before.namelist():
            after.writestr(name, content if name == part else before.read(name))
        for name, added in more:
            after.writestr(name, added)
    return stream.getvalue()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_cut_off_anywhere_is_read_or_refused_in_words(
    withstand: Reader, tmp_path: Path, name: str
) -> None:
    content = DOCUMENTS[name].content
    for tenth in range(10):
        path = write(tmp_path, f"{tenth}-{name}", content[: len(content) * tenth // 10])
        ending = withstand(path)
        assert is_told(ending), (tenth, ending.code, ending.job.error_message)
        if name in PACKED:
            assert ending.code is not None
    assert withstand(write(tmp_path, f"0-{name}", b"")).code is ErrorCode.EMPTY_FILE


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_under_the_name_of_another_is_read_as_what_it_is_or_refused_in_words(
    withstand: Reader, tmp_path: Path, name: str
) -> None:
    for suffix in {other.format for other in DOCUMENTS.values()} | {"pdf", "txt", "zip"}:
        ending = withstand(write(tmp_path, f"a.{suffix}", DOCUMENTS[name].content))
        assert is_told(ending), (suffix, ending.code, ending.job.error_message)
        if name in PACKED:
            assert "PK" not in ending.text[:2]


@pytest.mark.parametrize("name", PACKED)
def test_an_attack_in_any_part_multiplies_nothing_and_fetches_nothing(
    withstand: Reader, bait: Bait, tmp_path: Path, name: str
) -> None:
    document = DOCUMENTS[name]
    entity = f'<!ENTITY x SYSTEM "{bait.file.as_uri()}"><!ENTITY y SYSTEM "{bait.address}">'
    with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    for part, content in parts.items():
        if part == "mimetype" or not content.lstrip().startswith(b"<"):
            continue
        text = content.decode()
        root = text.partition("<")[2].partition("?>")[2] if text.startswith("<?xml") else text
        tag = root.strip()[1:].split(">")[0].split()[0]
        attack = laughs(tag).replace("[", f"[{entity}", 1) + root.replace("><", ">&l9;&x;&y;<", 1)
        ending = withstand(write(tmp_path, name, changed(document, part, attack.encode())))
        assert is_told(ending), (part, ending.code, ending.job.error_message)
        assert ending.peak_mb < LIMIT_MB
    assert not withstand.stored("laughinglaughing")
    assert not withstand.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_in_any_part_is_bounded(withstand: Reader, tmp_path: Path, name: str) -> None:
    document = DOCUMENTS[name]
    with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
        contents = {n: archive.read(n) for n in archive.namelist()}
    # One of each kind: what holds for the first slide holds for the second.
    kinds = {re.sub(r"\d", "", part): part for part in contents if not part.startswith("docProps")}
    for part in kinds.values():
        content = contents[part]
        if part.endswith(".rels") or b"</" not in content:
            continue
        begin, _, end = content.rpartition(b"</")
        bomb = begin + b"<!-- " + b" " * (140 << 20) + b" --></" + end
        ending = withstand(write(tmp_path, name, changed(document, part, bomb)))
        assert is_told(ending), (part, ending.code, ending.job.error_message)
        assert ending.peak_mb < LIMIT_MB
        assert ending.seconds < DEADLINE


@pytest.mark.parametrize("name", PACKED)
def test_names_inside_that_lead_elsewhere_are_only_names(
    withstand: Reader, tmp_path: Path, name: str
) -> None:
    names = [
        "../evil.txt",
        "../../../../tmp/evil.txt",
        "/tmp/evil.txt",
        "C:\\evil.txt",
        "a/\x1b[1m",
    ]
    names += ["\u202efdp", "x" * 60_000, "con", "..", "'; DROP TABLE attachments; --"]
    document = DOCUMENTS[name]
    more = [(evil, b"evil words") for evil in names]
    folder = tmp_path / "inside"
    folder.mkdir()
    before = withstand(write(folder, name, document.content))
    ending = withstand(write(folder, f"b-{name}", changed(document, "", b"", *more)))
    assert ending.text == before.text
    assert "evil words" not in ending.text
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        ["inside", name, f"b-{name}"]
    )


def test_a_hundred_megabytes_of_each_text_are_read_or_refused_within_the_limits(
    withstand: Reader, tmp_path: Path
) -> None:
    for name, document in DOCUMENTS.items():
        if name in PACKED:
            continue
        begin, middle, end = document.content.partition(b"qbody")
        words = b"words and words and words " * (100_000_000 // 26)
        ending = withstand(write(tmp_path, name, begin + words + middle + end))
        assert is_told(ending), (name, ending.code, ending.job.error_message)
        assert ending.seconds < DEADLINE
