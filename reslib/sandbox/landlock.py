"""No writing and no looking into other processes: Landlock, the kernel's sandbox for every user.

Linux 5.13 and newer, where it is switched on; elsewhere nothing happens and :func:`restrict` says
so. See https://docs.kernel.org/userspace-api/landlock.html. Whatever its rules, a process in a
Landlock domain cannot trace one outside of it, nor read its memory or environment in ``/proc``,
nor take its open files. From ABI 6 on it can be kept from sending signals out of the domain and
from abstract sockets as well.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["SCOPES_SINCE", "restrict"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
#: LANDLOCK_ACCESS_FS_*: rights to change something, and the ABI that brought each.
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_CHANGES = {
    1: _WRITE_FILE | 0b1_1111_1111 << 4,  # remove and make: bits 4 to 12
    2: 1 << 13,  # refer: move between directories
    3: _TRUNCATE,
}
#: LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL, and the ABI that brought them.
_SCOPES, SCOPES_SINCE = 0b11, 6


def restrict(writable: Iterable[str] | None) -> int:
    """Shut this thread, and every thread and process that it starts, into a domain.

    For good. Rights to change what is on disk that Landlock does not know (mode, owner, times,
    extended attributes) are not touched. Programs that gain rights when they start (setuid) do
    not gain them any more: the kernel asks for that (PR_SET_NO_NEW_PRIVS).

    Parameters
    ----------
    writable
        Files, and directories with all below them, that can still be changed; what is not
        there is left out. None: everything.

    Returns
    -------
    int
        The ABI of what the kernel holds back now: from :data:`SCOPES_SINCE` on signals too; 0 when
        it holds back nothing.
    """
    if sys.platform != "linux" or sys.maxsize < 1 << 32:
        return 0
    try:
        library = ctypes.CDLL(None)
    except OSError:
        return 0
    library.syscall.restype = ctypes.c_long

    def call(*arguments: int | bytes | None) -> int:
        return int(library.syscall(*map(_word, arguments)))

    abi = call(_CREATE_RULESET, None, 0, _VERSION)
    if abi < 1:
        return 0
    changes = sum(rights for since, rights in _CHANGES.items() if since <= abi)
    # A domain needs something to refuse. Devices are what nobody makes.
    handled = _MAKE_CHAR | _MAKE_BLOCK if writable is None else changes
    attributes = struct.pack("=QQQ", handled, 0, _SCOPES if abi >= SCOPES_SINCE else 0)
    ruleset = call(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return 0
    try:
        is_held = (
            all(_allow(call, ruleset, path, handled) for path in writable or ())
            and library.prctl(*map(_word, (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) == 0
            and call(_RESTRICT_SELF, ruleset, 0) == 0
        )
        return abi if is_held else 0
    finally:
        os.close(ruleset)


def _allow(call: Callable[..., int], ruleset: int, path: str, rights: int) -> bool:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        if not os.path.isdir(path):  # noqa: PTH112
            rights &= _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, descriptor)
        return call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) == 0
    finally:
        os.close(descriptor)


def _word(value: int | bytes | None) -> Any:
    # Variadic arguments have to be as wide as the kernel reads them.
    return ctypes.c_long(value) if isinstance(value, int) else ctypes.c_char_p(value)
