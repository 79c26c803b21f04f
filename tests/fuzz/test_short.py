"""The short form, about a minute: seeds, and inputs that hypothesis damages.

The long form is guided by coverage and needs atheris: ``make fuzz``.
"""

from __future__ import annotations

import random

import pdf_process
import pytest
from edits import KINDS, Edit, apply
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from targets import TARGETS

_EXAMPLES = 250
_edits: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.integers(0, KINDS - 1),
        st.floats(0, 1),
        st.sampled_from([1, 2, 4, 8, 32, 128]),
        st.integers(0, 65_535),
    ),
    max_size=8,
)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_break_no_promise(name: str) -> None:
    for data in TARGETS[name].seeds():
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_breaks_no_promise(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=_EXAMPLES,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(target.seeds()) | st.binary(max_size=200), _edits)
    def check(seed: bytes, edits: list[Edit]) -> None:
        target(apply(seed, edits, target.tokens))

    check()


def test_a_damaged_pdf_gives_text_or_an_error_with_a_name() -> None:
    seed = random.SystemRandom().randrange(1 << 30)
    done = pdf_process.fuzz(20, seed, most=400)
    assert done.findings == [], f"seed {seed}: {[words for words, _ in done.findings]}"
    assert done.outcomes.keys() >= {"text", "malformed"}, f"seed {seed}: {done.outcomes}"
