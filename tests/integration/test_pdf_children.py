"""A process that reads nothing but PDFs holds nothing that only other formats need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAPERS = Path(__file__).parents[2] / "samples" / "papers"
READ = """
import sys
from pathlib import Path
import reslib.sandbox.child
from reslib import ExtractionError
from reslib.extractors.registry import Registry
from reslib.sandbox.run import extract

def nothing(*given):
    pass

for path in Path(sys.argv[1]).glob("*.pdf"):
    try:
        extract(str(path), None, (), Registry(), nothing, nothing, nothing)
    except ExtractionError:
        pass  # some of them are broken, as those of everybody
print(*sys.modules)
"""
#: OpenSSL first: it takes 3 MB in each child.
FOREIGN = {"_hashlib", "lxml", "olefile", "python_calamine", "tarfile", "yaml", "webencodings"}


def test_children_that_read_pdfs_import_nothing_for_other_formats() -> None:
    command = [sys.executable, "-c", READ, str(PAPERS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    held = set(done.stdout.split())
    assert "reslib.extractors.pdf.extractor" in held
    assert not FOREIGN & held
