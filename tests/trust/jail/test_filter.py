"""The filter of system calls: its numbers, and what it answers when it is run here."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from sentinel.trust.jail.filter import program
from sentinel.trust.jail.numbers import DEADLY, MACHINES, PLAIN

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}

machines = pytest.mark.parametrize("machine", MACHINES)


def answer(machine: str, call: str | int, *arguments: int, audit: int | None = None) -> int:
    """Return what the filter of a machine answers to a system call."""
    here = MACHINES[machine]
    number = here.calls[call] if isinstance(call, str) else call
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number, here.audit if audit is None else audit, 0, *padded)
    code = list(struct.iter_unpack("<HBBI", program(here)))
    at, value = 0, 0
    while True:
        operation, yes, no, k = code[at]
        at += 1
        if operation == 0x06:
            return int(k)
        if operation == 0x20:
            value = struct.unpack_from("<I", data, k)[0]
        else:
            holds = {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[operation]
            at += yes if holds else no


@machines
def test_the_numbers_are_those_of_the_kernel(machine: str) -> None:
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text()))
    # The generic table's name of it for 64 bits.
    found.setdefault("newfstatat", found.get("fstatat", ""))
    for name, number in MACHINES[machine].calls.items():
        known = found.get(name) or found.get(name.removesuffix("64"))
        assert known == str(number), name


@machines
def test_what_a_model_needs_is_let_through(machine: str) -> None:
    for name in PLAIN:
        if name in MACHINES[machine].calls:
            assert answer(machine, name) == ALLOW, name
    assert answer(machine, "openat", 0, 0, 0o2000000) == ALLOW
    assert answer(machine, "clone", 0x3D0F00) == ALLOW
    assert answer(machine, "fcntl", 3, 1030) == ALLOW
    assert answer(machine, "prlimit64", 0, 7, 0, 1 << 40) == ALLOW


@machines
def test_what_it_has_no_need_of_is_refused(machine: str) -> None:
    for flags in (0o1, 0o2, 0o100, 0o1000, 0o20200000):
        assert answer(machine, "openat", 0, 0, flags) == ERRNO | errno.EACCES
    for flags in (17, 0x3D0F00 | 0x10000000, 0x4000, 0x20000 | 0x10000):
        assert answer(machine, "clone", flags) == ERRNO | errno.EPERM
    for arguments in ((0, 7, 1), (0, 7, 1 << 32), (5, 7, 0)):
        assert answer(machine, "prlimit64", *arguments) == ERRNO | errno.EPERM
    assert answer(machine, "fcntl", 3, 1033) == ERRNO | errno.EPERM
    assert answer(machine, "clone3") == ERRNO | errno.ENOSYS
    assert answer(machine, "ioctl", 0, 0x5412) == ERRNO | errno.ENOTTY


@machines
def test_a_program_is_started_by_nobody(machine: str) -> None:
    for name in DEADLY:
        assert answer(machine, name) == KILL


@machines
def test_every_other_number_is_refused(machine: str) -> None:
    known = set(MACHINES[machine].calls.values())
    for number in set(range(600)) - known:
        assert answer(machine, number) == ERRNO | errno.EPERM, number
    assert answer(machine, "seccomp") == ERRNO | errno.EPERM


@machines
def test_the_table_of_another_machine_ends_the_process(machine: str) -> None:
    assert answer(machine, "read", audit=0x40000003) == KILL
    if MACHINES[machine].foreign:
        assert answer(machine, MACHINES[machine].foreign | 1) == KILL
