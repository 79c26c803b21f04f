"""The seccomp filter, run by a small machine: also for the processor that this one is not."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.sandbox import seccomp
from reslib.sandbox.syscalls import NUMBERS, rules

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003, "arm": 0x40000028}
OWN = 4321
ALLOWED = 0
WORDS = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2, OWN, 2**32, 2**32 + OWN])


def ask(
    machine: str, number: int, *arguments: int, own: bool = True, architecture: str | None = None
) -> int:
    """Return the error that the filter for *machine* gives to a call, 0 when it may be made."""
    data = number.to_bytes(4, "little")
    data += ARCHITECTURES[architecture or machine].to_bytes(4, "little") + bytes(8)
    data += b"".join((a % 2**64).to_bytes(8, "little") for a in (*arguments, *[0] * 6)[:6])
    program = seccomp._program(machine, rules(OWN, own_extractor=own))
    place = word = 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        assert max(yes, no) < 256
        assert 0 <= value < 2**32
        if code == 0x20:  # load
            word = int.from_bytes(data[value : value + 4], "little")
        elif code == 0x15:  # equal
            place += yes if word == value else no
        elif code == 0x35:  # at least
            place += yes if word >= value else no
        else:
            assert code == 0x06  # return
            return 0 if value == 0x7FFF0000 else value & 0xFFFF


machines = pytest.mark.parametrize("machine", NUMBERS)


@machines
@given(other=st.integers(-(2**31), 2**31 - 1).filter(lambda pid: pid not in (0, OWN)), more=WORDS)
def test_a_pid_of_another_process_is_refused_wherever_it_stands(
    machine: str, other: int, more: int
) -> None:
    number = NUMBERS[machine]
    for call in ("prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam",
                 "sched_setscheduler", "move_pages", "migrate_pages", "get_robust_list",
                 "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):  # fmt: skip
        assert ask(machine, number[call], other, more) == errno.EPERM
        # The kernel reads an int: what stands in the upper half changes nothing.
        assert ask(machine, number[call], (more << 32) + OWN, more) == ALLOWED
        assert ask(machine, number[call], more << 32, more) == ALLOWED
    for which, call in ((0, "setpriority"), (1, "ioprio_set")):
        assert ask(machine, number[call], which, other, more) == errno.EPERM
        assert ask(machine, number[call], which, OWN, more) == ALLOWED
    assert ask(machine, number["setpgid"], more, other) == errno.EPERM


@machines
@given(first=WORDS, second=WORDS)
def test_calls_that_are_never_for_oneself_are_refused_whatever_they_are_asked(
    machine: str, first: int, second: int
) -> None:
    for call in ("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd",
                 "pidfd_send_signal", "process_madvise", "process_mrelease", "kcmp", "keyctl",
                 "perf_event_open", "io_uring_setup"):  # fmt: skip
        for own in (True, False):
            assert ask(machine, NUMBERS[machine][call], first, second, own=own) == errno.EPERM


@machines
@given(which=st.integers(0, 2**64 - 1).filter(lambda which: which & 0xFFFFFFFF > 1))
def test_groups_and_users_are_not_given_other_priorities(machine: str, which: int) -> None:
    number = NUMBERS[machine]
    assert ask(machine, number["setpriority"], which, 0) == errno.EPERM
    assert ask(machine, number["ioprio_set"], which, 0) == errno.EPERM


@machines
@given(domain=st.integers(0, 2**64 - 1).filter(lambda domain: domain & 0xFFFFFFFF != 1))
def test_only_local_sockets_are_made_and_only_by_registered_extractors(
    machine: str, domain: int
) -> None:
    number = NUMBERS[machine]
    for own in (True, False):
        assert ask(machine, number["socket"], domain, own=own) == errno.EACCES
        assert ask(machine, number["socketpair"], domain, own=own) == errno.EACCES
        assert ask(machine, number["socketpair"], 1, own=own) == ALLOWED
    assert ask(machine, number["socket"], 1, own=True) == errno.EACCES
    assert ask(machine, number["socket"], 1, own=False) == ALLOWED


@machines
@given(number=st.integers(0, 2**30 - 1), first=WORDS)
def test_what_no_rule_names_is_allowed(machine: str, number: int, first: int) -> None:
    if number not in NUMBERS[machine].values():
        assert ask(machine, number, first) == ALLOWED


@machines
@given(number=st.integers(0, 2**32 - 1))
def test_calls_of_another_architecture_are_refused_whatever_their_number(
    machine: str, number: int
) -> None:
    for other in ARCHITECTURES.keys() - {machine}:
        assert ask(machine, number, architecture=other) == errno.ENOSYS
    assert ask(machine, number | 0x40000000) == errno.ENOSYS  # x32


@machines
def test_the_filter_is_as_long_as_the_kernel_takes(machine: str) -> None:
    assert len(seccomp._program(machine, rules(OWN, own_extractor=True))) < 4096  # BPF_MAXINSNS


@pytest.mark.parametrize(
    ("machine", "pattern", "names"),
    [
        ("x86_64", "/usr/include/*/asm/unistd_64.h", r"#define __NR_(\w+) (\d+)"),
        ("aarch64", "/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+) (\d+)"),
    ],
)
def test_the_numbers_are_those_of_the_kernels_headers(
    machine: str, pattern: str, names: str
) -> None:
    header = next(Path("/").glob(pattern.removeprefix("/")), None)
    if header is None:
        pytest.skip("this system has no headers of the kernel for this processor")
    found = dict(re.findall(names, header.read_text()))
    assert {n: int(found[n]) for n in NUMBERS[machine] if n in found} == NUMBERS[machine]


@machines
@pytest.mark.parametrize(
    "request_number", [0x540A, 0x540B, 0x540C, 0x5414, 0x5423, 0x5402, 0x5404, 0x402C542B]
)
def test_own_extractors_change_no_terminal_and_others_only_their_own(
    machine: str, request_number: int
) -> None:
    call = NUMBERS[machine]["ioctl"]
    assert ask(machine, call, 3, request_number) == errno.EPERM
    assert ask(machine, call, 3, request_number, own=False) == ALLOWED
    assert ask(machine, call, 3, 0x5401) == ALLOWED, "isatty() asks so"
