"""Take away one protection after the other, and see which test notices: ``make mutants``.

Each mutation removes what stands behind an invariant of the project from a copy of the source; the
named tests must then fail. One that they survive is a promise that nothing checks. Exit code 1
when there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cluster_mutations import CLUSTER_MUTATIONS

from reslib.sandbox import orphans

#: Where the record of an attempt is made, by which the rest of its end is decided.
_RECORDED = """a.content_hash, q.task
FROM extraction_queue AS q JOIN attachments AS a ON a.id = q.attachment_id
WHERE q.id = :job_id"""

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "mutations.md"


@dataclass(frozen=True)
class Mutation:
    """What is removed, and who should notice."""

    invariant: str
    removed: str
    file: str
    old: str
    new: str
    tests: str


QUEUE = "tests/integration/test_queue.py"
QUEUE_RESCUE = "tests/integration/test_queue_rescue.py"
MODEL = "tests/faults/test_queue_model.py"
LIMITS = "tests/integration/test_sandbox_limits.py"
LIFE = "tests/integration/test_sandbox_life.py"
ORPHANS = "tests/integration/test_sandbox_orphans.py"
WORKER = "tests/integration/test_worker.py"
STOPPING = "tests/integration/test_worker_stopping.py"
KILL = "tests/acceptance/test_kill.py"
TASKS = "tests/integration/test_tasks.py"
SLOTS = "tests/integration/test_slots.py"
BATCHES = "tests/integration/test_batches.py"

ONE = "1 nothing lost, nothing twice"
FENCED = "2 fenced"
RESCUE = "3 rescue follows liveness"
TIMEOUT = "4 a timeout kills"
ONE_BAD = "5 one bad document costs one attempt"
INTERRUPTED = "6 interrupted is not failed"
FREE = "7 the kernel stays free"
NO_LIE = "8 no lie"
NOT_BLAMED = "the machinery never blames a document"
LESS = "the child has less"
WHICH = "a document is its bytes"
SHOWN = "what is shown is safe and whole"
EXTRACTOR = "the extractor that accepted a document reads it"
AGAIN = "a text that is read again stays"
CUT = "what was read before the end is kept, and said"
PARTIAL = "tests/integration/test_partial.py"
MACHINERY = "tests/integration/test_machinery.py"
CALLBACKS = "tests/integration/test_callbacks.py"
HEARTBEATS = "tests/integration/test_heartbeats.py"
TAKEN = "tests/integration/test_file_taken.py"
PLACES = "tests/integration/test_places.py tests/integration/test_places_model.py"
WHICH_DOCUMENT = "tests/acceptance/test_which_document.py"
ISOLATION = "tests/integration/test_sandbox_isolation.py"
NETWORK = "tests/integration/test_sandbox_network.py"
UNFIT = "tests/integration/test_sandbox_unfit.py"
CALLS = "tests/integration/test_sandbox_calls.py"
HOSTILE = "tests/integration/test_hostile.py"
SUCCESSION = "tests/integration/test_succession.py"
KILLED = "tests/integration/test_sandbox_killed.py"
SURROUNDINGS = "tests/integration/test_cli_surroundings.py"
WHO = "tests/integration/test_which_extractor.py"
TWICE = "tests/integration/test_again.py"
PANEL = "tests/integration/test_panel.py"
PANEL_KERNEL = "tests/integration/test_panel_kernel.py"
JOBLIST = "tests/integration/test_joblist.py"

MUTATIONS = [
    Mutation(
        ONE,
        "a write is one transaction",
        "reslib/storage/store.py",
        '            connection.execute("BEGIN IMMEDIATE")\n            try:\n',
        "            try:\n",
        f"tests/integration/test_store.py {QUEUE} {KILL}",
    ),
    Mutation(
        ONE,
        "text and completion are in the same transaction",
        "reslib/jobs/transitions.py",
        "    if result is not None:\n        _store(",
        '    transaction._connection.execute("COMMIT")\n'
        '    transaction._connection.execute("BEGIN IMMEDIATE")\n'
        "    if result is not None:\n        _store(",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "a pool rescues the jobs of dead processes when it starts",
        "reslib/pool/pool.py",
        "            self.queue.rescue()\n            self.queue.forget",
        "            self.queue.forget",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "a running pool rescues, too",
        "reslib/pool/watcher.py",
        "some_lost = queue.rescue() > 0 or some_lost",
        "pass",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "a job that another process cancels while its extraction begins is ended",
        "reslib/pool/watcher.py",
        "if latest != version or some_lost:",
        "if latest != version:",
        "tests/integration/test_engines.py -k begins",
    ),
    Mutation(
        ONE,
        "a job that another process cancels is ended",
        "reslib/pool/watcher.py",
        "some_lost = sum(worker.kill_if_lost() for worker in workers()) > 0",
        "some_lost = False",
        "tests/integration/test_engines.py -k begins",
    ),
    Mutation(
        NOT_BLAMED,
        "a folder for temporary files that fills up is no document's fault",
        "reslib/sandbox/sandbox.py",
        "if session.no_room and is_full():",
        "if False:",
        "tests/integration/test_sandbox_room.py",
    ),
    Mutation(
        NOT_BLAMED,
        "a document that fills the folder for temporary files itself has failed",
        "reslib/sandbox/sandbox.py",
        "if session.no_room and is_full():",
        "if session.no_room:",
        "tests/integration/test_sandbox_room.py",
    ),
    Mutation(
        NOT_BLAMED,
        "what an engine raises is no document's fault",
        "reslib/engines/guard.py",
        "        return Outcome(unavailable=_failed(error))",
        "        raise",
        "tests/integration/test_engines.py -k raises",
    ),
    Mutation(
        RESCUE,
        "who cannot look takes nobody for dead",
        "reslib/liveness.py",
        "says nothing of the other\n        return None",
        "says nothing of the other\n        return False",
        "tests/integration/test_recovery.py -k open_files",
    ),
    Mutation(
        ONE,
        "an attachment has one open job at most",
        "reslib/jobs/enqueue.py",
        "            if not (new.deduplicate and found",
        "            if not (not new.deduplicate and found",
        MODEL,
    ),
    Mutation(
        ONE,
        "the search index follows the text",
        "reslib/storage/sql/schema.sql",
        "AFTER UPDATE OF filename, extracted_text ON attachments",
        "AFTER UPDATE OF filename ON attachments",
        f"{MODEL} tests/integration/test_database.py",
    ),
    Mutation(
        FREE,
        "a connection is not closed in the middle of another thread's call",
        "reslib/storage/connections.py",
        "            if not held.lock.acquire(timeout=_CLOSING_PATIENCE):\n",
        "            held.connection.close()\n"
        "            if not held.lock.acquire(timeout=_CLOSING_PATIENCE):\n",
        "tests/integration/test_store.py",
    ),
    Mutation(
        ONE,
        "a migration is one transaction",
        "reslib/storage/migration.py",
        'connection.execute("BEGIN IMMEDIATE")\n    try:\n        statement = ""',
        'try:\n        statement = ""',
        "tests/faults/test_migration.py",
    ),
    Mutation(
        ONE,
        "a file is kept as it was before it is migrated",
        "reslib/storage/migration.py",
        "        connection.backup(copy)\n",
        "        pass\n",
        "tests/faults/test_migration.py",
    ),
    Mutation(
        NO_LIE,
        "the index is filled by the fold that the query goes through",
        "reslib/storage/searchindex.py",
        'return fold(text.decode("utf-8", "replace"))',
        'return text.decode("utf-8", "replace")',
        "tests/integration/test_database.py",
    ),
    Mutation(
        ONE,
        "the counts follow the rows",
        "reslib/storage/sql/schema.sql",
        "    UPDATE queue_counts SET jobs = jobs + 1 WHERE status = new.status;\nEND;\n\n"
        "CREATE TRIGGER queue_counts_delete",
        "    SELECT 1;\nEND;\n\nCREATE TRIGGER queue_counts_delete",
        MODEL,
    ),
    Mutation(
        ONE,
        "a retry far in the future is due (the clock was set back)",
        "reslib/jobs/claims.py",
        "    return utc_text(LONGEST_DELAY)\n",
        '    return "9999"\n',
        QUEUE,
    ),
    Mutation(
        ONE,
        "a connection of a read-only moment is opened again",
        "reslib/storage/store.py",
        "            if primary_code(error) == sqlite3.SQLITE_READONLY:\n",
        "            if False:\n",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "a log that cannot be brought back does not undo what is stored",
        "reslib/storage/store.py",
        "            busy = True\n",
        "            raise\n",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "what an ended worker could not give back is given back",
        "reslib/pool/pool.py",
        "        self.queue.release_all_of(self._crew.ended())\n",
        "        pass\n",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "an outcome is kept while the disk is full",
        "reslib/pool/patience.py",
        "                if self._control.wait_for_stop(pause):\n                    raise",
        "                raise",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE,
        "one checkpointer at a time, inside the write lock (none: the WAL grows)",
        "reslib/storage/store.py",
        "        if size < self._next_checkpoint:\n            return",
        "        return",
        "tests/integration/test_store.py",
    ),
    Mutation(
        ONE,
        "processes take turns at the write lock",
        "reslib/storage/lock.py",
        "                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "                fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)\n",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        FENCED,
        "the number of the claim in the fence",
        "reslib/storage/sql/queries.sql",
        f"{_RECORDED} AND q.status = 'processing' AND q.claims = coalesce(:attempt, q.claims)",
        f"{_RECORDED} AND q.status = 'processing' AND coalesce(:attempt, 0) IS NOT NULL",
        f"{QUEUE} {MODEL}",
    ),
    Mutation(
        FENCED,
        "the state in the fence",
        "reslib/storage/sql/queries.sql",
        f"{_RECORDED} AND q.status = 'processing' AND q.claims",
        f"{_RECORDED} AND q.claims",
        f"{QUEUE} {MODEL}",
    ),
    Mutation(
        FENCED,
        "workers pass their claim",
        "reslib/pool/thread.py",
        "done = queue.complete(job.id, attempt=job.attempt, outcome=outcome)",
        "done = queue.complete(job.id, outcome=outcome)",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        FENCED,
        "workers pass their claim when they take the next job at once",
        "reslib/pool/thread.py",
        "Transition.completion(job.id, None, None, job.attempt, outcome)",
        "Transition.completion(job.id, None, None, None, outcome)",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        FENCED,
        "a cancelled job stays cancelled",
        "reslib/storage/sql/queries.sql",
        "WHERE id = :job_id AND status IN ('pending', 'processing', 'retry_pending')\nRETURNING",
        "WHERE id = :job_id\nRETURNING",
        f"{QUEUE} {MODEL}",
    ),
    Mutation(
        RESCUE,
        "the start of the owner's process is compared",
        "reslib/liveness.py",
        "return _started_at(identity.pid) == identity.process_started_at",
        "return _started_at(identity.pid) is not None",
        f"{QUEUE_RESCUE} {MODEL}",
    ),
    Mutation(
        RESCUE,
        "a live owner is left alone",
        "reslib/liveness.py",
        "    if alive is not None:\n        return not alive\n",
        "",
        QUEUE_RESCUE,
    ),
    Mutation(
        RESCUE,
        "a rescue counts the attempt, so that a killer document ends",
        "reslib/jobs/transitions.py",
        'max(1, so_far["attempts"] + counted)',
        "1",
        f"{QUEUE_RESCUE} {MODEL}",
    ),
    Mutation(
        TIMEOUT,
        "the deadline",
        "reslib/sandbox/session.py",
        "MAX_PRINTED_MB * MB or now >= deadline",
        "MAX_PRINTED_MB * MB",
        f"{LIMITS} --timeout 30",
    ),
    Mutation(
        TIMEOUT,
        "SIGKILL at the deadline (SIGTERM instead)",
        "reslib/sandbox/process.py",
        "            self._signal(signal.SIGKILL)\n",
        "            self._signal(signal.SIGCONT)\n            self._signal(signal.SIGTERM)\n",
        f"{LIMITS} --timeout 30",
    ),
    Mutation(
        TIMEOUT,
        "children end with their parent",
        "reslib/sandbox/guard.py",
        "        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)\n\n    def watch",
        "        _prctl(_PR_SET_PDEATHSIG, 0)\n        return\n\n    def watch",
        f"{ORPHANS} -k 'outlives or idle_child'",
    ),
    Mutation(
        TIMEOUT,
        "the system ends a child that spins",
        "reslib/sandbox/guard.py",
        "        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)\n",
        "        _prctl(_PR_SET_PDEATHSIG, 0)\n",
        f"{ORPHANS} -k outlives",
    ),
    Mutation(
        TIMEOUT,
        "stop() ends the wait for a child that does not begin",
        "reslib/pool/thread.py",
        "guard.warm_up(self.runner, self._is_to_end)",
        "guard.warm_up(self.runner, lambda: False)",
        "tests/faults/test_moments.py",
    ),
    Mutation(
        ONE_BAD,
        "the memory limit",
        "reslib/sandbox/child.py",
        "    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n",
        "",
        f"{LIMITS} -k memory",
    ),
    Mutation(
        ONE_BAD,
        "the limit of what an extraction prints",
        "reslib/sandbox/session.py",
        "self._over_memory or self.printed > MAX_PRINTED_MB * MB or now",
        "self._over_memory or now",
        f"{LIMITS} -k messages --timeout 60",
    ),
    Mutation(
        ONE_BAD,
        "a child that left processes behind is not used again",
        "reslib/sandbox/sandbox.py",
        "            or session.left_processes\n",
        "",
        ORPHANS,
    ),
    Mutation(
        ONE_BAD,
        "a child that may not go on is replaced",
        "reslib/sandbox/succession.py",
        "            if size is _Size.FULL or self._is_used_up(child):\n",
        "            if False:\n",
        f"{LIFE} {SUCCESSION} -k 'in_time or full'",
    ),
    Mutation(
        ONE_BAD,
        "a child that has grown gets a successor",
        "reslib/sandbox/succession.py",
        "        if grown_mb > _GROWN * limit:\n            return _Size.GROWN\n",
        "",
        f"{SUCCESSION} -k has_grown_much",
    ),
    Mutation(
        NOT_BLAMED,
        "a child that cannot be started gives the job back",
        "reslib/sandbox/sandbox.py",
        "                return Outcome(unavailable=diagnosis.not_started(error)), 0.0\n",
        "                failure = diagnosis.protocol_violation(seen, str(error))\n"
        "                return _outcome(began, failure), 0.0\n",
        f"{MACHINERY} -k goes_back",
    ),
    Mutation(
        NOT_BLAMED,
        "a worker without a child claims nothing",
        "reslib/pool/thread.py",
        "            if problem is not None:\n                self._note_machinery(problem)\n"
        "                return False\n",
        "            if problem is not None:\n                self._note_machinery(None)\n",
        f"{MACHINERY} -k costs_no_document",
    ),
    Mutation(
        NOT_BLAMED,
        "a worker waits before it tries to start a child again",
        "reslib/pool/thread.py",
        "        control.rest(self._pause, self._is_to_end)\n",
        "",
        f"{MACHINERY} -k growing_intervals",
    ),
    Mutation(
        NOT_BLAMED,
        "who could start no child tries again when somebody else could",
        "reslib/pool/control.py",
        "            self._started += 1\n",
        "",
        f"{MACHINERY} -k tries_again",
    ),
    Mutation(
        NOT_BLAMED,
        "a child that was dead before it began is no document's matter",
        "reslib/sandbox/session.py",
        "        if self.elsewhere is not None or (not is_last and self._was_dead()):\n",
        "        if self.elsewhere is not None:\n",
        f"{KILLED} -k 'just_killed or costs_it_nothing'",
    ),
    Mutation(
        NOT_BLAMED,
        "a child whose threads still end does not count as alive",
        "reslib/sandbox/process.py",
        "        return not any(int(mask, 16) & 1 << (signal.SIGKILL - 1) for mask in pending)\n",
        "        return True\n",
        f"{KILLED} -k does_not_count",
    ),
    Mutation(
        NO_LIE,
        "a signal for a child that has ended leaves how it ended to be read",
        "reslib/sandbox/process.py",
        "            if self.returncode is None:\n                os.kill(self.pid, number)\n",
        "            assert self._popen is not None\n            self._popen.send_signal(number)\n",
        f"{KILLED} -k how_it_ended",
    ),
    Mutation(
        NOT_BLAMED,
        "a successor that cannot be made leaves the old child at work",
        "reslib/sandbox/succession.py",
        "            self._note_failure(str(error))\n",
        "            raise\n",
        f"{SUCCESSION} -k cannot_be_started",
    ),
    Mutation(
        NOT_BLAMED,
        "a successor that does not get ready leaves the old child at work",
        "reslib/sandbox/succession.py",
        "        if self.child is None and self._predecessor is not None:\n",
        "        if False:\n",
        f"{SUCCESSION} -k ends_while",
    ),
    Mutation(
        FREE,
        "a successor is started while the old child works",
        "reslib/sandbox/succession.py",
        "not (hurried or _has_spoken(self._successor)):\n",
        "not (hurried or True):\n",
        f"{SUCCESSION} -k works_until",
    ),
    Mutation(
        FREE,
        "successors start one after the other",
        "reslib/sandbox/succession.py",
        "        if not (hurried or _turns.take()):\n            return\n",
        "",
        f"{SUCCESSION} -k one_successor",
    ),
    Mutation(
        FREE,
        "an idle child that has grown is replaced, too",
        "reslib/pool/thread.py",
        "        self.runner.tend()\n",
        "",
        f"{SUCCESSION} -k keeps_one_each",
    ),
    Mutation(
        TIMEOUT,
        "a successor that is starting ends with its sandbox",
        "reslib/sandbox/succession.py",
        "            successor.close()  # it has done nothing yet",
        "            _turns.__dict__['kept'] = successor  #",
        f"{SUCCESSION} -k closing",
    ),
    Mutation(
        NOT_BLAMED,
        "a callback may raise whatever it likes",
        "reslib/pool/events.py",
        "            except BaseException as error:\n",
        "            except Exception as error:\n",
        f"{CALLBACKS} -k 'whatever and job_completed' --timeout 30",
    ),
    Mutation(
        NOT_BLAMED,
        "stop() does not wait for callbacks that do not return",
        "reslib/pool/crew.py",
        "_CALLBACK_PATIENCE and all(w.in_callback for w in left):",
        "_CALLBACK_PATIENCE and False:",
        f"{CALLBACKS} -k 'keeps_to_its_time and job_started'",
    ),
    Mutation(
        NOT_BLAMED,
        "what a callback that does not return has is given back",
        "reslib/pool/crew.py",
        " or (worker.abandoned and worker.in_callback)",
        "",
        f"{CALLBACKS} -k 'keeps_to_its_time and job_started'",
    ),
    Mutation(
        NO_LIE,
        "a late heartbeat does not say which job runs",
        "reslib/storage/sql/queries.sql",
        "    current_job_id = iif(:status = 'stopped', NULL, current_job_id)\nWHERE",
        "    current_job_id = :job_id\nWHERE",
        f"{HEARTBEATS} -k late",
    ),
    Mutation(
        NO_LIE,
        "a worker that has stopped stays stopped",
        "reslib/storage/sql/queries.sql",
        "WHERE worker_heartbeat.status <> 'stopped'\n",
        "WHERE true\n",
        f"{HEARTBEATS} -k late",
    ),
    Mutation(
        NO_LIE,
        "nothing is written into a file that was deleted or replaced",
        "reslib/storage/store.py",
        "                log_size = self._connections.log_of_the_file()\n",
        "                log_size = 0\n",
        f"{TAKEN} -k 'taken_from or when_it_is_back'",
    ),
    Mutation(
        NO_LIE,
        "a file that was deleted is said while the pool is idle",
        "reslib/pool/watcher.py",
        "            control.set_problem(Cause.FILE, store.file_problem())\n",
        "",
        f"{TAKEN} -k idle_pool",
    ),
    Mutation(
        NO_LIE,
        "a thread that comes after the file was taken reads what the others have",
        "reslib/storage/connections.py",
        "self._of_another_thread() if self.file_problem() else None",
        "None",
        f"{TAKEN} -k another_thread",
    ),
    Mutation(
        NO_LIE,
        "a connection whose thread has ended is not used",
        "reslib/storage/connections.py",
        "        if self._is_closed:\n",
        "        if False:\n",
        "tests/unit/test_connections.py",
    ),
    Mutation(
        NO_LIE,
        "an index that was deleted is missed",
        "reslib/storage/openedfile.py",
        "        if not self._is_the_same(self._index):\n",
        "        if False:\n",
        f"{TAKEN} -k 'taken_from and index'",
    ),
    Mutation(
        NO_LIE,
        "what another process wrote with an index of its own is not written over",
        "reslib/storage/connections.py",
        "            fcntl.fcntl(self._hold, fcntl.F_OFD_SETLK, lock)\n",
        "            pass\n",
        f"{TAKEN} -k two_processes",
    ),
    Mutation(
        NO_LIE,
        "a pool that cannot store anything says so",
        "reslib/pool/patience.py",
        "                self.note(error)\n                if",
        "                if",
        f"{TAKEN} -k cannot_store",
    ),
    Mutation(
        FREE,
        "a panel leaves the pool as it is",
        "widgets/reslib_widgets/observe.py",
        "        self._was_busy = False\n\n",
        "        self._was_busy = False\n        worker.on('job_completed', lambda *_: None)\n\n",
        "tests/integration/test_panel.py -k as_it_is",
    ),
    Mutation(
        FREE,
        "many more workers than cores get a word",
        "reslib/pool/control.py",
        "    if num_workers <= 2 * cores:\n",
        "    if True:\n",
        f"{MACHINERY} -k without_work",
    ),
    Mutation(
        NO_LIE,
        "signals that Landlock does not hold back are said",
        "reslib/sandbox/confinement.py",
        "        if abi >= landlock.SCOPES_SINCE:\n",
        "        if abi:\n",
        f"{UNFIT} -k older_landlock",
    ),
    Mutation(
        FREE,
        "what fails at the end of a worker does not keep its pool from stopping",
        "reslib/pool/thread.py",
        "                except BaseException:\n"
        '                    logger.exception("worker %s: unexpected error at its end"',
        "                except KeyError:\n"
        '                    logger.exception("worker %s: unexpected error at its end"',
        f"{MACHINERY} -k ended_all_the_same",
    ),
    Mutation(
        NO_LIE,
        "a number of workers that the system does not allow is not taken on",
        "reslib/pool/pool.py",
        "            if self.is_running():\n                self._crew",
        "            self.num_workers = num_workers\n"
        "            if self.is_running():\n                self._crew",
        f"{MACHINERY} -k does_not_allow_changes_nothing",
    ),
    Mutation(
        NO_LIE,
        "what a system does not refuse to extractions is said",
        "reslib/pool/thread.py",
        "                    pool.control.note_lacking(self.runner.lacking)\n",
        "",
        f"{UNFIT} -k 'panel_shows'",
    ),
    Mutation(
        LESS,
        "no cell of an exported table is a formula",
        "reslib/commands/export.py",
        '    if column not in _OURS and text.lstrip(" \\"\'").startswith(_FORMULA):\n',
        "    if False:\n",
        f"{SURROUNDINGS} -k formula",
    ),
    Mutation(
        NO_LIE,
        "a terminal of few letters gets question marks",
        "reslib/commands/command.py",
        '            sys.stdout.reconfigure(errors="replace")\n',
        "            pass\n",
        f"{SURROUNDINGS} -k question_mark",
    ),
    Mutation(
        FREE,
        "a fork does not wait for the threads of its parent",
        "reslib/pool/pools.py",
        "        pool.lose_threads()\n",
        "        pass\n",
        "tests/integration/test_fork.py -k leaves_at_once",
    ),
    Mutation(
        ONE,
        "a database is not carried over a fork",
        "reslib/storage/connections.py",
        "        if self._pid != os.getpid():\n            raise DatabaseError(\n",
        "        if False:\n            raise DatabaseError(\n",
        "tests/integration/test_fork.py -k told_at_once",
    ),
    Mutation(
        NO_LIE,
        "a value that no database keeps is named",
        "reslib/storage/store.py",
        "        better = unfit(parameters, error)\n",
        "        better = None\n",
        "tests/integration/test_odd_arguments.py",
    ),
    Mutation(
        NO_LIE,
        "an error of SQLite is known by its code, not by its sentence",
        "reslib/storage/sqliteerrors.py",
        "    if answer is None:\n        return error\n    kind, sentence = answer\n",
        '    answer = (DatabaseError, _FULL) if "full" in str(error) else answer\n'
        "    if answer is None:\n        return error\n    kind, sentence = answer\n",
        "tests/integration/test_sqlite_errors.py",
    ),
    Mutation(
        FREE,
        "workers without work start no process",
        "reslib/pool/control.py",
        "            allowed = ready + self._starting < max(1, waiting)\n",
        "            allowed = True\n",
        f"{MACHINERY} -k without_work",
    ),
    Mutation(
        INTERRUPTED,
        "a released job gets its attempt back",
        "reslib/storage/sql/queries.sql",
        "-- name: release\nUPDATE extraction_queue\nSET status = 'pending', ",
        "-- name: release\nUPDATE extraction_queue\nSET attempts = attempts + 1, "
        "status = 'pending', ",
        f"{QUEUE} {MODEL}",
    ),
    Mutation(
        INTERRUPTED,
        "what is killed by a stop is released, not failed",
        "reslib/sandbox/session.py",
        "        if self.is_killed():\n            child.kill()\n            failure = None",
        "        if self.is_killed():\n            child.kill()\n            failure = "
        "diagnosis.crashed(seen, -9)",
        f"{WORKER} {STOPPING} -k stop",
    ),
    Mutation(
        INTERRUPTED,
        "a program that ends gives its jobs back",
        "reslib/pool/pools.py",
        "        pool.stop(timeout=0)\n",
        "        pass\n",
        f"{STOPPING} -k exit",
    ),
    Mutation(
        INTERRUPTED,
        "the child has a process group of its own",
        "reslib/sandbox/process.py",
        "                process_group=0,\n",
        "",
        f"tests/integration/test_kernel.py {ORPHANS} -k 'kernel or group'",
    ),
    Mutation(
        FREE,
        "no thread prints",
        "reslib/pool/thread.py",
        "        pool = self.pool\n        try:\n            self._patience",
        "        pool = self.pool\n        print(self.worker_id)\n        try:\n"
        "            self._patience",
        "tests/acceptance/test_two_processes.py",
    ),
    Mutation(
        FREE,
        "drained() does not block the event loop",
        "reslib/pool/pool.py",
        "            await asyncio.sleep(WAIT_INTERVAL)",
        "            time.sleep(WAIT_INTERVAL)",
        f"{WORKER} -k event_loop",
    ),
    Mutation(
        FREE,
        "a click only posts a command to the panel's thread",
        "widgets/reslib_widgets/panel.py",
        "button.on_click(lambda _: post(command, argument))",
        "button.on_click(lambda _: __import__('time').sleep(2))",
        f"{PANEL} {PANEL_KERNEL}",
    ),
    Mutation(
        FREE,
        "a click goes where JupyterLab sends it, beside the cell that runs",
        "widgets/reslib_widgets/lifecycle.py",
        "            let_answers_choose_their_way(self._widgets())\n",
        "",
        f"{PANEL_KERNEL} -k click_acts",
    ),
    Mutation(
        FREE,
        "a panel that another cell shows too is not closed",
        "widgets/reslib_widgets/shown.py",
        "        if not any(live in shown for shown in _by_cell.values()):\n",
        "        if True:\n",
        f"{PANEL} -k another_cell",
    ),
    Mutation(
        FREE,
        "a button of a list belongs to one job for good",
        "widgets/reslib_widgets/joblist.py",
        "row = self._rows.get(job.job_id)",
        "row = next(iter(self._rows.values()), None)",
        f"{PANEL} -k 'open_list or of_another_job'",
    ),
    Mutation(
        NO_LIE,
        "documents of a dead process are called interrupted",
        "reslib/joblist.py",
        "sum(owner_is_dead(row) for row",
        "sum(False for row",
        f"{PANEL} -k interrupted {JOBLIST}",
    ),
    Mutation(
        NO_LIE,
        "what a retry may not help is told from what it may",
        "reslib/joblist.py",
        "error_type is not None and ErrorType(error_type) not in PERMANENT",
        "error_type is not None",
        JOBLIST,
    ),
    Mutation(
        NO_LIE,
        "the notice of a retry tells what became of it",
        "widgets/reslib_widgets/panel.py",
        '        self._do.follow(worker, view.state == "running")\n',
        "",
        f"{PANEL} -k followed",
    ),
    Mutation(
        NO_LIE,
        "names and messages in a list are shown and not obeyed",
        "widgets/reslib_widgets/rows.py",
        '<bdi dir="ltr">{text(job.folder)}</bdi>',
        '<bdi dir="ltr">{job.folder}</bdi>',
        "tests/unit/test_widgets_view.py",
    ),
    Mutation(
        NO_LIE,
        "a document without text is called empty",
        "reslib/extractors/assemble.py",
        "return TextStatus.EMPTY, 0.0, reason",
        "return TextStatus.FULL, 0.0, reason",
        "tests/integration/test_pdf.py",
    ),
    Mutation(
        NO_LIE,
        "a document with a scanned page is called partial",
        "reslib/extractors/assemble.py",
        "status = TextStatus.PARTIAL if without or info.partial else TextStatus.FULL",
        "status = TextStatus.FULL",
        "tests/integration/test_pdf.py",
    ),
    Mutation(
        NO_LIE,
        "words drawn glyph by glyph are whole",
        "reslib/extractors/pdf/pagetext.py",
        "    mend_torn_lines(layer)\n",
        "",
        "tests/integration/test_pdf_torn.py",
    ),
    Mutation(
        NO_LIE,
        "lines of a turned text come in order",
        "reslib/extractors/pdf/pagetext.py",
        "order_turned_text(layer, layer.rectangles(), rotation)",
        "layer.rectangles()",
        "tests/integration/test_pdf_turned.py",
    ),
    Mutation(
        NO_LIE,
        "a page of words torn into letters is not trusted",
        "reslib/extractors/pdf/confidence.py",
        '        (_in_one_piece(page.text), "words are torn into letters"),\n',
        "",
        "tests/unit/test_confidence.py",
    ),
    Mutation(
        NO_LIE,
        "an unknown error keeps its traceback",
        "reslib/sandbox/run.py",
        '        "traceback": _traceback_text(error),\n',
        '        "traceback": None,\n',
        "tests/integration/test_sandbox_misbehaviour.py",
    ),
    Mutation(
        NO_LIE,
        "a crash tells its signal",
        "reslib/sandbox/diagnosis.py",
        'crashed{seen.where} with {name}. {advice}",\n        signal=name,',
        'crashed{seen.where} with {name}. {advice}",\n        signal=None,',
        "tests/integration/test_sandbox_misbehaviour.py",
    ),
    Mutation(
        NO_LIE,
        "a run is not blamed for what failed earlier",
        "reslib/commands/cli.py",
        "        if not new and not looked:\n",
        "        new += ids\n        if not new and not looked:\n",
        "tests/integration/test_cli.py",
    ),
    Mutation(
        NO_LIE,
        "a figure says which attempts it leaves out",
        "reslib/plots/figures.py",
        "for why, count in counts.items() if count)",
        "for why, count in counts.items() if not count)",
        "tests/integration/test_plots.py",
    ),
    Mutation(
        NO_LIE,
        "of few values there is no 95 %",
        "reslib/plots/figures.py",
        "_FEWEST_FOR_TAIL = 20",
        "_FEWEST_FOR_TAIL = 1",
        "tests/integration/test_plots.py",
    ),
    Mutation(
        SHOWN,
        "what steers is shown by the reader and not obeyed",
        "reslib/search/reader.py",
        "        _STEERS.sub(\n",
        '        re.compile("(?!)").sub(\n',
        "tests/integration/test_reader.py",
    ),
    Mutation(
        SHOWN,
        "a name that is not UTF-8 is JSON that every program reads",
        "reslib/commands/jsonoutput.py",
        'value.encode("utf-8", "backslashreplace").decode()',
        "value",
        "tests/integration/test_cli_json.py",
    ),
    Mutation(
        SHOWN,
        "an export replaces no file by itself",
        "reslib/commands/cli.py",
        "if os.path.lexists(output) and not force and not is_stream(output):",
        "if False:",
        "tests/integration/test_cli_looking.py",
    ),
    Mutation(
        SHOWN,
        "a table of failures stays one when it is filtered",
        "reslib/frames/reasonframe.py",
        "        return ReasonFrame\n",
        "        return pd.DataFrame\n",
        "tests/integration/test_reasonframe.py",
    ),
    Mutation(
        LESS,
        "no sockets (seccomp)",
        "reslib/sandbox/confinement.py",
        "refused = [NETWORK] * seccomp.restrict(own_extractor=not self.writes)",
        "refused = [NETWORK]",
        NETWORK,
    ),
    Mutation(
        LESS,
        "no limits, priorities or processors for other processes (seccomp)",
        "reslib/sandbox/syscalls.py",
        '        yield Rule(call, (Condition(0, oneself),))\n    yield Rule("setpriority"',
        '        pass\n    yield Rule("setpriority"',
        CALLS,
    ),
    Mutation(
        LESS,
        "no priorities for groups and users (seccomp)",
        "reslib/sandbox/syscalls.py",
        '"setpriority", (Condition(0, (_PRIO_PROCESS,)), Condition(1, oneself))',
        '"setpriority", (Condition(1, (*oneself, 54_321)),)',
        CALLS,
    ),
    Mutation(
        LESS,
        "no calls that reach into other processes (seccomp)",
        "reslib/sandbox/syscalls.py",
        "    yield from map(Rule, _NEVER)\n",
        "",
        CALLS,
    ),
    Mutation(
        LESS,
        "no signals of reslib's own extractors to others (seccomp)",
        "reslib/sandbox/syscalls.py",
        "        for call in _SIGNALS:",
        "        for call in ():",
        CALLS,
    ),
    Mutation(
        LESS,
        "no signals by way of a file's owner (seccomp)",
        "reslib/sandbox/syscalls.py",
        "    owners = (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX)",
        "    owners = ()",
        CALLS,
    ),
    Mutation(
        LESS,
        "nothing is typed into the terminal (seccomp)",
        "reslib/sandbox/syscalls.py",
        "_TIOCSPGRP, _TIOCSTI, _TIOCLINUX)\n",
        "_TIOCSPGRP)\n",
        CALLS,
    ),
    Mutation(
        LESS,
        "a child joins no group of processes (seccomp)",
        "reslib/sandbox/syscalls.py",
        '    yield Rule("setpgid", (Condition(1, oneself),))',
        "    pass",
        CALLS,
    ),
    Mutation(
        LESS,
        "reslib's own extractors lock no file (seccomp)",
        "reslib/sandbox/syscalls.py",
        "owners + locks if own_extractor else owners",
        "owners",
        CALLS,
    ),
    Mutation(
        LESS,
        "the filter looks at the architecture (seccomp)",
        "reslib/sandbox/seccomp.py",
        "(_EQUAL, 1, 0, _ARCHITECTURES[machine])",
        "(_EQUAL, 1, 1, _ARCHITECTURES[machine])",
        f"{CALLS} tests/unit/test_seccomp.py",
    ),
    Mutation(
        LESS,
        "the filter knows the x32 numbers (seccomp)",
        "reslib/sandbox/seccomp.py",
        "(_AT_LEAST, 0, 1, _X32)",
        "(_AT_LEAST, 1, 1, _X32)",
        f"{CALLS} tests/unit/test_seccomp.py",
    ),
    Mutation(
        LESS,
        "no writing (Landlock)",
        "reslib/sandbox/confinement.py",
        "        if abi:\n",
        "        if True:\n",
        UNFIT,
    ),
    Mutation(
        LESS,
        "the environment is an allow-list",
        "reslib/sandbox/environment.py",
        "if passes(name)}",
        "}",
        ISOLATION,
    ),
    Mutation(
        LESS,
        "a part that declares a document type is refused (entities stay unresolved behind it)",
        "reslib/extractors/archive.py",
        "if root.getroottree().docinfo.internalDTD is not None:",
        "if False:",
        HOSTILE,
    ),
    Mutation(
        LESS,
        "names and texts are escaped in HTML",
        "reslib/display.py",
        'return escape("',
        'return str("',
        "tests/integration/test_escaping.py",
    ),
    Mutation(
        NO_LIE,
        "a file that changes while it is read gives no half text",
        "reslib/sandbox/run.py",
        "return None not in (before, now) and now != before",
        "return False",
        "tests/integration/test_sandbox.py -k written",
    ),
    Mutation(
        WHICH,
        "known bytes are the document that they were",
        "reslib/documents/places.py",
        "            match = self._match(file, found)\n",
        "            match = None\n",
        f"{PLACES} {WHICH_DOCUMENT}",
    ),
    Mutation(
        WHICH,
        "no document is left without a place",
        "reslib/documents/places.py",
        "        self._leave_no_document_without_a_place()\n",
        "",
        PLACES,
    ),
    Mutation(
        WHICH,
        "a place at which the document is no more is given up",
        "reslib/documents/places.py",
        "self._presence(path) is not Presence.GONE)\n",
        "True)\n",
        f"{PLACES} {WHICH_DOCUMENT}",
    ),
    Mutation(
        WHICH,
        "names that change hands are set aside first",
        "reslib/documents/intake.py",
        "    if any(places[id][0].path in taken for id in parked):",
        "    if False:",
        f"{PLACES} {WHICH_DOCUMENT}",
    ),
    Mutation(
        WHICH,
        "each folder is looked through once",
        "reslib/documents/walk.py",
        "            if linked and identity in self._seen:\n                return\n",
        "",
        "tests/integration/test_walk.py",
    ),
    Mutation(
        EXTRACTOR,
        "a document remembers who accepted it",
        "reslib/documents/intake.py",
        "    remember(transaction, looked_at)\n",
        "",
        f"{WHO} -k without",
    ),
    Mutation(
        EXTRACTOR,
        "a process without the extractor does not read the document",
        "reslib/extractors/choice.py",
        "        if accepted.extractor not in registry.custom():\n"
        '            raise _missing(accepted.extractor, "which accepted it when it was added")\n',
        "",
        f"{WHO} -k without",
    ),
    Mutation(
        EXTRACTOR,
        "one of reslib itself does not stand in under the same name",
        "reslib/extractors/choice.py",
        "        if accepted.extractor not in registry.custom():",
        "        if accepted.extractor not in every:",
        f"{WHO} -k stand_in",
    ),
    Mutation(
        EXTRACTOR,
        "a look by a process without the extractor forgets nothing",
        "reslib/documents/acceptances.py",
        "        if before and before.extractor not in here and before.holds(",
        "        if False and before.holds(",
        f"{WHO} -k changed_file",
    ),
    Mutation(
        EXTRACTOR,
        "it counts for nothing when the document is another one now",
        "reslib/extractors/choice.py",
        "accepted is not None and accepted.holds(mime_type, suffix):",
        "accepted is not None:",
        f"{WHO} -k became_another",
    ),
    Mutation(
        EXTRACTOR,
        "its jobs are left to a living process that has it",
        "reslib/documents/acceptances.py",
        "    return frozenset(names) - registry.custom() if names else frozenset()",
        "    return frozenset()",
        f"{WHO} -k left_to",
    ),
    Mutation(
        EXTRACTOR,
        "its jobs are not left to a process that is dead",
        "reslib/documents/acceptances.py",
        "        if identity != me and not owner_is_dead(row):",
        "        if identity != me:",
        f"{WHO} -k died",
    ),
    Mutation(
        EXTRACTOR,
        "what failed for want of an extractor is offered once there is one",
        "reslib/documents/freshness.py",
        '        if not row["lacks"] or can_be_read_here(',
        '        if not row["lacks"] and can_be_read_here(',
        f"{WHO} -k want_of",
    ),
    Mutation(
        EXTRACTOR,
        "plug-ins come before those of reslib itself",
        "reslib/extractors/installed.py",
        "key=lambda point: (_is_own(point), _package(point), point.name)",
        "key=lambda point: point.name",
        "tests/integration/test_precedence.py",
    ),
    Mutation(
        AGAIN,
        "a newer recipe is offered only to whoever asks",
        "reslib/documents/freshness.py",
        "_recipes() if stale else {}",
        "_recipes()",
        "tests/integration/test_stale.py",
    ),
    Mutation(
        AGAIN,
        "a text is not offered again when the newest recipe has failed over the document",
        "reslib/storage/sql/queries.sql",
        "OR is_renewed AND failed_by IS NOT read_by",
        "OR is_renewed",
        "tests/integration/test_stale.py",
    ),
    Mutation(
        AGAIN,
        "the text before is kept",
        "reslib/documents/earlier.py",
        '        transaction.run("keep_text", text)\n',
        "",
        f"{TWICE} -k asked_for",
    ),
    Mutation(
        CUT,
        "what a killed extraction had read is stored",
        "reslib/jobs/transitions.py",
        "    if partial is not None and _may_keep(",
        "    if False and _may_keep(",
        PARTIAL,
    ),
    Mutation(
        CUT,
        "a whole text is not given up for a part",
        "reslib/jobs/transitions.py",
        '    return bool(transaction.value("may_keep_cut_text", cut))',
        "    return True",
        PARTIAL,
    ),
    Mutation(
        CUT,
        "a text that is cut off is no complete one",
        "reslib/jobs/transitions.py",
        "partial, now, is_cut=True)",
        "partial, now)",
        f"{PARTIAL} tests/faults/test_schedules.py",
    ),
    Mutation(
        CUT,
        "what was read of a file that was written to is dropped",
        "reslib/sandbox/session.py",
        'if header.get("pages_hold") is True else None',
        "",
        PARTIAL,
    ),
    Mutation(
        CUT,
        "an item of another document is refused",
        "reslib/sandbox/received.py",
        'if frame.header.get("attempt") != self._attempt:',
        "if False:",
        "tests/unit/test_itemwire.py",
    ),
    Mutation(
        CUT,
        "numbers that are passed over are bounded",
        "reslib/sandbox/itemwire.py",
        "        if number > len(self._pages) + _MOST_MISSING:",
        "        if False:",
        "tests/unit/test_itemwire.py",
    ),
    Mutation(
        CUT,
        "what is said of a page counts as its text does",
        "reslib/sandbox/itemwire.py",
        "size = len(body) + 1 + sum(map(len, words)) + len(page.wants)",
        "size = len(body) + 1",
        "tests/unit/test_itemwire.py",
    ),
    Mutation(
        CUT,
        "what is known of pages is saved from a damaged file",
        "reslib/maintenance/salvage.py",
        "    pages = _save_pages(old, db)\n",
        "    pages = None\n",
        "tests/integration/test_repair.py -k known_of_pages",
    ),
    Mutation(
        CUT,
        "half an item makes no whole document",
        "reslib/sandbox/received.py",
        "        if self.is_torn:",
        "        if False:",
        "tests/unit/test_itemwire.py",
    ),
    Mutation(
        CUT,
        "what a document gives is bounded, whatever it is made of",
        "reslib/sandbox/received.py",
        "                if excess is not None:\n",
        "                if False:\n",
        "tests/unit/test_itemwire.py",
    ),
    Mutation(
        CUT,
        "pages are kept out of the child as they are read",
        "reslib/extractors/pdf/extractor.py",
        "            if time.monotonic() > worth_keeping:",
        "            if False:",
        PARTIAL,
    ),
    Mutation(
        AGAIN,
        "a text of an older content is not kept",
        "reslib/documents/earlier.py",
        '    if row["text_status"] == TextStatus.STALE:',
        "    if False:",
        f"{TWICE} -k older_content",
    ),
    Mutation(
        AGAIN,
        "the extractor that was asked for reads it, and no other",
        "reslib/pool/asking.py",
        "        only=job.extractor,\n",
        "",
        f"{TWICE} -k asked_for",
    ),
    Mutation(
        AGAIN,
        "a document has one open job at most",
        "reslib/pool/again.py",
        '            elif row["open_job"] is None:',
        "            elif True:",
        f"{TWICE} -k waits_already",
    ),
    Mutation(
        AGAIN,
        "a job of another task leaves the text alone",
        "reslib/jobs/transitions.py",
        "    if task != TEXT:\n        forget_items",
        "    if False:\n        forget_items",
        f"{TASKS} -k leaves_the_text",
    ),
    Mutation(
        CUT,
        "what another task found completely is not given up for a part",
        "reslib/jobs/transitions.py",
        'task == OCR or bool(transaction.value("may_keep_cut_items", {"job_id": job_id}))',
        "True",
        f"{TASKS} -k take_the_place",
    ),
    Mutation(
        ONE,
        "what lies in a document gets its jobs before the batch of that one is done",
        "reslib/jobs/transitions.py",
        "    take_in_inner(transaction, job_id, result.items, now)\n",
        "",
        "tests/integration/test_inner.py -k batch_is_done",
    ),
    Mutation(
        NO_LIE,
        "what cannot be stored ends its job",
        "reslib/pool/thread.py",
        "                self._patience.ask(lambda: fail_unstorable(self.pool.queue, *refused))\n",
        "                pass\n",
        "tests/integration/test_engines.py -k cannot_be_stored",
    ),
    Mutation(
        ONE,
        "the jobs of two tasks are two jobs",
        "reslib/storage/sql/queries.sql",
        "               WHERE attachment_id = value AND task = :task\n",
        "               WHERE attachment_id = value\n",
        f"{TASKS} {MODEL}",
    ),
    Mutation(
        ONE,
        "a retry leaves a job alone whose like is open",
        "reslib/storage/sql/queries.sql",
        "        AND other.status IN",
        "        AND other.is_extra AND other.status IN",
        f"{TASKS} {QUEUE} {MODEL}",
    ),
    Mutation(
        NO_LIE,
        "the failure of one task is not hidden by another",
        "reslib/storage/sql/queries.sql",
        "WHERE latest.attachment_id = :attachment_id AND latest.task = :task\n",
        "WHERE latest.attachment_id = :attachment_id\n",
        f"{TASKS} -k hidden",
    ),
    Mutation(
        ONE,
        "two workers do not take the last slot of a task",
        "reslib/pool/slots.py",
        "            self._held.update(task for task in tasks if task != held)\n",
        "",
        SLOTS,
    ),
    Mutation(
        FREE,
        "who found no slot is woken when one is free",
        "reslib/pool/slots.py",
        "        if wake:\n            self._wake()\n",
        "",
        SLOTS,
    ),
    Mutation(
        INTERRUPTED,
        "a job that was cancelled between its claim and now is not begun",
        "reslib/pool/thread.py",
        "        if self.abandoned or self._is_lost(job):\n",
        "        if self.abandoned:\n",
        f"{WORKER} -k not_begun",
    ),
    Mutation(
        NO_LIE,
        "that a batch is done is told once",
        "reslib/pool/batchwatch.py",
        "            new = [id for id, moment in done.items() if self._told.get(id) != moment]\n",
        "            new = list(done)\n",
        BATCHES,
    ),
    Mutation(
        NO_LIE,
        "a batch that another process ends is told of",
        "reslib/pool/watcher.py",
        "                pool.batches.tell_aside()\n",
        "",
        f"{BATCHES} -k somebody_else",
    ),
    Mutation(
        NO_LIE,
        "an unknown cipher is no scan",
        "reslib/extractors/pdf/pdfopen.py",
        "    if _is_encrypted(document) and (",
        "    if False and (",
        "tests/integration/test_pdf_document.py",
    ),
    Mutation(
        NO_LIE,
        "a page that only asks to wait is not the document",
        "reslib/extractors/pdf/standins.py",
        "    if _asks_to_wait(texts):\n        return StandIn(_WAIT_ALONE)\n",
        "",
        "tests/integration/test_pdf_standins.py",
    ),
    *(Mutation(*each) for each in CLUSTER_MUTATIONS),
]


def try_out(mutation: Mutation, copy: Path) -> tuple[str, float]:
    """Return the first test that fails on the mutated copy, and the seconds it took."""
    path = copy / mutation.file
    source = path.read_text(encoding="utf-8")
    if source.count(mutation.old) != 1:
        raise SystemExit(f"{mutation.removed}: its text is {source.count(mutation.old)} times in "
                         f"{mutation.file}; bring the mutation up to date")  # fmt: skip
    path.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")
    began = time.monotonic()
    arguments = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", mutation.tests)]
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'widgets'}"},
            capture_output=True,
            text=True,
            timeout=400,
        )
        failed = re.search(r"^(?:FAILED|ERROR) \S*?([\w/]+\.py::\w+)", run.stdout, re.MULTILINE)
        if failed:
            caught = failed[1].removeprefix("tests/")
        else:
            # A whole run may be ended by pytest-timeout.
            hung = re.search(r"Timeout|timed out", run.stdout + run.stderr)
            caught = "(a test hangs)" if hung and run.returncode else ""
            if run.returncode and not caught:
                caught = "(cannot even start)" if run.returncode != 5 else ""
    except subprocess.TimeoutExpired:
        caught = "(hangs)"
    finally:
        path.write_text(source, encoding="utf-8")
        for left in orphans():  # some protections keep children from being left behind
            with contextlib.suppress(ProcessLookupError):
                os.kill(left.pid, signal.SIGKILL)
    return caught, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutations that mention one of these")
    parser.add_argument("--part", metavar="N/M", help="every M-th mutation, from the N-th")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    arguments = parser.parse_args()
    chosen = [
        mutation
        for mutation in MUTATIONS
        if not arguments.words
        or any(word in mutation.invariant + mutation.removed for word in arguments.words)
    ]
    if arguments.part:
        number, parts = map(int, arguments.part.split("/"))
        chosen = chosen[number - 1 :: parts]
    lines = ["| invariant | what was removed | caught by | s |", "|---|---|---|---:|"]
    survived = 0
    with tempfile.TemporaryDirectory(prefix="reslib-mutants-") as folder:
        copy = Path(folder) / "reslib"
        for part in ("reslib", "widgets", "tests", "notebooks", "samples"):
            shutil.copytree(
                ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy / name)
        print("\n".join(lines), flush=True)
        for mutation in chosen:
            caught, seconds = try_out(mutation, copy)
            survived += not caught
            shown = f"`{caught}`" if "::" in caught else caught or "**nothing**"
            lines.append(f"| {mutation.invariant} | {mutation.removed} | {shown} | {seconds:.0f} |")
            print(lines[-1], flush=True)
    summary = f"{len(lines) - 2} mutations, {survived} survived."
    print(f"\n{summary}")
    if arguments.write:
        title = "# What was removed, and which test noticed\n\n`make mutants`, last recorded run: "
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(title + summary + "\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
