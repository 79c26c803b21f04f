"""A mutation: a protection to take away, the invariant it serves, and the tests that notice."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AGAIN",
    "BATCHES",
    "CALLBACKS",
    "CALLS",
    "CUT",
    "EXTRACTOR",
    "FENCED",
    "FREE",
    "HEARTBEATS",
    "HOSTILE",
    "INTERRUPTED",
    "ISOLATION",
    "JOBLIST",
    "KILL",
    "KILLED",
    "LESS",
    "LIFE",
    "LIMITS",
    "MACHINERY",
    "MODEL",
    "NETWORK",
    "NOT_BLAMED",
    "NO_LIE",
    "ONE",
    "ONE_BAD",
    "ORPHANS",
    "PANEL",
    "PANEL_KERNEL",
    "PARTIAL",
    "PLACES",
    "QUEUE",
    "QUEUE_RESCUE",
    "RESCUE",
    "SHOWN",
    "SLOTS",
    "STOPPING",
    "SUCCESSION",
    "SURROUNDINGS",
    "TAKEN",
    "TASKS",
    "TIMEOUT",
    "TWICE",
    "UNFIT",
    "WHICH",
    "WHICH_DOCUMENT",
    "WHO",
    "WORKER",
    "Mutation",
]


@dataclass(frozen=True)
class Mutation:
    """What is removed, and who should notice."""

    invariant: str
    removed: str
    file: str
    old: str
    new: str
    tests: str


# --- invariants -----------------------------------------------------------------------------------
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

# --- files of tests -------------------------------------------------------------------------------

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
