"""The protections of the engine of a cluster, each to be taken away once; see mutations.py."""

from __future__ import annotations

from mutation import INTERRUPTED, NO_LIE, ONE, ONE_BAD, TIMEOUT, Mutation

__all__ = ["CLUSTER_MUTATIONS"]

_HOME = "reslib/engines/cluster/"
_TABLE = "tests/cluster/test_failure_table.py"
_DOCUMENTS = "tests/cluster/test_documents.py"
_FITNESS = "tests/cluster/test_fitness.py"


CLUSTER_MUTATIONS = (
    Mutation(
        NO_LIE,
        "two coordinators name their tasks differently",
        _HOME + "engine.py",
        'f"reslib-{self.id}-{number}"',
        'f"reslib-{number}"',
        f"{_TABLE} -k 'two_coordinators'",
    ),
    Mutation(
        TIMEOUT,
        "the plug-in of a worker hears that a task is cancelled",
        _HOME + "plugin.py",
        "        if start in _RUNNING and finish in _GIVEN_UP:\n",
        "        if False:\n",
        f"{_TABLE} -k 'cancelling_ends'",
    ),
    Mutation(
        INTERRUPTED,
        "a worker that has to go says so",
        _HOME + "plugin.py",
        "        for key, reading in readings.items():\n            self._tell(reading, key)\n",
        "        for _key, reading in readings.items():\n",
        f"{_TABLE} -k 'says_that_it_leaves'",
    ),
    Mutation(
        ONE_BAD,
        "a worker that falls silent counts as an attempt",
        _HOME + "exchange.py",
        "        return self._all(Outcome(failure=failure, extraction_time_ms=took))\n",
        "        return self._all(Outcome())\n",
        f"{_TABLE} -k 'worker_that_is_killed'",
    ),
    Mutation(
        ONE_BAD,
        "a task that Dask gives to another worker by itself is ended",
        _HOME + "exchange.py",
        "        if not self._is_leaving:\n            self._second_at = now\n",
        "",
        f"{_TABLE} -k 'tries_again_by_itself'",
    ),
    Mutation(
        ONE_BAD,
        "a worker that dies before it has begun counts the third time",
        _HOME + "exchange.py",
        "            if self._unbegun[path] < _MOST_UNBEGUN:\n                return False\n",
        "            return False\n",
        f"{_TABLE} -k 'before_it_begins'",
    ),
    Mutation(
        ONE_BAD,
        "for the worker of a batch that dies nobody is blamed",
        _HOME + "exchange.py",
        "        if len(paths) > 1:\n",
        "        if False:\n",
        f"{_DOCUMENTS} -k 'nobody_is_blamed'",
    ),
    Mutation(
        TIMEOUT,
        "nobody waits for a worker that does not answer",
        _HOME + "exchange.py",
        "            if now >= due:\n                return\n",
        "            due = max(due, now + 1)\n",
        f"{_TABLE} -k 'frozen' --timeout 120",
    ),
    Mutation(
        ONE,
        "a worker that did not answer is asked how it is before it gets work",
        _HOME + "exchange.py",
        "                self._connection.ask_again(self.at)\n",
        "",
        f"{_TABLE} -k 'frozen'",
    ),
    Mutation(
        ONE,
        "a cluster that is away is waited for",
        _HOME + "connection.py",
        "                self._lose(error)\n",
        "                raise error\n",
        f"{_TABLE} -k 'not_there_yet' --timeout 120",
    ),
    Mutation(
        ONE_BAD,
        "unfit workers are sent nothing",
        _HOME + "connection.py",
        "        self._fit = [worker for worker in workers if not worker.unfit]\n",
        "        self._fit = workers\n",
        f"{_FITNESS} -k 'unfit_worker_gets_nothing'",
    ),
    Mutation(
        NO_LIE,
        "an extractor that gives other texts is unfit",
        _HOME + "fitness.py",
        "        if extractors[name][0] != recipe:\n",
        "        if False:\n",
        f"{_FITNESS} -k 'another_recipe'",
    ),
    Mutation(
        NO_LIE,
        "what is at the path there is the same file",
        _HOME + "remote.py",
        "    return None if sent.identity == here else",
        "    return None if here else",
        f"{_DOCUMENTS} -k 'another_file'",
    ),
    Mutation(
        NO_LIE,
        "a password crosses no network that others can read",
        _HOME + "runner.py",
        "        if request.passwords and not engine.is_private:\n",
        "        if False:\n",
        f"{_DOCUMENTS} -k 'password'",
    ),
    Mutation(
        ONE_BAD,
        "no more tasks are out than there are threads",
        _HOME + "window.py",
        "            while self._waiting and self.out < self._threads():\n",
        "            while self._waiting:\n",
        f"{_DOCUMENTS} -k 'take_long_go_out_alone'",
    ),
    Mutation(
        ONE_BAD,
        "documents that take long go out alone",
        _HOME + "window.py",
        "        size = min(self._quick(), -(-(len(short) + 1) // free))\n",
        "        size = -(-(len(short) + 1) // free)\n",
        f"{_DOCUMENTS} -k 'take_long_go_out_alone'",
    ),
    Mutation(
        ONE_BAD,
        "the bytes on their way are bounded",
        _HOME + "window.py",
        "            while self._taken and self._taken + size > _MOST_BYTES:\n",
        "            while False:\n",
        f"{_DOCUMENTS} -k 'bounded'",
    ),
    Mutation(
        NO_LIE,
        "what comes back is checked again",
        _HOME + "wire.py",
        "    return from_wire(Failure, {**values,",
        "    return Failure(**{**values,",
        "tests/cluster/test_wire.py",
    ),
)
