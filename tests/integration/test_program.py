"""Programs that extractors start, in the confinement of reslib's own: ended all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from asked import Asked

from reslib.errors import ErrorCode
from reslib.models import ExtractionRequest

CODE = """
from reslib.extractors.program import run_program

printed = run_program(({program!r}, path), {seconds}, most=100_000)
answer = (printed.status, len(printed.output), printed.complaints)
"""


@pytest.fixture
def run(ask: Callable[..., Asked], tmp_path: Path) -> Callable[..., Asked]:
    def run(script: str, seconds: int = 30) -> Asked:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return ask(CODE.format(program=str(program), seconds=seconds), writes=False)

    return run


def test_what_it_prints_and_how_it_ends_are_told(run: Callable[..., Asked]) -> None:
    asked = run('echo "$1" | wc -l; echo oh >&2; exit 3')
    assert asked.answer() == "(3, 2, 'oh')"


def test_one_that_computes_for_ever_is_ended(run: Callable[..., Asked]) -> None:
    assert run("while :; do :; done", seconds=1).answer() == "(None, 0, '')"


def test_one_that_prints_for_ever_is_ended_and_leaves_nothing(run: Callable[..., Asked]) -> None:
    asked = run("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done")
    failure = asked.failure()
    assert failure.error_code is ErrorCode.OUTPUT_LIMIT
    (asked.path).write_text("other words")
    pid = asked.sandbox.pid
    assert asked.failure().error_code is ErrorCode.OUTPUT_LIMIT
    assert asked.sandbox.pid == pid, "nothing was left for which the process would be replaced"


def test_one_that_sleeps_ends_with_the_extraction(run: Callable[..., Asked]) -> None:
    asked = run("exec sleep 600", seconds=1)
    outcome = asked.sandbox.run(ExtractionRequest(str(asked.path), timeout=3))
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.TIMEOUT
