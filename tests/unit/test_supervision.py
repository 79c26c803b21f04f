from __future__ import annotations

import sys

from reslib.models import Outcome
from reslib.pool.thread import RATE_WINDOW, Control


def test_the_throughput_is_kept_in_the_same_space_however_many_attempts_end() -> None:
    control = Control()
    for _ in range(20_000):
        control.note_finished(Outcome(extraction_time_ms=2.5))
    assert control.lately_finished() == (20_000, 50_000.0)
    kept = control._finished
    assert len(kept) <= RATE_WINDOW
    assert sys.getsizeof(kept) < 2000


def test_a_pool_that_starts_again_begins_a_new_count() -> None:
    control = Control()
    control.note_finished(Outcome(extraction_time_ms=1.0))
    control.forget_finished()
    assert control.lately_finished() == (0, 0.0)
