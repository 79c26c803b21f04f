"""Archives and mails with documents in them, and what became of those."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from written import one_page

from reslib import ExtractionWorker, ResearchDatabase

PDF = one_page(content=b"BT /F1 12 Tf 72 760 Td (A narwhal in the estuary) Tj ET")
PAPERS = {"2024/narwhal.pdf": PDF, "notes.txt": b"A quokka was seen.", "picture.png": b"\x89PNG"}


def mail(*attached: tuple[str, bytes], subject: str = "The draft") -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@x.invalid", "b@x.invalid", subject
    letter.set_content("Please read the wombat paper.")
    for name, data in attached:
        letter.add_attachment(data, "application", "octet-stream", filename=name)
    return letter.as_bytes()


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def taped(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def add_and_read(worker: ExtractionWorker, folder: Path) -> None:
    worker.start()
    worker.enqueue_batch(worker.db.needs_extraction(worker.db.add_folder(folder)))
    assert worker.wait(60)


def paths(db: ResearchDatabase, folder: Path) -> set[str]:
    """Return where everything in a library is, from *folder* on."""
    rows = db.store.rows("documents", {"ids": None})
    return {str(row["path"]).removeprefix(f"{folder}/") for row in rows}


def found(db: ResearchDatabase, query: str) -> list[str]:
    return [f"{name}, {hit.part}" for hits in [db.search(query)] for name, hit in each(hits)]


def each(hits):
    return zip(hits.names(), hits, strict=True)


def failures(worker: ExtractionWorker) -> dict[str, str]:
    jobs = worker.queue.get_failed_jobs()
    names = {job.attachment_id: worker.db.get_attachment(job.attachment_id).path for job in jobs}
    return {Path(names[job.attachment_id]).name: str(job.error_code) for job in jobs}
