"""One attempt at one child, from the parent's side: the loop that waits for whatever comes first.

That is the answer, something printed, the end of the child, a kill, or the deadline.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from reslib.items import Page
from reslib.models import ExtractionResult, Failure, Outcome
from reslib.sandbox import diagnosis, note
from reslib.sandbox.memory import MB
from reslib.sandbox.process import ChildProcess, Usage
from reslib.sandbox.protocol import (
    Kind,
    Message,
    ProtocolError,
    optional_number,
    optional_text,
    read_failure,
)
from reslib.sandbox.received import Received

__all__ = ["MAX_PRINTED_MB", "Session", "read_available"]

#: An extraction that prints more than this is ended.
MAX_PRINTED_MB = 64
_TAIL = 8192
#: As much as a pipe holds.
_CHUNK = 1 << 16
#: Seconds between looks at the progress of a running attempt.
_PULSE = 0.05
#: Seconds between looks at the memory of a running attempt.
_MEMORY_INTERVAL = 0.2
#: Fewest seconds between glances at the peak of its memory, and the MB a second that nothing fills
#: (1,950 were measured here): the more room there is, the later the next glance. What
#: a child had used when it died is not told by the system where its parent is larger (ru_maxrss
#: begins with the parent's), so the last glance has to do.
_GLANCE, _FASTEST_MB = 0.01, 4_000
#: Seconds for a child to start. Long: many may start at once on a busy machine.
_START_TIMEOUT = 60.0
#: Seconds for the stacks of a child that is to be killed.
_DUMP_TIME = 0.2


class Session:
    """Carries one attempt through one child.

    Parameters
    ----------
    child
        Who runs it.
    seen
        What is known of the attempt; filled in on the way.
    on_progress
        See :meth:`Sandbox.run <reslib.sandbox.sandbox.Sandbox.run>`.
    wake
        A descriptor that becomes readable when *is_killed* has changed.
    is_killed
        Whether the attempt is to end now.
    on_pages
        Told of the pages as they come.
    """

    def __init__(
        self,
        child: ChildProcess,
        seen: diagnosis.Observed,
        on_progress: Callable[[int, int | None], None] | None,
        wake: int,
        is_killed: Callable[[], bool],
        on_pages: Callable[[Sequence[Page]], None] | None = None,
    ) -> None:
        self.child, self.seen = child, seen
        self.on_progress, self.on_pages = on_progress, on_pages
        self.is_killed = is_killed
        self.began = time.monotonic()
        self.number = 0
        self.finished: Message | None = None
        #: Who is to read it, when the child says that it is not confined as that one needs.
        self.elsewhere: str | None = None
        self._has_begun = False
        self.left_processes = False
        #: The child says that it could not write, for want of room.
        self.no_room = False
        self.printed = 0
        self.problem = ""
        #: What it has given so far, and what is wrong with that.
        self._received: Received | None = None
        self._items_problem = ""
        self.last_page_at: float | None = None
        self.usage: Usage | None = None
        self._tail = bytearray()
        self._outbox: list[memoryview] = []
        self._memory_due = self._note_due = self._glance_due = 0.0
        self._over_memory = False
        self._selector = (
            selectors.PollSelector()
            if hasattr(selectors, "PollSelector")
            else (selectors.SelectSelector())
        )
        self._selector.register(child.replies, selectors.EVENT_READ)
        self._selector.register(child.errors, selectors.EVENT_READ)
        self._selector.register(wake, selectors.EVENT_READ)
        if child.pidfd >= 0:
            self._selector.register(child.pidfd, selectors.EVENT_READ)

    def close(self) -> None:
        """Let go of the selector."""
        self._selector.close()

    def last_stderr_line(self) -> str:
        """Return the last line that was printed."""
        lines = bytes(self._tail).decode("utf-8", "replace").strip().splitlines()
        return self.problem or (lines[-1] if lines else "it said nothing")

    # --- the two waits ---

    def wait_until_ready(self) -> bool:
        """Wait for a child that was just started; return whether it is there."""
        until = time.monotonic() + _START_TIMEOUT
        while not self.child.ready:
            if self._is_over(until):
                return self.child.ready
        return True

    def extract(
        self,
        number: int,
        request: Callable[[], list[bytes]],
        seconds: float,
        *,
        is_last: bool = True,
    ) -> Outcome | None:
        """Send the request and wait for its end.

        None when :attr:`elsewhere` is set, or when the child was dead before it began with the
        document and this is not the last try: then the document has no part in it.

        Parameters
        ----------
        number
            Of the attempt; answers to another one are refused.
        request
            Gives what to send. Making it is part of the time allowed.
        seconds
            Time allowed.
        is_last
            Whether there is an outcome even of a child that did not begin.
        """
        child = self.child
        self.number = number
        self._read_errors()
        self._tail.clear()  # that was said at the start, not about this document
        self.printed = 0
        note.clear(child.note)
        self.began = time.monotonic()
        self._outbox = [memoryview(part) for part in request() if part]
        self._write()
        self._memory_due = self.began + _MEMORY_INTERVAL
        self._glance_due = self.began + self._until_glance(child.peak_before_mb)
        while not self._is_over(self._deadline(seconds)):
            pass
        ended = time.monotonic()
        if self.elsewhere is not None or (not is_last and self._was_dead()):
            return None
        outcome = self._outcome_of(ended)
        note.clear(child.note)  # a text may be large, and the child be idle for long
        return outcome

    def _deadline(self, seconds: float) -> float:
        """Return when its time is over, which each page may begin anew."""
        anew = self.last_page_at if self.seen.request.by_page else None
        return (anew or self.began) + seconds

    def _was_dead(self) -> bool:
        """True when the child died before it said that it had begun, and nobody here ended it."""
        if self._has_begun or self.finished is not None or self.problem or self.is_killed():
            return False
        return not self.child.is_alive()

    def _is_over(self, deadline: float) -> bool:
        """Wait for the next thing to happen; return whether there is nothing to wait for."""
        child = self.child
        now = time.monotonic()
        due = min(now + _PULSE, deadline)
        if self.number:
            due = min(due, self._glance_due)
        timeout = max(0.0, due - now)
        ready = {key.fd for key, _ in self._selector.select(timeout)}
        if self._outbox and child.requests in ready:
            self._write()
        if child.errors in ready:
            self._read_errors()
        try:
            if child.replies in ready:
                self._read_replies()
            gone = (child.pidfd in ready or child.pidfd < 0) and child.poll() is not None
            if gone and not self.finished:
                # It may have answered before it died.
                self._read_replies()
        except ProtocolError as error:
            self.problem = str(error)
            return True
        if self.finished is not None or gone or self.is_killed():
            return True
        now = time.monotonic()
        if self.number:
            if now >= self._glance_due:
                peak = child.peak_mb()
                if peak is not None:
                    self.seen.peak_mb = max(self.seen.peak_mb or 0.0, peak)
                self._glance_due = now + self._until_glance(self.seen.peak_mb or 0.0)
            if now >= self._note_due:
                self._note_progress(now)
                self._read_items()
                self._note_due = now + _PULSE
            if now >= self._memory_due:
                self._watch_memory()
                if not child.is_alive():
                    return True
        return self._over_memory or self.printed > MAX_PRINTED_MB * MB or now >= deadline

    # --- pipes ---

    def _write(self) -> None:
        requests = self.child.requests
        while self._outbox:
            part = self._outbox[0]
            try:
                written = os.write(requests, part)
            except BlockingIOError:
                break
            except BrokenPipeError:
                self._outbox.clear()  # its end is on its way
                break
            if written < len(part):
                self._outbox[0] = part[written:]
            else:
                self._outbox.pop(0)
        registered = requests in self._selector.get_map()
        if self._outbox and not registered:
            self._selector.register(requests, selectors.EVENT_WRITE)
        elif registered and not self._outbox:
            self._selector.unregister(requests)

    def _read_errors(self) -> None:
        while data := read_available(self.child.errors):
            self.printed += len(data)
            self._tail += data
            if len(self._tail) > 8 * _TAIL:
                del self._tail[:-_TAIL]
            if len(data) < 65536:
                return
            if self.printed > MAX_PRINTED_MB * MB:
                return
        if data is None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self.child.errors)

    def _read_replies(self) -> None:
        data = read_available(self.child.replies)
        if data is None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self.child.replies)
            return
        while data:
            for message in self.child.reader.feed(data):
                self._take(message)
            if self.finished:
                return
            data = read_available(self.child.replies)

    def _take(self, message: Message) -> None:
        if self.finished is not None:
            raise ProtocolError("more than one answer")
        if message.kind is Kind.READY:
            if self.child.ready:
                raise ProtocolError("it started twice")
            self.child.ready = True
            self.child.cpu_ms = optional_number(message.header, "cpu_total_ms") or 0.0
            self.child.peak_before_mb = optional_number(message.header, "peak_mb") or 0.0
            refused = message.header.get("refused")
            self.child.refused = frozenset(map(str, refused if isinstance(refused, list) else ()))
            return
        if not self.number or message.header.get("attempt") != self.number:
            raise ProtocolError("an answer to another question")
        if message.kind is Kind.STARTED:
            self._has_begun = True
            self.seen.extractor = optional_text(message.header, "extractor")
            self.seen.extractor_version = optional_text(message.header, "extractor_version")
            self.seen.recipe = int(min(optional_number(message.header, "recipe") or 0, 2**53))
        else:
            if message.kind is Kind.WRONG_CONFINEMENT:
                self.elsewhere = optional_text(message.header, "extractor") or ""
            self.finished = message

    # --- while it runs ---

    def _note_progress(self, now: float) -> None:
        said = note.progress(self.child.note)
        if said is None:
            return
        page, total = said
        seen = self.seen
        news = (page or None, total or None)
        if news == (seen.page, seen.page_count):
            return
        if page:
            self.last_page_at = now
        seen.page, seen.page_count = news
        if self.on_progress is not None:
            self.on_progress(page, total or None)

    def _read_items(self) -> None:
        """Read what it has given since: of a long document little is left to be read at the end,
        which may be the deadline.
        """
        if self._items_problem:
            return
        try:
            if self._received is None:
                self._received = Received(self.number, note.items(self.child.note))
            else:
                self._received.read_on(note.items(self.child.note, self._received.size))
            if self.on_pages is not None and (pages := self._received.new_pages()):
                self.on_pages(pages)
        except ProtocolError as error:
            self._items_problem = str(error)

    def _all_items(self) -> Received:
        """Return all that it has given.

        Raises
        ------
        ProtocolError
            Some of it is not what it should be.
        """
        self._read_items()
        if self._items_problem or self._received is None:
            raise ProtocolError(self._items_problem)
        return self._received

    def _until_glance(self, peak_mb: float) -> float:
        """Return the seconds in which a child cannot come near its limit."""
        room = diagnosis.NEAR_ABORT * self.seen.memory_limit_mb - peak_mb
        return min(max(room / _FASTEST_MB, _GLANCE), _PULSE)

    def _watch_memory(self) -> None:
        began = time.monotonic()
        usage = self.child.measure()
        if usage is not None:
            self._remember(usage)
            limit = self.seen.memory_limit_mb
            bounded = sys.platform == "linux" and not usage.descendants
            if (
                not bounded
                and usage.resident_mb > limit
                and self.child.shared_memory_counted_once() > limit
            ):
                self._over_memory = True
        now = time.monotonic()
        # On a machine with thousands of processes a look takes long; never a tenth of the time.
        self._memory_due = now + max(_MEMORY_INTERVAL, 10 * (now - began))

    def _remember(self, usage: Usage) -> None:
        self.usage = usage
        self.seen.peak_mb = max(self.seen.peak_mb or 0.0, usage.peak_mb) or None

    # --- the end ---

    def _outcome_of(self, ended: float) -> Outcome:
        child, seen = self.child, self.seen
        if self.finished is not None:
            try:
                return self._answered(self.finished, ended)
            except ProtocolError as error:
                self.problem, self.finished = str(error), None
        usage = child.measure() if child.poll() is None else child.last_usage()
        if usage is not None:
            self._remember(usage)
        returncode = self._returncode()
        failure: Failure | None
        if self.is_killed():
            child.kill()
            failure = None
        elif self.problem:
            child.kill()
            self._end(ended)
            failure = diagnosis.protocol_violation(seen, self.problem)
        elif self.printed > MAX_PRINTED_MB * MB:
            self._end(ended)
            child.kill()
            failure = diagnosis.output_limit(seen, MAX_PRINTED_MB)
        elif self._over_memory:
            child.kill()
            self._end(ended)
            failure = diagnosis.memory_limit(seen)
        elif returncode is not None:
            self._end(ended)
            failure = diagnosis.crashed(seen, returncode)
        else:
            self._collect_stacks()
            child.kill()
            self._end(ended)
            stalled = None if self.last_page_at is None else ended - self.last_page_at
            failure = diagnosis.timed_out(seen, stalled)
        cpu = None
        if self.usage is not None:
            cpu = max(0.0, self.usage.cpu_seconds * 1000 - child.cpu_ms)
        return Outcome(
            failure=failure,
            extraction_time_ms=(ended - self.began) * 1000,
            cpu_time_ms=cpu,
            peak_rss_mb=seen.peak_mb,
            # Of a child that broke the rules nothing is believed.
            partial=None if self.problem else self._partial(failure),
        )

    def _returncode(self) -> int | None:
        """Return how the child ended, None when it lives."""
        child = self.child
        if child.poll() is None and not child.is_alive():
            child.kill()
            if child.poll() is None:
                return -signal.SIGKILL  # one of its threads still ends; nothing else lasts as long
        return child.poll()

    def _answered(self, message: Message, ended: float) -> Outcome:
        header, seen = message.header, self.seen
        self._end(ended)
        cpu, peak = optional_number(header, "cpu_ms"), optional_number(header, "peak_mb")
        if peak is not None:
            seen.peak_mb = max(peak, seen.peak_mb or 0.0)
            self.child.peak_before_mb = max(self.child.peak_before_mb, peak)
        self.child.cpu_ms = optional_number(header, "cpu_total_ms") or 0.0
        self.left_processes = header.get("left_processes") is True
        self.no_room = header.get("no_room") is True
        if message.kind is Kind.DONE:
            result = self._all_items().result(header)
            return Outcome(result, None, (ended - self.began) * 1000, cpu, seen.peak_mb)
        failure = diagnosis.failed(seen, read_failure(header))
        return Outcome(
            failure=failure,
            extraction_time_ms=(ended - self.began) * 1000,
            cpu_time_ms=cpu,
            peak_rss_mb=seen.peak_mb,
            partial=self._partial(failure) if header.get("pages_hold") is True else None,
        )

    def _partial(self, failure: Failure | None) -> ExtractionResult | None:
        """Return what had been read when it ended; None for nothing, and what is not believed."""
        seen = self.seen
        try:
            received = self._all_items()
        except ProtocolError:
            return None
        why = "interrupted" if failure is None else diagnosis.how_it_ended(failure)
        cut = received.cut_off(
            why, seen.page_count, seen.extractor or "", seen.extractor_version or ""
        )
        return cut and replace(cut, recipe=seen.recipe)

    def _end(self, ended: float) -> None:
        """Take what was printed and noted last."""
        self._read_errors()
        self._note_progress(ended)
        self.seen.stderr = bytes(self._tail[-_TAIL:])

    def _collect_stacks(self) -> None:
        self._read_errors()
        self.child.dump_stacks()
        until = time.monotonic() + _DUMP_TIME
        before = self.printed
        while (left := until - time.monotonic()) > 0:
            wait = min(left, 0.03) if self.printed > before else left
            ready = {key.fd for key, _ in self._selector.select(wait)}
            if self.child.errors in ready:
                self._read_errors()
            elif self.printed > before or not ready:
                return  # all written, or nothing comes
            else:
                time.sleep(0.005)  # something else is ready, and stays so


def read_available(descriptor: int) -> bytes | None:
    """Return what can be read now, ``b""`` when nothing, None at the end."""
    try:
        return os.read(descriptor, _CHUNK) or None
    except BlockingIOError:
        return b""
