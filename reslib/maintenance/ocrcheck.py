"""The check of OCR: a line of words is drawn, and read in a real sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path

from reslib.extractors.ocr.languages import NAMES
from reslib.extractors.ocr.tesseract import find
from reslib.extractors.own import OCR
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

__all__ = ["installed_ocr", "missing_for_ocr", "read_a_line"]

_LINE = "The tide rose at seven and fell again before noon."
_SECONDS = 60.0


def missing_for_ocr() -> tuple[str, str]:
    """Return what OCR needs and is not installed, and what installs it; empty when all is there."""
    missing = OCR.missing()
    return ", ".join(map(str, missing)), " and ".join(need.install for need in missing)


def installed_ocr() -> str:
    """Return the program with its version, where it is, and its languages; empty without one."""
    found = find()
    if found is None:
        return ""
    turns = "" if found.knows_turns else "; without osd it finds out slowly how a page is turned"
    names = ", ".join(NAMES.get(each, each) for each in found.languages)
    return f"tesseract {found.version} ({found.program}) reads {names}{turns}"


def read_a_line() -> tuple[float, str]:
    """Read a line of words; return the seconds of computing that took, and what went wrong."""
    from PIL import Image, ImageDraw, ImageFont

    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        path = Path(folder, "line.png")
        picture = Image.new("L", (1240, 200), 255)
        font = ImageFont.load_default(36)
        ImageDraw.Draw(picture).text((80, 80), _LINE, fill=0, font=font)
        picture.save(path, dpi=(150, 150))
        outcome = sandbox.run(
            ExtractionRequest(str(path), "image/png", _SECONDS, task=OCR.task, options={})
        )
    seconds = (outcome.cpu_time_ms or 0.0) / 1000
    if outcome.result is None:
        return seconds, str(outcome.failure or outcome.unavailable)
    read = " ".join(outcome.result.text.split())
    return seconds, "" if read == _LINE else f"it read {read[:100]!r} instead of {_LINE!r}"
