"""A seccomp filter: no network, and no system call that acts on another process.

Works for every user on Linux 3.5 and newer, on x86-64 and 64-bit ARM; elsewhere nothing happens
and :func:`restrict` says so. A network namespace would take the network away too, but many systems
do not let users make one (containers, Ubuntu since 23.10), and it changes who the user is.

The filter is classic BPF over ``struct seccomp_data``; seccomp(2) describes both, and why the
architecture is looked at first: a 64-bit kernel also takes 32-bit system calls (and x86-64 those
of the x32 ABI), which have other numbers. They are refused as a whole, as systemd does for
``SystemCallArchitectures=native``. What is refused otherwise: :mod:`reslib.sandbox.syscalls`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from collections.abc import Iterable

from reslib.sandbox.syscalls import NUMBERS, Rule, rules

__all__ = ["restrict"]

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22
_SECCOMP_MODE_FILTER = 2
#: BPF: load a word at an absolute offset, compare with a constant, return a constant.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
#: Offsets in ``struct seccomp_data``: number, architecture, low half of the first argument, of
#: which each has eight bytes.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
#: AUDIT_ARCH_* of linux/audit.h.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: System calls of the x32 ABI come as x86-64 with this bit. Nothing else has such numbers.
_X32 = 0x40000000

_Instruction = tuple[int, int, int, int]


def restrict(*, own_extractor: bool) -> bool:
    """Refuse those calls to this thread, and to every thread and process that it starts.

    For good. A refused ``socket()`` fails with EACCES, others with EPERM. Programs that gain
    rights when they start (setuid) do not gain them any more: the kernel asks for that
    (PR_SET_NO_NEW_PRIVS).

    Parameters
    ----------
    own_extractor
        Whether this process is for reslib's own extractors. Others can still make local sockets
        (AF_UNIX), as multiprocessing and office programs do. They also lead to services that do
        what they are asked, outside of any confinement: systemd by the session bus, Docker.
        Pairs of them can be made in any case.

    Returns
    -------
    bool
        Whether they are refused now, as a socket that was asked for has shown.
    """
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    program = _program(machine, rules(os.getpid(), own_extractor=own_extractor))
    packed = b"".join(
        code.to_bytes(2, sys.byteorder) + bytes((yes, no)) + value.to_bytes(4, sys.byteorder)
        for code, yes, no, value in program
    )

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    argument = Program(len(program), packed)
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    if prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(argument), 0, 0) != 0:
        return False
    return _is_refused()


def _is_refused() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno == errno.EACCES
    return False


def _program(machine: str, rules: Iterable[Rule]) -> list[_Instruction]:
    """Return the filter. A comparison says how many instructions to leave out: if so, if not."""
    foreign = (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    program: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        foreign,
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        foreign,
    ]
    for rule in rules:
        block = _block(rule)
        program += [(_EQUAL, 0, len(block), NUMBERS[machine][rule.call]), *block]
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _block(rule: Rule) -> list[_Instruction]:
    """Return the instructions that decide on one call."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | rule.error)
    block: list[_Instruction] = []
    for condition in rule.only:
        block.append((_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * condition.argument))
        block += _leap(condition.values)
        block.append(refuse)
    if rule.never is not None:
        block.append((_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * rule.never.argument))
        return [*block, *_leap(rule.never.values), allow, refuse]
    return [*block, allow if rule.only else refuse]


def _leap(values: tuple[int, ...]) -> list[_Instruction]:
    """Leave out the instruction behind these for each of *values*."""
    return [(_EQUAL, len(values) - n, 0, value) for n, value in enumerate(values)]
