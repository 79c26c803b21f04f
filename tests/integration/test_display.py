"""How the objects show in a notebook and in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reslib import ExtractionWorker, QueueManager, ResearchDatabase

AddText = Callable[..., int]
HOSTILE = "<script>alert(1) & “quotes” **.txt"


class Cells(HTMLParser):
    """The texts of a table's cells; fails on a script or a tag that is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in {
            *("table", "caption", "thead", "tbody", "tr", "th", "td", "b", "a"),
            *("div", "p", "details", "summary", "pre", "mark"),
        }
        self.open.append(tag)
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def cells(thing: object) -> list[str]:
    html = thing._repr_html_()  # type: ignore[attr-defined]
    assert "#000" not in html
    assert "var(--jp-" in html
    return Cells(html).cells


def test_a_database_shows_its_documents_and_jobs(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    queue.enqueue(add_text())
    caption, *rest = cells(db)
    assert caption == repr(db)
    half = len(rest) // 2
    shown = dict(zip(rest[:half], rest[half:], strict=True))
    assert shown["documents"] == "1"
    assert shown["jobs pending"] == "1"


def test_a_queue_shows_its_states(queue: QueueManager, add_text: AddText) -> None:
    queue.enqueue(add_text())
    assert cells(queue)[1:] == [*map(str, queue.counts()), "1", "0", "0", "0", "0", "0"]


def test_a_closed_database_says_so_instead_of_raising(db: ResearchDatabase) -> None:
    worker = ExtractionWorker(db)
    db.close()
    for thing in (db, QueueManager(db), worker):
        assert any("closed" in cell for cell in cells(thing))


def test_a_job_shows_what_is_known_of_it(queue: QueueManager, add_text: AddText) -> None:
    job = queue.get_job(queue.enqueue(add_text()) or 0)
    assert repr(job).startswith("Job(id=1, attachment_id=1, status='pending', priority=0,")
    assert "None" not in repr(job)
    assert cells(job)[:3] == ["Job 1: pending", "id", "1"]


def test_hits_show_as_a_table_with_the_words_in_bold(
    db: ResearchDatabase, add_text: AddText, folder: Path
) -> None:
    with ExtractionWorker(db) as worker:
        worker.enqueue(add_text("a <b>heron</b> was seen", name="notes & more.txt"))
        assert worker.wait(30)
    hits = db.search("heron")
    assert isinstance(hits, list)
    assert repr(hits) == "1. notes & more.txt, page 1: a <b>**heron**</b> was seen"
    assert "&lt;b&gt;<b>heron</b>&lt;/b&gt;" in hits._repr_html_()
    assert cells(hits)[0] == f"1 document found in {folder}"
    assert f'href="{folder.as_uri()}/notes%20%26%20more.txt"' in hits._repr_html_()
    nothing = db.search("stork")
    assert repr(nothing) == "no hits"
    assert cells(nothing)[0] == "0 documents found"


def test_names_cannot_break_the_page(
    db: ResearchDatabase, add_text: AddText, tmp_path: object
) -> None:
    attachment = add_text(name=HOSTILE)
    with ExtractionWorker(db) as worker:
        worker.enqueue(attachment)
        assert worker.wait(30)
        for thing in (db.search("paper"), worker, db):
            assert "<script" not in thing._repr_html_()
            cells(thing)


@pytest.mark.parametrize("running", [True, False])
def test_a_pool_shows_its_workers(db: ResearchDatabase, running: bool) -> None:
    worker = ExtractionWorker(db, num_workers=2)
    assert "stopped" in cells(worker)[0]
    assert "a second" not in cells(worker)[0], "nothing goes on"
    if running:
        with worker:
            shown = cells(worker)
        assert "running" in shown[0]
        assert "a second" in shown[0]
        assert shown[1:8] == ["worker", "status", "document", "page", "for", "completed", "failed"]
        assert len(shown) == 1 + 7 * 3


def test_a_notebook_names_no_folder_of_the_machine_it_was_run_on(
    db: ResearchDatabase, add_text: AddText, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExtractionWorker(db) as worker:
        worker.enqueue(add_text("a heron", name="notes.txt"))
        assert worker.wait(30)
    (folder.parent / "notebooks").mkdir()
    for here, shown in ((folder, "."), (folder.parent / "notebooks", "../papers")):
        monkeypatch.chdir(here)
        html = db.search("heron")._repr_html_()
        assert str(folder) not in html
        assert f"1 document found in {shown}<" in html
        assert f'href="{"" if shown == "." else "../papers/"}notes.txt"' in html
