"""The tables of failures and of what was left out: reasons whole, whatever is selected."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reslib import QueueManager, ResearchDatabase, frames
from reslib.errors import ADVICE, ErrorCode
from reslib.frames.reasonframe import ReasonFrame

REASON = "the file ends in the middle of its table of contents. " + "Long words. " * 30
HOSTILE = "<img src=x onerror=alert(1)> \u202egpj.exe"
Select = Callable[[pd.DataFrame], pd.DataFrame]


def fail(db: ResearchDatabase, folder: Path, name: str, reason: str = REASON) -> None:
    path = folder / name
    path.write_text(name)
    queue = QueueManager(db)
    queue.enqueue(db.add_attachment(name, path))
    job = queue.claim("somebody")
    assert job is not None
    queue.failed(job.id, f"{name}: {reason}", "corruption")


@pytest.fixture
def failed(db: ResearchDatabase, folder: Path) -> pd.DataFrame:
    fail(db, folder, "scan.pdf")
    fail(db, folder, "report.pdf")
    return frames.failed_jobs(db)


def test_the_whole_table_shows_reason_and_advice_and_names_the_other_columns(
    failed: pd.DataFrame,
) -> None:
    html = failed._repr_html_()
    assert html.count(REASON.strip()) == 2, "whole, and the name is not before it"
    assert html.count(ADVICE[ErrorCode.MALFORMED]) == 2
    assert html.count("report.pdf") == 1
    assert "2 rows; more columns: error_type, retry_may_help, attempts, failed_at, page" in html
    assert "traceback" in html.partition("</caption>")[0]
    assert "traceback" not in html.partition("</caption>")[2]
    assert html.partition("<tbody>")[2].count("<tr>") == 2


@pytest.mark.parametrize(
    "cell",
    [np.arange(3), pd.array([1, None], dtype="Int64"), pd.Series([1, 2]), pd.DataFrame({"a": [1]})],
    ids=lambda cell: type(cell).__name__,
)
def test_a_cell_that_holds_many_values_is_shown(failed: pd.DataFrame, cell: object) -> None:
    odd = failed[["filename"]].copy()
    odd["many"] = pd.Series([cell, cell], index=odd.index, dtype=object)
    assert "report.pdf" in odd._repr_html_()


def test_names_gathered_by_their_cause_are_shown(failed: pd.DataFrame) -> None:
    gathered = failed.groupby("error_code", observed=True)[["filename"]].agg(lambda s: s.unique())
    assert "scan.pdf" in gathered._repr_html_()


def test_what_is_no_table_of_failures_any_more_is_shown_as_pandas_does(
    failed: pd.DataFrame,
) -> None:
    assert 'class="dataframe"' in pd.concat([failed] * 20).T._repr_html_()


@pytest.mark.parametrize(
    "select",
    [
        lambda it: it[["filename", "error_message"]],
        lambda it: it.query("attempts == 1"),
        lambda it: it[it["retry_may_help"] == False],  # noqa: E712 - how people write it
        lambda it: it.sort_values("filename"),
        lambda it: it.set_index("filename"),
        lambda it: it.reset_index(),
        lambda it: it.head(2).copy(),
        lambda it: it.iloc[::-1],
        lambda it: it.loc[:, "error_message":],
        lambda it: it.assign(mine=1)[["mine", "error_message"]],
        lambda it: it.rename(columns={"error_message": "why"})[["why"]],
        lambda it: pd.concat([it, it]),
        lambda it: it.merge(pd.DataFrame({"filename": ["scan.pdf"], "year": [1974]})),
        lambda it: pickle.loads(pickle.dumps(it)),
    ],
)
def test_what_is_made_of_it_shows_its_reasons_whole_too(
    failed: pd.DataFrame, select: Select
) -> None:
    made = select(failed)
    assert isinstance(made, ReasonFrame)
    assert REASON.strip() in str(made._repr_html_())


def test_columns_that_were_chosen_are_all_shown(failed: pd.DataFrame) -> None:
    names = ["filename", "page", "extractor", "signal", "exception_type", "traceback", "path"]
    assert "more columns" not in failed[names]._repr_html_()
    assert failed[["filename", "retry_may_help"]]._repr_html_().count(">no</td>") == 2
    assert failed[names]._repr_html_().count("/scan.pdf</div>") == 1


def test_it_is_a_frame_like_any_other(failed: pd.DataFrame) -> None:
    assert isinstance(failed, pd.DataFrame)
    assert type(failed["filename"]) is pd.Series
    assert failed.groupby("error_code", observed=True).size().to_dict() == {"malformed": 2}
    plain = pd.DataFrame(failed)
    assert type(plain) is pd.DataFrame
    pd.testing.assert_frame_equal(plain, failed, check_frame_type=False)
    assert pd.read_csv(io.StringIO(failed.to_csv()))["filename"].tolist() == [
        "report.pdf",
        "scan.pdf",
    ]


@pytest.mark.parametrize(
    "select",
    [
        lambda it: it.iloc[:0],
        lambda it: it[[]],
        lambda it: it.set_index(["filename", "error_code"]),
        lambda it: it.T,
        lambda it: it.assign(odd=[[1, 2], {"a": None}])[["odd"]],
        lambda it: pd.concat([it["filename"], it["filename"]], axis=1).pipe(ReasonFrame),
        lambda it: it.describe().pipe(ReasonFrame),
    ],
)
def test_every_shape_of_it_can_be_shown(failed: pd.DataFrame, select: Select) -> None:
    assert select(failed)._repr_html_().startswith("<table")


def test_columns_of_one_name_are_shown_each_with_its_own_values(failed: pd.DataFrame) -> None:
    both = pd.concat([failed["filename"], failed["error_code"]], axis=1)
    both.columns = ["x", "x"]
    html = ReasonFrame(both)._repr_html_()
    assert html is not None
    assert html.count("malformed") == 2
    assert html.count("scan.pdf") == 1


def test_who_wants_frames_as_text_gets_text(failed: pd.DataFrame) -> None:
    with pd.option_context("display.notebook_repr_html", False):
        assert failed._repr_html_() is None
    assert "scan.pdf" in repr(failed)


def test_a_name_or_reason_full_of_orders_is_text(db: ResearchDatabase, folder: Path) -> None:
    fail(db, folder, HOSTILE.replace("/", ""), HOSTILE)
    html = frames.failed_jobs(db)._repr_html_()
    assert "<img" not in html
    assert "\u202e" not in html


def test_a_long_table_shows_its_beginning_and_its_length(
    db: ResearchDatabase, folder: Path
) -> None:
    for number in range(60):
        fail(db, folder, f"{number}.pdf")
    html = frames.failed_jobs(db)._repr_html_()
    assert html.partition("<tbody>")[2].count("<tr>") == 50
    assert "60 rows, the first 50 of them" in html


def test_what_was_left_out_shows_its_reasons_whole(db: ResearchDatabase, folder: Path) -> None:
    for name in ("plan.odg", "a <b>drawing.dwg", "x" * 200 + ".odg"):
        (folder / name).write_bytes(b"PK\3\4 no such document")
    (folder / "letter.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    db.add_folder(folder)
    skipped = frames.skipped(db)
    assert len(skipped) == 4
    assert max(map(len, skipped["reason"])) > 50, "pandas would cut it"
    for shown in (skipped, skipped.sort_values("reason"), skipped[["reason"]]):
        html = shown._repr_html_()
        for path, reason in skipped["reason"].items():
            assert escape(reason) in html
            assert escape(str(path)) in html
        assert "<b>drawing" not in html
    assert list(skipped.columns) == ["kind", "mime_type", "reason", "seen_at"]
    assert "0 rows" in frames.skipped(db, limit=0)._repr_html_()
