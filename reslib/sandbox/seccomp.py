"""No network: a seccomp filter that refuses to make sockets.

Works for every user on Linux 3.5 and newer, on x86-64 and 64-bit ARM; elsewhere nothing happens
and :func:`refuse_network` says so. A network namespace would do the same, but many systems do
not let users make one (containers, Ubuntu since 23.10), and it changes who the user is.

The filter is classic BPF over ``struct seccomp_data``; seccomp(2) describes both, and why the
architecture is looked at first: a 64-bit kernel also takes 32-bit system calls, which have other
numbers. ``io_uring`` is refused because it makes sockets without a system call.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from dataclasses import dataclass

__all__ = ["refuse_network"]

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22
_SECCOMP_MODE_FILTER = 2
#: BPF: load a word at an absolute offset, compare with a constant, return a constant.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
#: Offsets in ``struct seccomp_data``: number, architecture, low half of the first argument.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
#: System calls of the x32 ABI come as x86-64 with this bit.
_X32 = 0x40000000


@dataclass(frozen=True)
class _Calls:
    """Numbers of the system calls of one architecture (AUDIT_ARCH_* of linux/audit.h)."""

    architecture: int
    socket: int
    socketpair: int
    never: tuple[int, ...]  # io_uring_setup; socketcall, the 32-bit way to all of them
    has_x32: bool = False


_CALLS = {
    "x86_64": (
        _Calls(0xC000003E, 41, 53, (425,), has_x32=True),
        _Calls(0x40000003, 359, 360, (425, 102)),
    ),
    "aarch64": (
        _Calls(0xC00000B7, 198, 199, (425,)),
        _Calls(0x40000028, 281, 288, (425, 102)),
    ),
}

_Instruction = tuple[int, int, int, int]


def refuse_network(*, local: bool) -> bool:
    """Refuse the network to this thread, and to every thread and process that it starts.

    For good. A refused ``socket()`` fails with EACCES. Programs that gain rights when they
    start (setuid) do not gain them any more: the kernel asks for that (PR_SET_NO_NEW_PRIVS).

    Parameters
    ----------
    local
        Whether local sockets (AF_UNIX) can still be made, which multiprocessing and office
        programs do. They also lead to services that do what they are asked, outside of any
        confinement: systemd by the session bus, Docker. Pairs of them can be made in any case.

    Returns
    -------
    bool
        Whether it is refused now, as a socket that was asked for has shown.
    """
    calls = _CALLS.get(os.uname().machine)
    if sys.platform != "linux" or calls is None or sys.maxsize < 1 << 32:
        return False
    program = _program(calls, local)
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


def _program(architectures: tuple[_Calls, ...], local: bool) -> list[_Instruction]:
    program: list[_Instruction] = [(_LOAD, 0, 0, _ARCHITECTURE)]
    for calls in architectures:
        block = _block(calls, local)
        program += [(_EQUAL, 0, len(block), calls.architecture), *block]
    return [*program, (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]


def _block(calls: _Calls, local: bool) -> list[_Instruction]:
    """Return the rules for one architecture. Jumps count the instructions to leave out."""
    tests = [(_AT_LEAST, _X32, "x32")] * calls.has_x32
    tests += [(_EQUAL, number, "refuse") for number in calls.never]
    tests += [(_EQUAL, calls.socketpair, "domain")]
    tests += [(_EQUAL, calls.socket, "domain" if local else "socket")]
    after: list[_Instruction] = [
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, socket.AF_UNIX),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EACCES),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    target = {"domain": 1, "socket": 4, "refuse": 5, "x32": 6}
    jumps: list[_Instruction] = [
        (code, len(tests) - 1 - place + target[label], 0, value)
        for place, (code, value, label) in enumerate(tests)
    ]
    return [(_LOAD, 0, 0, _NUMBER), *jumps, *after]
