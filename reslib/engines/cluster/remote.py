"""A task on the worker of a cluster: documents, read in a sandbox of its own."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from distributed import get_worker

from reslib.engines.cluster import files, wire
from reslib.engines.cluster.plugin import KillOnCancel, plugin_of
from reslib.engines.cluster.registered import Followed
from reslib.errors import printable
from reslib.items import Page
from reslib.models import Outcome
from reslib.sandbox.sandbox import Sandbox

__all__ = ["read"]

#: Seconds between two words about how far a document is.
_SAY = 1.0
#: Bytes of pages that are sent before their document is done; larger ones come with it alone.
_MOST_SENT = 1 << 20


def read(work: wire.Work) -> list[wire.Reply]:
    """Read the documents of a task; return a reply for each, whatever happens."""
    at = ""
    try:
        worker = get_worker()
        at = worker.address
        if work.protocol != wire.PROTOCOL:
            why = "its reslib speaks otherwise"
            return [wire.reply(wire.UNFIT, why, at)] * len(work.documents)
        reading = _Reading(work, worker, plugin_of(worker))
        return reading.replies()
    except Exception as error:
        why = printable(f"{type(error).__name__}: {error}")
        return [wire.reply(wire.UNFIT, why, at)] * len(work.documents)


class _Box:
    """The sandbox of one thread of a worker, for one engine."""

    def __init__(self, memory_limit_mb: int) -> None:
        self.registry = Followed()
        self.sandbox = Sandbox(memory_limit_mb=memory_limit_mb, registry=self.registry)
        self.in_use = threading.Lock()
        self.is_closed = False
        self.used_at = time.monotonic()

    def close_if_idle(self) -> bool:
        """Close it unless it is in use; return whether it is closed."""
        if not self.in_use.acquire(blocking=False):
            return False
        try:
            self.is_closed = True
            self.sandbox.close()
        finally:
            self.in_use.release()
        return True


class _Reading:
    """The task that one thread of a worker is at."""

    def __init__(self, work: wire.Work, worker: Any, plugin: KillOnCancel) -> None:
        self.topic = work.topic
        self._work, self._worker, self._plugin = work, worker, plugin
        self._is_killed = False
        self._box = self._own_box()
        self._said_at = 0.0

    def kill(self) -> None:
        """End it; from any thread."""
        self._is_killed = True
        self._box.sandbox.kill()

    def replies(self) -> list[wire.Reply]:
        """Read the documents."""
        while True:
            box = self._box
            with box.in_use:
                if not box.is_closed:
                    return self._replies(box)
            self._box = self._own_box()  # it was idle for long, and closed a moment ago

    def _replies(self, box: _Box) -> list[wire.Reply]:
        key = self._work.key
        self._plugin.begin(key, self)
        try:
            count = len(self._work.documents)
            if not box.registry.follow(*self._work.registered):
                return [wire.reply(wire.NEED_EXTRACTORS)] * count
            # The child is up before the document counts as begun: while it starts, nothing that
            # happens is the document's fault.
            problem = box.sandbox.warm_up(lambda: self._is_killed)
            if problem is not None:
                return [wire.reply(wire.UNFIT, problem, self._worker.address)] * count
            return [self._reply(sent) for sent in self._work.documents]
        finally:
            self._plugin.end(key)
            box.used_at = time.monotonic()
            if self._plugin.is_over:
                box.sandbox.close()

    def _own_box(self) -> _Box:
        place = threading.get_ident(), self._work.engine
        box: _Box | None = self._plugin.boxes.get(place)
        if box is None or box.is_closed:
            box = self._plugin.boxes[place] = _Box(self._work.memory_limit_mb)
        return box

    def _reply(self, sent: wire.Sent) -> wire.Reply:
        if self._is_killed:
            return wire.reply_with(Outcome(), "")
        if sent.data is not None:
            # Below the directory of the worker, which is removed with it, however it ends.
            local = getattr(self._worker, "local_directory", None)
            with tempfile.TemporaryDirectory(prefix="reslib-document-", dir=local) as folder:
                return self._read(sent, files.placed(sent.path, folder, sent.data))
        if (why := _why_not_the_same(sent)) is not None:
            return wire.reply(wire.NEED_BYTES, why)
        return self._read(sent, sent.path)

    def _read(self, sent: wire.Sent, path: str) -> wire.Reply:
        box = self._box
        request = wire.read_request(sent.request, path)
        progress: Callable[[int, int | None], None] | None = None
        if len(self._work.documents) == 1:
            progress = self._say_progress
        if self._said_at == 0.0:
            self._said_at = time.monotonic()
            self._say("started", pid=os.getpid(), child=box.sandbox.pid or 0)
        if self._is_killed:
            return wire.reply_with(Outcome(), box.sandbox.lacking)
        pages = self._say_pages if request.by_page else None
        outcome = box.sandbox.run_keeping(request, progress, pages)
        if outcome.unavailable is not None:
            return wire.reply(wire.UNFIT, outcome.unavailable, self._worker.address)
        return wire.reply_with(outcome, box.sandbox.lacking)

    def _say_progress(self, page: int, page_count: int | None) -> None:
        now = time.monotonic()
        if now - self._said_at >= _SAY:
            self._said_at = now
            self._say("page", page=page, page_count=page_count)
        if self._is_killed:
            self._box.sandbox.kill()

    def _say_pages(self, pages: Sequence[Page]) -> None:
        data = wire.pages_bytes(pages)
        if len(data) <= _MOST_SENT:
            self._say("pages", pages=data)

    def _say(self, what: str, **more: Any) -> None:
        if self.topic:
            said = {"key": self._work.key, "what": what, "at": self._worker.address, **more}
            self._worker.log_event(self.topic, said)


def _why_not_the_same(sent: wire.Sent) -> str | None:
    """Return why what is at a path here is not the document; None when it is."""
    try:
        here = files.look(sent.path).identity
    except OSError as error:
        return printable(str(error))
    return None if sent.identity == here else "another file is at that place"
