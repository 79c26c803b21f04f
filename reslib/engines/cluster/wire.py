"""Requests and outcomes as bytes, for the way to a worker of a cluster and back.

An outcome travels as JSON and the messages of a sandbox, and each field of it is checked again:
what comes from another machine is believed no more than what comes from a child.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reslib.extractors.assemble import clean
from reslib.items import Item, Page
from reslib.models import ExtractionRequest, ExtractionResult, Failure, Outcome
from reslib.sandbox.codec import ProtocolError, from_wire, to_wire
from reslib.sandbox.itemwire import pack
from reslib.sandbox.protocol import (
    Kind,
    dump,
    encode,
    optional_number,
    optional_text,
    result_header,
)
from reslib.sandbox.received import Received

__all__ = [
    "NEED_BYTES",
    "NEED_EXTRACTORS",
    "PROTOCOL",
    "READ",
    "UNFIT",
    "Reply",
    "Sent",
    "Work",
    "outcome_of",
    "pages_bytes",
    "pages_of",
    "read_request",
    "reply",
    "reply_with",
    "request_bytes",
    "said",
]

#: Raised when anything below changes: workers that speak otherwise get no work.
PROTOCOL = 1
#: What a reply says: the outcome; that the document, or the registered extractors, are wanted; that
#: this worker cannot do it.
READ, NEED_BYTES, NEED_EXTRACTORS, UNFIT = "read", "need_bytes", "need_extractors", "unfit"
#: The header of a reply, and its messages.
Reply = tuple[bytes, bytes]
_CHUNK = 1 << 20


@dataclass(frozen=True, repr=False, slots=True)
class Sent:
    """One document of a task.

    It is never shown: Dask writes what a task was given into its log when that task fails, and
    there may be passwords in it.
    """

    request: bytes
    #: The path there, when it is not sent; and what has to be at that place.
    path: str
    identity: tuple[int, int, str] | None
    data: bytes | None


@dataclass(frozen=True, repr=False, slots=True)
class Work:
    """A task: the documents that one thread of a worker reads, one after the other.

    Parameters
    ----------
    key
        Its name in the cluster.
    engine
        Whose it is; there is a sandbox for each on every thread.
    topic
        Where its worker tells how it goes; empty when nobody listens.
    memory_limit_mb
        Of each document.
    registered
        Which extractors were registered by hand, as a number that grows, and these themselves; None
        when the worker is thought to have them.
    documents
        What to read.
    """

    key: str
    engine: str
    topic: str
    memory_limit_mb: int
    registered: tuple[int, bytes | None]
    documents: tuple[Sent, ...]
    protocol: int = PROTOCOL


# --- requests ---------------------------------------------------------------------------------


def request_bytes(request: ExtractionRequest) -> bytes:
    """Return a request as bytes, whatever fields it has."""
    return dump(to_wire(request))


def read_request(data: bytes, path: str) -> ExtractionRequest:
    """Return a request, for a document that is at *path* here.

    Raises
    ------
    ProtocolError
        A field is not what its annotation says.
    """
    values = json.loads(data)
    # As they are: passwords, and the names of extractors, are compared with others.
    passwords = tuple(values["passwords"])
    return from_wire(ExtractionRequest, values, path=path, passwords=passwords)


# --- replies ----------------------------------------------------------------------------------


def reply(kind: str, why: str = "", at: str = "") -> Reply:
    """Return a reply that is no outcome; of a worker that is unfit with its address."""
    return dump({"kind": kind, "why": why, "at": at}), b""


def reply_with(outcome: Outcome, lacking: str) -> Reply:
    """Return a reply with an outcome.

    Parameters
    ----------
    outcome
        How the attempt ended.
    lacking
        What extractions may do there although they should not.
    """
    result = outcome.result or outcome.partial
    header: dict[str, Any] = {
        "kind": READ,
        "lacking": lacking,
        "unavailable": outcome.unavailable,
        "failure": outcome.failure and to_wire(outcome.failure),
        "is_whole": outcome.result is not None,
        "result": result and result_header(result),
        "extraction_time_ms": outcome.extraction_time_ms,
        "cpu_time_ms": outcome.cpu_time_ms,
        "peak_rss_mb": outcome.peak_rss_mb,
    }
    return dump(header), b"" if result is None else b"".join(
        _messages((*result.pages, *result.items))
    )


def _messages(items: Iterable[Item]) -> Iterator[bytes]:
    for item in items:
        header, body = pack(item)
        yield encode(Kind.ITEM, {"attempt": 1, **header}, body)
        yield body


def said(answer: object) -> tuple[Mapping[str, Any], bytes]:
    """Return the header and the messages of a reply.

    Raises
    ------
    ProtocolError
        It is none.
    """
    if not (
        isinstance(answer, tuple | list)
        and len(answer) == 2
        and all(isinstance(part, bytes) for part in answer)
    ):
        raise ProtocolError("it is no reply")
    try:
        header = json.loads(answer[0])
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"its header is no JSON: {error}") from None
    if not isinstance(header, dict):
        raise ProtocolError("its header is no JSON object")
    return header, answer[1]


def outcome_of(header: Mapping[str, Any], body: bytes) -> Outcome:
    """Return the outcome that a reply holds.

    Raises
    ------
    ProtocolError
        A field is missing, of the wrong type, or out of its range.
    """
    failure = None if header.get("failure") is None else _failure(header["failure"])
    result = None if header.get("result") is None else _result(header["result"], body)
    whole = failure is None and header.get("is_whole") is True
    return Outcome(
        result=result if whole else None,
        failure=failure,
        extraction_time_ms=optional_number(header, "extraction_time_ms") or 0.0,
        cpu_time_ms=optional_number(header, "cpu_time_ms"),
        peak_rss_mb=optional_number(header, "peak_rss_mb"),
        unavailable=optional_text(header, "unavailable")
        if failure is None and result is None
        else None,
        partial=None if whole else result,
    )


def pages_bytes(pages: Sequence[Page]) -> bytes:
    """Return pages as bytes, to be sent before the document is done."""
    return b"".join(_messages(pages))


def pages_of(data: object) -> list[Page]:
    """Return the pages that came before the document was done.

    Raises
    ------
    ProtocolError
        A field is missing, of the wrong type, or out of its range.
    """
    if not isinstance(data, bytes):
        raise ProtocolError("pages are no bytes")
    received = _received(data)
    if received.is_torn:
        raise ProtocolError("half a page")
    return received.new_pages()


def _received(body: bytes) -> Received:
    chunks = (body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK))
    return Received(1, lambda: next(chunks, b""))


def _failure(values: object) -> Failure:
    if not isinstance(values, dict):
        raise ProtocolError("failure is no object")
    return from_wire(Failure, {**values, "message": clean(str(values.get("message", "")))})


def _result(values: object, body: bytes) -> ExtractionResult:
    if not isinstance(values, dict):
        raise ProtocolError("result is no object")
    return _received(body).result(values)
