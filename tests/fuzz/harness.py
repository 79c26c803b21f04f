"""Fuzzes one target with atheris: ``python tests/fuzz/harness.py TARGET [libFuzzer options]``.

``run.py`` starts it. Imports of ours are instrumented, and those of zipfile,
which is Python; lxml, PDFium, zlib and SQLite are native and give
no coverage, so there the fuzzer sees only what our code makes of them.
"""

from __future__ import annotations

import sys

import atheris

# It was imported by somebody already, without instrumentation.
sys.modules.pop("zipfile", None)
with atheris.instrument_imports(
    include=["reslib", "zipfile", "encodings"], enable_loader_override=False
):
    from targets import TARGETS

name = sys.argv.pop(1)
atheris.Setup([sys.argv[0], *sys.argv[1:]], TARGETS[name])
atheris.Fuzz()
