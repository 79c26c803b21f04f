"""The confinement of a child: derived from the extractor that it runs, applied when it starts.

============================  =====================  ========================  =================
for                           sockets                writing files             other processes
============================  =====================  ========================  =================
reslib's own extractors       refused                in its own temporary      not looked into,
                                                     directory                 no signals
registered extractors         only local (AF_UNIX)   as the user               the same
registered, ``network=True``  as the user            as the user               as the user
============================  =====================  ========================  =================

That is where the kernel can do it for a user without rights; what it did, the child reports.
Registered extractors end what they start by signals, so only Landlock keeps theirs from others,
from Linux 6.12 on; reslib's own are kept from it by seccomp as well.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from reslib.extractors.base import Extractor
from reslib.sandbox.memory import MB

__all__ = [
    "MAX_FILE_MB",
    "NETWORK",
    "PROCESSES",
    "SIGNALS",
    "WRITES",
    "Confinement",
    "NetworkWatch",
    "said",
]

#: What a child says it is refused: :attr:`Sandbox.refused`.
NETWORK, WRITES, PROCESSES, SIGNALS = "network", "writes", "processes", "signals"
#: What an extraction can do that is not refused it.
_DANGERS = {
    NETWORK: "reach the network",
    WRITES: "write outside their temporary directory",
    PROCESSES: "look into other processes",
    SIGNALS: "send signals to other processes",
}
#: Largest file that a child, or a program it starts, can write.
MAX_FILE_MB = 4096
#: Open files: what programs start with, and to what they can raise it (Java does).
_OPEN_FILES, _MOST_OPEN_FILES = 1024, 4096


@dataclass(frozen=True, slots=True)
class Confinement:
    """The confinement of a child: the things that it may do beyond reading.

    Parameters
    ----------
    network
        It keeps the network. The kernel's confinement is off as a whole then, so this is also
        the way for programs that gain rights when they start (snap, sudo).
    writes
        It can write wherever the user can.
    environment
        Names of variables that it gets besides the usual ones, sorted.
    """

    network: bool = False
    writes: bool = False
    environment: tuple[str, ...] = ()

    @classmethod
    def of(cls, extractor: Extractor) -> Confinement:
        """Return what *extractor* needs."""
        return cls(
            extractor.network,
            extractor.writes or extractor.network,
            tuple(sorted(set(extractor.environment))),
        )

    def encode(self) -> str:
        """Return it as one word for a command line."""
        return json.dumps([self.network, self.writes, self.environment])

    @classmethod
    def decode(cls, word: str) -> Confinement:
        """Undo :meth:`encode`."""
        network, writes, environment = json.loads(word)
        return cls(network, writes, tuple(environment))

    def lacking(self, refused: Collection[str]) -> str:
        """Return what a child can do that it should not, for people; empty when all is well.

        Parameters
        ----------
        refused
            What it said, see :meth:`apply`.
        """
        wanted = dict(_DANGERS)
        if self.writes:
            del wanted[WRITES]
        elif NETWORK in refused:
            del wanted[SIGNALS]  # what refuses the one refuses the other: seccomp
        return "" if self.network else said(refused, wanted)[1]

    def apply(self) -> list[str]:
        """Confine this process, before it has a second thread, and for good.

        Returns
        -------
        list of str
            What is refused now: some of :data:`NETWORK`, :data:`WRITES`, :data:`PROCESSES` and
            :data:`SIGNALS`, this one by Landlock, whatever the extractor.
        """
        # Here, because only a child needs them; they load ctypes, and importing reslib is quick.
        from reslib.sandbox import landlock, seccomp

        _limit_files()
        if self.network:
            return []
        refused = [NETWORK] * seccomp.restrict(own_extractor=not self.writes)
        writable = None if self.writes else (tempfile.gettempdir(), os.devnull)
        abi = landlock.restrict(writable)
        if abi:
            refused += [PROCESSES] if self.writes else [PROCESSES, WRITES]
        if abi >= landlock.SCOPES_SINCE:
            refused.append(SIGNALS)
        return refused


def said(refused: Collection[str], wanted: Iterable[str] = _DANGERS) -> tuple[str, str]:
    """Return what extractions cannot do, and what they can although it is *wanted* otherwise.

    Each as a sentence for people, empty where there is nothing to say.
    """
    held, free = (
        [_DANGERS[each] for each in wanted if (each in refused) is is_in] for is_in in (True, False)
    )
    return (
        f"extractions cannot {', nor '.join(held)}" if held else "",
        f"extractions can {', and '.join(free)}: this system does not let a user refuse it"
        if free
        else "",
    )


class NetworkWatch:
    """Notes that an extraction asked for a network that it does not have.

    By Python's audit events, because what is raised in the end is many libraries away from the
    refused socket.
    """

    def __init__(self) -> None:
        self.asked = False

    def arm(self) -> None:
        """Begin; for good."""

        def on_event(event: str, arguments: tuple[object, ...]) -> None:
            if event == "socket.getaddrinfo" or (
                event == "socket.__new__" and arguments[1] != socket.AF_UNIX
            ):
                self.asked = True

        sys.addaudithook(on_event)


def _limit_files() -> None:
    """Bound what files can take. RLIMIT_NPROC is left alone: it counts all processes of the user
    on the machine, so on a shared one it would refuse those who did nothing.
    """
    for limit, soft, hard in (
        (resource.RLIMIT_FSIZE, MAX_FILE_MB * MB, MAX_FILE_MB * MB),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _MOST_OPEN_FILES),
    ):
        now = [sys.maxsize if n == resource.RLIM_INFINITY else n for n in resource.getrlimit(limit)]
        resource.setrlimit(limit, (min(soft, now[0]), min(hard, now[1])))
