"""What fuzzing found once stays found: each input again, by the target that it is named after."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pdf_process
import pytest
import seeds
from properties import bounded
from targets import TARGETS

from reslib import QueueManager, ResearchDatabase
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox
from reslib.sandbox.codec import MAX_DEPTH
from reslib.sandbox.protocol import ProtocolError, read_result

FINDINGS = sorted((Path(__file__).parent / "findings").iterdir())


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_what_was_found_once_breaks_no_promise_any_more(path: Path) -> None:
    target = path.name.partition("-")[0]
    if target == "pdf":
        with Sandbox(memory_limit_mb=pdf_process.MEMORY_MB) as sandbox:
            outcome = sandbox.run(ExtractionRequest(os.fspath(path), timeout=pdf_process.DEADLINE))
            pdf_process.check_outcome(outcome)
    else:
        TARGETS[target](path.read_bytes())


def test_every_finding_is_of_a_target() -> None:
    assert FINDINGS
    assert {path.name.partition("-")[0] for path in FINDINGS} <= {*TARGETS, "pdf"}


def test_metadata_that_is_nested_too_deep_to_be_stored_is_refused() -> None:
    # How deep Python's JSON goes depends on who calls: at one depth it read what it could not
    # write a moment later, so no input can be kept that fails wherever it is run.
    header = json.loads(seeds.protocol_seeds()[2][1:])
    nested: list[object] = []
    for _ in range(MAX_DEPTH - 3):
        nested = [nested]
    read_result(header | {"metadata": {"a": nested}}, (), ())
    for _ in range(3):
        nested = [nested]
    with pytest.raises(ProtocolError, match="nested deeper than 100 levels"):
        read_result(header | {"metadata": {"a": nested}}, (), ())


def test_a_word_that_is_typed_many_times_is_looked_for_once(
    db: ResearchDatabase, queue: QueueManager, add_text: Callable[..., int]
) -> None:
    # Needs a long text: not an input of a target, which are all small.
    with Sandbox() as sandbox:
        attachment = add_text("tide gauge " * 20_000)
        queue.enqueue(attachment)
        job = queue.claim("w")
        assert job is not None
        outcome = sandbox.run(ExtractionRequest(db.get_attachment(attachment).path, timeout=60))
        queue.complete(job.id, outcome=outcome)
    with bounded():
        assert [hit.attachment_id for hit in db.search("tide Tide TIDE " * 70)] == [attachment]
