"""Running heads and page numbers, left out of the text of a PDF where a job asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from typesettables import compile_pages

from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib.commands.cli import main

HEAD = "Journal of Tides"
_PROSE = (
    "The seasonal measurement consistently influences the coastal observation across three "
    "winters, and the instrument characterises the uncertainty of the calibration. "
)
SOURCE = f"""
#set page(paper: "a5", margin: 1.8cm, header: [{HEAD} #h(1fr) Reed and Marsh], numbering: "1")
#set text(font: "New Computer Modern", size: 10pt)
= {HEAD}
{_PROSE * 3}

There were 12 gauges. 7

{_PROSE * 30}
"""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper of several pages, each with a running head and its number below."""
    return compile_pages(tmp_path, SOURCE)


def lines_of(db: ResearchDatabase, document: int) -> list[list[str]]:
    attachment = db.get_attachment(document)
    pages = range(1, (attachment.page_count or 0) + 1)
    return [attachment.page_text(page).splitlines() for page in pages]


def test_they_stay_unless_a_job_asks_and_the_rest_is_the_same(
    db: ResearchDatabase, worker: ExtractionWorker, paper: Path
) -> None:
    document = db.add_attachment("paper.pdf", paper)
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    whole = lines_of(db, document)
    assert len(whole) >= 3
    assert all(HEAD in " ".join(lines) and str(n) in lines for n, lines in enumerate(whole, 1))
    assert frames.warnings(db).empty
    worker.enqueue(document, options={"furniture": "keep"})
    assert worker.wait(timeout=60)
    assert lines_of(db, document) == whole
    worker.enqueue(document, options={"furniture": "drop"})
    assert worker.wait(timeout=60)
    text = lines_of(db, document)
    for number, (before, after) in enumerate(zip(whole, text, strict=True), 1):
        assert str(number) not in after
        assert "Reed and Marsh" not in " ".join(after)
        left_out = [line for line in before if line not in after]
        assert all(HEAD in line or "Reed" in line or line == str(number) for line in left_out)
    assert text[0][0] == HEAD, "the title of the same words stays"
    assert any("12 gauges. 7" in line for line in text[0])
    [warning] = frames.warnings(db)["message"]
    assert warning.endswith("left out as asked: running heads, running feet and numbers of pages")


def test_it_is_remembered_with_the_text_when_it_is_read_again(
    db: ResearchDatabase, worker: ExtractionWorker, paper: Path
) -> None:
    document = db.add_attachment("paper.pdf", paper)
    worker.start()
    worker.enqueue(document, options={"furniture": "drop"})
    assert worker.wait(timeout=60)
    text = lines_of(db, document)
    worker.extract_again([document])
    assert worker.wait(timeout=60)
    assert lines_of(db, document) == text


def test_the_command_line_leaves_them_out_and_says_so(tmp_path: Path, paper: Path) -> None:
    at = ["--db", str(tmp_path / "research.db")]
    done = CliRunner().invoke(main, [*at, "extract", "--drop-furniture", str(paper)])
    assert done.exit_code == 0, done.output
    assert "left out as asked" in " ".join(done.output.split())
    with ResearchDatabase(tmp_path / "research.db") as db:
        assert "Reed and Marsh" not in (db.get_attachment(1).extracted_text or "")


def test_another_word_for_it_is_a_failure_that_says_what_is_valid(
    db: ResearchDatabase, worker: ExtractionWorker, paper: Path
) -> None:
    document = db.add_attachment("paper.pdf", paper)
    worker.start()
    worker.enqueue(document, options={"furniture": "remove"})
    assert worker.wait(timeout=60)
    [job] = worker.queue.get_failed_jobs()
    assert "the option furniture is 'keep' or 'drop', not 'remove'" in (job.error_message or "")
