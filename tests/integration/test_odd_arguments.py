"""What no argument should be is answered with a word about it, in every public function."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reslib
from reslib import ExtractionWorker, QueueManager, ResearchDatabase, ReslibError, frames, plots
from reslib.extractors.registry import registry

ODD: list[Any] = [
    *(None, True, -1, 0, 1.5, float("nan"), float("inf"), 2**63, -(2**63) - 1, 10**30, 1j),
    *("", "x", "\0", "\ud800", "a" * 5000, "~nobody/x", b"x", b"\xff", "1; DROP TABLE attachments"),
    *([], [None], ["x"], [10**30], (1, 2), {}, {"a": 1}, {1}, object(), len, Path("/nowhere/x")),
    *(np.int64(1), np.float32(0.5), np.array([1, 2])),
]
#: They wait, end the pool, or are inside (the number of an attempt, a whole outcome).
LEFT_OUT = {
    "close",
    "start",
    "stop",
    "wait",
    "drained",
    "lose_threads",
    "members",
    "pause",
    "resume",
    "set_size",
}


class Library:
    """A database with a document, and a good value for each argument that has to be given."""

    def __init__(self, folder: Path) -> None:
        paper = folder / "paper.txt"
        paper.write_text("words and words")
        self.db = ResearchDatabase(folder / "research.db")
        attachment = self.db.add_attachment("paper.txt", paper)
        self.queue, self.worker = QueueManager(self.db), ExtractionWorker(self.db)
        self.queue.enqueue(attachment)
        self.good: dict[str, Any] = {
            "db": self.db, "attachment_id": attachment, "attachment_ids": [attachment],
            "job_id": 1, "job_ids": [1], "path": folder / "backup.db", "folder": folder,
            "filename": "x.txt", "query": "words", "worker_id": "me", "worker_ids": ["me"],
            "error_message": "m", "event": "job_failed", "callback": print, "num_workers": 1,
            "status": "idle", "interval": 1.0, "worker": self.worker,
            "heartbeat_interval": 1.0, "attempt": 1,
        }  # fmt: skip

    def functions(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        for prefix, owner in (("db", self.db), ("queue", self.queue), ("worker", self.worker)):
            for name in dir(owner):
                if not name.startswith("_") and name not in LEFT_OUT:
                    member = getattr(owner, name)
                    if inspect.ismethod(member):
                        yield f"{prefix}.{name}", member
        for module in (frames, plots):
            for name in module.__all__:
                if inspect.isfunction(getattr(module, name)):
                    yield f"{module.__name__}.{name}", getattr(module, name)
        yield "ResearchDatabase", reslib.ResearchDatabase
        yield "ExtractionWorker", reslib.ExtractionWorker
        yield "register_extractor", reslib.register_extractor

    def calls(self, function: Callable[..., Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield every way to give one odd argument: which, the value, and all arguments."""
        fixed = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        every = [p for p in inspect.signature(function).parameters.values() if p.kind not in fixed]
        for odd in every:
            if odd.name in ("db", "outcome"):
                continue
            for value in ODD:
                given = {
                    p.name: self.good.get(p.name, "x")
                    for p in every
                    if p.default is inspect.Parameter.empty
                }
                yield odd.name, value, given | {odd.name: value}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("MPLBACKEND", "agg")
    library = Library(tmp_path)
    yield library
    library.db.close()


def names() -> list[str]:
    found = []
    classes = {"db": ResearchDatabase, "queue": QueueManager, "worker": ExtractionWorker}
    for prefix, owner in classes.items():
        for name, member in vars(owner).items():
            if inspect.isfunction(member) and not name.startswith("_") and name not in LEFT_OUT:
                found.append(f"{prefix}.{name}")
    for module in (frames, plots):
        functions = [name for name in module.__all__ if inspect.isfunction(getattr(module, name))]
        found += [f"{module.__name__}.{name}" for name in functions]
    return [*found, "ResearchDatabase", "ExtractionWorker", "register_extractor"]


@pytest.mark.parametrize("name", names())
def test_an_odd_argument_is_refused_with_a_word_or_does_no_harm(
    library: Library, name: str
) -> None:
    function = dict(library.functions())[name]
    raw: list[tuple[str, Any, Exception]] = []
    for argument, value, given in library.calls(function):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = function(**given)
            if isinstance(made, ResearchDatabase):
                made.close()
        except (ReslibError, ValueError, TypeError) as error:
            if isinstance(error, (sqlite3.Error, UnicodeError)) or not str(error).strip():
                raw.append((argument, value, error))
        except (FileNotFoundError, NotADirectoryError) as error:  # documented, with a sentence
            if not str(error).strip():
                raw.append((argument, value, error))
        except Exception as error:
            raw.append((argument, value, error))
    assert raw == []
    for registered in registry.registered():
        reslib.unregister_extractor(registered)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda it: it.db.get_attachment([]), r"id is a number or text, not \[\] \(list\)"),
        (lambda it: it.db.get_attachment(10**30), r"id is 10{30}; a number is larger than any"),
        (lambda it: it.db.delete_attachment({"a": 1}), r"not \{'a': 1\} \(dict\)"),
        (lambda it: it.db.places("\ud800"), "half a character"),
        (lambda it: it.queue.get_job(object()), "job_id is a whole number, not <object"),
        (lambda it: it.queue.get_job("x"), r"job_id is a whole number, not 'x' \(str\)"),
        (lambda it: it.queue.get_job(1.0), r"job_id is a whole number, not 1.0 \(float\)"),
        (lambda it: it.worker.cancel("1"), "job_id is a whole number, not '1'"),
        (lambda it: it.queue.retry_failed("x"), "job_id is a whole number, not 'x'"),
        (lambda it: it.worker.retry_failed_jobs([1, "x"]), "job_id is a whole number, not 'x'"),
        (lambda it: it.worker.extract_again([True]), "attachment_id is a whole .*, not True"),
        (lambda it: it.queue.get_failed_jobs(-1), "limit is a whole number, 0 or more, not -1"),
        (lambda it: it.worker.get_recent_jobs(-1), "limit is a whole number, 0 or more, not -1"),
        (lambda it: it.db.get_attachment(1).page_text("1"), "page is a whole number, not '1'"),
        (lambda it: it.db.get_attachment(1).page_text(1.0), "page is a whole number, not 1.0"),
        (lambda it: it.db.get_attachment(1).read(page=True), "page is a whole number, not True"),
        (lambda it: it.worker.wait("x"), r"timeout is a number of seconds, not 'x' \(str\)"),
        (lambda it: it.worker.wait(float("nan")), "timeout is a number of seconds, not nan"),
        (lambda it: asyncio.run(it.worker.drained("x")), "timeout is a number of seconds, not 'x'"),
        (lambda it: it.worker.stop("x"), "timeout is a number of seconds, not 'x'"),
        (lambda it: it.worker.stop(None), "timeout is a number of seconds, not None"),
        (lambda it: it.worker.stop(-1), "timeout must be 0 or more seconds"),
        (lambda it: frames.metrics(it.db, timedelta(days=10**8)), "since is a time.*not datetime"),
        (lambda it: it.queue.cancel(2**63), "is 9223372036854775808; a number is larger"),
        (lambda it: it.queue.get_recent_jobs(None), "limit is a whole number, not None"),
        (lambda it: it.queue.get_failed_jobs("many"), "limit is a whole number, not 'many' .str"),
        (lambda it: it.queue.enqueue(1, 10**30, False), r"priority is 10{30}"),
        (lambda it: it.db.add_attachment(7, "x"), "a filename is text, not 7"),
        (lambda it: it.db.search("x", file_type=["pdf"]), r"file_type is text.*not \['pdf'\]"),
        (lambda it: it.db.search("x", folder="\ud800"), "can be no folder"),
        (lambda it: it.db.backup("a" * 5000), "can be no backup"),
        (lambda it: plots.failures(it.db, ax="left"), "ax is .*, not 'left'"),  # type: ignore[arg-type]
    ],
)
def test_the_word_says_what_was_given(
    library: Library, ask: Callable[[Library], Any], said: str
) -> None:
    with pytest.raises((ReslibError, ValueError, TypeError), match=said) as caught:
        ask(library)
    assert len(str(caught.value)) < 6000


@pytest.mark.parametrize("timeout", [10**400, float("inf"), 1e300, np.float32(60)])
def test_a_timeout_longer_than_any_clock_is_one(library: Library, timeout: Any) -> None:
    library.worker.start()
    assert library.worker.wait(timeout)
    assert library.worker.stop(timeout)


def test_a_time_long_ago_is_before_all_times(library: Library) -> None:
    for since in (timedelta(days=400_000), datetime(931, 1, 1), datetime(1, 1, 1)):
        assert len(frames.attachments(library.db, since)) == 1


def test_numbers_of_numpy_are_numbers(library: Library) -> None:
    one: Any
    for one in (np.int64(1), np.uint8(1)):
        job = library.queue.get_job(one)
        assert job is not None
        assert library.db.get_attachment(one).id == 1


@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_what_can_be_no_path_is_refused(db: ResearchDatabase, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        db.add_attachment("a", path)
    with pytest.raises(ValueError, match="path"):
        db.add_folder(path)


def test_a_path_longer_than_any_can_be_added_and_its_job_says_so(db: ResearchDatabase) -> None:
    id = db.add_attachment("a.txt", "/" + "x" * 5_000)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        db.add_folder("x" * 5_000)
    with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
        worker.enqueue(id)
        assert worker.wait(60)
        [job] = worker.queue.get_failed_jobs()
    assert job.error_code == "not_a_file"
    assert "longer than" in (job.error_message or "")


def test_a_number_that_no_database_keeps_is_refused(db: ResearchDatabase) -> None:
    with pytest.raises(ValueError, match="larger"):
        db.get_attachment(2**70)
