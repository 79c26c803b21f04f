"""What must hold of whatever a document makes an extractor do."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.registry import Registry
from reslib.models import PAGE_BREAK, ExtractionResult, TextStatus
from reslib.sandbox.note import items, make
from reslib.sandbox.outgoing import Outgoing
from reslib.sandbox.protocol import dump, result_header
from reslib.sandbox.received import Received
from reslib.sandbox.run import extract

__all__ = ["CPU_LIMIT", "Finding", "bounded", "check_document", "check_result", "scratch"]

#: Seconds of processor time that one input may take. They are a few hundred kilobytes at most.
CPU_LIMIT = 5.0

_registry = Registry()
#: In memory where the system has such a place: a run writes millions of files.
_SHM = Path("/dev/shm")
_folder = tempfile.TemporaryDirectory(
    prefix="reslib-fuzz-", dir=_SHM if _SHM.is_dir() else None, ignore_cleanup_errors=True
)


class Finding(AssertionError):
    """Something that must never happen did."""


def scratch(name: str) -> Path:
    """Return a path for a file, always the same for one name."""
    return Path(_folder.name) / name


@contextmanager
def bounded(seconds: float = CPU_LIMIT) -> Iterator[None]:
    """Raise :class:`Finding` inside when it takes more processor time than *seconds*.

    Python's regular expressions look for signals too, so that they end as well.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise Finding(f"took more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def check_document(path: Path, hint: str | None = None) -> ExtractionResult | None:
    """Read a document as a child does, and check what comes out.

    Raises
    ------
    Finding
        The result breaks a promise, or the error is the one for bugs.
    Exception
        Whatever else was raised: it would have been stored as ``exception``.
    """
    note = make()
    try:
        give = Outgoing(note, 1).add
        try:
            result = extract(str(path), hint, (), _registry, _nothing, _nothing, give)
        except ExtractionError as error:
            check_error(error)
            return None
        # Through the checks that the parent makes: what it refuses ends as a crash.
        header = json.loads(dump(result_header(result)))
        received = Received(1, items(note)).result(header)
    finally:
        os.close(note)
    check_result(received)
    if (received.text, received.items) != (result.text, result.items):
        raise Finding("the text or what was found changed on its way to the parent")
    return received


def _nothing(*given: object) -> None:
    pass


def check_error(error: ExtractionError) -> None:
    """An error has words, and a code that says what is wrong with the document."""
    if error.code is ErrorCode.EXCEPTION:
        raise Finding(f"the error has no name: {error}") from error
    if len(str(error)) < 20:
        raise Finding(f"the error says nothing: {error!r}") from error
    str(error).encode("utf-8", "backslashreplace")


def check_result(result: ExtractionResult) -> None:
    """The promises of :class:`reslib.models.ExtractionResult`."""
    text, offsets = result.text, result.page_offsets
    _demand(_storable(text), "the text cannot be stored")
    _demand(offsets[0] == 0 and list(offsets) == sorted(set(offsets)), "offsets do not rise")
    _demand(offsets[-1] <= len(text), "an offset is beyond the text")
    for offset in offsets[1:]:
        _demand(text[offset - 1] == PAGE_BREAK, f"no page begins at {offset}")
    empty = not text.strip()
    _demand((result.text_status is TextStatus.EMPTY) == empty, f"status {result.text_status}")
    if result.confidence is not None:
        _demand(0.0 <= result.confidence <= 1.0, f"a confidence of {result.confidence}")
        _demand(not empty or result.confidence == 0.0, "confidence in a text that is not there")
    for name in ("confidence_reason", "extractor", "extractor_version"):
        _demand(_storable(getattr(result, name)), f"{name} cannot be stored")
    for value in (result.title, result.mime_type):
        _demand(value is None or (_storable(value) and value != ""), f"odd: {value!r}")
    json.dumps(dict(result.metadata), allow_nan=False, ensure_ascii=False).encode()


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Finding(otherwise)


def check_classed(call: Callable[[], object]) -> object:
    """Return what *call* gives, None when it raises a classed error."""
    try:
        return call()
    except ExtractionError as error:
        check_error(error)
        return None
