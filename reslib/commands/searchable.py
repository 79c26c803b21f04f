"""Scanned PDFs as copies in which other programs find the words, too."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from reslib.commands.command import give_up
from reslib.commands.outputfile import whole_file
from reslib.commands.terminal import plural
from reslib.database import ResearchDatabase
from reslib.errors import ReslibError, printable
from reslib.extractors.own import SEARCHABLE_PDF
from reslib.formats.inner import split
from reslib.items import Figure, Warning
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

__all__ = ["write_searchable"]

#: What is said of the words of a page that OCR read, with the languages.
_READ = re.compile(r"tesseract \S+ \(([^)]+)\)")
#: Seconds for a page.
_SECONDS = 300.0


class _NotWritten(ReslibError):
    """An error: of a document no copy could be written; says why, for people."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """A PDF with pages that OCR read: each with its number and its languages."""

    name: str
    path: str
    pages: list[tuple[int, str]]


def write_searchable(db: ResearchDatabase, folder: Path, *, force: bool) -> int:
    """Write a copy of each PDF with pages that OCR read, with their words under the pictures.

    Parameters
    ----------
    db
        The database.
    folder
        Where to; it is made when it is not there.
    force
        Replace copies that are there already.

    Returns
    -------
    int
        The exit code: 1 when some copy could not be written.
    """
    scans = list(_scans(db))
    if not scans:
        give_up(
            "no PDF here has pages that were read by OCR. `reslib extract` reads scans when OCR "
            "is installed; `reslib doctor` says whether it is"
        )
    missing = SEARCHABLE_PDF.missing()
    if missing:
        give_up(f"it needs {missing[0]}. Install it with: {missing[0].install}")
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True, highlight=False)
    counts = Counter[str]()
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        total = bar.add_task("Pages", total=sum(len(scan.pages) for scan in scans))
        with Sandbox() as sandbox:
            for scan in scans:
                target = folder / scan.name
                if os.path.lexists(target) and not force:
                    counts["there"] += 1
                else:
                    try:
                        for said in _write(sandbox, scan, target):
                            _say(console, f"{scan.name}: {said}")
                        counts["written"] += 1
                    except (_NotWritten, OSError) as error:
                        _say(console, f"not written: {error}")
                        counts["failed"] += 1
                bar.advance(total, len(scan.pages))
    _say(console, _sum(counts, folder))
    return int(counts["failed"] > 0)


def _say(console: Console, words: str) -> None:
    console.print(Text(printable(words)))


def _sum(counts: Mapping[str, int], folder: Path) -> str:
    said = f"{plural(counts['written'], 'PDF')} written to {folder}"
    if counts["there"]:
        said += f"; {counts['there']:,} there already, which --force replaces"
    if counts["failed"]:
        said += f"; {counts['failed']:,} could not be written"
    return said


def _scans(db: ResearchDatabase) -> Iterator[_Scan]:
    """Yield the PDFs with pages that OCR read, each under a name that no other has."""
    pages: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in db.store.rows("frame_pages", {"since": None, "limit": -1}):
        read = _READ.match(row["origin"] or "")
        if read is not None:
            pages[row["attachment_id"]].append((row["page"], read[1]))
    documents = [db.get_attachment(id) for id in sorted(pages)]
    named = Counter(document.filename.casefold() for document in documents)
    for document in documents:
        if document.mime_type != SEARCHABLE_PDF.mime_types[0]:
            continue  # a picture
        name = Path(document.filename)
        if named[document.filename.casefold()] > 1:
            name = name.with_stem(f"{name.stem}-{document.id}")
        yield _Scan(name.name, document.path, pages[document.id])


def _write(sandbox: Sandbox, scan: _Scan, target: Path) -> Iterator[str]:
    """Write the copy of one document; yield what is to be said of it."""
    path, inside = split(scan.path)
    if inside:
        raise _NotWritten(f"{scan.name}: it is inside {path}. Save it as a file first")
    source = Path(path)
    if target.exists() and target.samefile(source):
        raise _NotWritten(
            f"{source}: it would take the place of the document itself. Name another folder"
        )
    before = source.stat()
    outcome = sandbox.run(
        ExtractionRequest(
            path,
            SEARCHABLE_PDF.mime_types[0],
            _SECONDS,
            only=SEARCHABLE_PDF.name,
            task=SEARCHABLE_PDF.task,
            options={"pages": scan.pages},
            by_page=True,
        )
    )
    if outcome.result is None:
        raise _NotWritten(str(outcome.failure or outcome.unavailable))
    layer = next(item.data for item in outcome.result.items if isinstance(item, Figure))
    with source.open("rb") as document, whole_file(target) as copy:
        shutil.copyfileobj(document, copy.buffer)
        copy.buffer.write(layer)
        after = os.fstat(document.fileno())
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise _NotWritten(f"{source}: it changed while it was read. Try it again")
    for item in outcome.result.items:
        if isinstance(item, Warning):
            yield item.message
