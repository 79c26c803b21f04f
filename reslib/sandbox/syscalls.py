"""The system calls that a confined process is refused, and with which arguments.

All calls of Linux 6.18 that name another process (by pid, tid or pidfd), that make the kernel send
it a signal, or that act on what it holds have been gone through; docs/threat-model.md has the list
with what keeps each of them harmless. The rules stand on top of Landlock's: they hold where that
is missing, and also for calls that it does not know. A pid of 0 is the caller in all of these calls
but ``kill``, where it is the caller's process group: the child has one of its own, in which there
is nothing but what it has started.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["NUMBERS", "Condition", "Rule", "rules"]

#: Number of each call: x86-64 (asm/unistd_64.h), then 64-bit ARM (asm-generic/unistd.h).
_TABLE = {
    "fcntl": (72, 25),
    "flock": (73, 32),
    "get_robust_list": (274, 100),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "setpgid": (109, 154),
    "setpriority": (141, 140),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "tgkill": (234, 131),
    "tkill": (200, 130),
}
NUMBERS = {
    machine: {name: numbers[column] for name, numbers in _TABLE.items()}
    for column, machine in enumerate(("x86_64", "aarch64"))
}

#: Refused whatever they are asked: they reach into another process, or around these rules.
_NEVER = (
    "io_uring_setup",  # makes sockets without a system call
    "kcmp",
    "keyctl",  # KEYCTL_SESSION_TO_PARENT changes the keys of the parent
    "perf_event_open",
    "pidfd_getfd",
    "pidfd_open",
    "pidfd_send_signal",
    "process_madvise",
    "process_mrelease",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
)
#: The pid is their first argument.
_ONLY_ONESELF = (
    "get_robust_list",
    "migrate_pages",
    "move_pages",
    "prlimit64",
    "sched_setaffinity",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
)
#: Signals: raise() and abort() send them to oneself.
_SIGNALS = ("kill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tgkill", "tkill")

_PRIO_PROCESS, _IOPRIO_WHO_PROCESS = 0, 1
_PR_SCHED_CORE = 62
#: fcntl(2): to whom the kernel sends a signal when a file is ready, and which.
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15
#: Locks and leases on files that can only be read: on the database they keep the others waiting.
_F_SETLK, _F_SETLKW, _F_OFD_SETLK, _F_OFD_SETLKW, _F_SETLEASE = 6, 7, 37, 38, 1024
#: The same as F_SETOWN for sockets and terminals; the foreground of the terminal; and keys that the
#: user's shell would read as typed there (CVE-2017-5226).
_FIOSETOWN, _SIOCSPGRP, _TIOCSPGRP, _TIOCSTI, _TIOCLINUX = 0x8901, 0x8902, 0x5410, 0x5412, 0x541C
#: What stops or changes a terminal that was opened for reading: its flow (TCXONC), buffers
#: (TCFLSH), owner (TIOCEXCL), size (TIOCSWINSZ, which signals its foreground), line discipline
#: (TIOCSETD) and settings (TCSETS, TCSETA, TCSETS2 and what they are called when they wait).
#: Refused to reslib's own; a program of others may need them for a terminal of its own.
_OF_A_TERMINAL = (0x540A, 0x540B, 0x540C, 0x5414, 0x5423, *range(0x5402, 0x5405))
_OF_A_TERMINAL += (*range(0x5406, 0x5409), *range(0x402C542B, 0x402C542E))


@dataclass(frozen=True)
class Condition:
    """Some values of the low half of an argument, which is all the kernel looks at here."""

    argument: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """A rule: a call is allowed when all of *only* hold and none of *never*; a bare one refuses."""

    call: str
    only: tuple[Condition, ...] = ()
    never: Condition | None = None
    error: int = field(default=errno.EPERM)


def rules(own: int, *, own_extractor: bool) -> Iterator[Rule]:
    """Yield the rules for a child.

    Parameters
    ----------
    own
        Its process id.
    own_extractor
        Whether it is for reslib's own extractors, which start few programs and keep no files:
        they send signals to nobody else and lock nothing. In others, multiprocessing ends its
        workers by signals, and caches are locked; who can be signalled is Landlock's matter.
    """
    oneself = (0, own)
    yield from map(Rule, _NEVER)
    local = Condition(0, (socket.AF_UNIX,))
    yield Rule("socketpair", (local,), error=errno.EACCES)
    yield Rule("socket", () if own_extractor else (local,), error=errno.EACCES)
    for call in _ONLY_ONESELF:
        yield Rule(call, (Condition(0, oneself),))
    yield Rule("setpriority", (Condition(0, (_PRIO_PROCESS,)), Condition(1, oneself)))
    yield Rule("ioprio_set", (Condition(0, (_IOPRIO_WHO_PROCESS,)), Condition(1, oneself)))
    yield Rule("setpgid", (Condition(1, oneself),))  # a new group, not that of the notebook
    yield Rule("prctl", never=Condition(0, (_PR_SCHED_CORE,)))
    terminal = (_FIOSETOWN, _SIOCSPGRP, _TIOCSPGRP, _TIOCSTI, _TIOCLINUX)
    settings = _OF_A_TERMINAL if own_extractor else ()
    yield Rule("ioctl", never=Condition(1, terminal + settings))
    owners = (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX)
    locks = (_F_SETLK, _F_SETLKW, _F_OFD_SETLK, _F_OFD_SETLKW, _F_SETLEASE)
    yield Rule("fcntl", never=Condition(1, owners + locks if own_extractor else owners))
    if own_extractor:
        yield Rule("flock")
        for call in _SIGNALS:
            yield Rule(call, (Condition(0, oneself),))
