"""The sentence for people about an attempt that failed, made from what was seen of it."""

from __future__ import annotations

import errno
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from reslib.errors import ErrorCode, printable
from reslib.extractors.assemble import clean
from reslib.formats.inner import called
from reslib.models import ExtractionRequest, Failure
from reslib.sandbox.protocol import ChildFailure

__all__ = [
    "NEAR_ABORT",
    "Observed",
    "crashed",
    "failed",
    "how_it_ended",
    "memory_limit",
    "output_limit",
    "timed_out",
]

#: Share of the memory limit from which a death is put down to it.
_NEAR = 0.8
#: The same for a deliberate end: libraries abort when they are refused memory (PDFium does),
#: and a buffer that doubles is refused when a third of the limit is in use.
NEAR_ABORT = 1 / 3
#: What to do when a process or its temporary folder could not be made.
_ADVICE = {
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT),
        "The folder for temporary files is full: make some room in it",
    ),
    **dict.fromkeys(
        (errno.EACCES, errno.EROFS, errno.EPERM),
        "See that you may write into the folder for temporary files and run this Python",
    ),
    **dict.fromkeys(
        (errno.ENOENT, errno.ENOTDIR),
        "See that the folder for temporary files and this Python are where they were",
    ),
    **dict.fromkeys(
        (errno.EAGAIN, errno.ENOMEM),
        "The machine allows no more processes or memory: end some, or use fewer workers",
    ),
    **dict.fromkeys(
        (errno.EMFILE, errno.ENFILE),
        "Too many files are open: close some, raise `ulimit -n`, or use fewer workers",
    ),
}
_ENDS = {
    ErrorCode.TIMEOUT: "killed at the deadline",
    ErrorCode.STALLED: "killed at the deadline",
    ErrorCode.MEMORY_LIMIT: "out of memory",
    ErrorCode.CRASHED: "its process crashed",
    ErrorCode.OUTPUT_LIMIT: "stopped, because it gave too much",
}
_ABORTS = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL)
_OUT_OF_MEMORY = re.compile(
    rb"MemoryError|bad_alloc|out of memory|cannot allocate|allocation failed|failed to allocate",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Observed:
    """The observations of the parent during one attempt."""

    request: ExtractionRequest
    memory_limit_mb: int
    extractor: str | None = None
    extractor_version: str | None = None
    recipe: int = 0
    page: int | None = None
    page_count: int | None = None
    peak_mb: float | None = None
    stderr: bytes = b""

    @property
    def name(self) -> str:
        """The document, for people."""
        path = self.request.path
        return printable(called(path, Path(path).name)) or printable(path)

    def failure(self, code: ErrorCode, message: str, **more: str | None) -> Failure:
        """Return a failure with everything that was seen."""
        return Failure(
            message=clean(message),
            error_code=code,
            stderr_tail=clean(self.stderr.decode("utf-8", "replace")) or None,
            page=self.page,
            page_count=self.page_count,
            extractor=self.extractor,
            extractor_version=self.extractor_version,
            recipe=self.recipe if self.extractor else None,
            **more,
        )

    @property
    def where(self) -> str:
        """The page it was at and who was reading, as the rest of a sentence."""
        if self.page:
            of = f" of {self.page_count}" if self.page_count else ""
            place = f" after page {self.page}{of}"
        elif self.page_count:
            place = f" before the first of {self.page_count} pages was done"
        else:
            place = ""
        return place + (f" (extractor {printable(self.extractor)})" if self.extractor else "")


def how_it_ended(failure: Failure) -> str:
    """Return how an extraction ended, as the end of "12 of 500 pages, then ..."."""
    ended = _ENDS.get(failure.error_code)
    if ended is None:
        ended = f"an error ({failure.exception_type or failure.error_code})"
    return f"{ended} ({failure.signal})" if failure.signal else ended


def failed(seen: Observed, said: ChildFailure) -> Failure:
    """The child said why there is no text."""
    if said.code is ErrorCode.MEMORY_LIMIT and not said.message:
        failure = memory_limit(seen)
        message = failure.message
    else:
        message = f"{seen.name}: {printable(said.message)}"
    return seen.failure(
        said.code, message, exception_type=said.exception_type, traceback=said.traceback
    )


def timed_out(seen: Observed, stalled_for: float | None) -> Failure:
    """The deadline passed. *stalled_for*: seconds since the last page, None before the first."""
    seconds = f"{seen.request.timeout:g} s"
    advice = (
        "Raise extraction_timeout, or open the file in another program, save it again and retry"
    )
    if stalled_for is not None and stalled_for > seen.request.timeout / 2:
        return seen.failure(
            ErrorCode.STALLED,
            f"{seen.name}: killed after {seconds}, because it came to a halt{seen.where} and gave "
            f"nothing for {stalled_for:.1f} s. {advice}",
        )
    return seen.failure(
        ErrorCode.TIMEOUT, f"{seen.name}: killed after {seconds}{seen.where}. {advice}"
    )


def memory_limit(seen: Observed, ended_by: str | None = None) -> Failure:
    """It wanted more memory than allowed."""
    return seen.failure(
        ErrorCode.MEMORY_LIMIT,
        f"{seen.name}: more than the {seen.memory_limit_mb} MB of memory allowed were needed"
        f"{seen.where}. Raise memory_limit_mb if the machine has it, or split the document",
        signal=ended_by,
    )


def output_limit(seen: Observed, limit_mb: int) -> Failure:
    """It printed too much."""
    return seen.failure(
        ErrorCode.OUTPUT_LIMIT,
        f"{seen.name}: stopped, because its extraction printed more than {limit_mb} MB of messages"
        f"{seen.where}. The last of them are kept with the attempt; the file may be damaged, or "
        "the extractor has a bug",
    )


def protocol_violation(seen: Observed, problem: str) -> Failure:
    """The failure of a child that sent something which is no reply."""
    return seen.failure(
        ErrorCode.CRASHED,
        f"{seen.name}: the process that read it{seen.where} sent something that is no reply "
        f"({printable(problem)}), so it was ended. An extractor may have written to a file it "
        "had not opened",
    )


def not_started(problem: OSError | str) -> str:
    """Return why there is no child, for people. It has seen no document, so none is to blame."""
    advice = _ADVICE.get(problem.errno or 0, "") if isinstance(problem, OSError) else ""
    return (
        f"the process that reads documents could not be started ({printable(str(problem))}). "
        f"{advice or 'Run `reslib doctor`'}. No document lost an attempt; work goes on by itself "
        "when the cause is gone"
    )


def no_room() -> str:
    """Return why a document could not be read where nothing can be written, for people."""
    return (
        "the folder for temporary files is full, so documents cannot be read: make some room in "
        "it. No document lost an attempt; work goes on by itself when the cause is gone"
    )


def crashed(seen: Observed, returncode: int) -> Failure:
    """The child died by itself, or by another's hand."""
    if returncode >= 0:
        return seen.failure(
            ErrorCode.CRASHED,
            f"{seen.name}: the process that read it{seen.where} ended by itself with exit code "
            f"{returncode}. A library called exit; open the file in another program and save it "
            "again, or try another extractor",
        )
    name = signal_name(-returncode)
    share = NEAR_ABORT if -returncode in _ABORTS else _NEAR
    near = seen.peak_mb is not None and seen.peak_mb >= share * seen.memory_limit_mb
    if near or _OUT_OF_MEMORY.search(seen.stderr):
        return memory_limit(seen, name)
    if returncode == -signal.SIGKILL:
        advice = "Somebody ended it, or the machine ran out of memory: try fewer workers"
    else:
        advice = (
            "The file makes a library crash; open it in another program and save it again, or "
            "try another extractor"
        )
    return seen.failure(
        ErrorCode.CRASHED,
        f"{seen.name}: the process that read it crashed{seen.where} with {name}. {advice}",
        signal=name,
    )


def signal_name(number: int) -> str:
    """Return ``"SIGSEGV"`` for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
