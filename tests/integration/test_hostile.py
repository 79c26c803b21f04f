"""Documents made to attack whoever reads them, through a real pool.

The documents are made here; tests/endurance/hostile.py gives the pool the larger collections.
"""

from __future__ import annotations

import os
import platform
import re
import select
import socket
import sqlite3
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reslib import ErrorCode, ExtractionWorker, Job, ResearchDatabase

DEADLINE = 20.0
LIMIT_MB = 512
#: What no document may bring into a text: it is in a file that they point to.
SECRET = "kestrelplumage"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


# --- reading ----------------------------------------------------------------------------------


@dataclass
class Ending:
    """What became of a document."""

    job: Job
    text: str
    confidence: float | None
    seconds: float
    peak_mb: float

    @property
    def code(self) -> ErrorCode | None:
        return self.job.error_code


class Reader:
    """One pool that reads every document of this file."""

    def __init__(self, folder: Path, limit_mb: int = LIMIT_MB) -> None:
        self.db = ResearchDatabase(folder / "hostile.db")
        self.worker = ExtractionWorker(
            self.db,
            num_workers=1,
            extraction_timeout=DEADLINE,
            memory_limit_mb=limit_mb,
            max_retries=0,
        )
        self.worker.start()

    def __call__(self, path: Path) -> Ending:
        attachment = self.db.add_attachment(path.name, path)
        number = self.worker.enqueue(attachment)
        assert number is not None
        assert self.worker.wait(DEADLINE + 20)
        job = self.worker.queue.get_job(number)
        assert job is not None
        with sqlite3.connect(self.db.path) as connection:
            query = "SELECT extraction_time_ms, peak_rss_mb FROM extraction_metrics WHERE job_id=?"
            milliseconds, peak = connection.execute(query, (number,)).fetchone()
        connection.close()
        after = self.db.get_attachment(attachment)
        text = after.extracted_text or ""
        return Ending(job, text, after.confidence, milliseconds / 1000, peak or 0.0)

    def stored(self, phrase: str) -> list[str]:
        """Return the columns of the database in which a phrase stands."""
        found = []
        connection = sqlite3.connect(self.db.path)
        tables = ("attachments", "extraction_queue", "extraction_metrics")
        for table in tables:
            for column in [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]:
                query = f"SELECT count(*) FROM {table} WHERE instr({column}, ?)"
                if connection.execute(query, (phrase,)).fetchone()[0]:
                    found.append(f"{table}.{column}")
        connection.close()
        return found

    def close(self) -> None:
        self.worker.stop(timeout=0)
        self.db.close()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("hostile"))
    yield reader
    # Whatever they were, the same pool reads the next document.
    good = tmp_path_factory.mktemp("good") / "good.txt"
    good.write_text("The pool is well.", encoding="utf-8")
    assert reader(good).text == "The pool is well."
    reader.close()


class Bait:
    """A file and an address that nobody may turn to."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "secret.txt"
        self.file.write_text(SECRET, encoding="utf-8")
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.tcp.getsockname())
        self.address = f"http://127.0.0.1:{self.tcp.getsockname()[1]}/bait"

    def was_contacted(self) -> bool:
        return bool(select.select([self.tcp, self.udp], [], [], 0)[0])

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[Bait]:
    made = Bait(tmp_path)
    yield made
    made.close()


# --- making -----------------------------------------------------------------------------------


def document(body: str, doctype: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<w:document xmlns:w="{W}" '
        f'xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>'
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def arrow(kind: str, target: str, mode: str = "Internal") -> str:
    return (
        f'<Relationship Id="r{abs(hash((kind, target)))}" Type="{OFFICE}/{kind}" '
        f'Target="{target}" TargetMode="{mode}"/>'
    )


def arrows(*items: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{"".join(items)}</Relationships>'


def write_docx(path: Path, main: str, parts: dict[str, str | bytes] | None = None) -> Path:
    """Write a Word document; *parts* replaces and adds."""
    every: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types><Override ContentType="{MAIN_TYPE}"/></Types>',
        "_rels/.rels": arrows(arrow("officeDocument", "word/document.xml")),
        "word/document.xml": main,
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in every.items():
            archive.writestr(name, content)
    return path


def laughs(root: str) -> str:
    """Return the billion laughs: ten levels of entities, each ten times the one before."""
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "laughing">'
        for n in range(10)
    )
    return f"<!DOCTYPE {root} [{levels}]>"


def write_pdf(path: Path, catalog: str, page: str, *more: str) -> Path:
    """Write a PDF of one page that says "visible words"; *more* are objects from number 6."""
    words = "BT /F1 12 Tf 72 700 Td (visible words) Tj ET"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> >> {page} >>",
        f"<< /Length {len(words)} >>\nstream\n{words}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    data, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    size = len(objects) + 1
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    path.write_bytes(data + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode())
    return path


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
    read: Reader, bait: Bait, tmp_path: Path, kind: str, where: str
) -> None:
    address = {"file": bait.file.as_uri(), "relative": "secret.txt", "network": bait.address}
    ending = read(external_docx(tmp_path, address[where], kind))
    assert ending.code is ErrorCode.MALFORMED
    assert not read.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("part", ["word/header1.xml", "docProps/core.xml", "word/footnotes.xml"])
def test_an_attack_in_a_lesser_part_costs_that_part_only(
    read: Reader, bait: Bait, tmp_path: Path, part: str
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
    ending = read(path)
    assert ending.text == "body is fine"
    assert not read.stored(SECRET)
    assert not read.stored("laughing")


@pytest.mark.parametrize("where", ["file", "network"])
@pytest.mark.parametrize(
    "name", ["page.html", "page.xhtml", "note.xml", "figure.svg", "style.xml", "include.xml"]
)
def test_markup_that_refers_to_other_files_gives_its_own_words_and_fetches_nothing(
    read: Reader, bait: Bait, tmp_path: Path, name: str, where: str
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
    ending = read(path)
    assert "own words" in ending.text or ending.code is ErrorCode.NO_EXTRACTOR
    assert not read.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("name", ["laughs.docx", "quadratic.docx", "laughs.html", "laughs.xml"])
def test_entities_that_multiply_cost_neither_time_nor_memory(
    read: Reader, tmp_path: Path, name: str
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
    ending = read(path)
    assert ending.code is ErrorCode.MALFORMED if name.endswith("docx") else "own" in ending.text
    assert "laughinglaughing" not in ending.text
    assert ending.seconds < 5
    assert ending.peak_mb < 150


def test_a_tree_of_any_depth_is_read_or_refused(read: Reader, tmp_path: Path) -> None:
    deep = "<w:ins>" * 100_000 + paragraph("bottom") + "</w:ins>" * 100_000
    ending = read(write_docx(tmp_path / "deep.docx", document(deep)))
    assert ending.text == "bottom" or ending.code is ErrorCode.MALFORMED
    page = tmp_path / "deep.html"
    page.write_text("<div><b>" * 50_000 + "bottom", encoding="utf-8")
    assert read(page).text == "bottom"


# --- ZIP ----------------------------------------------------------------------------------------


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
    read: Reader, tmp_path: Path, claim: int | None
) -> None:
    main = document(paragraph("A" * 1000) * 200_000)  # 200 MB
    path = write_docx(tmp_path / "bomb.docx", main)
    if claim is not None:
        forge_sizes(path, b"word/document.xml", claim)
    ending = read(path)
    assert ending.code is ErrorCode.MALFORMED
    assert ending.peak_mb < LIMIT_MB * 1.1
    assert ending.seconds < DEADLINE


def test_a_bomb_leaves_no_memory_behind_in_the_process_that_read_it(tmp_path: Path) -> None:
    reader = Reader(tmp_path, limit_mb=4096)  # so high that the process is not replaced
    bomb = write_docx(tmp_path / "bomb.docx", document(paragraph("A" * 200) * 800_000))
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
    read: Reader, tmp_path: Path
) -> None:
    inside = f"<w:p/>{' ' * (4 << 20)}" * 10  # hardly a tree: what is limited is what is unpacked
    header = f'<w:hdr xmlns:w="{W}">{paragraph("head %d")}{inside}</w:hdr>'
    names = [f"header{n}.xml" for n in range(6)]
    parts: dict[str, str | bytes] = {f"word/{n}": header % i for i, n in enumerate(names)}
    parts["word/_rels/document.xml.rels"] = arrows(*(arrow("header", name) for name in names))
    ending = read(write_docx(tmp_path / "parts.docx", document(paragraph("body")), parts))
    assert ending.text == "head 0\nhead 1\nhead 2\n\nbody"
    assert ending.peak_mb < LIMIT_MB * 1.1


def test_a_part_that_many_arrows_lead_to_is_read_once(read: Reader, tmp_path: Path) -> None:
    header = f'<w:hdr xmlns:w="{W}">{paragraph("head")}{" " * (1 << 20)}</w:hdr>'
    parts: dict[str, str | bytes] = {
        "word/header1.xml": header,
        "word/_rels/document.xml.rels": arrows(*[arrow("header", "header1.xml")] * 5000),
    }
    path = write_docx(tmp_path / "arrows.docx", document(paragraph("body")), parts)
    ending = read(path)
    assert ending.text == "head\n\nbody"
    assert ending.confidence == 1.0  # five gigabytes would have been too much


def test_parts_nobody_needs_are_never_unpacked(read: Reader, tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"word/media/{n}.bin": bytes(100 << 20) for n in range(3)}
    ending = read(write_docx(tmp_path / "media.docx", document(paragraph("body")), parts))
    assert ending.text == "body"
    assert ending.peak_mb < 150


@pytest.mark.parametrize("bomb", ["[Content_Types].xml", "mimetype"])
def test_looking_at_what_an_archive_is_does_not_unpack_a_bomb(
    read: Reader, tmp_path: Path, bomb: str
) -> None:
    path = write_docx(tmp_path / "types.docx", document(paragraph("body")), {bomb: b" " * 10**8})
    ending = read(path)
    assert ending.text == "body"
    assert ending.peak_mb < 150


def test_paths_in_an_archive_lead_nowhere(read: Reader, bait: Bait, tmp_path: Path) -> None:
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
    ending = read(path)
    assert ending.text == "body"
    assert sorted(tmp_path.rglob("*")) == before
    assert not list(Path.cwd().glob("*evil*"))
    assert not read.stored(SECRET)
    assert not bait.was_contacted()


def test_the_main_part_of_a_document_cannot_be_a_file_outside(read: Reader, tmp_path: Path) -> None:
    outside = tmp_path / "outside.xml"
    outside.write_text(document(paragraph(SECRET)), encoding="utf-8")
    for target in ("../outside.xml", str(outside), outside.as_uri()):
        relationships = arrows(arrow("officeDocument", target))
        path = tmp_path / "main.docx"
        write_docx(path, document(paragraph("body")), {"_rels/.rels": relationships})
        assert read(path).code is ErrorCode.MALFORMED
    assert not read.stored(SECRET)


# --- PDF ----------------------------------------------------------------------------------------


def test_what_a_pdf_wants_done_is_not_done(read: Reader, bait: Bait, tmp_path: Path) -> None:
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
    assert read(path).text == "visible words"
    assert not touched.exists()
    assert not read.stored(SECRET)
    assert not bait.was_contacted()


@pytest.mark.parametrize("specification", ["({file})", "<< /FS /URL /F ({address}) >>"])
def test_a_stream_of_a_pdf_that_lies_in_another_file_is_not_read(
    read: Reader, bait: Bait, tmp_path: Path, specification: str
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
    assert read(path).text == "visible words"
    assert not read.stored(SECRET)
    assert not bait.was_contacted()


def test_a_pdf_that_inflates_to_a_gigabyte_stays_within_its_limits(
    read: Reader, tmp_path: Path
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
    ending = read(path)
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
    read: Reader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may be short only
    path = tmp_path / "paper.pdf"
    make(path)
    ending = read(path)
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
def test_a_name_is_only_a_name(read: Reader, tmp_path: Path, name: bytes, broken: bool) -> None:
    path = tmp_path / os.fsdecode(name)
    write_pdf(path, "", "")
    if broken:
        path.write_bytes(b"%PDF-1.7\nbroken")
    ending = read(path)
    assert (ending.text == "visible words") is not broken
    assert bool(ending.code) is broken
    for shown in (repr(ending.job), str(ending.job.error_message)):
        assert not re.search("[\x00-\x1f\x7f\u202e\ud800-\udfff]", shown)
    assert "<script>" not in ending.job._repr_html_()
    assert not list(tmp_path.glob("evil")) + list(Path.cwd().glob("evil"))
