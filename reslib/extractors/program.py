"""The run of a program that reads a document: what it prints is bounded, and its end waited for."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.textfile import MAX_BYTES

__all__ = ["Printed", "run_program"]

#: What is kept of a program's complaints, in bytes.
_TAIL = 2_000
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Printed:
    """The output of a program, and how it ended.

    Parameters
    ----------
    output
        Its text, as bytes.
    complaints
        The last of what it printed as errors, on one line.
    status
        Its exit code; negative for the number of the signal that ended it, None when it took
        longer than it may and was ended.
    """

    output: bytes
    complaints: str
    status: int | None


def run_program(command: Sequence[str | Path], seconds: float, *, most: int = MAX_BYTES) -> Printed:
    """Run a program to its end.

    It is confined as the process that calls this, and ends with it.

    Parameters
    ----------
    command
        Its name and its arguments. A path among them is made absolute, so that none is taken for
        an option.
    seconds
        How long it may take.
    most
        The most bytes that it may print.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it prints more; ``missing_dependency`` when it cannot be started.
    """
    words = [str(word.absolute()) if isinstance(word, Path) else word for word in command]
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise ExtractionError(
            f"the program {words[0]} could not be started ({error.strerror})",
            ErrorCode.MISSING_DEPENDENCY,
        ) from error
    assert process.stdout is not None
    assert process.stderr is not None
    tail = _Tail(process.stderr)
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        process.kill()

    alarm = threading.Timer(seconds, end)
    alarm.daemon = True
    with process, process.stdout as stream:
        alarm.start()
        try:
            output = bytearray()
            while piece := stream.read(_CHUNK):
                output += piece
                if len(output) > most:
                    raise ExtractionError(
                        f"its text is longer than {most // 1_000_000} MB, the most that is read "
                        "into one document. Split it into parts and add those",
                        ErrorCode.OUTPUT_LIMIT,
                    )
            status = process.wait()
        finally:
            alarm.cancel()
            process.kill()
    return Printed(bytes(output), tail.text(), None if is_late.is_set() else status)


class _Tail:
    """The end of what a program complains of, read while its text is."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self._stream = stream
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._stream as stream:
            while piece := stream.read(_CHUNK):
                self._kept = (self._kept + piece)[-_TAIL:]

    def text(self) -> str:
        self._reader.join()
        return " ".join(self._kept.decode("utf-8", "replace").split())
