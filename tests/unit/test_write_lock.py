"""The write lock between the threads of one process."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from reslib.errors import DatabaseBusy
from reslib.storage.lock import WriteLock, _FairLock, _Waiter

#: Long enough for a machine that does much else.
PATIENCE = 30.0


@pytest.fixture
def lock(tmp_path: Path) -> WriteLock:
    return WriteLock(tmp_path / "a.lock")


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize("seed", range(5))
def test_only_one_is_inside_whoever_gives_up_and_when(lock: WriteLock, seed: int) -> None:
    inside, most, gone_in = 0, 0, Counter[str]()

    def visitor(number: int) -> None:
        nonlocal inside, most
        chance = random.Random(seed * 100 + number)
        for _ in range(150):
            try:
                lock.acquire(chance.choice([0.0001, 0.001, 0.003, PATIENCE]))
            except DatabaseBusy:
                gone_in["gave up"] += 1
                continue
            inside += 1
            most = max(most, inside)
            if chance.random() < 0.3:
                time.sleep(chance.random() * 0.003)
            inside -= 1
            lock.release()
            gone_in["went in"] += 1
            if chance.random() < 0.2:
                time.sleep(chance.random() * 0.003)

    run_all([threading.Thread(target=visitor, args=(n,), daemon=True) for n in range(6)])
    assert most == 1
    assert gone_in["gave up"] > 0
    lock.acquire(0.1)  # nobody has left it shut
    lock.release()


def test_who_goes_in_again_and_again_does_not_keep_others_out(lock: WriteLock) -> None:
    order: list[int] = []
    lock.acquire(PATIENCE)

    def visitor(number: int) -> None:
        lock.acquire(PATIENCE)
        order.append(number)
        lock.release()

    threads = [threading.Thread(target=visitor, args=(n,), daemon=True) for n in range(3)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(lock._threads._waiting) <= number:
            time.sleep(0.0005)
    # Each of them waits for one turn more at most; the turn that runs is the first.
    turns = {lock._threads._turn_ends}
    until = time.monotonic() + PATIENCE
    while len(turns) < 5 and time.monotonic() < until:
        lock.release()
        lock.acquire(PATIENCE)
        turns.add(lock._threads._turn_ends)
    assert order == [0, 1, 2]
    lock.release()
    for thread in threads:
        thread.join(PATIENCE)


def test_the_longest_waiting_goes_in_first_when_a_turn_is_over(lock: WriteLock) -> None:
    order: list[int] = []
    lock.acquire(PATIENCE)

    def visitor(number: int) -> None:
        lock.acquire(PATIENCE)
        order.append(number)
        time.sleep(0.005)  # longer than a turn
        lock.release()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=visitor, args=(number,), daemon=True))
        threads[-1].start()
        while len(lock._threads._waiting) <= number:
            time.sleep(0.0005)
    time.sleep(0.005)
    lock.release()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [0, 1, 2, 3, 4]


def test_one_that_waits_is_told_when_the_gate_is_free(lock: WriteLock) -> None:
    for _ in range(200):
        lock.acquire(PATIENCE)
        went_in = threading.Event()

        def visitor(went_in: threading.Event = went_in) -> None:
            lock.acquire(PATIENCE)
            went_in.set()
            lock.release()

        thread = threading.Thread(target=visitor, daemon=True)
        thread.start()
        while not lock._threads._waiting:
            time.sleep(0)
        lock.release()
        assert went_in.wait(PATIENCE / 3)  # well before its own patience ends
        thread.join(PATIENCE)


def test_who_gives_up_tells_the_next_in_line(lock: WriteLock) -> None:
    lock.acquire(PATIENCE)
    results: list[str] = []

    def visitor(timeout: float) -> None:
        try:
            lock.acquire(timeout)
        except DatabaseBusy:
            results.append("gave up")
        else:
            results.append("went in")
            lock.release()

    impatient = threading.Thread(target=visitor, args=(0.05,), daemon=True)
    impatient.start()
    while len(lock._threads._waiting) < 1:
        time.sleep(0.0005)
    patient = threading.Thread(target=visitor, args=(PATIENCE,), daemon=True)
    patient.start()
    impatient.join(PATIENCE)
    assert results == ["gave up"]
    lock.release()
    patient.join(PATIENCE)
    assert results == ["gave up", "went in"]


def test_what_fails_on_the_way_in_does_not_leave_the_gate_shut(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "not there" / "a.lock")
    with pytest.raises(FileNotFoundError):
        lock.acquire(PATIENCE)
    assert lock.owner is None
    (tmp_path / "not there").mkdir()
    others: list[str] = []

    def visitor() -> None:
        lock.acquire(PATIENCE / 3)
        others.append("went in")
        lock.release()

    run_all([threading.Thread(target=visitor, daemon=True)])
    assert others == ["went in"]


def test_who_is_inside_cannot_go_in_again_and_stays_inside(lock: WriteLock) -> None:
    with lock.locked_by(PATIENCE):
        with pytest.raises(RuntimeError, match="in the middle of a write"):
            lock.locked_by(PATIENCE).__enter__()
        assert lock.owner == threading.get_ident()
    assert lock.owner is None


@pytest.mark.parametrize("turn_is_over", [False, True])
def test_who_gives_up_in_the_moment_it_is_called_passes_the_call_on(turn_is_over: bool) -> None:
    lock = _FairLock()
    first, second = _Waiter(), _Waiter()
    assert lock.acquire(0)
    lock._waiting.extend([first, second])
    lock._turn_ends = time.monotonic() + (-1 if turn_is_over else PATIENCE)
    lock.release()
    assert (first.rung, first.granted) == (True, turn_is_over)
    lock._turn_ends = time.monotonic() + (-1 if turn_is_over else PATIENCE)
    lock._give_up(first)  # a timeout, or Ctrl-C
    assert (second.rung, second.granted) == (True, turn_is_over)
    lock._give_up(second)
    assert lock.acquire(0)
