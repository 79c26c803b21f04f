"""What travels between a coordinator and a worker comes as it went; it is checked when it comes."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from reslib import ErrorCode
from reslib.engines.cluster import wire
from reslib.engines.cluster.exchange import _Order
from reslib.engines.cluster.registered import Followed, packed
from reslib.extractors.base import Extractor
from reslib.items import Page, Table
from reslib.models import (
    Acceptance,
    ExtractionRequest,
    ExtractionResult,
    Failure,
    Outcome,
    TextStatus,
)
from reslib.sandbox.codec import ProtocolError

REQUEST = ExtractionRequest(
    path="/papers/\udce4.pdf",
    mime_type="application/pdf",
    timeout=12.5,
    extractors=("pdf", "pdfplumber"),
    only="pdf",
    accepted=Acceptance("pdf", "application/pdf", None),
    task="tables",
    options={"pages": [1, 2], "deep": {"a": None}},
    passwords=("geheim", "\udcff"),
)
RESULT = ExtractionResult(
    text="one\fzwei ü",
    page_offsets=(0, 4),
    text_status=TextStatus.PARTIAL,
    confidence=0.5,
    confidence_reason="a scan",
    extractor="pdf",
    extractor_version="1",
    recipe=3,
    mime_type="application/pdf",
    title="A title",
    metadata={"encoding": "utf-8"},
    pages=(Page("one", number=1), Page("zwei ü", number=2)),
    items=(Table(rows=(("a", "b"), ("c", "d")), page=1),),
)


def there_and_back(outcome: Outcome) -> Outcome:
    return wire.outcome_of(*wire.said(wire.reply_with(outcome, "")))


def test_a_request_comes_as_it_went_but_for_its_place() -> None:
    there = wire.read_request(wire.request_bytes(REQUEST), "/scratch/\udce4.pdf")
    assert there.path == "/scratch/\udce4.pdf"
    for name in ExtractionRequest.__slots__:
        if name != "path":
            assert getattr(there, name) == getattr(REQUEST, name), name


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(),
        Outcome(RESULT, None, 12.5, 3.0, 40.0),
        Outcome(failure=Failure("a.pdf: no", ErrorCode.MALFORMED, page=3, recipe=2)),
        Outcome(failure=Failure("a.pdf: no", ErrorCode.TIMEOUT), partial=RESULT),
        Outcome(partial=RESULT),
        Outcome(unavailable="no process could be started"),
    ],
)
def test_an_outcome_comes_as_it_went(outcome: Outcome) -> None:
    assert there_and_back(outcome) == outcome


@pytest.mark.parametrize(
    "answer",
    [
        None,
        (b"{}",),
        ("{}", b""),
        (b"[]", b""),
        (b"no json", b""),
        (b"[" * 100_000, b""),
    ],
)
def test_what_is_no_reply_is_refused(answer: Any) -> None:
    with pytest.raises(ProtocolError):
        wire.said(answer)


@pytest.mark.parametrize(
    "change",
    [
        {"result": []},
        {"result": {"extractor": 3}},
        {"failure": {"message": "no", "error_code": "nonsense"}},
        {"failure": {"message": "no", "error_code": "crashed", "page": "three"}},
        {"extraction_time_ms": -1},
        {"cpu_time_ms": "much"},
    ],
)
def test_what_is_wrong_in_a_reply_is_refused(change: dict[str, Any]) -> None:
    header, body = wire.said(wire.reply_with(Outcome(RESULT), ""))
    with pytest.raises(ProtocolError):
        wire.outcome_of({**header, **change}, body)


def test_half_of_a_page_is_refused() -> None:
    header, body = wire.said(wire.reply_with(Outcome(RESULT), ""))
    with pytest.raises(ProtocolError):
        wire.outcome_of(header, body[:-3])


def test_neither_a_password_nor_a_document_is_shown() -> None:
    sent = wire.Sent(wire.request_bytes(REQUEST), "/a.pdf", None, b"geheim")
    work = wire.Work("key", "engine", "", 100, (0, None), (sent,))
    assert "geheim" not in repr(work) + str(work) + repr(sent) + repr(_Order(work))
    assert "geheim" not in repr(REQUEST)


def test_an_order_needs_nothing_of_reslib_before_it_is_read() -> None:
    order = pickle.dumps(_Order(wire.Work("key", "engine", "", 100, (0, None), ())))
    assert b"reslib.engines.cluster.remote" in order, "by name, in bytes that only a worker opens"


def test_registered_extractors_are_followed_and_stay_closed() -> None:
    def read(path: object) -> str:
        raise AssertionError("it is not to be loaded here")

    data = packed([Extractor(name="odd", function=read, suffixes=(".odd",), version="2")])
    registry = Followed()
    assert not registry.follow(1, None)
    assert registry.follow(1, data)
    assert registry.follow(1, None)
    assert registry.registered()["odd"].version == "2"
    assert registry.follow(2, packed([]))
    assert registry.registered() == {}


def test_the_header_of_a_reply_is_plain_json() -> None:
    header, _ = wire.reply(wire.NEED_BYTES, "another file is at that place")
    assert json.loads(header) == {
        "kind": "need_bytes",
        "why": "another file is at that place",
        "at": "",
    }


def test_pages_that_come_before_their_document_come_as_they_went() -> None:
    sent = wire.pages_bytes(RESULT.pages)
    assert wire.pages_of(sent) == list(RESULT.pages)
    for nonsense in ("pages", b"pages", b"\xff" * 40, None):
        with pytest.raises(ProtocolError):
            wire.pages_of(nonsense)
