"""Items on the wire: each kind comes out as it went in, and nothing else comes out."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.items import (
    Child,
    Figure,
    Item,
    Metadata,
    Page,
    Reference,
    Section,
    Table,
    Warning,
)
from reslib.sandbox import itemwire
from reslib.sandbox.itemranges import leave_out, out_of_range
from reslib.sandbox.itemwire import Tally, pack, unpack
from reslib.sandbox.protocol import Kind, ProtocolError, dump, encode
from reslib.sandbox.received import Received

ITEMS: list[Item] = [
    Page("words", 0.5, "torn", number=3, label="iv", origin="tesseract 5.3", wants=("ocr",)),
    Table((("a", "b"), ("1", "")), 2, "Table 1", 1, (1.0, 2.0, 3.0, 4.5), 0.9, "merged"),
    Figure(1, "Figure 1", (0.0, 0.0, 1.0, 1.0), "image/png", b"\x89PNG\0\xff"),
    Metadata("doi", "10.1000/182", "first page", 1.0),
    Reference("[1] A. Author, 1911", "A title", "10.1000/182", 1911),
    Section("Methods", 2, 4),
    Child("data.csv", "text/csv", b"a,b\n1,2\n"),
    Warning("hidden_slide", "slide 3 is hidden", 3),
]
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
numbers = st.none() | st.integers(1, 3_000_000)
shares = st.none() | st.floats(0, 1)
items = st.one_of(
    st.builds(
        Page,
        text,
        shares,
        text,
        st.booleans(),
        st.integers(1, 10_000),
        text,
        text,
        st.lists(text).map(tuple),
    ),
    st.builds(Table, st.lists(st.lists(text).map(tuple)).map(tuple), numbers, text),
    st.builds(Figure, numbers, text, st.just(()), text, st.binary()),
    st.builds(Metadata, text, text, text, shares),
    st.builds(Reference, text, text, text, st.none() | st.integers(1, 9999)),
    st.builds(Section, text, st.integers(1, 9), numbers),
    st.builds(Child, text, text, st.binary()),
    st.builds(Warning, text, text, numbers),
)


def sent(item: Item) -> tuple[dict[str, Any], bytes]:
    header, body = pack(item)
    return json.loads(dump(header)), body


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_an_item_of_each_kind_comes_out_as_it_went_in(item: Item) -> None:
    assert unpack(*sent(item)) == item


@given(items)
def test_any_item_comes_out_as_it_went_in(item: Item) -> None:
    assert unpack(*sent(item)) == item


def test_every_kind_of_item_has_a_wire_form_and_is_looked_at_here() -> None:
    kinds = set(Item.__args__)
    assert {type(item) for item in ITEMS} == kinds == set(itemwire._NAMES)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
@pytest.mark.parametrize("value", [None, 3.5, [], {}, "words", True, 10**30, -(2**63) - 1])
def test_a_field_of_another_type_is_refused_or_fits(item: Item, value: object) -> None:
    header, body = sent(item)
    for name in header:
        try:
            found = unpack({**header, name: value}, body)
        except ProtocolError:
            continue
        if name == "item":
            pytest.fail(f"there is no item {value!r}")
        assert type(getattr(found, name)) in (type(value), float, tuple)
        assert not isinstance(value, int) or abs(value) < 2**63, "a database keeps no such number"


#: Numbers that no document means, and some that one does.
odd = st.one_of(
    st.integers(),
    st.sampled_from([0, -1, -5, 2**63, 10**30, -(10**5000), 1, 2, 1911]),
)
edges = st.lists(st.floats() | odd, max_size=6).map(tuple)
odd_items = st.one_of(
    st.builds(Table, st.just((("a",), ("b",))), st.none() | odd, text, odd, edges),
    st.builds(Figure, st.none() | odd, text, edges),
    st.builds(Metadata, text, text, text, shares, st.none() | odd),
    st.builds(Reference, text, year=st.none() | odd),
    st.builds(Section, text, odd, st.none() | odd),
    st.builds(Child, text, size=odd),
    st.builds(Warning, text, text, st.none() | odd),
)


@given(odd_items)
def test_a_number_out_of_its_range_is_left_out_by_the_child_and_refused_by_the_parent(
    item: Item,
) -> None:
    header, body = pack(item)
    left_out = dict(leave_out(dict(header)))
    assert set(out_of_range(header)) == set(left_out)
    if left_out:
        with pytest.raises(ProtocolError):
            unpack(header, body)
    for name, words in leave_out(header):
        assert words.startswith(f"the {name} of a ")
        assert len(words) < 200
    got: Any = unpack(json.loads(dump(header)), body)
    for name in left_out:
        default = {"level": 1, "header_rows": 0, "size": 0, "box": ()}.get(name)
        assert getattr(got, name) == default
    assert getattr(got, "page", None) is None or 1 <= got.page <= 3_000_000
    assert getattr(got, "year", None) is None or 1 <= got.year <= 9999
    assert getattr(got, "level", 1) >= 1
    assert getattr(got, "size", 0) >= 0
    assert 0 <= getattr(got, "header_rows", 0) <= 2
    box = getattr(got, "box", ())
    assert len(box) in (0, 4)
    assert all(math.isfinite(edge) for edge in box)


@pytest.mark.parametrize(
    "item",
    [
        Warning("code", "words", -5),
        Section("Methods", 0),
        Reference("A. Author", year=20199),
        Table((("a",),), header_rows=2),
        Figure(box=(0.0, 0.0, float("inf"), 1.0)),
        Figure(box=(0.0, 1.0)),
        Child("data.csv", size=-1),
    ],
    ids=lambda item: type(item).__name__,
)
def test_a_number_that_nobody_can_mean_is_refused(item: Item) -> None:
    with pytest.raises(ProtocolError, match="is out of its range"):
        unpack(*pack(item))


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({}, b""),
        ({"item": "spell"}, b""),
        ({"item": ["page"]}, b""),
        ({"item": "page", "number": 0}, b"a"),
        ({"item": "page", "number": 3_000_001}, b"a"),
        ({"item": "page", "number": None}, b"a"),
        ({"item": "page", "number": 1}, b"\xff\xff"),
    ],
)
def test_what_is_no_item_is_refused(header: dict[str, Any], body: bytes) -> None:
    if header.get("item") == "page":
        header = {**sent(Page("a", number=1))[0], **header}
    with pytest.raises(ProtocolError):
        unpack(header, body)


def test_a_page_that_is_given_again_counts_once() -> None:
    tally = Tally()
    for _ in range(4):
        page = Page("a" * 40_000_000, number=1)
        assert tally.add(page, *pack(page)) is None


def test_there_is_a_limit_for_each_kind_and_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally()
    excess = [
        tally.add(item, *pack(item)) for item in (Metadata("key", str(n)) for n in range(10_001))
    ]
    assert excess[:-1] == [None] * 10_000
    assert excess[-1] == "10,000 items of the kind metadata"
    tally = Tally()
    child = Child("large.bin", data=bytes(40 << 20))
    assert tally.add(child, *pack(child)) is None
    assert tally.add(child, *pack(child)) == "64 MB of tables, figures and the like"
    tally = Tally()
    pages = [Page("a" * 60_000_000, number=n) for n in (1, 2)]
    assert [tally.add(page, *pack(page)) for page in pages] == [None, "100 MB of text"]


def stream(*items: Item, attempt: object = 7) -> bytes:
    packed = [sent(item) for item in items]
    return b"".join(
        encode(Kind.ITEM, {**header, "attempt": attempt}, body) + body for header, body in packed
    )


def received(data: bytes, size: int = 1000) -> Received:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return Received(7, lambda: pieces.pop(0) if pieces else b"")


def test_pages_come_in_any_order_and_again() -> None:
    given = stream(
        Page("third", number=3),
        Page("frist", number=1),
        Metadata("year", "1911"),
        Page("first", number=1),
    )
    cut = received(given).cut_off("killed at the deadline", 9, "own", "1")
    assert cut is not None
    assert cut.text == "first\f\fthird"
    assert cut.page_offsets == (0, 6, 7)
    assert cut.confidence_reason == "2 of 9 pages, then killed at the deadline"
    assert cut.items == (Metadata("year", "1911"),)


@given(st.lists(items, max_size=5), st.integers(0, 2000), st.integers(1, 50))
def test_a_stream_that_ends_anywhere_gives_what_is_whole(
    found: list[Item], end: int, size: int
) -> None:
    whole = stream(*found)
    got = received(whole[:end], size)
    assert got.is_torn == (0 < end < len(whole) and end not in _ends(found))


def _ends(found: list[Item]) -> set[int]:
    return {len(stream(*found[:n])) for n in range(len(found) + 1)}


def test_nobody_takes_a_torn_stream_for_a_whole_one() -> None:
    with pytest.raises(ProtocolError, match="half an item"):
        received(stream(Page("words", number=1))[:-1]).result({})


@pytest.mark.parametrize("attempt", [6, None, "7", True])
def test_an_item_of_another_document_is_refused(attempt: object) -> None:
    with pytest.raises(ProtocolError, match="another document"):
        received(stream(Page("words", number=1), attempt=attempt))


@given(st.binary(max_size=200))
def test_whatever_a_child_writes_is_refused_or_waited_for(data: bytes) -> None:
    try:
        assert received(data).is_torn == bool(data)
    except ProtocolError:
        pass


def test_the_parent_holds_what_a_child_gives_against_the_limits_itself() -> None:
    child = Child("large.bin", data=bytes(40 << 20))
    with pytest.raises(ProtocolError, match="more than 64 MB"):
        received(stream(child, child), size=1 << 22)
    again = stream(Page("a" * 60_000_000, number=1))
    pieces = [again] * 9
    with pytest.raises(ProtocolError, match="given again included"):
        Received(7, lambda: pieces.pop() if pieces else b"")


def test_a_number_that_passes_over_thousands_of_pages_is_refused() -> None:
    assert received(stream(Page("a", number=10_001))).is_torn is False
    with pytest.raises(ProtocolError, match="page numbers without a page"):
        received(stream(Page("a", number=10_002)))


def test_what_is_said_of_a_page_counts_as_its_text_does() -> None:
    tally = Tally()
    for page in (Page("", number=1, label="a" * 60_000_000), Page("", number=2, wants=("o",) * 9)):
        assert tally.add(page, *pack(page)) is None
    page = Page("", number=3, wants=("ocr" * 10_000,) * 2_000)
    assert tally.add(page, *pack(page)) == "100 MB of text"


class Float:
    """A number of another library."""

    def __float__(self) -> float:
        return 0.5


class Words(str):
    """A string of another library."""


class Numbered(Page):
    """A page that somebody made a class of their own of."""


def test_what_can_be_taken_for_a_plain_value_is() -> None:
    assert unpack(*sent(Page("a", Float(), number=1))).confidence == 0.5  # type: ignore
    assert unpack(*sent(Page("a", 1.0000000002, number=1))) == Page("a", 1.0, number=1)
    assert unpack(*sent(Page("a", True, number=1))) == Page("a", 1.0, number=1)
    assert unpack(*sent(Metadata("title", Words("words")))) == Metadata("title", "words")
    assert unpack(*sent(Numbered("a", number=1))) == Page("a", number=1)
    rows = [["a", Words("b")], ("c",), []]
    table = Table(rows, box=[1, Float(), 2, 3])  # type: ignore[arg-type]
    assert unpack(*sent(table)) == Table((("a", "b"), ("c",), ()), box=(1.0, 0.5, 2.0, 3.0))


def test_a_confidence_that_is_none_is_refused() -> None:
    for share in (1.1, -0.1, float("nan")):
        with pytest.raises((ProtocolError, ValueError)):
            unpack(*sent(Page("a", share, number=1)))


def test_items_are_read_on_where_the_last_look_ended_also_in_the_middle_of_one() -> None:
    whole = stream(*(Page(f"page {n}", number=n) for n in (1, 2, 3)))
    found = Received(7, iter([whole[:70], b""]).__next__)
    assert (found.size, found.is_torn) == (70, True)
    found.read_on(iter([whole[70:], b""]).__next__)
    assert (found.size, found.is_torn) == (len(whole), False)
    cut = found.cut_off("killed", 3, "x", "1")
    assert cut is not None
    assert [page.text for page in cut.pages] == ["page 1", "page 2", "page 3"]
