"""Documents made to attack whoever reads them, through a real pool.

The documents are made here; tests/endurance/hostile.py gives the pool the larger collections.
"""

from __future__ import annotations

import os
import re
import socket
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hostiledocuments import (
    DEADLINE,
    LIMIT_MB,
    PACKAGE,
    SECRET,
    Bait,
    Reader,
    W,
    arrow,
    arrows,
    document,
    laughs,
    paragraph,
    write_docx,
    write_pdf,
)

from reslib import ErrorCode

# --- reading ----------------------------------------------------------------------------------


# --- XML and what it refers to ------------------------------------------------------------------


def external_docx(folder: Path, address: str, kind: str) -> Path:
    doctypes = {
        "entity": f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "{address}">]>',
        "public entity": f'<!DOCTYPE w:document [<!ENTITY x PUBLIC "-//X//Y" "{address}">]>',
        "parameter entity": f'<!DOCTYPE w:document [<!ENTITY % p SYSTEM "{address}"> %p;]>',
        "document type": f'<!DOCTYPE w:document SYSTEM "{address}">',
    }
    main = document(paragraph("before &x; after" if "entity" in kind else "fine"), doctypes[kind])
    return write_docx(folder / "external.docx", main)


@pytest.mark.parametrize("kind", ["entity", "public entity", "parameter entity", "document type"])
@pytest.mark.parametrize("where", ["file", "relative", "network"])
def test_a_word_document_that_refers_to_other_files_is_refused_and_nothing_is_fetched(
    withstand: Reader, bait: Bait, tmp_path: Path, kind: str, where: str
) -> None:
    address = {"file": bait.file.as_uri(), "relative": "secret.txt", "network": bait.address}
    ending = withstand(external_docx(tmp_path, address[where], kind))
    assert ending.code is ErrorCode.MALFORMED
    assert not withstand.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("part", ["word/header1.xml", "docProps/core.xml", "word/footnotes.xml"])
def test_an_attack_in_a_lesser_part_costs_that_part_only(
    withstand: Reader, bait: Bait, tmp_path: Path, part: str
) -> None:
    kind = {"word/header1.xml": "header", "word/footnotes.xml": "footnotes"}.get(part)
    root = f'<w:hdr xmlns:w="{W}">' + paragraph("&x; &l9;") + "</w:hdr>"
    entities = laughs("w:hdr").replace("[", f'[<!ENTITY x SYSTEM "{bait.file.as_uri()}">', 1)
    parts: dict[str, str | bytes] = {part: f'<?xml version="1.0"?>{entities}{root}'}
    if kind:
        parts["word/_rels/document.xml.rels"] = arrows(arrow(kind, part.removeprefix("word/")))
    else:
        core = f'<Relationship Id="c" Type="{PACKAGE}/metadata/core-properties" Target="{part}"/>'
        parts["_rels/.rels"] = arrows(arrow("officeDocument", "word/document.xml"), core)
    path = write_docx(tmp_path / "part.docx", document(paragraph("body is fine")), parts)
    ending = withstand(path)
    assert ending.text == "body is fine"
    assert not withstand.stored(SECRET)
    assert not withstand.stored("laughing")


@pytest.mark.parametrize("where", ["file", "network"])
@pytest.mark.parametrize(
    "name", ["page.html", "page.xhtml", "note.xml", "figure.svg", "style.xml", "include.xml"]
)
def test_markup_that_refers_to_other_files_gives_its_own_words_and_fetches_nothing(
    withstand: Reader, bait: Bait, tmp_path: Path, name: str, where: str
) -> None:
    address = bait.address if where == "network" else bait.file.as_uri()
    doctype = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{address}"><!ENTITY % p SYSTEM "{address}"> %p;]>'
    html = (
        f'<html><head><link rel="stylesheet" href="{address}"><base href="{address}">'
        f'<meta http-equiv="refresh" content="0;url={address}"><script src="{address}"></script>'
        f'</head><body>own words &x;<img src="{address}"><iframe src="{address}"></iframe>'
        f'<object data="{address}"></object><embed src="{address}"></body></html>'
    )
    contents = {
        "page.html": doctype + html,
        "page.xhtml": f'<?xml version="1.0"?>{doctype}{html}',
        "note.xml": f'<?xml version="1.0"?>{doctype}<r>own words &x;</r>',
        "figure.svg": f'<?xml version="1.0"?>{doctype}<svg xmlns="http://www.w3.org/2000/svg">'
        f'<text>own words &x;</text><image href="{address}"/></svg>',
        "style.xml": f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="{address}"?>'
        "<r>own words</r>",
        "include.xml": '<?xml version="1.0"?><r xmlns:xi="http://www.w3.org/2001/XInclude">own '
        f'words <xi:include href="{address}" parse="text"/></r>',
    }
    path = tmp_path / name
    path.write_text(contents[name], encoding="utf-8")
    ending = withstand(path)
    assert "own words" in ending.text or ending.code is ErrorCode.NO_EXTRACTOR
    assert not withstand.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("name", ["laughs.docx", "quadratic.docx", "laughs.html", "laughs.xml"])
def test_entities_that_multiply_cost_neither_time_nor_memory(
    withstand: Reader, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name == "quadratic.docx":
        doctype = f'<!DOCTYPE w:document [<!ENTITY l9 "{"laughing" * 10_000}">]>'
        write_docx(path, document(paragraph("&l9;" * 20_000), doctype))
    elif name == "laughs.docx":
        write_docx(path, document(paragraph("&l9;"), laughs("w:document")))
    elif name == "laughs.html":
        path.write_text(f"{laughs('html')}<html><body>own words &l9;</body></html>", "utf-8")
    else:
        path.write_text(f'<?xml version="1.0"?>{laughs("r")}<r>own words &l9;</r>', "utf-8")
    ending = withstand(path)
    assert ending.code is ErrorCode.MALFORMED if name.endswith("docx") else "own" in ending.text
    assert "laughinglaughing" not in ending.text
    assert ending.seconds < 5
    assert ending.peak_mb < 150


def test_a_tree_of_any_depth_is_read_or_refused(withstand: Reader, tmp_path: Path) -> None:
    deep = "<w:ins>" * 100_000 + paragraph("bottom") + "</w:ins>" * 100_000
    ending = withstand(write_docx(tmp_path / "deep.docx", document(deep)))
    assert ending.text == "bottom" or ending.code is ErrorCode.MALFORMED
    page = tmp_path / "deep.html"
    page.write_text("<div><b>" * 50_000 + "bottom", encoding="utf-8")
    assert withstand(page).text == "bottom"


# --- PDF ----------------------------------------------------------------------------------------


def test_what_a_pdf_wants_done_is_not_done(withstand: Reader, bait: Bait, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    xfa = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{bait.file.as_uri()}">]><x>&x;</x>'
    path = write_pdf(
        tmp_path / "actions.pdf",
        "/OpenAction 6 0 R /AA << /WC 7 0 R >> /AcroForm << /XFA 9 0 R /Fields [] >>",
        "/AA << /O 8 0 R >> /Annots [10 0 R]",
        f"<< /S /Launch /F (/bin/sh) /Unix << /F (/bin/sh) /P (-c 'touch {touched}') >> >>",
        f"<< /S /SubmitForm /F << /FS /URL /F ({bait.address}) >> >>",
        f"<< /S /JavaScript /JS (app.launchURL\\('{bait.address}'\\)) /Next << /S /URI "
        f"/URI ({bait.address}) >> >>",
        f"<< /Length {len(xfa)} >>\nstream\n{xfa}\nendstream",
        f"<< /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F ({bait.file}) /D [0 /Fit] >> >>",
    )
    assert withstand(path).text == "visible words"
    assert not touched.exists()
    assert not withstand.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("specification", ["({file})", "<< /FS /URL /F ({address}) >>"])
def test_a_stream_of_a_pdf_that_lies_in_another_file_is_not_read(
    withstand: Reader, bait: Bait, tmp_path: Path, specification: str
) -> None:
    bait.file.write_text(f"BT /F1 12 Tf 72 600 Td ({SECRET}) Tj ET", encoding="utf-8")
    where = specification.format(file=bait.file, address=bait.address)
    path = write_pdf(
        tmp_path / "external.pdf",
        "",
        "/Contents [4 0 R 6 0 R]",
        f"<< /Length 0 /F {where} >>\nstream\n\nendstream",
    )
    path.write_bytes(path.read_bytes().replace(b"/Contents 4 0 R", b"               "))
    assert withstand(path).text == "visible words"
    assert not withstand.stored(SECRET)
    assert not bait.was_contacted()


def test_a_pdf_that_inflates_to_a_gigabyte_stays_within_its_limits(
    withstand: Reader, tmp_path: Path
) -> None:
    packer = zlib.compressobj(9)
    words = b"BT /F1 12 Tf 72 600 Td (head) Tj ET\n"
    packed = packer.compress(words) + b"".join(packer.compress(bytes(1 << 24)) for _ in range(64))
    packed += packer.flush()
    stream = packed.decode("latin-1")
    path = write_pdf(
        tmp_path / "bomb.pdf",
        "",
        "/Contents 6 0 R",
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{stream}\nendstream",
    )
    path.write_bytes(path.read_bytes().replace(b"/Contents 4 0 R", b"               "))
    ending = withstand(path)
    assert ending.job.status in ("complete", "failed")
    assert ending.peak_mb < LIMIT_MB * 1.1
    assert ending.seconds < DEADLINE + 1


# --- names and kinds of files -------------------------------------------------------------------


def fifo(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(path))


def loop(path: Path) -> None:
    path.symlink_to(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


@pytest.mark.parametrize("make", [fifo, directory, unix_socket, loop, device, dangling])
def test_what_is_no_file_is_told_at_once(
    withstand: Reader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may be short only
    path = tmp_path / "paper.pdf"
    make(path)
    ending = withstand(path)
    wanted = ErrorCode.FILE_NOT_FOUND if make is dangling else ErrorCode.NOT_A_FILE
    assert ending.code is wanted
    assert ending.seconds < 5


@pytest.mark.parametrize(
    "name",
    [
        b"new\nline.pdf",
        b"not\xff\xfeutf8.pdf",
        b"\x1b[31mred\x1b[0m.pdf",
        b"<script>alert(1)<!--.pdf",
        b"'; DROP TABLE attachments; --.pdf",
        b"$(touch evil) `touch evil`.pdf",
        "\u202efdp.exe.pdf".encode(),
        b"%s%n{0}.pdf",
        b"x" * 251 + b".pdf",
    ],
    ids=repr,
)
@pytest.mark.parametrize("broken", [False, True], ids=["good", "broken"])
def test_a_name_is_only_a_name(
    withstand: Reader, tmp_path: Path, name: bytes, broken: bool
) -> None:
    path = tmp_path / os.fsdecode(name)
    write_pdf(path, "", "")
    if broken:
        path.write_bytes(b"%PDF-1.7\nbroken")
    ending = withstand(path)
    assert (ending.text == "visible words") is not broken
    assert bool(ending.code) is broken
    for shown in (repr(ending.job), str(ending.job.error_message)):
        assert not re.search("[\x00-\x1f\x7f\u202e\ud800-\udfff]", shown)
    assert "<script>" not in ending.job._repr_html_()
    assert not list(tmp_path.glob("evil")) + list(Path.cwd().glob("evil"))
