"""The sentences about attempts that failed: each begins with the document, once."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from reslib.errors import ErrorCode
from reslib.formats.inner import without_name
from reslib.models import ExtractionRequest, Failure
from reslib.sandbox import diagnosis
from reslib.sandbox.protocol import ChildFailure

_MEMORY = ChildFailure(ErrorCode.MEMORY_LIMIT, "", None, None)
_MALFORMED = ChildFailure(ErrorCode.MALFORMED, "it is damaged", None, None)
ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    "failed": [(_MEMORY,), (_MALFORMED,)],
    "timed_out": [(None,), (1.0,), (50.0,)],
    "memory_limit": [()],
    "output_limit": [(64,)],
    "protocol_violation": [("not a message",)],
    "crashed": [(3,), (-9,), (-11,)],
}


def test_every_sentence_is_looked_at() -> None:
    made = {
        name
        for name, function in inspect.getmembers(diagnosis, inspect.isfunction)
        if inspect.get_annotations(function, eval_str=True).get("return") is Failure
    }
    assert made == set(ARGUMENTS)


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, each) for name, many in ARGUMENTS.items() for each in many]
)
@pytest.mark.parametrize("page", [None, 3])
def test_a_sentence_begins_with_the_name_and_can_do_without_it(
    name: str, arguments: tuple[Any, ...], page: int | None
) -> None:
    request = ExtractionRequest("/papers/a paper.pdf", timeout=60)
    seen = diagnosis.Observed(request, 512, extractor="pdf", page=page)
    message = getattr(diagnosis, name)(seen, *arguments).message
    assert message.startswith("a paper.pdf: ")
    assert "a paper.pdf" not in without_name(message, "a paper.pdf", request.path)
