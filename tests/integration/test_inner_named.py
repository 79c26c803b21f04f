"""How documents inside others are called: in the panel, notebooks, messages, frames, exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import command_in
from packedfiles import add_and_read, zipped

from reslib import ExtractionWorker, JobStatus, ResearchDatabase, frames, joblist
from reslib_widgets.rows import details_html, row_html

NAME = "2024/<b>bad&.pdf"
SHOWN = "box.zip/2024/&lt;b&gt;bad&amp;.pdf"


@pytest.fixture
def library(worker: ExtractionWorker, db: ResearchDatabase, folder: Path) -> ResearchDatabase:
    """A library in which a document inside an archive has failed."""
    members = {NAME: b"%PDF-1.7 no more", "notes.txt": b"A quokka."}
    (folder / "box.zip").write_bytes(zipped(members))
    add_and_read(worker, folder)
    return db


def test_a_row_of_the_panel_names_the_file_and_the_place_in_it(
    library: ResearchDatabase, folder: Path
) -> None:
    [job] = joblist.listed(library, joblist.first_jobs(library, JobStatus.FAILED, 9))
    row = row_html(job)
    assert f">{SHOWN}</bdi>" in row
    assert f">{folder}</bdi>" in row, "the folder of the file, not one inside of it"
    more = joblist.details(library, job.job_id)
    assert more is not None
    details = details_html(more)
    assert f"{folder}/box.zip, in it 2024/&lt;b&gt;bad&amp;.pdf" in details
    assert "//" not in details.replace("://", "")
    assert f"<div>{SHOWN}" not in details, "the message does not begin with the name beside it"


def test_a_message_begins_with_the_file_and_the_place_in_it(library: ResearchDatabase) -> None:
    [message] = [
        row["error_message"]
        for row in library.store.rows("documents", {"ids": None})
        if row["error_message"]
    ]
    assert message.startswith(f"box.zip/{NAME}: ")
    [said] = frames.failed_jobs(library)["error_message"]
    assert message.endswith(said)
    assert not said.startswith("box.zip")


def test_a_frame_shows_the_file_and_the_place_in_it_and_keeps_the_path(
    library: ResearchDatabase, folder: Path
) -> None:
    failed = frames.failed_jobs(library)
    assert SHOWN in str(failed._repr_html_())
    [path] = failed["path"]
    assert path == f"{folder}/box.zip//{NAME}"


def test_a_document_in_a_notebook_says_where_it_lies(
    library: ResearchDatabase, folder: Path
) -> None:
    [hit] = library.search("quokka")
    shown = library.get_attachment(hit.attachment_id).read()._repr_html_()
    assert f"{folder}/box.zip, in it notes.txt" in shown


def test_an_export_has_the_path_as_it_is_stored(library: ResearchDatabase, folder: Path) -> None:
    done = command_in(folder)("export", "--db", library.path)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["path"].removeprefix(f"{folder}/") for line in lines} == {
        "box.zip",
        "box.zip//notes.txt",
        f"box.zip//{NAME}",
    }
