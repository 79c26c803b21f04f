"""The table of mutations names code that is there."""

from __future__ import annotations

import pytest
from mutations import MUTATIONS, ROOT, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.removed)
def test_what_a_mutation_takes_away_is_there_once(mutation: Mutation) -> None:
    source = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert source.count(mutation.old) == 1
    assert mutation.new != mutation.old


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.removed)
def test_the_tests_that_are_to_notice_are_there(mutation: Mutation) -> None:
    files = [word for word in mutation.tests.split() if word.endswith(".py")]
    assert files
    assert all((ROOT / file).is_file() for file in files)
