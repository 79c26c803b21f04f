"""The wire form of dataclasses: their fields as JSON values, and back, with every field checked.

What a child sends was made by code that may be hostile, so nothing of it is believed: each value
is of the type that its field is annotated with, or a :class:`ProtocolError` names the field. A new
field of a dataclass needs nothing here.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from reslib.extractors.assemble import clean

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["MAX_DEPTH", "ProtocolError", "from_wire", "to_wire"]

T = TypeVar("T", bound="DataclassInstance")
Check = Callable[[str, Any], Any]

#: Deepest nesting of a field that holds any JSON. Python's JSON takes some 900 levels and SQLite's
#: 1,000; how many depends on who calls, so that what could be read could still fail to be stored.
MAX_DEPTH = 100


class ProtocolError(Exception):
    """An error: something was read that the protocol does not allow."""


def to_wire(
    value: DataclassInstance, leave: Collection[str] = (), kind: type[Any] | None = None
) -> dict[str, Any]:
    """Return the fields of a dataclass as values that JSON has.

    What is no plain value but can be taken for one, such as the numbers and strings of other
    libraries, becomes plain.

    Parameters
    ----------
    value
        The dataclass.
    leave
        Fields that are left out.
    kind
        The dataclass whose fields are taken, when *value* may be of a class made from it.
    """
    # fields() would make a list of them each time.
    names = (kind or value).__dataclass_fields__
    return {name: _plain(getattr(value, name), name) for name in names if name not in leave}


def from_wire(kind: type[T], values: Mapping[str, Any], **known: Any) -> T:
    """Return a dataclass from what :func:`to_wire` gave, or somebody made up.

    Parameters
    ----------
    kind
        The dataclass.
    values
        Its fields; others are left alone, and a field that may be None may be missing.
    known
        Fields that are not taken from *values*, as they are.

    Raises
    ------
    ProtocolError
        A field is missing, of the wrong type, or out of its range.
    """
    checks = _checks(kind, frozenset(known))
    return kind(**{name: check(name, values.get(name)) for name, check in checks.items()}, **known)


_ENCODER = json.JSONEncoder(ensure_ascii=False)
#: Types of values that are JSON already.
_JSON = frozenset((str, int, float, bool, NoneType))
#: How far a confidence may lie outside of 0 to 1 for want of digits.
_ROUNDING = 1e-6


def _plain(value: Any, name: str = "") -> Any:
    if type(value) in _JSON and name != "confidence":
        return value
    if isinstance(value, tuple | list):
        return [each if type(each) in _JSON else _plain(each) for each in value]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return to_wire(value)
    if hasattr(value, "__index__") and name != "confidence":
        return operator.index(value)
    if hasattr(value, "__float__"):
        return _rounded(float(value)) if name == "confidence" else float(value)
    return value


def _rounded(share: float) -> float:
    """Return a share that a computation has left a little outside of 0 to 1 as 0 or 1."""
    nearest = min(max(share, 0.0), 1.0)
    return nearest if abs(share - nearest) < _ROUNDING else share


# --- checks -----------------------------------------------------------------------------------


@cache
def _checks(kind: type[Any], known: frozenset[str]) -> dict[str, Check]:
    hints = get_type_hints(kind)
    return {f.name: _check_of(hints[f.name], f.name) for f in fields(kind) if f.name not in known}


def _check_of(hint: Any, name: str) -> Check:
    """Return the function that checks a field of this annotation."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        [inner] = [each for each in arguments if each is not NoneType]
        return _optional(_check_of(inner, name))
    if origin is tuple:
        inner = arguments[0]
        return _plain_tuple(inner) if inner in (int, bool) else _tuple(_check_of(inner, name))
    if hint is float:
        return _share if name == "confidence" else _number
    if isinstance(hint, type) and is_dataclass(hint):
        return _nested(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _word_of(hint)
    return {str: _text, int: _whole, bool: _exactly(bool)}.get(hint, _any_object)


def _exactly(kind: type) -> Check:
    def check(name: str, value: Any) -> Any:
        if type(value) is not kind:
            raise _wrong(name, value)
        return value

    return check


def _text(name: str, value: Any) -> str:
    if type(value) is not str:
        raise _wrong(name, value)
    return clean(value)


def _whole(name: str, value: Any) -> int:
    if type(value) is not int:
        raise _wrong(name, value)
    if not -(2**63) <= value < 2**63:
        raise ProtocolError(f"{name} is too large to be stored")
    return value


def _number(name: str, value: Any) -> float:
    if type(value) not in (int, float):
        raise _wrong(name, value)
    try:
        return float(value)
    except OverflowError:
        raise ProtocolError(f"{name} is too large") from None


def _share(name: str, value: Any) -> float:
    number = _number(name, value)
    if not 0 <= number <= 1:
        raise ProtocolError(f"a {name} of {number}")
    return number


def _optional(check: Check) -> Check:
    return lambda name, value: None if value is None else check(name, value)


def _tuple(check: Check) -> Check:
    def every(name: str, value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _wrong(name, value)
        return tuple([check(name, each) for each in value])

    return every


def _plain_tuple(kind: type) -> Check:
    """Check a long list at once: a document has as many offsets as pages."""

    def every(name: str, value: Any) -> tuple[Any, ...]:
        if type(value) is not list or not {kind}.issuperset(map(type, value)):
            raise ProtocolError(f"{name} is no list of {kind.__name__}")
        return tuple(value)

    return every


def _nested(kind: type[Any]) -> Check:
    def check(name: str, value: Any) -> Any:
        if type(value) is not dict:
            raise _wrong(name, value)
        return from_wire(kind, value)

    return check


def _word_of(kind: type[StrEnum]) -> Check:
    def check(name: str, value: Any) -> StrEnum:
        if type(value) is not str:
            raise _wrong(name, value)
        try:
            return kind(value)
        except ValueError as error:
            raise ProtocolError(str(error)) from None

    return check


def _any_object(name: str, value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _wrong(name, value)
    if _is_too_deep(value):
        raise ProtocolError(f"{name} is nested deeper than {MAX_DEPTH} levels")
    if not value:
        return {}
    text = _ENCODER.encode(value)
    cleaned = clean(text)
    # Most is clean, and is as it was read: it need not be read a second time.
    found: dict[str, Any] = value if cleaned == text else json.loads(cleaned)
    return found


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        containers = [item for item in level if isinstance(item, dict | list)]
        level = [
            inner
            for item in containers
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return bool(level)


def _wrong(name: str, value: object) -> ProtocolError:
    return ProtocolError(f"{name} is {type(value).__name__}")
