"""A few random schedules, and every one that once found a mistake."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from schedule import run_schedule

#: Seed, and what was wrong.
KEPT = {
    5: "a worker whose first heartbeat met a full disk died with a traceback when it was stopped",
    107: "a retry written before the clock was set back waited for a day",
    108: "a connection opened while the disk was read-only stayed so for ever",
    212: "a pool did not stop while a child was frozen at its start",
    30007: "the harness froze a child before its program began, and with it the pool (vfork(2))",
}


@pytest.mark.parametrize("seed", KEPT)
def test_a_schedule_that_once_failed_holds(seed: int, tmp_path: Path) -> None:
    assert run_schedule(seed, tmp_path).violations == []


@pytest.mark.parametrize("number", range(4))
def test_a_random_schedule_of_faults_loses_nothing(number: int, tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    assert run_schedule(seed, tmp_path).violations == []
