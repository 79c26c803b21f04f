"""The checks of this machine and of a database that ``reslib doctor`` prints."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reslib.database import ResearchDatabase
from reslib.errors import DatabaseError, ReslibError, printable
from reslib.extractors.installed import ENTRY_POINT_GROUP
from reslib.extractors.registry import Registry, available_extractors
from reslib.extractors.requirements import AnyRequirement
from reslib.jobs.manager import QueueManager
from reslib.maintenance.ocrcheck import installed_ocr, missing_for_ocr, read_a_line
from reslib.maintenance.repair import find_problems
from reslib.models import TEXT, JobStatus
from reslib.sandbox import Sandbox, orphaned_directories, orphans
from reslib.sandbox.confinement import NETWORK, PROCESSES, WRITES, said
from reslib.storage.dbfile import is_reslib_file
from reslib.storage.diskspace import RESERVE
from reslib.storage.filesystem import expanded, filesystem_type, network_filesystem
from reslib.storage.sqliteerrors import has_full_text_search
from reslib.storage.store import OLDEST_SQLITE

__all__ = ["Check", "Verdict", "diagnose", "has_wal_reset_bug"]

#: Below this a library of papers soon fills the disk, in bytes.
_LITTLE_DISK = 2 * 1024**3


class Verdict(StrEnum):
    """The verdict of a check."""

    OK = "ok"
    #: Works, but something is worth knowing.
    WARN = "warn"
    #: reslib does not work, or not safely.
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name
        What.
    verdict
        How it is.
    text
        What was found.
    remedy
        What to do about it; empty when nothing is to be done.
    """

    name: str
    verdict: Verdict
    text: str
    remedy: str = ""


def diagnose(db_path: str | os.PathLike[str] | None = None) -> list[Check]:
    """Look at Python, SQLite, the extractors and, when it exists, the database.

    No database is made. One of an older reslib is brought up to date, as any use of it does.

    Parameters
    ----------
    db_path
        The database, or where it would be; when None, only the current folder is judged.

    Returns
    -------
    list of Check
        In the order in which people should read them.
    """
    path = Path(db_path) if db_path is not None else None
    place = (expanded(os.fspath(path)).absolute().parent if path else Path.cwd()).resolve()
    checks = [
        _python(),
        _sqlite(sqlite3.sqlite_version_info),
        _full_text_search(),
        _file_system(place),
        _disk(place),
        _memory_limit(),
        _isolation(),
        *_extractors(),
        _ocr(),
        _leftovers(),
        _temporary_files(),
    ]
    if path is not None:
        checks.extend(_database(path))
    return checks


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", Verdict.OK, f"{version} on {sys.platform}")


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """True when this version of SQLite has the WAL-reset bug.

    sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, fixed in 3.51.3 and in 3.50.7 and 3.44.6.
    """
    if version[:2] == (3, 50):
        return version < (3, 50, 7)
    if version[:2] == (3, 44):
        return version < (3, 44, 6)
    return (3, 7, 0) <= version < (3, 51, 3)


def _sqlite(version: tuple[int, ...]) -> Check:
    name = ".".join(map(str, version))
    if version < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        return Check(
            "SQLite",
            Verdict.FAIL,
            f"{name}; reslib needs {oldest} or newer",
            "Use a newer Python, for instance the one of conda-forge.",
        )
    if has_wal_reset_bug(version):
        return Check(
            "SQLite",
            Verdict.OK,
            f"{name}, whose WAL-reset bug reslib keeps clear of; let no other program write to the "
            "file while it runs",
        )
    return Check("SQLite", Verdict.OK, f"{name}, without the WAL-reset bug")


def _full_text_search() -> Check:
    if not has_full_text_search():
        return Check(
            "Full-text search",
            Verdict.FAIL,
            "SQLite was built without FTS5",
            "Use another Python, for instance the one of conda-forge.",
        )
    return Check("Full-text search", Verdict.OK, "FTS5 is there")


def _file_system(place: Path) -> Check:
    shown, kind = printable(str(place)), filesystem_type(place)
    if network_filesystem(place):
        return Check(
            "File system",
            Verdict.FAIL,
            f"{shown} is on a network file system ({kind}), where SQLite can lose data",
            "Keep the database on a local disk, and copy it to the share when nothing runs.",
        )
    if kind is None:
        return Check("File system", Verdict.WARN, f"cannot tell what {shown} is on")
    return Check("File system", Verdict.OK, f"{shown} is on {kind}")


def _disk(place: Path) -> Check:
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return Check(
            "Free disk",
            Verdict.FAIL,
            f"{printable(str(place))}: {error.strerror}",
            "Choose a folder that exists and that you may use.",
        )
    text = f"{free / 1024**3:,.1f} GB free"
    if free < RESERVE:
        return Check("Free disk", Verdict.FAIL, text, "Make room before you extract anything.")
    if free < _LITTLE_DISK:
        return Check("Free disk", Verdict.WARN, text, "Make room before a large library.")
    return Check("Free disk", Verdict.OK, text)


def _memory_limit() -> Check:
    try:
        import resource

        resource.getrlimit(resource.RLIMIT_AS)
    except (ImportError, AttributeError, OSError, ValueError):
        return Check(
            "Memory limit",
            Verdict.WARN,
            "this system has no RLIMIT_AS; memory is watched and an extraction that takes too "
            "much is killed a moment later",
        )
    return Check("Memory limit", Verdict.OK, "each extraction runs under RLIMIT_AS")


def _isolation() -> Check:
    # With no registry of people's: what their extractors ask for is their decision.
    with Sandbox(registry=Registry()) as sandbox:
        sandbox.warm_up()
        started, refused = sandbox.pid is not None, sandbox.refused
    name = "Isolation"
    if not started:
        return Check(
            name,
            Verdict.FAIL,
            "the process that reads documents does not start",
            "Extract one document; its error says why.",
        )
    held, free = said(refused)
    if not free:
        return Check(name, Verdict.OK, held)
    free = free.removeprefix("extractions ")
    if refused >= {NETWORK, WRITES, PROCESSES}:
        free = f"those by registered extractors {free}"
    return Check(
        name,
        Verdict.WARN,
        f"{held}, but {free}" if held else f"extractions {free}",
        "Use Linux 6.12 or newer with seccomp and Landlock, or extract documents from strangers in "
        "a virtual machine. docs/threat-model.md says what that means.",
    )


def _extractors() -> Iterator[Check]:
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        try:
            point.load()
        except Exception as error:
            yield Check(
                f"Extractor {point.name}",
                Verdict.FAIL,
                f"cannot be loaded: {type(error).__name__}: {error}",
                f"Install {point.dist.name if point.dist else point.value} again.",
            )
    extractors = available_extractors()
    if not extractors:
        yield Check(
            "Extractors",
            Verdict.FAIL,
            "none is installed",
            "Install reslib again: run `pip install .` in its folder.",
        )
    for extractor in sorted(extractors, key=lambda e: (e.by_name_only, e.name)):
        name = f"Extractor {extractor.name}"
        missing = extractor.missing()
        kinds = " ".join(extractor.suffixes[:6]) or " ".join(extractor.mime_types[:2])
        if missing:
            # Of an extractor that is used only by name this harms nobody who does not name it.
            yield Check(
                name,
                Verdict.WARN,
                "needs " + ", ".join(map(str, missing)),
                "; ".join(f"Install it with: {r.install}" for r in missing),
            )
        else:
            version = ", ".join(
                filter(None, [extractor.version, *map(_installed, extractor.requires)])
            )
            more = " …" if len(extractor.suffixes) > 6 else ""
            only = "only when asked for by name; " if extractor.by_name_only else ""
            only += f"for the task {extractor.task!r}; " if extractor.task != TEXT else ""
            yield Check(name, Verdict.OK, f"{only}{kinds}{more}" + f" ({version})" * bool(version))


def _ocr() -> Check:
    missing, remedy = missing_for_ocr()
    if missing:
        return Check(
            "OCR", Verdict.WARN, f"scans stay without text: it needs {missing}", f"Run: {remedy}"
        )
    there = installed_ocr()
    if not there:
        text = "the program tesseract is there, and does not run or has no language"
        return Check("OCR", Verdict.WARN, text, "Run `tesseract --list-langs` to see why.")
    seconds, problem = read_a_line()
    if problem:
        return Check("OCR", Verdict.WARN, f"{there}; a line of words could not be read: {problem}")
    return Check("OCR", Verdict.OK, f"{there}; a line of words takes {seconds:.1f} s of computing")


def _installed(needed: AnyRequirement) -> str:
    """Return the name and version of a requirement that is there."""
    return f"{needed.short} {needed.version() or ''}".strip()


def _leftovers() -> Check:
    left = orphans()
    if not left:
        return Check("Leftovers", Verdict.OK, "no process of an earlier run is left")
    pids = " ".join(str(process.pid) for process in left)
    return Check(
        "Leftovers",
        Verdict.WARN,
        f"processes of earlier runs still live: {pids}",
        f"End them with: kill {pids}",
    )


def _temporary_files() -> Check:
    left = len(orphaned_directories())
    if not left:
        return Check("Temporary files", Verdict.OK, "none of an earlier run is left")
    return Check(
        "Temporary files",
        Verdict.WARN,
        f"{left} temporary directories of runs that were killed are left",
        "The next extraction removes them.",
    )


def _database(path: Path) -> Iterator[Check]:
    shown = printable(str(path))
    if not path.exists():
        log = Path(f"{path}-wal")
        if log.exists() and log.stat().st_size > 0:
            yield Check(
                "Database",
                Verdict.FAIL,
                f"{shown} is gone, but its log is still there, with what was stored last",
                f"Put it back beside {printable(log.name)}, or delete that to begin anew.",
            )
            return
        yield Check("Database", Verdict.OK, f"{shown} does not exist yet")
        return
    if not os.access(path, os.W_OK) or not os.access(path.absolute().parent, os.W_OK):
        yield Check(
            "Database",
            Verdict.FAIL,
            f"{shown} or its folder may not be written",
            "Change its permissions, or copy it to a folder of your own.",
        )
        return
    try:
        with ResearchDatabase(path) as db:
            queue = QueueManager(db)
            waiting = JobStatus.count_open(queue.counts())
            workers = queue.get_workers()
    except (ReslibError, OSError, ValueError) as error:
        yield Check("Database", Verdict.FAIL, str(error), "See the message.")
        if type(error) is DatabaseError and is_reslib_file(path):  # not one of its special cases
            yield from _integrity(path)
        return
    size = path.stat().st_size / 1024**2
    yield Check("Database", Verdict.OK, f"{shown}, {size:,.1f} MB, {waiting:,} jobs open")
    yield from _integrity(path)
    yield _heartbeats(workers)


def _integrity(path: Path) -> Iterator[Check]:
    try:
        problems = find_problems(path)
    except ReslibError as error:
        yield Check("Integrity", Verdict.WARN, str(error))
        return
    for problem in problems:
        verdict = Verdict.FAIL if problem.name in ("damaged", "indexes") else Verdict.WARN
        yield Check("Integrity", verdict, problem.text, "Run `reslib doctor --repair`.")
    if not problems:
        yield Check("Integrity", Verdict.OK, "the file, the search index and the counts are sound")


def _heartbeats(workers: list[dict[str, object]]) -> Check:
    silent = [
        str(worker["worker_id"])
        for worker in workers
        if worker["status"] != "stopped" and worker["silent"]
    ]
    if not silent:
        return Check("Heartbeats", Verdict.OK, "every worker has stopped or is alive")
    return Check(
        "Heartbeats",
        Verdict.WARN,
        f"no heartbeat for six of its intervals: {', '.join(silent[:4])}"
        + (f" and {len(silent) - 4} more" if len(silent) > 4 else ""),
        "Their processes were probably killed. Run `reslib extract` again; it gives their jobs "
        "back and goes on.",
    )
