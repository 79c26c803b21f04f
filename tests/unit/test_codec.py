"""Dataclasses as JSON and back: each field is what its annotation says, or it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.sandbox.codec import MAX_DEPTH, ProtocolError, from_wire, to_wire


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Place:
    page: int
    box: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    colour: Colour
    count: int = 0
    confidence: float | None = None
    is_new: bool = False
    words: tuple[str, ...] = ()
    place: Place | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
numbers = st.integers(-(2**63), 2**63 - 1)
places = st.builds(Place, numbers, st.tuples(st.floats(allow_nan=False, allow_infinity=False)))
things = st.builds(
    Thing,
    plain,
    st.sampled_from(Colour),
    numbers,
    st.none() | st.floats(0, 1),
    st.booleans(),
    st.lists(plain).map(tuple),
    st.none() | places,
    st.dictionaries(plain, plain | st.none() | numbers),
)


@given(things)
def test_a_dataclass_comes_out_as_it_went_in(thing: Thing) -> None:
    assert from_wire(Thing, json.loads(json.dumps(to_wire(thing)))) == thing


WIRE = to_wire(Thing("a", Colour.RED, place=Place(1, (0.5,))))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": 3},
        {"colour": "green"},
        {"colour": None},
        {"count": 1.0},
        {"count": True},
        {"count": 2**63},
        {"confidence": 1.01},
        {"confidence": "1"},
        {"confidence": 10**400},
        {"is_new": 1},
        {"words": "ab"},
        {"words": ["a", 1]},
        {"place": []},
        {"place": {"page": "1", "box": []}},
        {"place": {"box": []}},
        {"more": []},
        {"more": None},
    ],
)
def test_a_field_that_is_not_what_it_is_annotated_with_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=f"{next(iter(changes))}|Colour|page"):
        from_wire(Thing, WIRE | changes)


def test_a_field_that_is_missing_is_none_or_refused() -> None:
    without = {name: value for name, value in WIRE.items() if name != "place"}
    assert from_wire(Thing, without).place is None
    with pytest.raises(ProtocolError, match="name is NoneType"):
        from_wire(Thing, {})


def test_what_is_known_is_not_taken_from_the_wire() -> None:
    assert "name" not in to_wire(Thing("a", Colour.RED), leave=("name",))
    assert from_wire(Thing, WIRE | {"name": 3}, name="known").name == "known"


def test_what_nobody_asked_for_is_left_alone() -> None:
    assert from_wire(Place, {"page": 1, "box": [], "other": object()}) == Place(1)


def test_nesting_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(MAX_DEPTH):
        deep = {"a": deep}
    with pytest.raises(ProtocolError, match="more is nested deeper"):
        from_wire(Thing, WIRE | {"more": deep})


def test_what_a_database_cannot_store_is_replaced() -> None:
    got = from_wire(Thing, WIRE | {"name": "a\ud800\0", "words": ["\0"], "more": {"a": "\ud800"}})
    assert (got.name, got.words, got.more) == ("a\ufffd\ufffd", ("\ufffd",), {"a": "\ufffd"})
