"""The run of a program that reads a document: what it prints is bounded, and its end waited for."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.textfile import MAX_BYTES

__all__ = ["Printed", "run_program"]

#: What is kept of a program's complaints, in bytes.
_TAIL = 2_000
_CHUNK = 1 << 16
#: Starts a program that may compute for so many seconds: nobody else can end it, see below. First
#: with the signal that says so, and at last, should it not listen, with the one that kills.
_BOUNDED = ("/bin/sh", "-c", 'ulimit -S -t "$0" && ulimit -H -t $(($0 + 9)) && exec "$@"')


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


def run_program(
    command: Sequence[str | Path],
    seconds: int,
    *,
    most: int = MAX_BYTES,
    take: Callable[[bytes], object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Printed:
    """Run a program to its end.

    It is confined as the process that calls this, and ends with it. One that computes for longer
    than it may is ended by the system; one that does nothing for as long is ended here where that
    is allowed, and with the extraction where it is not: reslib's own extractors may send signals
    to nobody.

    Parameters
    ----------
    command
        Its name and its arguments. A path among them is made absolute, so that none is taken for
        an option.
    seconds
        How long it may take.
    most
        The most bytes that it may print.
    take
        Is given what it prints, piece by piece, and bounds it by raising; then nothing is kept.
    environment
        Variables that it gets beside those of this process.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it prints more; ``missing_dependency`` when it cannot be started.
    BaseException
        Whatever *take* raises.
    """
    words = [str(word.absolute()) if isinstance(word, Path) else word for word in command]
    if shutil.which(words[0]) is None:
        raise ExtractionError(
            f"it needs the program {words[0]}, which is not installed (any more)",
            ErrorCode.MISSING_DEPENDENCY,
        )
    process = subprocess.Popen(
        [*_BOUNDED, str(seconds), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,  # it may start others
        env={**os.environ, **environment} if environment else None,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)

    tail = _Tail(process.stderr)
    alarm = threading.Timer(seconds, end)
    alarm.daemon = True
    # One that goes on printing ends when its output is closed.
    with process, process.stdout as stream:
        alarm.start()
        try:
            output = bytearray()
            while piece := stream.read(_CHUNK):
                if take is not None:
                    take(piece)
                    continue
                output += piece
                if len(output) > most:
                    raise ExtractionError(
                        f"its text is longer than {most // 1_000_000} MB, the most that is read "
                        "into one document. Split it into parts and add those",
                        ErrorCode.OUTPUT_LIMIT,
                    )
            status, complaints = process.wait(), tail.text()
        except BaseException:
            end()
            raise
        finally:
            alarm.cancel()
    was_ended = is_late.is_set() or status in (-signal.SIGXCPU, 128 + signal.SIGXCPU)
    return Printed(bytes(output), complaints, None if was_ended else status)


class _Tail:
    """The end of what a program complains of, read while its text is."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self._stream = stream
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(ValueError, OSError):  # it was closed: nobody asks any more
            while piece := self._stream.read(_CHUNK):
                self._kept = (self._kept + piece)[-_TAIL:]

    def text(self) -> str:
        self._reader.join()
        return " ".join(self._kept.decode("utf-8", "replace").split())
