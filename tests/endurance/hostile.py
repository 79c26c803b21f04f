"""Give a pool the worst documents there are, and look at everything they could do.

::

    python tests/endurance/hostile.py ../shared/corpus
    python tests/endurance/hostile.py ../shared/corpus --big --write benchmarks/results/hostile.md

The folder holds ``manifest.csv``, of which the broken, encrypted and hostile documents are taken,
and ``make_hostile.py``, which makes 182 more. All go through one pool: 2 workers, 20 seconds,
2048 MB, no second try. Prints a table with one row a document and what was looked for beside the
outcomes: ``watch.py`` says how far each look reaches. Exit code 1 when

- a worker ended, a job did not, or a good document that comes last is not read;
- a document took longer than deadline + 1 s, or more than the memory limit + 10 %;
- a file was written or changed, or one opened that is not the document, or its content shows up;
- a socket was opened, or a connection came to the address that the documents name;
- a document ended in an outcome that its maker does not call right, or in ``unknown``, and nobody
  has written down why (``hostile_cases.py``), or has lost the text its maker put in.

Run it as an ordinary user: nothing is forbidden to root. Port 9, which documents name, can then
be listened at with ``setpriv --inh-caps +net_bind_service --ambient-caps +net_bind_service``.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import importlib.metadata
import logging
import os
import platform
import resource
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hostile_cases import Case, corpus_cases, generated_cases, reason_for
from watch import Listener, Watch, audit_log, install_audit, snapshot

import reslib
from evaluation.corpus import EXPLAINED, missing_words, outcome_of
from reslib import ExtractionWorker, ResearchDatabase
from reslib.errors import printable
from reslib.models import Attachment, Job

WORKERS = 2
DEADLINE = 20.0
LIMIT_MB = 2048
SECONDS_AT_MOST = DEADLINE + 1
MB_AT_MOST = LIMIT_MB * 1.1
#: Nothing may take longer in all, in seconds; it ends with the stacks of all threads.
BOUND = 6000
PORT = 9
_SLOW_WALK = 60.0
#: What documents try to write, besides places that are private here.
_TARGETS = [Path(f"/tmp/reslib_evil{n}") for n in ("", 2, 3, 4)] + [
    Path(f"/tmp/reslib_evil{n}.txt") for n in ("", 2)
]


@dataclass
class Result:
    """How one document ended."""

    case: Case
    outcome: str
    detail: str
    message: str
    seconds: float
    peak_mb: float | None
    reason: str
    lost: str

    @property
    def ending(self) -> str:
        """Outcome and detail in one."""
        return f"{self.outcome}: {self.detail}"

    @property
    def violations(self) -> list[str]:
        """What it did that no document may do."""
        found = []
        name = self.case.shown
        if self.seconds > SECONDS_AT_MOST:
            found.append(f"{name} took {self.seconds:.1f} s")
        if (self.peak_mb or 0) > MB_AT_MOST:
            found.append(f"{name} took {self.peak_mb:.0f} MB")
        if not self.reason and (self.outcome == "unknown" or not self.case.allows(self.outcome)):
            right = "|".join(sorted(self.case.expected))
            found.append(f"{name} ended as {self.ending}, not {right}: {self.message}")
        if self.lost:
            found.append(f"{name} has lost {self.lost!r}")
        return found


@dataclass
class Findings:
    """What the run as a whole showed."""

    results: list[Result] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Place:
    """Private folders for everything that could be written to, and canaries in them.

    They are so deep that the ``../../../..`` of hostile names stays inside.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        inner = root / "a" / "b" / "c" / "d"
        self.documents, self.work = inner / "documents", inner / "work"
        self.home, self.temp, self.data = inner / "home", inner / "temp", root / "data"
        self.audit = root / "audit"
        for folder in (self.documents, self.work, self.home, self.temp, self.data, root / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        self.secret = f"canary{uuid.uuid4().hex}"

    def plant_canaries(self) -> list[Path]:
        """Write the file that documents refer to by a relative name wherever that could lead."""
        folders = [self.work, self.home, self.temp, self.documents, self.documents / "xxe"]
        canaries = [folder / "secret.txt" for folder in folders]
        for canary in canaries:
            canary.write_text(self.secret, encoding="utf-8")
            _forget_reading(canary)
        return canaries

    def move_in(self) -> None:
        """Make these the folders of this process, and of the children to come."""
        os.environ.update(HOME=str(self.home), TMPDIR=str(self.temp), PYTHONDONTWRITEBYTECODE="1")
        tempfile.tempdir = None
        os.chdir(self.work)
        install_audit(self.audit)


def _forget_reading(path: Path) -> None:
    """Date the last reading back, so that the next one shows (mount option relatime)."""
    os.utime(path, (1, time.time()))


def _was_read(path: Path) -> bool:
    return path.stat().st_atime > 1


def _reading_shows(folder: Path) -> bool:
    """Whether the file system keeps the time of the last reading at all."""
    control = folder / "control.txt"
    control.write_text("x", encoding="utf-8")
    _forget_reading(control)
    control.read_text(encoding="utf-8")
    return _was_read(control)


class Clock:
    """When each job started and ended, by the pool's events, and who is at it."""

    def __init__(self, pool: ExtractionWorker) -> None:
        self._lock = threading.Lock()
        self.running: dict[int, float] = {}
        self.seconds: dict[int, float] = {}
        self.workers_ended = 0
        pool.on("job_started", self._start)
        for event in ("job_completed", "job_failed", "job_retrying", "job_released"):
            pool.on(event, self._end)
        pool.on("worker_stopped", self._worker_ended)

    def _start(self, job: Job, worker: str) -> None:
        with self._lock:
            self.running[job.id] = time.monotonic()

    def _end(self, job: Job, *more: object) -> None:
        with self._lock:
            self.seconds[job.id] = time.monotonic() - self.running.pop(job.id)

    def _worker_ended(self, worker: str) -> None:
        self.workers_ended += 1

    def label(self) -> str:
        """Return the jobs that are running."""
        with self._lock:
            return ",".join(str(job) for job in self.running)


class Log(logging.Handler):
    """Keeps what reslib logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.messages.append(record.getMessage())


# --- the run ----------------------------------------------------------------------------------


def run(cases: list[Case], place: Place, listener: Listener | None) -> Findings:
    """Give all documents to one pool and look at what became of it."""
    findings = Findings()
    log = Log()
    logging.getLogger("reslib").addHandler(log)
    with ResearchDatabase(place.data / "hostile.db") as db:
        pool = ExtractionWorker(
            db,
            num_workers=WORKERS,
            extraction_timeout=DEADLINE,
            memory_limit_mb=LIMIT_MB,
            max_retries=0,
        )
        clock = Clock(pool)
        attachments = [
            db.add_attachment(filename=os.path.basename(case.path), path=case.path)  # noqa: PTH119
            for case in cases
        ]
        with Watch(clock.label) as watch, pool:
            # Cases with the same bytes are one document.
            jobs = {id: pool.queue.enqueue(id) for id in dict.fromkeys(attachments)}
            if not pool.wait(timeout=30 + len(cases) * SECONDS_AT_MOST):
                findings.violations.append("the queue did not drain")
            good = place.data / "last.txt"
            good.write_text("A good document at the end.", encoding="utf-8")
            last = db.add_attachment(good.name, good)
            pool.enqueue(last)
            pool.wait(timeout=60)
            if db.get_attachment(last).extracted_text != "A good document at the end.":
                findings.violations.append("the good document at the end was not read")
            if clock.workers_ended or len(pool.get_status()["workers"]) != WORKERS:
                findings.violations.append("a worker has ended")
        peaks = _peaks(db.path)
        for case, attachment_id in zip(cases, attachments, strict=True):
            job_id = jobs[attachment_id]
            job = pool.queue.get_job(job_id) if job_id is not None else None
            if job is None or job.status not in ("complete", "failed"):
                findings.violations.append(f"{case.shown} has no finished job")
                continue
            seconds, peak = clock.seconds[job.id], peaks.get(job.id)
            findings.results.append(
                _result(case, db.get_attachment(attachment_id), job, seconds, peak)
            )
    if not findings.results:
        raise SystemExit("\n".join(["no document was finished", *findings.violations]))
    findings.violations += [f"logged as an error: {printable(m)}" for m in log.messages]
    findings.violations += list(_leaked(place))
    _look_at(watch, listener, findings)
    return findings


def _result(
    case: Case, attachment: Attachment, job: Job, seconds: float, peak_mb: float | None
) -> Result:
    outcome, lost = outcome_of(job), ""
    if outcome == "ok":
        detail = str(attachment.text_status)
        if case.text not in (attachment.extracted_text or ""):
            lost = case.text[:80]
        if case.name not in EXPLAINED:
            lost = lost or " ".join(missing_words(case.words, attachment))
    else:
        detail = str(job.error_code)
    message = printable(job.error_message or "")
    reason = reason_for(case, f"{outcome}: {detail}")
    return Result(case, outcome, detail, message, seconds, peak_mb, reason, lost)


def _peaks(database: Path) -> dict[int, float]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT job_id, peak_rss_mb FROM extraction_metrics"))


def _leaked(place: Place) -> Iterator[str]:
    """Look for the content of other files in every column of every table."""
    with Path("/etc/passwd").open(encoding="utf-8") as file:
        phrases = {place.secret: "a canary", file.readline().strip(): "/etc/passwd"}
    with contextlib.closing(sqlite3.connect(place.data / "hostile.db")) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        ).fetchall()
        for (table,) in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            for column in columns:
                for phrase, what in phrases.items():
                    query = f'SELECT count(*) FROM "{table}" WHERE instr("{column}", ?)'
                    (count,) = connection.execute(query, (phrase,)).fetchone()
                    if count:
                        yield f"{table}.{column} holds the content of {what}"


def _look_at(watch: Watch, listener: Listener | None, findings: Findings) -> None:
    if watch.peak_mb > MB_AT_MOST:
        findings.violations.append(
            f"a child with all it started took {watch.peak_mb:.0f} MB (job {watch.peak_label})"
        )
    findings.violations += [f"a socket was open in a child (job {job})" for job in watch.sockets]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    findings.notes.append(
        f"Largest child with all it started, looked at {watch.looks} times: {watch.peak_mb:.0f} "
        f"MB, {watch.family} process(es); {len(watch.sockets)} had a socket open. The process of "
        f"the pool itself: {own:.0f} MB."
    )
    if listener is None:
        findings.notes.append(f"Port {PORT} could not be listened at; see the head of the script.")
        return
    arrived = listener.count()
    if arrived:
        findings.violations.append(f"{arrived} connections to 127.0.0.1:{listener.port}")
    findings.notes.append(f"Connections and datagrams to 127.0.0.1:{listener.port}: {arrived}.")


def walk(place: Place, findings: Findings) -> None:
    """Add the folder with the loops, FIFOs and locked folders as a whole."""
    began = time.monotonic()
    with ResearchDatabase(place.data / "walk.db") as db:
        added = db.add_folder(place.documents)
        names = Counter(Path(path).name for number in added for path in db.places(number))
    seconds = time.monotonic() - began
    if seconds > _SLOW_WALK or names["inside.pdf"] != 1:
        findings.violations.append(
            f"add_folder took {seconds:.0f} s and found inside.pdf {names['inside.pdf']} times"
        )
    findings.notes.append(
        f"`add_folder` on the generated documents: {len(added)} added, "
        f"{len(added.skipped)} passed over, {seconds:.1f} s."
    )


def _look_at_canaries(canaries: list[Path], place: Place, findings: Findings) -> None:
    if not _reading_shows(place.data):
        findings.notes.append("This file system does not tell whether a canary was opened.")
        return
    read = sum(_was_read(canary) for canary in canaries)
    findings.notes.append(f"Canaries opened, of {len(canaries)}: {read}.")
    if read:
        findings.violations.append(f"{read} canaries were opened")


def _look_at_audit(cases: list[Case], place: Place, findings: Findings) -> None:
    """Judge what Python code in the children did, or tried."""
    log = audit_log(place.audit)
    allowed = [ascii(case.path) for case in cases] + [ascii(str(place.data / "last.txt"))]
    code = (sys.prefix, sys.base_prefix, str(Path(reslib.__file__).parent), str(place.audit))
    system = ("/proc/", "/sys/", "/dev/null", "/usr/lib/", "/usr/share/", "/etc/mime.types")
    harmless = tuple(ascii(start)[:-1] for start in (*code, *system))
    # A child may do what it likes in a temporary folder of its own, if it does not outlive it.
    private = ascii(str(place.temp / "reslib-tmp-"))[:-1]
    ours = {("write", ascii(f"/proc/self/{name}")) for name in ("oom_score_adj", "clear_refs")}
    strange = [
        (kind, what)
        for kind, what in sorted(log - ours)
        if not what.startswith(private)
        if kind != "read" or not (what in allowed or what.startswith(harmless))
    ]
    findings.notes.append(
        f"Python code in the children opened {len(log)} different files and made no connection, "
        "started no program and changed no file."
        if not strange
        else f"Python code in the children did {len(strange)} things it should not."
    )
    findings.violations += [f"Python code in a child: {kind} {w[:200]}" for kind, w in strange]
    if not log:
        findings.violations.append("the audit hook has seen nothing, not even imports")


# --- what is printed --------------------------------------------------------------------------


def report(findings: Findings, seconds: float, *, big: bool) -> str:
    """Return everything as Markdown."""
    results = findings.results
    outcomes = Counter(r.outcome for r in results)
    explained = [r for r in results if r.reason]
    slowest = max(results, key=lambda r: r.seconds)
    largest = max(results, key=lambda r: r.peak_mb or 0)
    packages = " ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("pypdfium2", "lxml")
    )
    lines = [
        "# Hostile documents",
        "",
        f"`python tests/endurance/hostile.py ../shared/corpus{' --big' * big}`, reslib "
        f"{reslib.__version__}, Python {platform.python_version()}, {packages}, "
        f"SQLite {sqlite3.sqlite_version}, "
        f"{platform.system()}, {'root' if os.geteuid() == 0 else 'not root'}. {WORKERS} workers, "
        f"deadline {DEADLINE:g} s, {LIMIT_MB} MB, no second try.",
        "",
        f"**{len(results)} documents in {seconds:.0f} s, {len(findings.violations)} violations.** "
        + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        + ".",
        "",
        f"- Longest: {slowest.seconds:.2f} s ({_cell(slowest.case.shown)}); at most "
        f"{SECONDS_AT_MOST:g} s.",
        f"- Largest: {largest.peak_mb or 0:.0f} MB ({_cell(largest.case.shown)}); at most "
        f"{MB_AT_MOST:.0f} MB.",
        *(f"- {note}" for note in findings.notes),
        "",
    ]
    if findings.violations:
        lines += ["## Violations", "", *(f"- {_cell(v)}" for v in findings.violations), ""]
    if explained:
        lines += ["## Looked up", ""]
        lines += [f"- {_cell(r.case.shown)}, {r.ending}: {r.reason}." for r in explained]
        lines += [""]
    lines += [
        "## Documents",
        "",
        "MB is the largest resident memory, while it was at the document, of the process that "
        "read it.",
        "",
        "| document | kind | right | outcome | s | MB | |",
        "|---|---|---|---|---:|---:|---|",
    ]
    for r in results:
        right = ", ".join(sorted(r.case.expected))
        mark = "**violation**" if r.violations else "looked up" if r.reason else "right"
        peak = f"{r.peak_mb:.0f}" if r.peak_mb else ""
        lines.append(
            f"| {_cell(r.case.shown)} | {r.case.kind} | {right} | {r.ending} | {r.seconds:.2f} | "
            f"{peak} | {mark} |"
        )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return a name as code in a table of Markdown."""
    for character, escape in (("&", "&amp;"), ("<", "&lt;"), ("|", "&#124;"), ("`", "&#96;")):
        text = text.replace(character, escape)
    return f"<code>{text}</code>"


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder with manifest.csv and make_hostile.py")
    parser.add_argument("--big", action="store_true", help="also those of hundreds of megabytes")
    parser.add_argument("--only", default="", help="documents whose name contains this")
    parser.add_argument("--write", type=Path, help="also write what is printed to this file")
    options = parser.parse_args()
    corpus: Path = options.corpus.resolve()
    for needed in ("manifest.csv", "make_hostile.py"):
        if not (corpus / needed).is_file():
            parser.error(f"{corpus} has no {needed}")
    write = options.write.resolve() if options.write else None
    faulthandler.dump_traceback_later(BOUND, exit=True)
    began = time.monotonic()
    before_cwd = Path.cwd()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder).resolve())
        cases = generated_cases(corpus / "make_hostile.py", place.documents, big=options.big)
        cases += corpus_cases(corpus)
        cases = [case for case in cases if options.only in case.name]
        canaries = place.plant_canaries()
        with contextlib.ExitStack() as stack:
            listener = None
            with contextlib.suppress(OSError):
                listener = Listener(PORT)
                stack.callback(listener.close)
            place.move_in()
            watched = [place.root, *_TARGETS]
            watched += [corpus / kind for kind in ("broken", "encrypted", "hostile")]
            files = snapshot(watched, [place.data, place.audit])
            findings = run(cases, place, listener)
            _look_at_canaries(canaries, place, findings)
            walk(place, findings)
        after = snapshot(watched, [place.data, place.audit])
        changed = sorted(p for p in files.keys() | after.keys() if files.get(p) != after.get(p))
        findings.violations += [f"written: {printable(os.fsdecode(path))}" for path in changed]
        findings.notes.append(f"Files written or changed, of {len(files)} watched: {len(changed)}.")
        _look_at_audit(cases, place, findings)
        (place.documents / "fs" / "locked_dir").chmod(0o700)  # so that it can be removed
        os.chdir(before_cwd)
    for result in findings.results:
        findings.violations += result.violations
    text = report(findings, time.monotonic() - began, big=options.big)
    print(text)
    if write is not None:
        write.parent.mkdir(exist_ok=True)
        write.write_text(text, encoding="utf-8")
    return 1 if findings.violations else 0


if __name__ == "__main__":
    sys.exit(main())
