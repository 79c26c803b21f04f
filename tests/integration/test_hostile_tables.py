"""Pages made to cost time and memory when their tables are looked for."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path

import pytest

from reslib.items import Table
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

#: Seconds in which each is done, on a machine that is busy with other things.
_SECONDS = 60
#: Megabytes that are enough for each.
_LIMIT_MB = 1024


def page_of(path: Path, content: bytes) -> Path:
    """Write a PDF of one page with some content."""
    packed = zlib.compress(content)
    stream = b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 2000 2000]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>" % rows
    path.write_bytes(out + head + b"startxref\n%d\n%%%%EOF" % len(out))
    return path


def words(rows: int, columns: int, wide: int, high: int) -> bytes:
    places = (
        b"1 0 0 1 %d %d Tm (%d.%d) Tj" % (10 + wide * c, 1990 - high * r, r, c)
        for r in range(rows)
        for c in range(columns)
    )
    return b"BT /F 5 Tf " + b" ".join(places) + b" ET"


@pytest.mark.parametrize(
    "content",
    [
        b"\n".join(
            b"%d %d m %d %d l S" % (i % 1900, 7 * i % 1900, i % 1900 + 90, 7 * i % 1900)
            for i in range(1_000_000)
        )
        + words(5, 5, 90, 12),
        words(245, 205, 9, 8),
        b" ".join(b"100 %d m 1900 %d l S" % (y, y) for y in range(0, 2000, 2))
        + words(245, 19, 90, 8),
        b" ".join(
            b"0 %d m 2000 %d l %d 0 m %d 2000 l S" % (8 * n, 8 * n, 8 * n, 8 * n)
            for n in range(250)
        )
        + words(245, 58, 33, 8),
        b" ".join(
            b"0 %d m 2000 %d l %d 0 m %d 2000 l S" % (2 * n, 2 * n, 2 * n, 2 * n)
            for n in range(1_000)
        )
        + words(245, 205, 9, 8),
    ],
    ids=[
        "a million lines",
        "50,000 words in a grid",
        "a thousand rules",
        "62,500 cells",
        "a million cells",
    ],
)
def test_a_page_that_is_made_to_cost_is_done_in_bounded_time(
    tmp_path: Path, content: bytes
) -> None:
    path = page_of(tmp_path / "page.pdf", content)
    with Sandbox(memory_limit_mb=_LIMIT_MB) as sandbox:
        begun = time.monotonic()
        outcome = sandbox.run(ExtractionRequest(os.fspath(path), timeout=_SECONDS, task="tables"))
    assert outcome.result is not None, outcome.failure
    assert time.monotonic() - begun < _SECONDS
    tables = [item for item in outcome.result.items if isinstance(item, Table)]
    assert sum(len(row) for table in tables for row in table.rows) <= 20_000


@pytest.mark.parametrize(
    "line",
    [b"https://doi.org/10.1016/j.tides.%d.", b"Citation: Reed 12 (%d) 3, key words 10.1016/"],
    ids=["DOIs", "citations"],
)
def test_a_first_page_that_is_made_to_cost_is_done_in_bounded_time(
    tmp_path: Path, line: bytes
) -> None:
    # Of those that overlap PDFium makes a few very long lines.
    shown = b" ".join(b"1 0 0 1 10 %d.%d Tm (%s) Tj" % (n, n % 7, line % n) for n in range(1500))
    path = page_of(tmp_path / "page.pdf", b"BT /F 5 Tf " + shown + b" ET")
    with Sandbox(memory_limit_mb=_LIMIT_MB) as sandbox:
        outcome = sandbox.run(ExtractionRequest(os.fspath(path), timeout=_SECONDS))
    assert outcome.result is not None, outcome.failure
