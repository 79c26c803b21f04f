"""Messages, and the checks on what comes back from a child."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.items import Metadata, Page
from reslib.models import ExtractionResult, TextStatus
from reslib.sandbox.protocol import (
    ITEM_LIMITS,
    MAX_TEXT_BYTES,
    REPLY_LIMITS,
    Kind,
    Message,
    MessageReader,
    ProtocolError,
    dump,
    encode,
    optional_number,
    read_failure,
    read_result,
    result_header,
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


LIMITS = {**REPLY_LIMITS, **ITEM_LIMITS}


def read_all(data: bytes) -> list[Message]:
    return list(MessageReader(LIMITS).feed(data))


@given(
    st.lists(st.tuples(st.dictionaries(st.text(), json_values), st.binary()), max_size=4),
    st.integers(1, 64),
)
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(
    messages: list[tuple[dict[str, Any], bytes]], size: int
) -> None:
    stream = b"".join(encode(Kind.ITEM, header, body) + body for header, body in messages)
    reader = MessageReader(LIMITS)
    received = [
        message
        for start in range(0, len(stream), size)
        for message in reader.feed(stream[start : start + size])
    ]
    assert [(message.header, message.body) for message in received] == messages
    assert not reader.pending


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_waited_for_but_never_believed(data: bytes) -> None:
    try:
        assert read_all(data) == []
    except ProtocolError:
        pass


@given(st.binary(max_size=60), st.binary(max_size=20))
def test_a_well_framed_header_that_is_no_json_object_is_refused(raw: bytes, body: bytes) -> None:
    prefix = encode(Kind.ITEM, {}, body)[:-2]
    stream = prefix[:5] + len(raw).to_bytes(4, "big") + prefix[9:] + raw + body
    try:
        messages = read_all(stream)
    except ProtocolError:
        return
    assert isinstance(json.loads(raw), dict)
    assert len(messages) == 1


@pytest.mark.parametrize("kind", [Kind.RUN, Kind.EXTRACTORS, 0, 99])
def test_a_kind_that_a_child_may_not_send_is_refused(kind: int) -> None:
    message = bytearray(encode(Kind.READY, {}))
    message[4] = kind
    with pytest.raises(ProtocolError):
        read_all(bytes(message))


def test_a_text_over_the_limit_is_refused_before_it_is_read() -> None:
    message = encode(Kind.ITEM, {}, b"")
    announced = message[:9] + (MAX_TEXT_BYTES + 1).to_bytes(8, "big")
    with pytest.raises(ProtocolError, match="too large"):
        read_all(announced)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[]",
        b"null",
        b"\xff\xfe",
    ],
)
def test_json_that_would_harm_the_parser_is_refused(raw: bytes) -> None:
    prefix = encode(Kind.DONE, {})[:-2]
    with pytest.raises(ProtocolError):
        read_all(prefix[:5] + len(raw).to_bytes(4, "big") + prefix[9:] + raw)


def test_a_path_that_is_not_utf8_survives() -> None:
    name = b"caf\xe9.pdf".decode("utf-8", "surrogateescape")
    assert json.loads(dump({"path": name})) == {"path": name}


RESULT = ExtractionResult(
    text="one\ftwo \N{GREEK SMALL LETTER PI}",
    page_offsets=(0, 4),
    text_status=TextStatus.PARTIAL,
    confidence=0.5,
    confidence_reason="half of it",
    extractor="pdf",
    extractor_version="1",
    recipe=2,
    mime_type="application/pdf",
    title="A title",
    metadata={"encoding": "utf-8"},
)


PAGES = (Page("one", number=1), Page("two \N{GREEK SMALL LETTER PI}", number=2))
ITEMS = (Metadata("year", "1911"),)


def header(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(dump(result_header(RESULT)))
    return plain | changes


def test_a_result_comes_out_as_it_went_in() -> None:
    assert read_result(header(), PAGES, ITEMS) == replace(RESULT, pages=PAGES, items=ITEMS)


def test_a_document_without_pages_has_an_empty_text() -> None:
    result = read_result(header(), (), ())
    assert (result.text, result.page_offsets) == ("", (0,))


@pytest.mark.parametrize(
    "changes",
    [
        {"text_status": "splendid"},
        {"confidence": 1.5},
        {"confidence": -1},
        {"confidence": True},
        {"confidence_reason": None},
        {"extractor": 3},
        {"title": []},
        {"metadata": []},
    ],
)
def test_a_result_with_a_field_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read_result(header(**changes), PAGES, ITEMS)


def test_what_a_child_says_of_text_and_pages_beside_its_items_is_not_listened_to() -> None:
    result = read_result(header(text="other", page_offsets=[9], pages=[], items=[1]), PAGES, ())
    assert (result.text, result.pages) == (RESULT.text, PAGES)


def test_what_a_database_cannot_store_is_replaced() -> None:
    assert read_result(header(title="a\ud800\0"), PAGES, ()).title == "a\ufffd\ufffd"


@pytest.mark.parametrize(
    "header", [{}, {"code": "nonsense", "message": ""}, {"code": "timeout", "message": 3}]
)
def test_a_failure_with_a_field_that_cannot_be_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read_failure(header)


@pytest.mark.parametrize("value", ["3", -1, True, [], 10**400])
def test_a_number_that_cannot_be_is_refused(value: object) -> None:
    with pytest.raises(ProtocolError):
        optional_number({"cpu_ms": value}, "cpu_ms")
