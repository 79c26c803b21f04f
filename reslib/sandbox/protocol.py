"""The messages between parent and child, and the checks on what comes back.

A message is a fixed prefix, a JSON header and raw bytes::

    magic (4) | kind (1) | header length (4) | body length (8) | header | body

Functions travel by pickle towards the child only. What comes back was made by code that may
be hostile, so the parent never unpickles: it checks sizes before it reads, and every field
before it believes.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NoReturn

from reslib.errors import ErrorCode
from reslib.extractors.assemble import clean, join
from reslib.items import Item, Page
from reslib.models import ExtractionResult
from reslib.sandbox.codec import ProtocolError, from_wire, to_wire
from reslib.sandbox.memory import MB

__all__ = [
    "MARKER",
    "MARKER_ID",
    "MAX_METADATA",
    "MAX_TEXT_BYTES",
    "Kind",
    "Message",
    "MessageReader",
    "ProtocolError",
    "dump",
    "encode",
    "read_failure",
    "read_result",
    "result_header",
]

#: In the environment of every child: the process id of its parent.
MARKER = "RESLIB_SANDBOX"
#: And which child of it this is; both are inherited by the programs that extractors start.
MARKER_ID = "RESLIB_SANDBOX_ID"
#: Longest text of one document, in bytes of UTF-8.
MAX_TEXT_BYTES = 100_000_000
#: Longest metadata of one document, in bytes of JSON.
MAX_METADATA = 16 << 20

_MAGIC = b"RSB1"
_PREFIX = struct.Struct("!4sBIQ")


class Kind(IntEnum):
    """The kind of a message."""

    #: Parent: these functions are registered now.
    EXTRACTORS = 1
    #: Parent: run this attempt.
    RUN = 2
    #: Child: started, waiting.
    READY = 3
    #: Child: the type is known, this extractor is about to run.
    STARTED = 4
    #: Child: that is all; here is what is known of the document as a whole.
    DONE = 5
    #: Child: here is why there is none.
    FAILED = 6
    #: Child: this extractor is to read it, and needs another confinement than mine.
    WRONG_CONFINEMENT = 7
    #: Child: a page, a table or the like. Written behind the progress, not into the pipe.
    ITEM = 8


#: Most bytes of header and of body that a child may send.
REPLY_LIMITS: dict[int, tuple[int, int]] = {
    Kind.READY: (4096, 0),
    Kind.STARTED: (65536, 0),
    Kind.DONE: (2 * MAX_METADATA, 0),
    Kind.FAILED: (MB, 0),
    Kind.WRONG_CONFINEMENT: (65536, 0),
}
#: The same of what it writes into the shared file.
ITEM_LIMITS: dict[int, tuple[int, int]] = {Kind.ITEM: (64 * MB, MAX_TEXT_BYTES)}
#: What a parent sends is not limited: it may be a function with a large table in it.
REQUEST_LIMITS: dict[int, tuple[int, int]] = {
    Kind.EXTRACTORS: (1 << 32, 1 << 63),
    Kind.RUN: (1 << 32, 0),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    kind: Kind
    header: Mapping[str, Any]
    body: bytes = b""


def encode(kind: Kind, header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return everything of a message but its body, which is written after it.

    Parameters
    ----------
    kind, header
        What to say; *header* holds JSON values. Lone surrogates survive (file names).
    body
        Only its length is used here, so that a large one is not copied.

    Raises
    ------
    ValueError, TypeError
        *header* is no JSON (NaN is none either).
    """
    packed = dump(header)
    return _PREFIX.pack(_MAGIC, kind, len(packed), len(body)) + packed


def dump(header: Mapping[str, Any]) -> bytes:
    """Return *header* as JSON; what JSON has no word for becomes its ``str``.

    Raises
    ------
    ValueError, TypeError
        It holds NaN, infinity, itself, or keys that are no strings.
    """
    return _ENCODER.encode(header).encode()


class MessageReader:
    """Cuts a stream of bytes into messages.

    Parameters
    ----------
    limits
        Kind -> most bytes of header and body. Other kinds are refused.
    """

    def __init__(self, limits: Mapping[int, tuple[int, int]]) -> None:
        self._limits = limits
        self._buffer = bytearray()

    @property
    def pending(self) -> bool:
        """True when a part of a message has come."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes, give the messages that are complete now.

        Raises
        ------
        ProtocolError
            The bytes are no message, or one that is too large.
        """
        self._buffer += data
        while len(self._buffer) >= _PREFIX.size:
            magic, kind, header_size, body_size = _PREFIX.unpack_from(self._buffer)
            limit = self._limits.get(kind)
            if magic != _MAGIC or limit is None:
                raise ProtocolError("not a message")
            if header_size > limit[0] or body_size > limit[1]:
                raise ProtocolError(f"a message of {header_size} + {body_size} bytes is too large")
            start = _PREFIX.size + header_size
            end = start + body_size
            if len(self._buffer) < end:
                return
            with memoryview(self._buffer) as view:
                header, body = bytes(view[_PREFIX.size : start]), bytes(view[start:end])
            del self._buffer[:end]
            yield Message(Kind(kind), _object(header), body)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = _DECODER.decode(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the header is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise ProtocolError("the header is no JSON object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(number: str) -> float:
    # 1e999 is JSON, and infinity to Python, which then writes it as no JSON at all.
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number[:20]} is too large")
    return value


# Made once: json.dumps() and loads() make new ones for each call that has options.
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=str)
_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)


# --- replies ----------------------------------------------------------------------------------


#: What of a result travels as items.
_IN_ITEMS = ("text", "page_offsets", "pages", "items")


def result_header(result: ExtractionResult) -> dict[str, Any]:
    """Return what is known of a document as a whole, as JSON values."""
    return to_wire(result, leave=_IN_ITEMS)


def read_result(
    header: Mapping[str, Any], pages: Sequence[Page], items: Sequence[Item]
) -> ExtractionResult:
    """Return the result that a DONE message, and the items before it, make up.

    Raises
    ------
    ProtocolError
        A field is missing, of the wrong type, or out of its range.
    """
    text, offsets = join(pages)
    return from_wire(
        ExtractionResult,
        header,
        text=text,
        page_offsets=offsets,
        pages=tuple(pages),
        items=tuple(items),
    )


@dataclass(frozen=True, slots=True)
class ChildFailure:
    """The failure that a child reports; see :class:`reslib.models.Failure`."""

    code: ErrorCode
    message: str
    exception_type: str | None
    traceback: str | None


def read_failure(header: Mapping[str, Any]) -> ChildFailure:
    """Return what a FAILED message holds.

    Raises
    ------
    ProtocolError
        A field is missing or of the wrong type.
    """
    return from_wire(ChildFailure, header)


def optional_text(header: Mapping[str, Any], name: str) -> str | None:
    """Return a field that is a string or null (or missing).

    Raises
    ------
    ProtocolError
        It is something else.
    """
    value = _field(header, name, str, None)
    return None if value is None else clean(value)


def optional_number(header: Mapping[str, Any], name: str) -> float | None:
    """Return a field that is a number from 0, or null (or missing).

    Raises
    ------
    ProtocolError
        It is something else.
    """
    value = _field(header, name, float, int, None)
    if value is None:
        return None
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf:
        raise ProtocolError(f"{name} is {number}")
    return number


def _field(header: Mapping[str, Any], name: str, *types: type | None) -> Any:
    value = header.get(name)
    if type(value) in types or (value is None and None in types):
        return value
    raise ProtocolError(f"{name} is {type(value).__name__}")
