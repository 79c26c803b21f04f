"""One random schedule of work and faults on one file, and what the oracle says of it.

Everything is drawn from the seed: which documents there are, which steps are taken, on whom, and
how long the pauses between them are. The moment at which a step hits the other processes is not;
a seed brings back the schedule, and the race only with some luck. So a seed that failed is kept
and run again with every other one.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from oracle import OPEN, Truth, Witness, violations, word_of

from reslib import QueueManager, ResearchDatabase
from reslib.errors import AttachmentNotFound, DatabaseError
from reslib.testing import wait_until, write_fault

#: A child must be gone this long after its parent (architecture.md, invariant 4).
ORPHAN_SECONDS = 2.0
SETTINGS: dict[str, Any] = {
    "max_retries": 2,
    "extraction_timeout": 1.0,
    "heartbeat_interval": 0.1,
    "poll_interval": 0.1,
    "memory_limit_mb": 256,
}
#: Instructions of reslib.testing, and the pages that the document gives in the end.
KINDS: dict[str, tuple[int, list[str]]] = {
    "plain": (24, ["page {a}", "page {b}"]),
    "slow": (12, ["page {a}", "sleep 0.1", "page {b}"]),
    "flaky": (4, ["flaky 1", "page {a}", "page {b}"]),
    "raises": (1, ["page {a}", "raise no"]),
    "segfault": (1, ["page {a}", "segfault"]),
    "exits": (1, ["page {a}", "exit 3"]),
    "missing": (1, ["import no_such_module"]),
    "leaks": (1, ["leak"]),
    "hangs": (1, ["page {a}", "sleep 60"]),
    "spins": (1, ["spin"]),
    "leaves a process": (2, ["fork", "page {a}", "page {b}"]),
    "grows": (8, ["keep 40", "page {a}", "page {b}"]),
}
#: These never give a text.
HOPELESS = frozenset({"raises", "segfault", "exits", "missing", "leaks", "hangs", "spins"})


@dataclass
class Report:
    """What one schedule did and found."""

    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class Pool:
    """A pool in another process."""

    def __init__(self, run: Run, name: str, hostname: str | None, workers: int) -> None:
        self.name = name
        self.disk = run.folder / f"{name}.disk"
        self.disk.write_text("ok")
        self.log = run.folder / f"{name}.log"
        settings = {
            "db": str(run.path),
            "timeout": 1.0,
            "clock": str(run.clock),
            "disk": str(self.disk),
            "hostname": hostname,
            "pool": {**SETTINGS, "num_workers": workers},
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("pool.py")), json.dumps(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )

    def say(self, command: str) -> None:
        assert self.process.stdin is not None
        if self.process.stdin.closed:
            return  # it was killed
        try:
            self.process.stdin.write(command + "\n")
        except BrokenPipeError:
            pass  # it is being killed

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def close(self) -> bool:
        """Let it end; return whether it did so by itself."""
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:
                pass
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # it writes its stacks
            self.process.wait(timeout=10)
            return False
        return True


class Run:
    """A schedule that is being carried out."""

    def __init__(self, seed: int, folder: Path, steps: int = 25) -> None:
        self.random = random.Random(seed)
        self.report = Report(seed)
        self.folder, self.path = folder, folder / "research.db"
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.length = steps
        self.truth = Truth()
        self.kinds: dict[int, str] = {}
        self.pools: list[Pool] = []
        self.made = 0
        self.timers: list[threading.Timer] = []
        self.held: list[tuple[int, int]] = []
        self.names = list(STEPS)
        self.weights = [weight for weight, _ in STEPS.values()]

    # --- the whole ----------------------------------------------------------------------------

    def carry_out(self) -> Report:
        began = time.monotonic()
        with ExitStack() as stack:
            self.db = stack.enter_context(ResearchDatabase(self.path, timeout=20))
            self.queue = QueueManager(self.db)
            self.witness = Witness(self.path, self.truth)
            stack.callback(self.witness.close)
            stack.callback(self._kill_everything)
            for _ in range(12):
                self._add()
            self._enqueue(list(self.kinds))
            self.start_pool()
            for _ in range(self.length):
                self.step(self.random.choices(self.names, self.weights)[0])
            self._end_of_faults()
            self._recover()
        self.report.seconds = time.monotonic() - began
        return self.report

    def step(self, name: str) -> None:
        """Take one step, wait a moment, look at the file. One that hits nobody is not counted."""
        if STEPS[name][1](self) is not False:
            self.report.steps[name] += 1
        time.sleep(self.random.expovariate(1 / 0.06))
        self._look(f"after {name!r}")

    def _look(self, when: str) -> None:
        self._blame(when, self.witness.look())

    def _blame(self, when: str, found: list[str]) -> None:
        self.report.violations.extend(f"{when}: {text}" for text in found)

    def _end_of_faults(self) -> None:
        """Every process ends: some are asked to, most are not. What is in the file then?"""
        for timer in self.timers:
            timer.join()
        for pool in list(self.pools):
            if self.random.random() < 0.6:
                self.kill(pool)
            else:
                pool.say("stop 0")
                self._close(pool)
        for job, attempt in self.held:
            self.queue.release(job, attempt=attempt)
        self._look("when every process had ended")
        self._blame("when every process had ended", violations(self.path, self.truth))

    def _recover(self) -> None:
        """A new pool finds what is left, and does it. Retries are waited for by the clock."""
        pool = self.start_pool()
        pool.answer()
        pool.say("drain 240")  # on a machine with other things to do a minute was not enough
        offset = float(self.clock.read_text())
        answer: list[str] = []
        with closing(_Reader(pool, answer)) as reader:
            deadline = time.monotonic() + 270
            while reader.waiting() and time.monotonic() < deadline:
                offset += 45
                self._set_clock(offset)
                self._look("during recovery")
        if answer != ["drained"]:
            self._blame("recovery", [f"the queue was not emptied: {answer}"])
        pool.say("stop 5")
        self._close(pool)
        self._blame("in the end", violations(self.path, self.truth))
        self._blame("in the end", list(self._outcomes()))

    def _outcomes(self) -> Any:
        with closing(sqlite3.connect(self.path)) as db:
            rows = db.execute(
                "SELECT id, attachment_id, status, error_code, attempts FROM extraction_queue"
            ).fetchall()
            wal = self.path.with_name(self.path.name + "-wal")
            if wal.exists() and wal.stat().st_size > 16 << 20:
                yield f"the WAL has {wal.stat().st_size} bytes"
        for job, attachment, status, code, attempts in rows:
            self.report.states[status] += 1
            kind = self.kinds[attachment]
            if status in OPEN:
                yield f"job {job} ({kind}) is still {status}"
            if status == "complete" and kind in HOPELESS:
                yield f"job {job} ({kind}) cannot have been completed"
            # Kills, stops of the machine and slow disks may cost any document its attempts, but
            # nothing else may.
            if status == "failed" and kind not in HOPELESS:
                if code not in ("crashed", "timeout", "exception", "memory_limit"):
                    yield f"job {job} ({kind}) failed as {code}"
                if code == "exception" and kind != "flaky":
                    yield f"job {job} ({kind}) raised"
                if attempts != SETTINGS["max_retries"] + 1:
                    yield f"job {job} ({kind}) failed after {attempts} attempts"

    def _kill_everything(self) -> None:
        for timer in self.timers:
            timer.join()
        for pool in list(self.pools):
            self.kill(pool)

    def _no_complaints(self, pool: Pool) -> None:
        """Warnings are fine; a traceback is a mistake of ours."""
        log = pool.log.read_text(errors="replace")
        if any(words in log for words in ("Traceback", "unexpected error", "Fatal Python")):
            self._blame(f"log of {pool.name}", [log[-6000:]])

    # --- helpers ------------------------------------------------------------------------------

    def start_pool(self, hostname: str | None = None) -> Pool:
        pool = Pool(
            self, f"pool{self.report.steps['(pools)']}", hostname, self.random.choice((1, 2))
        )
        self.report.steps["(pools)"] += 1
        self.pools.append(pool)
        return pool

    def kill(self, pool: Pool) -> None:
        """Pull the plug of a process; its children must follow."""
        children = pool.children()
        pool.process.kill()
        pool.process.wait()
        _, alive = psutil.wait_procs(children, timeout=ORPHAN_SECONDS)
        frozen = [child for child in alive if _status(child) == psutil.STATUS_STOPPED]
        for child in frozen:
            # Frozen before its first instruction, it could not tie itself to its parent; it ends
            # as soon as it runs.
            child.resume()
        _, resumed = psutil.wait_procs(frozen, timeout=ORPHAN_SECONDS)
        alive = [child for child in alive if child not in frozen] + resumed
        for child in alive:
            if _status(child) not in (None, psutil.STATUS_ZOMBIE):
                what = f"child {child.pid} of {pool.name} still lives, {_status(child)}"
                self._blame("after SIGKILL", [what])
                child.kill()
        self._close(pool)

    def _close(self, pool: Pool) -> None:
        if not pool.close():
            self._blame(pool.name, ["it did not end within 30 s"])
        self._no_complaints(pool)
        self.pools.remove(pool)

    def any_pool(self) -> Pool | None:
        return self.random.choice(self.pools) if self.pools else None

    def some_job(self, *statuses: str) -> int | None:
        with closing(sqlite3.connect(self.path, timeout=30)) as db:
            marks = ", ".join("?" * len(statuses))
            rows = db.execute(
                f"SELECT id FROM extraction_queue WHERE status IN ({marks})", statuses
            ).fetchall()
        return self.random.choice(rows)[0] if rows else None

    def after(self, seconds: float, undo: Callable[[], object]) -> None:
        """End a fault later; not in the thread of the steps, which the fault may hold up."""
        timer = threading.Timer(seconds, undo)
        timer.start()
        self.timers.append(timer)

    def _add(self) -> int:
        weights = [weight for weight, _ in KINDS.values()]
        kind = self.random.choices(list(KINDS), weights)[0]
        number, word = self.made, word_of(self.made)
        self.made += 1
        first, second = f"page one of {number}", f"page two with {word}"
        lines = [line.format(a=first, b=second) for line in KINDS[kind][1]]
        path = write_fault(self.folder, f"{number}.fault", *lines)
        attachment = self.db.add_attachment(path.name, path)
        self.kinds[attachment] = kind
        self.truth.words[attachment] = word
        if kind not in HOPELESS:
            self.truth.pages[attachment] = (
                (first, second) if "page {b}" in KINDS[kind][1] else (first,)
            )
        return attachment

    def _enqueue(self, attachments: list[int]) -> None:
        priority = self.random.choice((0, 0, 0, 5, -3))
        wanted = list(dict.fromkeys(attachments))
        for attachment in wanted:
            job = self.queue.enqueue(attachment, priority, max_retries=SETTINGS["max_retries"])
            if job is not None:
                self.truth.jobs[job] = attachment

    def _set_clock(self, offset: float) -> None:
        with self.clock.open("r+") as file:
            file.write(f"{offset:<20.3f}")

    # --- steps --------------------------------------------------------------------------------

    def enqueue_new(self) -> None:
        self._enqueue([self._add() for _ in range(self.random.randint(1, 4))])

    def enqueue_again(self) -> None:
        there = [a for a in self.kinds if a not in self.truth.deleted]
        if there:
            self._enqueue(self.random.sample(there, min(3, len(there))))

    def claim_by_hand(self) -> None:
        job = self.queue.claim(f"hand-{self.random.randint(1, 10**9)}")
        if job is not None:
            self.held.append((job.id, job.attempt))

    def finish_by_hand(self) -> None:
        if self.held:
            job, attempt = self.held.pop(self.random.randrange(len(self.held)))
            if self.random.random() < 0.5:
                self.queue.release(job, attempt=attempt)
            else:
                self.queue.failed(job, "as told", "unknown", attempt=attempt, max_retries=2)

    def cancel(self) -> None:
        if (job := self.some_job(*OPEN)) and self.queue.cancel(job):
            self.truth.cancelled.add(job)

    def cancel_running(self) -> None:
        if (job := self.some_job("processing")) and self.queue.cancel(job):
            self.truth.cancelled.add(job)

    def retry(self) -> None:
        if job := self.some_job("failed"):
            self.truth.retried.add(job)
            self.queue.retry_failed(job)

    def delete(self) -> None:
        there = [a for a in self.kinds if a not in self.truth.deleted]
        attachment = self.random.choice(there)
        self.truth.deleted.add(attachment)
        try:
            self.db.delete_attachment(attachment)
        except AttachmentNotFound:
            self._blame("delete", [f"attachment {attachment} is gone"])

    def pause_pool(self) -> None:
        if pool := self.any_pool():
            pool.say("pause")
            self.after(self.random.uniform(0, 0.5), lambda: pool.say("resume"))

    def stop_pool(self) -> None:
        if pool := self.any_pool():
            pool.say(f"stop {self.random.choice((0, 0, 0.2, 3))}")
            self.after(self.random.uniform(0, 0.4), lambda: pool.say("start"))

    def resize_pool(self) -> None:
        if pool := self.any_pool():
            pool.say(f"resize {self.random.randint(1, 3)}")

    def second_pool(self) -> None:
        if len(self.pools) < 3:
            self.start_pool(self.random.choice((None, None, "elsewhere")))

    def kill_pool(self) -> bool:
        pool = self.any_pool()
        if pool:
            self.kill(pool)
        if not self.pools:
            self.start_pool()
        return pool is not None

    def kill_child(self) -> bool:
        return self._signal_child(signal.SIGKILL)

    def freeze_child(self) -> bool:
        return self._signal_child(signal.SIGSTOP)

    def _signal_child(self, number: signal.Signals) -> bool:
        pool = self.any_pool()
        children = pool.children() if pool else []
        if pool and children:
            child = self.random.choice(children)
            try:
                # Until it runs a program of its own, its parent is suspended with it, all threads
                # that need the interpreter too (vfork(2)): that would be freezing the pool.
                if number == signal.SIGSTOP and child.cmdline() == pool.process.args:
                    return False
                child.send_signal(number)
            except psutil.NoSuchProcess:
                return False
        return bool(children)

    def freeze_pool(self) -> bool:
        """Longer than its heartbeat, and often than what others wait before they give it up."""
        pool = self.any_pool()
        if pool:
            pool.process.send_signal(signal.SIGSTOP)
            self.after(
                self.random.uniform(0.15, 1.2), lambda: pool.process.send_signal(signal.SIGCONT)
            )
        return pool is not None

    def disk_full(self) -> None:
        self._disk("full")

    def disk_readonly(self) -> None:
        self._disk("readonly")

    def disk_broken(self) -> None:
        self._disk("broken")

    def disk_slow(self) -> None:
        self._disk("slow")

    def _disk(self, word: str) -> None:
        if pool := self.any_pool():
            pool.disk.write_text(word)
            self.after(self.random.uniform(0.05, 0.8), lambda: pool.disk.write_text("ok" + " " * 8))

    def clock_forward(self) -> None:
        self._step_clock(1)

    def clock_back(self) -> None:
        self._step_clock(-1)

    def _step_clock(self, sign: int) -> None:
        jump = self.random.choice((1, 30, 600, 3600, 86_400))
        self._set_clock(float(self.clock.read_text()) + sign * jump)

    def no_child(self) -> bool:
        """The interpreter is elsewhere for a while."""
        pool = self.any_pool()
        if pool:
            pool.say("lose")
            self.after(self.random.uniform(0.1, 1.5), lambda: pool.say("find"))
        return pool is not None

    def callback_exits(self) -> bool:
        pool = self.any_pool()
        if pool:
            pool.say("leave")
        return pool is not None

    def late_heartbeat(self) -> bool:
        pool = self.any_pool()
        if pool:
            pool.say(f"late {self.random.uniform(0.01, 1)}")
        return pool is not None

    def file_gone(self) -> bool:
        return self._take_file("file deleted", b"")

    def file_replaced(self) -> bool:
        return self._take_file("file replaced", b"somebody else's\n" * 1000)

    def _take_file(self, step: str, other: bytes) -> bool:
        """The file is moved away for a moment, and *other* may stand in its place. Not while
        somebody opens it: there he would make another one, with the log of this one.
        """
        if not all(_has_open(pool.process.pid, self.path) for pool in self.pools):
            return False
        away = self.path.with_name("away.db")
        self.path.rename(away)
        if other:
            self.path.write_bytes(other)
        time.sleep(self.random.uniform(0.05, 0.6))
        found = self.path.read_bytes() if self.path.exists() else b""
        away.replace(self.path)
        if found != other:
            self._blame(step, ["somebody made another file in its place, or wrote to it"])
        return True

    def lock_held(self) -> None:
        """Somebody else writes, with plain SQLite, and takes the time."""
        other = sqlite3.connect(
            self.path, isolation_level=None, timeout=20, check_same_thread=False
        )
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute("BEGIN IMMEDIATE")
        time.sleep(self.random.uniform(0.1, 1.5))
        other.execute("ROLLBACK")
        other.close()

    def write_lock_held(self) -> None:
        """A process holds the write lock, frozen perhaps."""
        with Path(f"{self.path}.lock").open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            time.sleep(self.random.uniform(0.1, 1.5))

    def long_read(self) -> None:
        """A notebook reads for a while; its snapshot keeps the WAL from being emptied."""
        reader = sqlite3.connect(
            self.path, isolation_level=None, timeout=20, check_same_thread=False
        )
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM attachments").fetchone()
        self.after(self.random.uniform(0.2, 1.0), reader.close)

    def rescue(self) -> None:
        self.queue.rescue()

    def clean_up(self) -> None:
        self.queue.cleanup_stale_jobs(self.random.choice((0.005, 0.05, 30)))

    def search(self) -> None:
        self.db.search(word_of(self.random.randrange(self.made)))


def _has_open(pid: int, path: Path) -> bool:
    try:
        return any(file.path == str(path) for file in psutil.Process(pid).open_files())
    except psutil.Error:
        return False


def _status(process: psutil.Process) -> str | None:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return None


class _Reader:
    """Waits for a pool's answer without standing still."""

    def __init__(self, pool: Pool, answer: list[str]) -> None:
        assert pool.process.stdout is not None
        self._stdout, self._answer = pool.process.stdout, answer
        os.set_blocking(self._stdout.fileno(), False)

    def waiting(self) -> bool:
        time.sleep(0.05)
        line = self._stdout.readline().strip()
        if line:
            self._answer.append(line)
        return not line

    def close(self) -> None:
        os.set_blocking(self._stdout.fileno(), True)


#: Steps with their weights. Work first, faults after.
STEPS: dict[str, tuple[int, Callable[[Run], bool | None]]] = {
    "enqueue": (5, Run.enqueue_new),
    "enqueue again": (3, Run.enqueue_again),
    "claim by hand": (2, Run.claim_by_hand),
    "finish by hand": (2, Run.finish_by_hand),
    "cancel": (2, Run.cancel),
    "cancel a running job": (3, Run.cancel_running),
    "retry": (3, Run.retry),
    "delete an attachment": (1, Run.delete),
    "pause": (2, Run.pause_pool),
    "stop": (3, Run.stop_pool),
    "resize": (1, Run.resize_pool),
    "rescue": (2, Run.rescue),
    "clean up": (1, Run.clean_up),
    "search": (1, Run.search),
    "second pool": (4, Run.second_pool),
    "SIGKILL a pool": (4, Run.kill_pool),
    "SIGKILL a child": (4, Run.kill_child),
    "SIGSTOP a pool": (3, Run.freeze_pool),
    "SIGSTOP a child": (2, Run.freeze_child),
    "disk full": (2, Run.disk_full),
    "disk read-only": (2, Run.disk_readonly),
    "disk broken": (2, Run.disk_broken),
    "disk slow": (2, Run.disk_slow),
    "clock forward": (2, Run.clock_forward),
    "clock back": (2, Run.clock_back),
    "a child cannot start": (3, Run.no_child),
    "callback exits": (3, Run.callback_exits),
    "late heartbeat": (3, Run.late_heartbeat),
    "file deleted": (2, Run.file_gone),
    "file replaced": (2, Run.file_replaced),
    "lock held": (1, Run.lock_held),
    "write lock held": (1, Run.write_lock_held),
    "long read": (2, Run.long_read),
}
FAULTS = tuple(
    name
    for name in STEPS
    if name.split()[0]
    in {"SIGKILL", "SIGSTOP", "disk", "clock", "lock", "write", "a", "callback", "late", "file"}
)


def run_schedule(seed: int, folder: Path) -> Report:
    """Carry out the schedule of a seed in an empty folder."""
    try:
        return Run(seed, folder).carry_out()
    except DatabaseError as error:
        raise AssertionError(f"seed {seed}: the orders could not be given: {error}") from error


__all__ = ["FAULTS", "KINDS", "Report", "Run", "run_schedule", "wait_until"]
