"""A pool in a process of its own, for others to torment. Started by ``schedule.py``.

Its clock, its disk and its host name are what it is told they are.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import random
import sys
import threading
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import disk

import reslib.clock
from reslib import ExtractionWorker, ResearchDatabase, WorkerStatus
from reslib.errors import DatabaseError
from reslib.pool.events import EVENTS
from reslib.testing import register_fault_extractor

PYTHON = sys.executable


def skew_clock(control: Path) -> None:
    """Set the wall clock of this process by as many seconds as *control* says, at any moment."""
    descriptor = os.open(control, os.O_RDONLY)

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            offset = float(os.pread(descriptor, 32, 0) or b"0")
            return datetime.now(tz) + timedelta(seconds=offset)

    # The one place that reads the wall clock; everything else counts monotonic seconds.
    reslib.clock.datetime = Skewed  # type: ignore[misc]


def main() -> None:
    faulthandler.enable()
    settings: dict[str, Any] = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    skew_clock(Path(settings["clock"]))
    logging.getLogger("reslib.pool.events").addFilter(without_traceback)
    disk.install(Path(settings["disk"]))
    if settings["hostname"]:
        system, _, *version = os.uname()
        elsewhere = os.uname_result((system, settings["hostname"], *version))
        os.uname = lambda: elsewhere
    register_fault_extractor()
    while True:
        try:
            db = ResearchDatabase(settings["db"], timeout=settings["timeout"])
            worker = ExtractionWorker(db, **settings["pool"])
            worker.start()
            break
        except DatabaseError as error:  # a full disk, somebody's lock: as a person would, again
            logging.warning("start: %s", error)
            time.sleep(0.05)
    say("running")
    for line in sys.stdin:
        command, *words = line.split()
        try:
            answer = obey(worker, command, [float(word) for word in words])
        except DatabaseError as error:
            logging.warning("%s: %s", command, error)
            answer = None
        if answer is not None:
            say(answer)
    worker.stop(timeout=0)


def say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        pass  # nobody listens any more


def leave_once(worker: ExtractionWorker) -> None:
    """Have the next callback raise what ends a thread."""
    error = random.choice((SystemExit, KeyboardInterrupt, asyncio.CancelledError))

    def leave(*_: object) -> None:
        for forget in each:
            forget()
        raise error("as told")

    each = [worker.on(event, leave) for event in EVENTS]


def beat_late(worker: ExtractionWorker, seconds: float) -> None:
    """Write what was true of the workers some time ago, as a watcher that got no lock."""
    try:
        seen = worker.get_status()["workers"]
    except DatabaseError as error:
        logging.warning("late: %s", error)
        return
    time.sleep(seconds)
    for each in seen:
        if each["status"] != WorkerStatus.STOPPED:
            try:
                worker.queue.beat(
                    each["worker_id"],
                    WorkerStatus(each["status"]),
                    worker.heartbeat_interval,
                    job_id=each["current_job_id"],
                )
            except DatabaseError as error:
                logging.warning("late: %s", error)


def without_traceback(record: logging.LogRecord) -> bool:
    """Leave the traceback out: a callback raises here because it is told to."""
    record.exc_info = None
    return True


def obey(worker: ExtractionWorker, command: str, numbers: list[float]) -> str | None:
    if command == "pause":
        worker.pause()
    elif command == "resume":
        worker.resume()
    elif command == "stop":
        worker.stop(timeout=numbers[0])
    elif command == "start":
        worker.start()
    elif command == "resize":
        worker.resize(int(numbers[0]))
    elif command == "lose":
        sys.executable = "/nowhere/python"
    elif command == "find":
        sys.executable = PYTHON
    elif command == "leave":
        leave_once(worker)
    elif command == "late":
        threading.Thread(target=beat_late, args=(worker, numbers[0]), daemon=True).start()
    elif command == "cancel":
        worker.cancel(int(numbers[0]))
    elif command == "drain":
        worker.start()
        worker.resume()
        return "drained" if worker.wait(numbers[0]) else "not drained"
    else:
        raise AssertionError(command)
    return None


if __name__ == "__main__":
    main()
