"""What documents state of themselves reaches the library through a real worker."""

from __future__ import annotations

from pathlib import Path

import docx
from reportlab.pdfgen.canvas import Canvas

from reslib import ExtractionWorker, ResearchDatabase
from reslib.extractors.papers.names import names_in
from reslib.extractors.stated import names
from reslib.items import Metadata, Reference, Section

JATS = """<?xml version="1.0"?><article article-type="research-article"><front><article-meta>
<article-id pub-id-type="doi">10.1000/182</article-id><title-group><article-title>Tides in XML
</article-title></title-group><contrib-group><contrib contrib-type="author"><name>
<surname>Reed</surname><given-names>Ann</given-names></name></contrib></contrib-group>
</article-meta></front><body><sec><title>Methods</title><p>We read the gauge.</p></sec></body>
<back><ref-list><ref><mixed-citation>Moon, A. Ebb. 1999.</mixed-citation></ref></ref-list></back>
</article>"""
HTML = """<html lang="en"><title>Tides on the web</title><meta name="citation_author"
content="Ann Reed"><meta name="citation_doi" content="10.1000/183"><h1>Gauges</h1><p>We read the
gauge.</p></html>"""
MARKDOWN = (
    "---\ntitle: Tides in Markdown\nauthor: Ann Reed\n---\n\n# Gauges\n\nWe read the gauge.\n"
)


def write_all(folder: Path) -> None:
    canvas = Canvas(str(folder / "tides.pdf"))
    canvas.setTitle("Tides on paper")
    canvas.setAuthor("Ann Reed")
    canvas.drawString(72, 720, "We read the gauge.")
    canvas.save()
    made = docx.Document()
    made.add_paragraph("We read the gauge.")
    made.core_properties.title, made.core_properties.author = "Tides in Word", "Ann Reed"
    made.save(str(folder / "tides.docx"))
    (folder / "tides.html").write_text(HTML, encoding="utf-8")
    (folder / "tides.md").write_text(MARKDOWN, encoding="utf-8")
    (folder / "tides.xml").write_text(JATS, encoding="utf-8")
    (folder / "tides.org").write_text("#+AUTHOR: Ann Reed\n* Gauges\nWe read the gauge.\n")
    (folder / "tides.rst").write_text("Gauges\n======\n\n:Author: Ann Reed\n\nWe read the gauge.\n")


def test_what_a_program_writes_for_nobody_is_no_author() -> None:
    assert names("(anonymous)") == []
    assert names("Microsoft Office User; Ann Reed") == ["Ann Reed"]


def test_full_names_between_commas_are_several_authors() -> None:
    assert names("Ann B. Reed, Bo Li, and Carla van der Berg") == [
        "Ann B. Reed",
        "Bo Li",
        "Carla van der Berg",
    ]
    assert names("Reed, Ann") == ["Reed, Ann"]
    assert names("van der Berg, Carla Maria") == ["van der Berg, Carla Maria"]


def test_offices_are_no_authors() -> None:
    assert names_in("14 CFR Part 39") == []
    assert names_in("Federal Aviation Administration") == []


def test_authors_and_titles_are_items_in_every_format(db: ResearchDatabase, folder: Path) -> None:
    write_all(folder)
    ids = {Path(db.get_attachment(id).filename).suffix: id for id in db.add_folder(folder)}
    assert len(ids) == 7
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(list(ids.values()))
        assert worker.wait(timeout=120)
        assert worker.queue.get_failed_jobs() == []
    sources = {}
    for suffix, id in ids.items():
        found = db.get_items(id, Metadata)
        assert [one.value for one in found if one.key == "author"] == ["Ann Reed"], suffix
        sources[suffix] = next(one.source for one in found if one.key == "author")
    assert sources == {
        ".pdf": "information dictionary",
        ".docx": "core properties",
        ".html": "meta citation_author",
        ".md": "front matter",
        ".xml": "front matter",
        ".org": "keyword lines",
        ".rst": "docinfo",
    }
    assert len(db.search("gauge")) == 7
    readers = {suffix: db.get_attachment(id).extractor for suffix, id in ids.items()}
    assert readers[".xml"] == "jats"
    assert db.get_items(ids[".xml"], Section) == [Section("Methods", 1, 2)]
    assert db.get_items(ids[".xml"], Reference) == [Reference("Moon, A. Ebb. 1999.")]
    hits = {hit.filename: hit.page for hit in db.search("gauge")}
    assert hits["tides.xml"] == 2
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.extract_again([ids[".docx"]], extractor="python-docx")
        assert worker.wait(timeout=60)
    assert db.get_attachment(ids[".docx"]).extractor == "python-docx"
