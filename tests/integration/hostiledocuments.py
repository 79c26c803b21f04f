"""Documents made to attack whoever reads them, and a pool that reads them."""

from __future__ import annotations

import select
import socket
import sqlite3
import zipfile
from dataclasses import dataclass
from pathlib import Path

from reslib import ErrorCode, ExtractionWorker, Job, ResearchDatabase

DEADLINE = 20.0
LIMIT_MB = 512
#: What no document may bring into a text: it is in a file that they point to.
SECRET = "kestrelplumage"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


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
