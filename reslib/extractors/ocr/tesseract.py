"""Tesseract, the program that reads pictures of words: where it is, and one run of it.

It is run once a page, the words by standard output. The picture is a file that lies in memory and
has no name (``memfd_create``): from standard input tesseract 5.3 takes a tenth more of computing;
where the system has no such files it goes by that. Nothing is written to a disk. The program is
bounded in computing time by the system, since reslib's own extractors may send signals to nobody;
one that hangs without computing is ended with the thread that started it.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reslib.extractors.own import TESSERACT

__all__ = [
    "IDLE",
    "Budget",
    "GaveUp",
    "Tesseract",
    "TookTooLong",
    "find",
    "found_at",
    "install_language",
    "means",
]

#: Data of the package, beside the program.
_DATA = "share/tessdata"
#: Seconds that it may take to say what languages it has.
_PATIENCE = 20
#: Seconds without any computing after which it hangs.
IDLE = 30.0
#: How often it is looked, in seconds.
_PULSE = 0.5
#: Seconds for which its languages are believed.
_BELIEVED = 60.0
#: Letters that tell how a page is turned; it takes up to five times as many. Of its own 50 it is no
#: surer of a script, and it takes twice the computing.
_FEW_LETTERS = 20
#: Not languages.
_NO_LANGUAGE = frozenset({"osd", "equ", "snum"})
#: So many times the computing time it may take on the clock.
_WAITING = 10
_TAIL = 300
_CHUNK = 1 << 16
#: More than any page has words.
_MOST_PRINTED = 64 << 20


class GaveUp(Exception):
    """An error: one page could not be read; says why, for people."""


class TookTooLong(GaveUp):
    """An error: the program was ended over one page, because it hung or computed without an end."""


@dataclass(slots=True)
class Budget:
    """The time that is left for one page, in seconds.

    Parameters
    ----------
    seconds
        Of computing.
    idle
        Without any computing, after which the program hangs.
    """

    seconds: float
    idle: float = IDLE
    began: float = field(default_factory=time.monotonic)
    _before: float = field(default_factory=lambda: _spent())

    @property
    def left(self) -> float:
        """The seconds that are left, or a tenth of those on the clock where that is less."""
        spent = _spent() - self._before
        return self.seconds - max(spent, (time.monotonic() - self.began) / _WAITING)


@dataclass(frozen=True)
class Tesseract:
    """The program, as found.

    Parameters
    ----------
    program
        Where it is.
    version
        What it says.
    data
        Where its languages are, when it does not know by itself.
    languages
        Those that it has, by its names; without what only tells how a page is turned.
    knows_turns
        Whether it can tell how a page is turned.
    """

    program: str
    version: str
    data: str | None
    languages: tuple[str, ...]
    knows_turns: bool

    def words(
        self, picture: Any, dpi: int, language: str, segmentation: int, budget: Budget
    ) -> str:
        """Return the words on a picture as a table, tab between columns.

        Raises
        ------
        GaveUp
            It took too long, died, or said that it cannot.
        """
        options = ("-l", language, "--psm", str(segmentation), "tsv")
        return self._run(picture, dpi, options, budget)

    def turn(self, picture: Any, dpi: int, budget: Budget) -> str:
        """Return what it says of how a page is turned and of its script.

        Raises
        ------
        GaveUp
            It took too long, died, or said that it cannot, as with too few letters.
        """
        options = ("--psm", "0", "-l", "osd", "-c", f"min_characters_to_try={_FEW_LETTERS}")
        return self._run(picture, dpi, options, budget)

    def _run(self, picture: Any, dpi: int, options: Sequence[str], budget: Budget) -> str:
        data = _filed(picture)
        with _in_memory(data) as file:
            source = "stdin" if file is None else f"/proc/self/fd/{file}"
            command = [self.program, source, "stdout", "--dpi", str(dpi), *options]
            run = _Run(command, _environment(self.data), budget, file)
            done = run.give(data if file is None else b"")
        return done.decode("utf-8", "replace")


def find() -> Tesseract | None:
    """Return the program: that of the setting, that on ``PATH``, or that of the package; None when
    there is none that runs.

    It is asked for its languages once a minute at most: somebody may install one.
    """
    program = TESSERACT.where()
    return None if program is None else found_at(program, int(time.monotonic() // _BELIEVED))


@lru_cache(maxsize=2)
def found_at(program: str, _when: int) -> Tesseract | None:
    """Return the program at a place; None when it does not run there, or has no language."""
    data = TESSERACT.beside(_DATA) if TESSERACT.is_packaged() else None
    data = os.environ.get("TESSDATA_PREFIX") or data
    version = TESSERACT.version()
    try:
        told = subprocess.run(
            [program, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            env=_environment(data),
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return None
    names = tuple(sorted(line.strip() for line in told.splitlines()[1:] if line.strip()))
    languages = tuple(name for name in names if name not in _NO_LANGUAGE)
    if not languages or version is None:
        return None
    return Tesseract(program, version, data, languages, "osd" in names)


def means() -> str | None:
    """Return what can be read with here: program, version and languages; None for nothing."""
    found = find()
    if found is None:
        return None
    return f"tesseract {found.version}: {' '.join(found.languages)}"


def install_language(language: str) -> str:
    """Return the words that install a language."""
    return f"apt install tesseract-ocr-{language.replace('_', '-')}"


def _environment(data: str | None) -> dict[str, str]:
    # With the threads that it takes by itself a page costs eight times the computing.
    values = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return values if data is None else {**values, "TESSDATA_PREFIX": data}


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _filed(picture: Any) -> bytes:
    """Return a picture as a file that the program takes as a whole: PGM it reads pixel by pixel,
    which is a tenth of the computing of a large page.
    """
    made = io.BytesIO()
    picture.save(made, "BMP")
    return made.getvalue()


@contextlib.contextmanager
def _in_memory(data: bytes) -> Iterator[int | None]:
    """Give a file in memory that has *data*; None where the system has no such files."""
    if not hasattr(os, "memfd_create"):
        yield None
        return
    file = os.memfd_create("page")
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


class _Run:
    """One run of the program, which gets the open *file* where there is one.

    The system ends a process with the thread that started it (``PR_SET_PDEATHSIG``, which each fork
    in a sandbox gets), so it is started by one that ends when it is told to.
    """

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str],
        budget: Budget,
        file: int | None = None,
    ) -> None:
        self._command, self._environment = command, environment
        self._files = () if file is None else (file,)
        self._seconds = max(1, round(budget.left))
        self._most, self._idle = budget.seconds, budget.idle
        self._leave, self._started = threading.Event(), threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._error: Exception | None = None
        self._starter = threading.Thread(target=self._start, name="reslib-tesseract", daemon=True)

    def give(self, data: bytes) -> bytes:
        """Return what it prints when it is given *data*."""
        self._starter.start()
        self._started.wait()
        process = self._process
        if process is None:
            raise GaveUp(f"the program could not be started: {self._error}")
        try:
            out, err = self._communicate(process, data)
        except BaseException:
            self._end(process)
            raise
        self._leave.set()
        self._starter.join()
        _close(process)
        status = process.returncode
        if status:
            raise self._error_of(status, err)
        return out

    def _start(self) -> None:
        seconds = self._seconds

        def bound() -> None:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            signal.alarm(_WAITING * seconds)  # goes on in the program

        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                pass_fds=self._files,
                preexec_fn=bound,  # the other threads of a child only wait
            )
        except (OSError, subprocess.SubprocessError) as error:
            self._error = error
        finally:
            self._started.set()
        self._leave.wait()

    def _communicate(self, process: subprocess.Popen[bytes], data: bytes) -> tuple[bytes, bytes]:
        """Give it *data* and take what it prints, until it is at its end."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        printed: dict[int, bytearray] = {}
        left = memoryview(data)
        used, since = -1.0, time.monotonic()
        with selectors.DefaultSelector() as selector:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            for stream in (process.stdout, process.stderr):
                printed[stream.fileno()] = bytearray()
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(_PULSE)
                for key, _ in ready:
                    if key.fileobj is process.stdin:
                        left = _written(key.fd, left)
                        is_done = not left
                    else:
                        piece = os.read(key.fd, _CHUNK)
                        printed[key.fd] += piece
                        is_done = not piece
                        if len(printed[key.fd]) > _MOST_PRINTED:
                            raise GaveUp("the program printed without an end")
                    if is_done:
                        selector.unregister(key.fileobj)
                        if key.fileobj is process.stdin:
                            process.stdin.close()
                now = time.monotonic()
                if ready:
                    since = now
                elif (computed := _computed(process.pid, used)) > used:
                    used, since = computed, now
                elif now - since > self._idle:
                    raise TookTooLong(f"the program did nothing for {self._idle:.0f} s")
        out, err = (bytes(each) for each in printed.values())
        process.wait()
        return out, err

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._leave.set()
        self._starter.join()
        with contextlib.suppress(OSError):
            process.kill()  # where that is allowed
        _close(process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)

    def _error_of(self, status: int, complaints: bytes) -> GaveUp:
        """Return the error that a status other than 0 is."""
        if status in (-signal.SIGXCPU, -signal.SIGALRM) or (
            status == -signal.SIGKILL and self._seconds <= 1
        ):
            return TookTooLong(f"it took longer than {self._most:.0f} s of computing")
        if status < 0:
            with contextlib.suppress(ValueError):
                return GaveUp(f"the program died ({signal.Signals(-status).name})")
        said = " ".join(complaints.decode("utf-8", "replace").split())[-_TAIL:]
        return GaveUp(f"the program failed ({said or f'exit code {status}'})")


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _written(descriptor: int, data: memoryview) -> memoryview:
    """Write what the pipe takes; return what is left, nothing when nobody reads it any more."""
    try:
        return data[os.write(descriptor, data[:_CHUNK]) :]
    except BlockingIOError:
        return data
    except BrokenPipeError:
        return data[:0]


def _computed(pid: int, before: float) -> float:
    """Return the seconds that a process has computed, and where those are no more than before, with
    those of what it started; 0 when unknown.
    """
    import psutil  # here: most pages are read before this is asked

    total = 0.0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        total = _seconds_of(process)
        if total <= before:  # to find what it started takes a look at every process there is
            for each in process.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += _seconds_of(each)
    return total


def _seconds_of(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
