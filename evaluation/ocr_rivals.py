"""Others that read scans: bare tesseract, ocrmypdf and rapidocr, and what a page costs them."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.scans import pictures_of

__all__ = ["Rival", "pictures_for", "rivals"]

_SIDE = Path(__file__).with_name("ocr_side.py")
#: Seconds that one document may take.
_DEADLINE = 300
#: At which a page without pictures is printed.
_PRINTED_DPI = 300

#: The text of a document, given its path and its pages as pictures, and the seconds of computing.
Read = Callable[[Path, Sequence[Path]], tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Rival:
    """One of the others.

    Parameters
    ----------
    name
        What it is called, with its version.
    read
        Reads one document; None when it is not here.
    absent
        Why it is not here.
    """

    name: str
    read: Read | None = field(default=None, repr=False)
    absent: str = ""


@contextmanager
def rivals(python: str | None) -> Iterator[list[Rival]]:
    """Give all of them; those that are absent say why.

    Parameters
    ----------
    python
        The interpreter in whose environment ocrmypdf and rapidocr are; None for none.
    """
    there = [_tesseract(), _ocrmypdf(python)]
    with _rapidocr(python) as last:
        yield [*there, last]


def pictures_for(path: Path, dpi: int | None) -> list[Path]:
    """Write the pages of a document as pictures beside it, as many dots as it has.

    Parameters
    ----------
    path
        The document.
    dpi
        Of its scans; None for a page that is no scan.
    """
    from PIL import Image, ImageSequence

    stated = dpi or _PRINTED_DPI
    if path.suffix == ".pdf":
        pages = pictures_of(path, stated)
    else:
        with Image.open(path) as file:
            own = file.info.get("dpi")
            stated = round(own[0]) if own else 0
            pages = [page.convert("L") for page in ImageSequence.Iterator(file)]
    made = [path.with_name(f"{path.name}.{number}.png") for number in range(len(pages))]
    for page, picture in zip(pages, made, strict=True):
        page.save(picture, **({"dpi": (stated, stated)} if stated else {}))
    return made


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(command: Sequence[str]) -> str:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(
        command, capture_output=True, env=environment, check=False, timeout=_DEADLINE
    )
    return done.stdout.decode("utf-8", "replace")


def _tesseract() -> Rival:
    program = shutil.which("tesseract")
    if program is None:
        return Rival("tesseract", absent="the program is not installed")

    def read(path: Path, pictures: Sequence[Path]) -> tuple[str, float]:
        before = _spent()
        texts = [_run([program, str(each), "stdout", "-l", "eng"]) for each in pictures]
        return "\n".join(texts), _spent() - before

    return Rival(_run([program, "--version"]).splitlines()[0], read)


def _ocrmypdf(python: str | None) -> Rival:
    version = python and _run([python, "-m", "ocrmypdf", "--version"]).strip()
    if not python or not version:
        return Rival("ocrmypdf", absent="not in the environment of --peers")
    whole = [python, "-m", "ocrmypdf", "--rotate-pages", "--deskew", "--force-ocr"]
    whole += ["--output-type", "pdf", "--jobs", "1", "--image-dpi", "200", "-q"]

    def read(path: Path, pictures: Sequence[Path]) -> tuple[str, float]:
        beside = path.with_name(f"{path.name}.side.txt")
        before = _spent()
        _run([*whole, "--sidecar", str(beside), str(path), f"{path}.out.pdf"])
        return beside.read_text("utf-8") if beside.exists() else "", _spent() - before

    return Rival(f"ocrmypdf {version}", read)


@contextmanager
def _rapidocr(python: str | None) -> Iterator[Rival]:
    if python is None:
        yield Rival("rapidocr", absent="no --peers were given")
        return
    with subprocess.Popen(
        [python, str(_SIDE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as side:
        first = _answer(side)
        if "error" in first:
            yield Rival("rapidocr", absent=str(first["error"]))
        else:
            yield Rival(f"rapidocr {first['version']}", _asking(side))
        assert side.stdin is not None
        side.stdin.close()


def _answer(side: subprocess.Popen[str]) -> dict[str, Any]:
    assert side.stdout is not None
    line = side.stdout.readline()
    return dict(json.loads(line)) if line else {"error": "it ended at once"}


def _asking(side: subprocess.Popen[str]) -> Read:
    def read(path: Path, pictures: Sequence[Path]) -> tuple[str, float]:
        assert side.stdin is not None
        side.stdin.write(json.dumps([str(each) for each in pictures]) + "\n")
        side.stdin.flush()
        told = _answer(side)
        if "error" in told:
            print(f"rapidocr: {path.name}: {told['error']}", file=sys.stderr)
        return str(told.get("text", "")), float(told.get("seconds", 0))

    return read
