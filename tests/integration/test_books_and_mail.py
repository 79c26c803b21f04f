"""Books, RTF and mail in a folder: taken in, read in the sandbox, found by search."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage
from pathlib import Path

from written import one_page

from reslib import ExtractionWorker, ResearchDatabase
from reslib.items import Child, Metadata, Section

PDF = one_page(content=b"BT /F1 12 Tf 72 760 Td (Sand and silt) Tj ET")


def write_all(folder: Path) -> None:
    with zipfile.ZipFile(folder / "book.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "book.opf",
            "<package xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:creator>Ann Reed</dc:creator>"
            "<item id='a' href='a.html'/><item id='b' href='b.html'/><itemref idref='a'/>"
            "<itemref idref='b'/><item id='n' href='n.html' properties='nav'/></package>",
        )
        archive.writestr("a.html", "<p>The ebb.")
        archive.writestr("b.html", "<p>The estuary at noon.")
        archive.writestr("n.html", "<nav><ol><li><a href='b.html'>Noon</a></li></ol></nav>")
    (folder / "paper.rtf").write_bytes(rb"{\rtf1\ansi{\info{\author Bo Li}}An est{\b uary}.\par}")
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["Message-ID"] = "cy@c.invalid", "Sands", "<1@c>"
    letter.set_content("The estuary paper is attached.")
    letter.add_attachment(PDF, "application", "pdf", filename="paper.pdf")
    (folder / "letter.eml").write_bytes(letter.as_bytes())
    first = b"From - Sat Jan  1 12:00:00 2022\n"
    (folder / "Inbox").write_bytes((first + letter.as_bytes() + b"\n") * 2)
    secret = letter.as_bytes().replace(b"The estuary", b"-----BEGIN PGP MESSAGE-----\nThe estuary")
    (folder / "secret.eml").write_bytes(secret)


def test_a_folder_with_a_book_rtf_and_mail_goes_in_whole(
    db: ResearchDatabase, folder: Path
) -> None:
    write_all(folder)
    ids = {db.get_attachment(id).filename: id for id in db.add_folder(folder)}
    assert len(ids) == 5
    assert db.skipped_counts() == {}
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(list(ids.values()))
        assert worker.wait(timeout=60)
        failed = [(job.attachment_id, job.error_code) for job in worker.queue.get_failed_jobs()]
    assert failed == [(ids["secret.eml"], "encrypted")]
    hits = {(hit.filename, hit.page) for hit in db.search("estuary", all_pages=True)}
    assert hits == {
        ("book.epub", 2),
        ("paper.rtf", 1),
        ("letter.eml", 1),
        ("Inbox", 1),
        ("Inbox", 2),
    }
    assert [hit.filename for hit in db.search("Sands AND PGP")] == []
    assert "secret.eml" in {hit.filename for hit in db.search("Sands")}, "its headers are kept"

    assert [one.value for one in db.get_items(ids["book.epub"], Metadata)] == ["Ann Reed"]
    assert db.get_items(ids["book.epub"], Section) == [Section("Noon", 1, 2)]
    assert [one.value for one in db.get_items(ids["paper.rtf"], Metadata)] == ["Bo Li"]
    (child,) = db.get_items(ids["letter.eml"], Child)
    assert (child.name, child.media_type, child.size) == ("paper.pdf", "application/pdf", len(PDF))
    assert len(db.get_items(ids["Inbox"], Child)) == 2
