"""Old Office files and Outlook messages made to attack whoever reads them, through a real pool."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import docx
import pytest
from hostiledocuments import DEADLINE, LIMIT_MB, Reader
from msoffcrypto.format.ooxml import OOXMLFile
from oleparts import Tree, drawing, ole, presentation, shape, word, words
from test_msg import BODY, RTF, SUBJECT, USUAL, file, outlook

from reslib import ErrorCode, ExtractionWorker, ResearchDatabase

FAT, DIRECTORY = 76, 48


def sector(content: bytes, place: int) -> int:
    """Return where a sector begins, the number of which stands at a place of the header."""
    (number,) = struct.unpack_from("<I", content, place)
    return (number + 1) * 512


def loop_of_sectors(content: bytes) -> bytes:
    """Return a container in which every chain leads back to its second sector."""
    changed, table = bytearray(content), sector(content, FAT)
    for at in range(table, table + 512, 4):
        (follows,) = struct.unpack_from("<I", changed, at)
        if follows == 0xFFFFFFFE:
            struct.pack_into("<I", changed, at, 1)
    return bytes(changed)


def loop_of_names(content: bytes) -> bytes:
    """Return a container in which every name is followed by the first one, and holds itself."""
    changed, at = bytearray(content), sector(content, DIRECTORY)
    for entry in range(1, 4):
        struct.pack_into("<III", changed, at + 128 * entry + 68, 1, 1, entry)
    return bytes(changed)


def endless_streams(content: bytes) -> bytes:
    """Return a container of which each stream says that it is as long as can be said."""
    changed, at = bytearray(content), sector(content, DIRECTORY)
    for entry in range(4):
        struct.pack_into("<Q", changed, at + 128 * entry + 120, 0x7FFFFFFFFFFFFFF0)
    return bytes(changed)


def endless_tables(content: bytes) -> bytes:
    """Return a container that says that its tables are larger than any file."""
    changed = bytearray(content)
    struct.pack_into("<I", changed, 44, 0xFFFFFFF0)
    struct.pack_into("<II", changed, 68, 0, 0xFFFFFFF0)
    return bytes(changed)


DOCUMENTS: dict[str, Tree] = {
    "doc": word("words " * 2_000),
    "ppt": presentation(drawing(shape(words("words " * 2_000)))),
    "msg": {"__properties_version1.0": bytes(32), "__substg1.0_1000001F": b"w\0" * 5_000},
    "xls": {"Workbook": bytes(6_000)},
}


@pytest.mark.parametrize("suffix", DOCUMENTS)
@pytest.mark.parametrize(
    "attack", [loop_of_sectors, loop_of_names, endless_streams, endless_tables]
)
def test_a_container_that_lies_of_itself_ends_in_words(
    tmp_path: Path, withstand: Reader, suffix: str, attack: object
) -> None:
    path = tmp_path / f"{attack.__name__}.{suffix}"  # type: ignore[attr-defined]
    path.write_bytes(attack(ole(DOCUMENTS[suffix])))  # type: ignore[operator]
    ending = withstand(path)
    assert ending.code in (None, ErrorCode.MALFORMED, ErrorCode.NO_EXTRACTOR)
    assert ending.seconds < DEADLINE / 2
    assert ending.peak_mb < LIMIT_MB / 2


def test_a_text_that_many_slides_share_is_given_so_often_and_no_more(
    tmp_path: Path, withstand: Reader
) -> None:
    made = presentation(drawing(shape(words("word " * 200_000))))
    stream = bytearray(made["PowerPoint Document"])
    # Of the list of slides, one entry is written where a thousand of them are.
    entry = struct.pack("<HHI", 0, 0x03F3, 20)
    at = stream.index(entry)
    listed = struct.pack("<HHI", 15, 0x0FF0, 28 * 1_000) + bytes(stream[at : at + 28]) * 1_000
    document = len(stream)
    stream += struct.pack("<HHI", 15, 0x03E8, len(listed)) + listed
    directory = stream.index(struct.pack("<HHI", 0, 0x1772, 12))
    struct.pack_into("<I", stream, directory + 12, document)
    path = tmp_path / "many.ppt"
    path.write_bytes(ole({**made, "PowerPoint Document": bytes(stream)}))
    ending = withstand(path)
    assert ending.code in (None, ErrorCode.OUTPUT_LIMIT, ErrorCode.MEMORY_LIMIT)
    assert len(ending.text) < 100_000_000


def test_packed_text_that_promises_gigabytes_is_short(tmp_path: Path, withstand: Reader) -> None:
    repeated = b"\xff" + b"\x00\x0f" * 8
    packed = (
        struct.pack("<IIII", 1 << 31, 1 << 31, 0x75465A4C, 0) + b"\0{\\rtf1 w" + repeated * 90_000
    )
    path = tmp_path / "packed.msg"
    path.write_bytes(outlook({SUBJECT: "a", RTF: packed}))
    ending = withstand(path)
    assert ending.code in (None, ErrorCode.MALFORMED)
    assert ending.peak_mb < LIMIT_MB


def test_names_of_attachments_lead_nowhere(tmp_path: Path, withstand: Reader) -> None:
    path = tmp_path / "names.msg"
    attached = [file(name, b"x") for name in ("../../etc/passwd", "a\0b", "con", "\u202egpj.exe")]
    path.write_bytes(outlook({**USUAL, BODY: "the text"}, *attached))
    assert withstand(path).text.endswith("the text")


def test_a_password_that_would_take_years_to_try_ends_with_the_time_allowed(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    plain, document = io.BytesIO(), docx.Document()
    document.save(plain)
    path = tmp_path / "slow.docx"
    with path.open("wb") as stream:
        OOXMLFile(plain).encrypt("right", stream)
    slow = path.read_bytes().replace(b'spinCount="100000"', b'spinCount="999999"')
    path.write_bytes(slow.replace(b"999999", b"9" * 6))
    with ExtractionWorker(
        db, num_workers=1, max_retries=0, extraction_timeout=1.0, passwords=["right"] * 1 + ["a"]
    ) as worker:
        worker.enqueue(db.add_attachment(path.name, path))
        assert worker.wait(timeout=60)
        (failed,) = worker.queue.get_failed_jobs()
    assert failed.error_code in ("timeout", "encrypted")
