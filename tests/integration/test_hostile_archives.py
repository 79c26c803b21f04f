"""Archives made to attack whoever unpacks them, through a real pool."""

from __future__ import annotations

import platform
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hostiledocuments import (
    DEADLINE,
    LIMIT_MB,
    SECRET,
    Bait,
    Reader,
    W,
    arrow,
    arrows,
    document,
    paragraph,
    write_docx,
)

from reslib import ErrorCode


def forge_sizes(path: Path, part: bytes, size: int) -> None:
    """Have both headers of an entry claim that it unpacks to *size* bytes (APPNOTE 4.3.7, .12)."""
    data = bytearray(path.read_bytes())
    for signature, name_at, size_at in ((b"PK\3\4", 30, 22), (b"PK\1\2", 46, 24)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            if data[start + name_at :].startswith(part):
                struct.pack_into("<I", data, start + size_at, size)
            start += 4
    path.write_bytes(data)


@pytest.mark.parametrize("claim", [None, 1000, 0xFFFFFFF0])
def test_what_an_archive_says_of_its_sizes_is_not_believed(
    withstand: Reader, tmp_path: Path, claim: int | None
) -> None:
    main = document(paragraph("A" * 1000) * 200_000)  # 200 MB
    path = write_docx(tmp_path / "bomb.docx", main)
    if claim is not None:
        forge_sizes(path, b"word/document.xml", claim)
    ending = withstand(path)
    assert ending.code is ErrorCode.MALFORMED
    assert ending.peak_mb < LIMIT_MB * 1.1
    assert ending.seconds < DEADLINE


def test_a_bomb_leaves_no_memory_behind_in_the_process_that_read_it(tmp_path: Path) -> None:
    reader = Reader(tmp_path, limit_mb=4096)  # so high that the process is not replaced
    bomb = write_docx(tmp_path / "bomb.docx", document(paragraph("A" * 200) * 800_000))
    forge_sizes(bomb, b"word/document.xml", 127 << 20)  # its own word would be enough to leave it
    assert reader(bomb).peak_mb > 300
    assert reader(write_docx(tmp_path / "good.docx", document(paragraph("body")))).peak_mb < 150
    reader.close()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to")
def test_a_large_document_leaves_its_memory_to_the_system(tmp_path: Path) -> None:
    body = "".join(paragraph(f"words of paragraph {n}") for n in range(300_000))
    large = write_docx(tmp_path / "large.docx", document(body))
    reader = Reader(tmp_path)
    before, after = reader(large), reader(write_docx(tmp_path / "small.docx", document("")))
    assert before.text.endswith("words of paragraph 299999")
    assert after.peak_mb < before.peak_mb / 2
    reader.close()


def test_many_parts_that_are_each_small_enough_are_too_much_together(
    withstand: Reader, tmp_path: Path
) -> None:
    inside = f"<w:p/>{' ' * (4 << 20)}" * 10  # hardly a tree: what is limited is what is unpacked
    header = f'<w:hdr xmlns:w="{W}">{paragraph("head %d")}{inside}</w:hdr>'
    names = [f"header{n}.xml" for n in range(6)]
    parts: dict[str, str | bytes] = {f"word/{n}": header % i for i, n in enumerate(names)}
    parts["word/_rels/document.xml.rels"] = arrows(*(arrow("header", name) for name in names))
    ending = withstand(write_docx(tmp_path / "parts.docx", document(paragraph("body")), parts))
    assert ending.text == "head 0\nhead 1\nhead 2\n\nbody"
    assert ending.peak_mb < LIMIT_MB * 1.1


def test_a_part_that_many_arrows_lead_to_is_read_once(withstand: Reader, tmp_path: Path) -> None:
    header = f'<w:hdr xmlns:w="{W}">{paragraph("head")}{" " * (1 << 20)}</w:hdr>'
    parts: dict[str, str | bytes] = {
        "word/header1.xml": header,
        "word/_rels/document.xml.rels": arrows(*[arrow("header", "header1.xml")] * 5000),
    }
    path = write_docx(tmp_path / "arrows.docx", document(paragraph("body")), parts)
    ending = withstand(path)
    assert ending.text == "head\n\nbody"
    assert ending.confidence == 1.0  # five gigabytes would have been too much


def test_parts_nobody_needs_are_never_unpacked(withstand: Reader, tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"word/media/{n}.bin": bytes(100 << 20) for n in range(3)}
    ending = withstand(write_docx(tmp_path / "media.docx", document(paragraph("body")), parts))
    assert ending.text == "body"
    assert ending.peak_mb < 150


@pytest.mark.parametrize("bomb", ["[Content_Types].xml", "mimetype"])
def test_looking_at_what_an_archive_is_does_not_unpack_a_bomb(
    withstand: Reader, tmp_path: Path, bomb: str
) -> None:
    path = write_docx(tmp_path / "types.docx", document(paragraph("body")), {bomb: b" " * 10**8})
    ending = withstand(path)
    assert ending.text == "body"
    assert ending.peak_mb < 150


def test_paths_in_an_archive_lead_nowhere(withstand: Reader, bait: Bait, tmp_path: Path) -> None:
    evil = [f"{'../' * depth}evil.txt" for depth in (1, 3, 12)]
    evil += [str(tmp_path / "evil.txt"), "..\\evil.txt", "word/../../evil.txt", "C:\\evil.txt"]
    targets = ["../secret.txt", f"../../../../../../..{bait.file}", bait.file.as_uri()]
    outside = [arrow(k, t) for k in ("header", "footnotes", "aFChunk", "chart") for t in targets]
    outside += [arrow("header", bait.address, "External"), arrow("image", bait.file.as_uri())]
    parts: dict[str, str | bytes] = dict.fromkeys(evil, "evil")
    parts["word/_rels/document.xml.rels"] = arrows(*outside)
    inside = tmp_path / "inside"
    inside.mkdir()
    path = write_docx(inside / "paths.docx", document(paragraph("body")), parts)
    link = zipfile.ZipInfo("word/link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(bait.file))
    before = sorted(tmp_path.rglob("*"))
    ending = withstand(path)
    assert ending.text == "body"
    assert sorted(tmp_path.rglob("*")) == before
    assert not list(Path.cwd().glob("*evil*"))
    assert not withstand.stored(SECRET)
    assert not bait.was_contacted()


def test_the_main_part_of_a_document_cannot_be_a_file_outside(
    withstand: Reader, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.xml"
    outside.write_text(document(paragraph(SECRET)), encoding="utf-8")
    for target in ("../outside.xml", str(outside), outside.as_uri()):
        relationships = arrows(arrow("officeDocument", target))
        path = tmp_path / "main.docx"
        write_docx(path, document(paragraph("body")), {"_rels/.rels": relationships})
        assert withstand(path).code is ErrorCode.MALFORMED
    assert not withstand.stored(SECRET)
