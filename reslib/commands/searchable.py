"""Scanned PDFs as copies in which other programs find the words, too."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from reslib.commands.command import give_up
from reslib.commands.outputfile import whole_file
from reslib.commands.terminal import plural
from reslib.database import ResearchDatabase
from reslib.documents.innerplaces import stored_path
from reslib.errors import ReslibError, printable
from reslib.extractors.own import SEARCHABLE_PDF
from reslib.formats.inner import split
from reslib.items import Figure, Warning
from reslib.models import Attachment, ExtractionRequest
from reslib.sandbox import Sandbox

__all__ = ["write_searchable"]

#: What the words of a page that OCR read are said to be of, up to their languages.
_READ = "tesseract "
#: Seconds for a page.
_SECONDS = 300.0
#: More than for reading: the whole file is in memory, once as it is and once as its objects.
_MEMORY_MB = 4096
#: Bytes of a name that leave room for a number.
_LONG = 230


class _NotWritten(ReslibError):
    """An error: of a document no copy could be written; says why, for people."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """A PDF with pages that OCR read: each with its number and its languages."""

    document: Attachment
    name: str
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
    found = _scans(db)
    scans = [scan for scan in found if not split(scan.document.path)[1]]
    if not found:
        give_up(
            "no PDF here has pages that were read by OCR. `reslib extract` reads scans when OCR "
            "is installed; `reslib doctor` says whether it is"
        )
    missing = SEARCHABLE_PDF.missing()
    if missing:
        give_up(f"it needs {missing[0]}. Install it with: {missing[0].install}")
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True, highlight=False)
    counts = Counter(inside=len(found) - len(scans))
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Pages", total=sum(len(scan.pages) for scan in scans))
        before = 0
        with Sandbox(memory_limit_mb=_MEMORY_MB) as sandbox:
            for scan in scans:

                def done(page: int, _of: int | None, before: int = before) -> None:
                    bar.update(task, completed=before + page)

                target = folder / scan.name
                if os.path.lexists(target) and not force:
                    counts["there"] += 1
                else:
                    try:
                        for said in _write(db, sandbox, scan, target, done):
                            _say(console, f"{scan.name}: {said}")
                        counts["written"] += 1
                    except (_NotWritten, OSError) as error:
                        _say(console, f"not written: {_sentence(error, scan)}")
                        counts["failed"] += 1
                before += len(scan.pages)
                bar.update(task, completed=before)
    _say(console, _sum(counts, folder))
    return int(counts["failed"] > 0)


def _say(console: Console, words: str) -> None:
    console.print(Text(printable(words)))


def _sentence(error: Exception, scan: _Scan) -> str:
    if isinstance(error, OSError):
        return f"{scan.name}: {error.strerror}"
    return str(error)


def _sum(counts: Mapping[str, int], folder: Path) -> str:
    said = f"{plural(counts['written'], 'PDF')} written to {folder}"
    if counts["there"]:
        said += f"; {counts['there']:,} there already, which --force replaces"
    if counts["inside"]:
        said += f"; {counts['inside']:,} inside another document left out"
    if counts["failed"]:
        said += f"; {counts['failed']:,} could not be written"
    return said


def _scans(db: ResearchDatabase) -> list[_Scan]:
    """Return the PDFs with pages that OCR read, each under a name that no other has."""
    pages: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in db.store.rows("frame_pages", {"since": None, "limit": -1}):
        program, _, languages = (row["origin"] or "").partition("(")
        if program.startswith(_READ):
            pages[row["attachment_id"]].append((row["page"], languages.rstrip(")")))
    documents = [db.get_attachment(id) for id in sorted(pages)]
    pdfs = [each for each in documents if each.mime_type == SEARCHABLE_PDF.mime_types[0]]
    named = Counter(document.filename.casefold() for document in pdfs)
    taken = {name for name, count in named.items() if count == 1}
    scans = []
    for document in pdfs:
        name = document.filename
        if named[name.casefold()] > 1:
            name = _numbered(name, document.id, taken)
        scans.append(_Scan(document, name, pages[document.id]))
    return scans


def _numbered(filename: str, number: int, taken: set[str]) -> str:
    """Return a name with a number that no other document has, and note it."""
    path = Path(filename)
    stem = os.fsdecode(os.fsencode(path.stem)[:_LONG])
    while (name := f"{stem}-{number}{path.suffix}").casefold() in taken:
        stem += f"-{number}"
    taken.add(name.casefold())
    return name


def _write(
    db: ResearchDatabase,
    sandbox: Sandbox,
    scan: _Scan,
    target: Path,
    done: Callable[[int, int | None], None],
) -> Iterator[str]:
    """Write the copy of one document; yield what is to be said of it."""
    real = os.path.realpath(target)
    if db.store.rows("attachment_by_path", {"path": stored_path(real)}):
        raise _NotWritten(
            f"{scan.name}: it would take the place of a document of this library. Name another "
            "folder"
        )
    source = _source(db, scan)
    outcome = sandbox.run(
        ExtractionRequest(
            os.fspath(source),
            SEARCHABLE_PDF.mime_types[0],
            _SECONDS,
            only=SEARCHABLE_PDF.name,
            task=SEARCHABLE_PDF.task,
            options={"read_pages": scan.pages},
            by_page=True,
        ),
        done,
    )
    if outcome.result is None:
        raise _NotWritten(str(outcome.failure or outcome.unavailable))
    layer = next(item.data for item in outcome.result.items if isinstance(item, Figure))
    with source.open("rb") as document, whole_file(target) as copy:
        shutil.copyfileobj(document, copy.buffer)
        copy.buffer.write(layer)
        document.seek(0)
        if not _is_the_same(document, scan.document):
            raise _NotWritten(f"{source}: it changed while it was read. Try it again")
    for item in outcome.result.items:
        if isinstance(item, Warning):
            yield item.message


def _source(db: ResearchDatabase, scan: _Scan) -> Path:
    """Return a place where a document is as it was read."""
    is_there = False
    for place in map(Path, db.places(scan.document.id)):
        if not place.is_file():  # or it is a FIFO now, which nobody writes into
            continue
        is_there = True
        with place.open("rb") as file:
            if _is_the_same(file, scan.document):
                return place
    raise _NotWritten(
        f"{scan.document.path}: "
        + (
            "it has changed since it was read. Run `reslib extract` on it first"
            if is_there
            else "it is not there any more. Run `reslib extract` on the folder where it is now"
        )
    )


def _is_the_same(file: Any, document: Attachment) -> bool:
    """True when an open file has the bytes that were read."""
    if document.content_hash is None:  # too large for one
        return os.fstat(file.fileno()).st_size == document.file_size
    return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == document.content_hash
