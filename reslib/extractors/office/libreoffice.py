"""Old Word documents (.doc), as LibreOffice understands them: used where it is installed alone.

It reads them more completely than any other program (headers, notes, text boxes, numbers of lists,
deletions left out), and at a hundred times the cost: it starts anew for each document and makes a
.docx of it, which is read as any. People who want that ask for it by name, as for pdfplumber.

It needs sockets and a folder of its own in the home of its user, so it is confined as extractors
that people register are, not as reslib's others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.office.doc import check_is_readable
from reslib.extractors.office.docx import extract as extract_docx
from reslib.extractors.office.ole import AGAIN
from reslib.extractors.program import run_program
from reslib.items import DocumentInfo, Metadata, Page, Table

__all__ = ["extract"]

#: Seconds that it may take; less than an extraction may, so that it can be said.
_PATIENCE = 240


def extract(path: Path) -> Iterator[Page | DocumentInfo | Metadata | Table]:
    """Yield what the document states of itself, then its text as one page.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``encrypted`` when it has a password; ``malformed`` when it is no Word document, or
        LibreOffice cannot read it; ``timeout`` when that takes too long.
    """
    yield from check_is_readable(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Under a name of ours: what a document is called must not be taken for an option.
        source, made = folder / "document.doc", folder / "document.docx"
        source.symlink_to(path.absolute())
        printed = run_program(
            (
                "soffice",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                *("--headless", "--norestore", "--convert-to", "docx:MS Word 2007 XML"),
                *("--outdir", folder, source),
            ),
            _PATIENCE,
        )
        if printed.status is None:
            raise ExtractionError(
                f"LibreOffice took more than {_PATIENCE} seconds. {AGAIN}", ErrorCode.TIMEOUT
            )
        if not made.is_file():
            said = printable(printed.complaints[-200:]) or f"code {printed.status}"
            raise ExtractionError(
                f"LibreOffice cannot read it ({said}). {AGAIN}", ErrorCode.MALFORMED
            )
        yield from extract_docx(made)
