"""What a document contains, or is called, reaches no page, terminal, log or figure as an order."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pandas
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reslib import (
    DocumentInfo,
    ExtractionError,
    ExtractionWorker,
    ResearchDatabase,
    frames,
    plots,
    register_extractor,
    unregister_extractor,
)
from reslib.commands.cli import main
from reslib.errors import printable

matplotlib.use("agg")
from matplotlib import pyplot

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&amp;"
STEERING = "\x1b[31m\x1b]0;title\x07\x1b]8;;http://x\x07\x9b2J\x08\r\u202e\u2066\x00"
SYNTAX = "{x} %s %(a)s $\\frac{1$ '; DROP TABLE attachments; -- `id` $(id) [red]r[/red] =cmd|' /C"
EVERYTHING = f"{MARKUP} {STEERING} {SYNTAX}"
#: What would make a terminal do something: C0 and C1 but tab and newline, and changes of direction.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: What rich itself writes for colours when a terminal asks; CliRunner is none, so none is written.


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResearchDatabase]:
    """Two documents full of orders: one is read, one fails with such a message."""
    folder = tmp_path_factory.mktemp("escaping")

    @register_extractor("hostile", suffixes=[".hostile"])
    def hostile(path: Path) -> Any:
        words = path.read_text(encoding="utf-8")
        yield DocumentInfo(title=words, metadata={words[:200]: words})
        if "fails" in path.name:
            print(words)  # noqa: T201
            raise ExtractionError(words)
        yield "findable " + words

    name = EVERYTHING.replace("/", "").replace("\x00", "")[:90]
    with ResearchDatabase(folder / "research.db") as db:
        ids = []
        for kind in ("reads", "fails"):
            path = folder / f"{kind} {name}.hostile"
            path.write_text(EVERYTHING + kind, encoding="utf-8")
            ids.append(db.add_attachment(path.name, path))
        with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
            worker.enqueue_batch(ids)
            assert worker.wait(60)
        yield db
    unregister_extractor("hostile")


def check_html(html: str) -> None:
    assert "<script" not in html
    assert "<img" not in html
    assert "onerror=alert(2)>" not in html
    check_terminal(html)


def check_terminal(text: str) -> None:
    found = STEERS.findall(text)
    assert not found, f"{found} in {text[:2000]!r}"


def test_both_documents_are_there_with_all_that_they_say(library: ResearchDatabase) -> None:
    texts = [row["text_status"] for row in library.store.rows("documents", {"ids": None})]
    assert texts == ["full", None]
    assert "DROP TABLE" in (library.get_attachment(1).extracted_text or "")


def test_representations_in_a_notebook_show_and_do_not_obey(library: ResearchDatabase) -> None:
    worker = ExtractionWorker(library)
    failed = worker.queue.get_failed_jobs()
    assert len(failed) == 1
    hits = library.search("findable")
    assert len(hits) == 1
    document = library.get_attachment(1)
    for shown in (
        library,
        worker,
        worker.queue,
        failed[0],
        hits,
        document,
        document.read("x OR r"),
    ):
        if hasattr(shown, "_repr_html_"):
            check_html(shown._repr_html_())
        check_terminal(repr(shown))


@pytest.mark.parametrize(
    "frame",
    [name for name in frames.__all__ if name not in ("search", "compare", "cluster")],
)
def test_tables_in_a_notebook_show_and_do_not_obey(library: ResearchDatabase, frame: str) -> None:
    table = getattr(frames, frame)(library)
    with pandas.option_context("display.max_colwidth", None):
        html = table._repr_html_()
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize("plot", plots.__all__)
def test_figures_are_drawn_whatever_things_are_called(library: ResearchDatabase, plot: str) -> None:
    axes = getattr(plots, plot)(library)
    axes.figure.savefig(io.BytesIO())
    pyplot.close("all")


COMMANDS = [
    ["status"],
    ["failed"],
    ["failed", "--verbose"],
    ["search", "findable"],
    ["search", "findable", "--json"],
    ["status", "--json"],
    ["failed", "--json"],
    ["search", EVERYTHING.replace("\x00", "")],
    ["retry", "--timeout", "5"],
    ["extract", EVERYTHING.replace("\x00", "")],
    ["doctor"],
    ["retry", "4711"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_commands_print_and_do_not_steer_the_terminal(
    library: ResearchDatabase, command: list[str]
) -> None:
    done = CliRunner().invoke(main, [*command, "--db", str(library.path)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    check_terminal(done.output)
    assert done.output.strip()


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_exports_hold_the_text_as_it_is_inside_their_own_quoting(
    library: ResearchDatabase, kind: str, tmp_path: Path
) -> None:
    import csv
    import json

    out = tmp_path / f"out.{kind}"
    words = ["export", "--format", kind, "-o", str(out), "--db", str(library.path)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    content = out.read_text(encoding="utf-8")
    if kind == "jsonl":
        rows = [json.loads(line) for line in content.splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(content)))
    assert len(rows) == 2
    assert any("DROP TABLE" in str(row) for row in rows)


def test_logs_hold_nothing_that_steers_a_terminal(
    library: ResearchDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG, logger="reslib"),
        ExtractionWorker(library, num_workers=1, max_retries=0) as worker,
    ):
        assert worker.retry_failed_jobs() == 1
        assert worker.wait(60)
        worker.enqueue(1)
        assert worker.wait(60)
    said = [record for record in caplog.records if "fails" in record.getMessage()]
    assert said
    for record in caplog.records:
        check_terminal(logging.Formatter("%(message)s").format(record).replace("\n", ""))


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_made_printable_steers_nothing_and_stays_on_its_line(text: str) -> None:
    shown = printable(text)
    check_terminal(shown)
    assert "\n" not in shown
    shown.encode()
