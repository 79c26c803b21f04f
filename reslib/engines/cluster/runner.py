"""The runner of a cluster: what one worker of a pool reads its documents with."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Protocol

from reslib.engines.cluster import files, wire
from reslib.engines.cluster.connection import Connection
from reslib.engines.cluster.exchange import Exchange, Losses
from reslib.engines.cluster.files import Places
from reslib.engines.cluster.fitness import readers_of
from reslib.engines.cluster.here import Here
from reslib.engines.cluster.window import Budget, Call, Window
from reslib.errors import printable
from reslib.formats.inner import split
from reslib.items import Page
from reslib.models import ExtractionRequest, Outcome

__all__ = ["ClusterRunner", "Engine"]

logger = logging.getLogger(__name__)

#: Seconds that a runner waits for a worker before it says what is in the way.
_PATIENCE = 5.0
#: How often it looks whether there is one, in seconds.
_LOOK = 0.1
#: A task is sent so often before it is given up: bare, with extractors, with its bytes, with both.
_TURNS = 4
#: Documents of a folder that workers did not see are sent at once for so many seconds.
_UNSEEN = 60.0


class Engine(Protocol):
    """The engine of a runner, as far as that needs it."""

    connection: Connection
    window: Window
    budget: Budget
    losses: Losses
    places: Places
    here: Here
    unseen: dict[str, float]

    @property
    def is_private(self) -> bool:
        """True when nobody can read along on the way."""

    def work(self, documents: Sequence[wire.Sent], *, whole: bool) -> wire.Work:
        """Return a task of these documents; *whole* with the registered extractors."""

    def warn(self, kind: str, text: str) -> None:
        """Say what people should know, once of its kind."""

    def under_way(self, exchange: Exchange, *, is_over: bool) -> None:
        """Note a task that is out, or back."""


class ClusterRunner:
    """Reads the documents of one worker of a pool, on some worker of a cluster each.

    Parameters
    ----------
    engine
        Whose it is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call: Call | None = None
        self._is_killed = self._is_closed = False
        #: The worker of the cluster that reads the document of this moment; empty without.
        self.where = ""

    @property
    def is_up(self) -> bool:
        """True when there is a worker that could begin at once."""
        engine = self._engine
        return not self._is_closed and engine.connection.threads > 0 and engine.window.has_room

    @property
    def pid(self) -> int | None:
        """None: what reads is on another machine."""
        return None

    @property
    def lacking(self) -> str:
        """The things that extractions may do there although they should not."""
        return self._engine.connection.lacking

    def tend(self) -> None:
        """Do nothing: the workers look after themselves."""

    def warm_up(self, give_up: Callable[[], bool]) -> str | None:
        """Wait for a worker; return why there is none, for people."""
        until = time.monotonic() + _PATIENCE
        connection = self._engine.connection
        connection.look_soon()
        while not self.is_up and not give_up():
            # That it connects is no answer: only the first one is logged as a warning.
            if time.monotonic() >= until and not connection.is_connecting:
                return connection.problem
            time.sleep(_LOOK)
        return None

    def kill(self) -> None:
        """End what runs at once."""
        self._is_killed = True
        self._engine.here.kill(self)
        if (call := self._call) is not None:
            call.kill()

    def close(self) -> None:
        """End it, with what runs."""
        self._is_closed = True
        self.kill()

    def run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        """Read one document; see :meth:`Runner.run <reslib.engines.base.Runner.run>`."""
        return self.run_keeping(request, on_progress, None)

    def run_keeping(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
    ) -> Outcome:
        """Read one document, and call *on_pages* with the pages that have come since."""
        self._is_killed = self._is_closed
        engine, began = self._engine, time.monotonic()
        if request.passwords and not engine.is_private:
            why = "has a password, which would cross the network for everybody to read"
            return self._here(request, on_progress, on_pages, why)
        try:
            path = request.path
            seen = files.aside(lambda: files.look(path), self._is_over, request.timeout)
        except (OSError, TimeoutError):
            # It is missing, or no file: what reads it here says what it is.
            return self._here(request, on_progress, on_pages, "")
        if seen is None:
            return Outcome()
        wanted = readers_of(request)
        if lacking := engine.connection.lacking_for(wanted):
            engine.warn(
                f"lacking {lacking}",
                f"no worker of the cluster has all that is wanted for some documents ({lacking}): "
                "they are read on this machine, one at a time. Install it there, and start the "
                "workers anew",
            )
            return self._here(request, on_progress, on_pages, "can be read by no worker")
        if seen.size > files.LARGEST_SENT and engine.places.always_sent:
            return self._here(request, on_progress, on_pages, "is too large to be sent")
        alone = request.by_page or engine.losses.is_apart(path)
        is_short = seen.size < files.SHORT and not alone
        call = self._call = Call(request, seen, is_short, on_progress, on_pages, wanted)
        try:
            if self._is_killed:
                return Outcome()
            outcome = self._through(call)
        finally:
            self._call, self.where = None, ""
        if outcome is None:
            engine.warn(
                "unseen",
                f"no worker of the cluster sees some files, such as {printable(path)}, and they "
                "may not be sent: they are read on this machine, one at a time. Say what their "
                "folder is called there: documents={...}",
            )
            why = "is too large to be sent, and no worker sees its file"
            return self._here(request, on_progress, on_pages, why)
        if outcome.extraction_time_ms == 0.0 and not outcome.interrupted:
            took = (time.monotonic() - began) * 1000
            outcome = replace(outcome, extraction_time_ms=took)
        return outcome

    def _is_over(self) -> bool:
        return self._is_killed

    def _here(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
        why: str,
    ) -> Outcome:
        if why:
            logger.info("%s is read on this machine: it %s", request.path, why)
        return self._engine.here.run(self, request, on_progress, on_pages, self._is_over)

    # --- through the window ---

    def _through(self, call: Call) -> Outcome | None:
        """Return the outcome of a call; None when its document cannot be sent."""
        window = self._engine.window
        window.enter(call)
        while not (call.batch or call.outcome):
            if call.is_killed and (window.withdraw(call) or call.batch is None):
                return Outcome()  # in the batch of another it is ended by that one, for nobody
            call.woken.wait()
            call.woken.clear()
        if call.batch is None:
            return None if call.outcome is _NOT_SENT else call.outcome
        try:
            self._lead(call, call.batch)
        finally:
            for other in call.batch:
                if other.outcome is None:
                    other.end(Outcome())
            window.leave()
        return None if call.outcome is _NOT_SENT else call.outcome

    def _lead(self, call: Call, batch: Sequence[Call]) -> None:
        """Send the documents of a batch, again with what is wanted for them, and end the calls."""
        left = [each for each in batch if not each.is_killed]
        with_bytes = {id(each) for each in left if self._goes_by_bytes(each)}
        whole = False
        for _turn in range(_TURNS):
            if not left or call.is_killed:
                break
            answers = self._exchange(left, with_bytes, whole=whole)
            again: list[Call] = []
            for each, answer in zip(left, answers, strict=True):
                if isinstance(answer, Outcome):
                    if each.is_short and answer.extraction_time_ms:
                        self._engine.window.took(answer.extraction_time_ms / 1000)
                    each.end(answer)
                elif answer == wire.NEED_EXTRACTORS:
                    whole = True
                    again.append(each)
                elif each.seen.size > files.LARGEST_SENT or self._engine.places.never_sent:
                    each.end(_NOT_SENT)
                else:
                    with_bytes.add(id(each))
                    self._engine.unseen[_folder(each)] = time.monotonic() + _UNSEEN
                    self._say_what_is_unseen(each)
                    again.append(each)
            left = again

    def _say_what_is_unseen(self, call: Call) -> None:
        """Warn of a folder that the user has named for the workers, but is not there."""
        path = split(call.request.path)[0]
        if named := self._engine.places.named(path):
            here, there = named
            self._engine.warn(
                f"unseen {there}",
                f"a worker of the cluster does not see {self._engine.places.there(path)}, or sees "
                f"another file there; documents of {here} are sent by their bytes, which takes "
                f"longer. Is {there} what the workers call that folder?",
            )

    def _exchange(
        self, calls: Sequence[Call], with_bytes: set[int], *, whole: bool
    ) -> Sequence[Outcome | str]:
        engine = self._engine
        size = sum(each.seen.size for each in calls if id(each) in with_bytes)

        def is_over() -> bool:
            return any(each.is_killed for each in calls)

        if not engine.budget.take(size, is_over):
            return [Outcome()] * len(calls)
        try:
            sent = [self._sent(each, id(each) in with_bytes) for each in calls]
            exchange = Exchange(
                engine.connection,
                engine.losses,
                calls,
                engine.work(sent, whole=whole),
                wanted=frozenset().union(*(each.wanted for each in calls)),
                bytes_ahead=engine.budget.taken,
            )
            self._watch(exchange)
            for each in calls:
                each.on_kill = exchange.kill
            if is_over():
                exchange.kill()
            engine.under_way(exchange, is_over=False)
            try:
                return exchange.run()
            finally:
                engine.under_way(exchange, is_over=True)
                for each in calls:
                    each.on_kill = None
        except OSError as error:  # its file has gone, or changes just now
            logger.info("a document could not be sent: %s", error)
            return [Outcome()] * len(calls)
        finally:
            engine.budget.give_back(size)

    def _watch(self, exchange: Exchange) -> None:
        def begun(at: str) -> None:
            self.where = at

        exchange.on_begin = begun

    def _sent(self, call: Call, by_bytes: bool) -> wire.Sent:
        request, path = wire.request_bytes(call.request), call.request.path
        if not by_bytes:
            return wire.Sent(request, self._engine.places.there(path), call.seen.identity, None)
        data = files.aside(
            lambda: files.bytes_of(path, call.seen.size),
            lambda: call.is_killed,
            call.request.timeout,
        )
        if data is None:
            raise OSError("it was given up")
        return wire.Sent(request, path, None, data)

    def _goes_by_bytes(self, call: Call) -> bool:
        places = self._engine.places
        if places.always_sent:
            return True
        if places.never_sent or call.seen.size > files.LARGEST_SENT:
            return False
        return self._engine.unseen.get(_folder(call), 0.0) > time.monotonic()


#: The end of a call whose document cannot be sent.
_NOT_SENT = Outcome(unavailable="it cannot be sent")


def _folder(call: Call) -> str:
    return str(PurePosixPath(split(call.request.path)[0]).parent)
