"""Documents that misbehave on purpose: for tests, lessons, and trying out a set-up.

A *fault* is a small text file with the suffix ``.fault`` that says, line by line, what its
extraction is to do. One extractor obeys them all::

    register_fault_extractor()
    path = write_fault(folder, "slow.fault", "pages 3", "sleep 60")

Instructions, each on its own line, carried out in order:

===================  ==========================================================================
``page TEXT``        gives a page
``pages N``          gives N pages, and says that there are N
``total N``          says that there are N pages
``text MB``          gives a page of that many million letters
``sleep SECONDS``    waits, as Python does
``spin``             loops in C for ever, without letting other threads of Python run
``leak``             takes memory in steps of 1 MB for ever
``allocate MB``      takes that much memory at once, and lets it go
``keep MB``          takes that much memory, and never lets it go
``print MB``         prints that many million letters
``exit CODE``        ends the process at once
``signal NAME``      sends its own process a signal (``SIGSEGV``, ``SIGSTOP``)
``segfault``         reads address 0
``raise TEXT``       raises ``ValueError(TEXT)``
``unpicklable``      raises an exception that cannot be pickled
``speechless``       raises an exception whose ``__str__`` raises
``quit``             raises ``SystemExit``
``interrupt``        raises ``KeyboardInterrupt``
``import NAME``      imports a module
``number``           gives a number where a page is due
``ignore SIGTERM``   ignores a signal from now on
``fork``             starts a copy of the process that sleeps for ever, and goes on
``daemon``           the same, detached from the process that started it
``run COMMAND``      starts a program of the system, and goes on
``flaky N``          raises the first N times that this file is read
===================  ==========================================================================

A line that begins with ``#`` is a remark.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from reslib.extractors.base import Extractor
from reslib.extractors.registry import registry
from reslib.items import Page, Progress

__all__ = [
    "FAULT_EXTRACTOR",
    "read_fault",
    "register_fault_extractor",
    "wait_until",
    "write_fault",
]


def write_fault(folder: str | os.PathLike[str], name: str, *instructions: str) -> Path:
    """Write a fault.

    Its name stands in it as a remark, so that two faults are two documents whatever they do.

    Parameters
    ----------
    folder
        Where to; must be there.
    name
        Its file name, ending in ``.fault``.
    instructions
        Its lines.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        The name ends differently, or an instruction is not in the table above.
    """
    if not name.endswith(".fault"):
        raise ValueError(f"the name of a fault ends in '.fault', unlike {name!r}")
    lines = [line for text in instructions for line in text.splitlines()]
    for line in lines:
        word = line.partition(" ")[0]
        if word not in _ACTIONS:
            raise ValueError(f"no fault is called {word!r}; there are: {', '.join(_ACTIONS)}")
    path = Path(folder) / name
    path.write_text("".join(f"{line}\n" for line in (f"# {name}", *lines)), encoding="utf-8")
    return path


def register_fault_extractor() -> None:
    """Register the extractor that obeys faults. ``unregister_extractor("fault")`` undoes it."""
    registry.add(FAULT_EXTRACTOR)


def read_fault(path: Path) -> Iterator[Page | Progress]:
    """Carry out the instructions of a fault. Not in your own process: some end it."""
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "#":
            continue
        action = _ACTIONS[word]
        yield from action(path, rest) or ()


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that another process or thread does.

    Parameters
    ----------
    condition
        Asked every few milliseconds.
    seconds
        How long to wait at most.

    Raises
    ------
    TimeoutError
        It did not happen.
    """
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"did not happen within {seconds:g} s")
        time.sleep(0.005)


# --- the instructions -------------------------------------------------------------------------

_Given = Iterator[Page | Progress] | None


def _page(path: Path, rest: str) -> Iterator[Page | Progress]:
    yield Page(rest)


def _pages(path: Path, rest: str) -> Iterator[Page | Progress]:
    total = int(rest)
    for number in range(1, total + 1):
        yield Page(f"Page {number} of {path.stem}.")
        yield Progress(number, total)


def _total(path: Path, rest: str) -> Iterator[Page | Progress]:
    yield Progress(0, int(rest))


def _text(path: Path, rest: str) -> Iterator[Page | Progress]:
    yield Page("a" * int(float(rest) * 1_000_000))


def _sleep(path: Path, rest: str) -> _Given:
    time.sleep(float(rest))
    return None


def _spin(path: Path, rest: str) -> _Given:
    sum(range(10**15))
    return None


#: What ``keep`` keeps.
_kept: list[bytes] = []


def _leak(path: Path, rest: str) -> NoReturn:
    taken = []
    while True:
        taken.append(b"x" * 1_000_000)


def _allocate(path: Path, rest: str) -> _Given:
    b"x" * (int(rest) * 1_000_000)
    return None


def _keep(path: Path, rest: str) -> _Given:
    _kept.append(b"x" * (int(rest) * 1_000_000))
    return None


def _print(path: Path, rest: str) -> _Given:
    line = b"x" * 999 + b"\n"
    for _ in range(int(float(rest) * 1000)):
        os.write(1, line)
    return None


def _exit(path: Path, rest: str) -> NoReturn:
    os._exit(int(rest))


def _signal(path: Path, rest: str) -> _Given:
    os.kill(os.getpid(), signal.Signals[rest])
    return None


def _segfault(path: Path, rest: str) -> _Given:
    import ctypes

    ctypes.string_at(0)
    return None


def _raise(path: Path, rest: str) -> NoReturn:
    raise ValueError(rest)


def _unpicklable(path: Path, rest: str) -> NoReturn:
    class LocalError(Exception):
        def __reduce__(self) -> NoReturn:
            raise TypeError("this exception cannot be pickled")

    raise LocalError("it holds a lock")


def _speechless(path: Path, rest: str) -> NoReturn:
    class SpeechlessError(Exception):
        def __str__(self) -> NoReturn:
            raise RuntimeError("no words")

    raise SpeechlessError


def _quit(path: Path, rest: str) -> NoReturn:
    raise SystemExit(3)


def _interrupt(path: Path, rest: str) -> NoReturn:
    raise KeyboardInterrupt


def _import(path: Path, rest: str) -> _Given:
    __import__(rest)
    return None


def _number(path: Path, rest: str) -> Iterator[Page | Progress]:
    yield 3  # type: ignore[misc]


def _ignore(path: Path, rest: str) -> _Given:
    signal.signal(signal.Signals[rest], signal.SIG_IGN)
    return None


def _fork(path: Path, rest: str) -> _Given:
    if os.fork() == 0:
        while True:
            time.sleep(60)
    return None


def _daemon(path: Path, rest: str) -> _Given:
    code = "import os, sys, time\nif os.fork(): sys.exit()\nos.setsid()\nwhile True: time.sleep(60)"
    subprocess.run([sys.executable, "-c", code], check=True)
    return None


def _run(path: Path, rest: str) -> _Given:
    subprocess.Popen(shlex.split(rest))
    return None


def _flaky(path: Path, rest: str) -> _Given:
    with path.with_suffix(".tries").open("a+") as file:
        file.write("x")
        file.flush()
        tries = file.tell()
    if tries <= int(rest):
        raise ValueError(f"try {tries} fails, as told")
    return None


_ACTIONS: dict[str, Callable[[Path, str], _Given]] = {
    "page": _page,
    "pages": _pages,
    "total": _total,
    "text": _text,
    "sleep": _sleep,
    "spin": _spin,
    "leak": _leak,
    "allocate": _allocate,
    "keep": _keep,
    "print": _print,
    "exit": _exit,
    "signal": _signal,
    "segfault": _segfault,
    "raise": _raise,
    "unpicklable": _unpicklable,
    "speechless": _speechless,
    "quit": _quit,
    "interrupt": _interrupt,
    "import": _import,
    "number": _number,
    "ignore": _ignore,
    "fork": _fork,
    "daemon": _daemon,
    "run": _run,
    "flaky": _flaky,
}

#: Obeys faults.
FAULT_EXTRACTOR = Extractor(name="fault", function=read_fault, suffixes=(".fault",), version="1")
