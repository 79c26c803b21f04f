"""What is fuzzed beside documents: names, queries, and what a child replies."""

from __future__ import annotations

import functools
import itertools
import json
import math
import struct

import seeds
from edits import inflate, readable
from properties import Finding, scratch

from reslib import QueueManager, ResearchDatabase
from reslib.errors import printable
from reslib.extractors.assemble import clean
from reslib.formats.mediatypes import guess_from_name
from reslib.items import Page
from reslib.models import ExtractionResult, Failure, Outcome
from reslib.sandbox.itemwire import Tally, unpack
from reslib.sandbox.protocol import (
    ITEM_LIMITS,
    REPLY_LIMITS,
    Kind,
    Message,
    MessageReader,
    ProtocolError,
    optional_number,
    optional_text,
    read_failure,
    read_result,
)
from reslib.search.query import parse
from reslib.search.snippet import Finder

__all__ = ["names", "protocol", "search"]


def names(data: bytes) -> None:
    for name in (readable(data), data.decode("utf-8", "surrogateescape")):
        guessed = guess_from_name(name)
        if guessed == "":
            raise Finding("an empty media type")
        shown = printable(name)
        shown.encode()
        if not shown.isprintable():
            raise Finding(f"{shown!r} is not safe on a terminal")


_numbers = itertools.count()


@functools.cache
def _library() -> tuple[ResearchDatabase, QueueManager, int]:
    db = ResearchDatabase(scratch(f"fuzz-{next(_numbers)}.db"))
    document = scratch("searched.txt")
    document.write_text("x")
    return db, QueueManager(db), db.add_attachment(filename="searched.txt", path=document)


def _store(outcome: Outcome) -> None:
    """Do with an outcome what the pool does with it."""
    try:
        _store_in(_library(), outcome)
    except Exception:
        _library()[0].close()
        _library.cache_clear()  # the job is still open, and would be in the way of the next
        raise


def _store_in(library: tuple[ResearchDatabase, QueueManager, int], outcome: Outcome) -> None:
    _, queue, attachment = library
    if queue.enqueue(attachment) is None:
        raise Finding("the job before is still there")
    job = queue.claim("fuzzer")
    if job is None:
        raise Finding("there is no job to claim")
    if outcome.result is not None:
        stored = queue.complete(job.id, attempt=job.attempt, outcome=outcome)
    else:
        failure = outcome.failure
        assert failure is not None
        stored = queue.failed(
            job.id, str(failure), "unsupported", attempt=job.attempt, outcome=outcome
        )
    if not stored:
        raise Finding("nothing was stored")
    if outcome.result is not None:
        json.dumps(dict(library[0].get_attachment(attachment).metadata), allow_nan=False)


def search(data: bytes) -> None:
    raw_query, _, raw_text = inflate(data).partition(b"\xff")
    # Bytes that are not UTF-8 become lone surrogates, as in arguments of a command line.
    query = raw_query.decode("utf-8", "surrogateescape")
    text = readable(raw_text).replace("\0", "")
    db, _, attachment = _library()
    if data[:1] == b"\1":  # seldom: storing takes ten times as long as searching
        header = json.loads(seeds.protocol_seeds()[2][1:])
        result = read_result(header, (Page(clean(text), number=1),), ())
        _store(Outcome(result))
    for hit in db.search(query):
        if hit.attachment_id != attachment or not isinstance(hit.snippet, str):
            raise Finding(f"a hit that is none: {hit}")
    found = Finder(parse(query).phrases).snippet(text)
    if found.position is not None and not 0 <= found.position < len(text):
        raise Finding(f"a match at {found.position} of {len(text)}")
    if "\n" in found.text:
        raise Finding("a snippet of two lines")


def protocol(data: bytes) -> None:
    mode, content = (data[0] if data else 0), data[1:]
    reader = MessageReader({**REPLY_LIMITS, **ITEM_LIMITS})
    if mode % 2:
        kind = (Kind.DONE, Kind.FAILED, Kind.ITEM)[mode // 2 % 3]
        header, _, body = content.partition(b"\xff")
        body = body if kind is Kind.ITEM else b""
        content = struct.pack("!4sBIQ", b"RSB1", kind, len(header), len(body)) + header + body
    step = mode // 4 + 1
    try:
        for start in range(0, len(content), max(step, len(content) // 50)):
            for message in reader.feed(content[start : start + max(step, len(content) // 50)]):
                _believe(message)
    except ProtocolError:
        pass


def _believe(message: Message) -> None:
    """Do with a reply what the parent does with it (``sandbox/session.py``)."""
    header = message.header
    for name in ("cpu_ms", "cpu_total_ms", "peak_mb"):
        number = optional_number(header, name)
        if number is not None and not 0 <= number < math.inf:
            raise Finding(f"{name} is {number}")
    if message.kind is Kind.STARTED:
        optional_text(header, "extractor")
        optional_text(header, "extractor_version")
    elif message.kind is Kind.DONE:
        result = read_result(header, (Page("a", number=1), Page("b c", number=2)), ())
        _store(Outcome(result, cpu_time_ms=optional_number(header, "cpu_ms")))
    elif message.kind is Kind.ITEM:
        item = unpack(header, message.body)
        Tally().add(item, header, message.body)
        if isinstance(item, Page):
            _store(Outcome(ExtractionResult(item.text, pages=(item,))))
        else:
            _store(Outcome(ExtractionResult("a", items=(item,))))
    elif message.kind is Kind.FAILED:
        said = read_failure(header)
        failure = Failure(
            message=printable(said.message),
            error_code=said.code,
            exception_type=said.exception_type,
            traceback=said.traceback,
        )
        _store(Outcome(failure=failure))
