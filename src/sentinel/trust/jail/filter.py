"""The seccomp filter of the jail: a list of what is allowed, as a classic BPF program.

Source: ``linux/seccomp.h`` and ``linux/filter.h``. The program is data; ``kernel`` installs it.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator

from .numbers import DEADLY, PLAIN, Machine

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_WRITES = 0o3 | 0o100 | 0o1000 | 0o20000000
"""O_ACCMODE, O_CREAT, O_TRUNC and the bit of O_TMPFILE."""
_THREAD = 0x00010000
_NAMESPACES = 0x7E020000
"""All CLONE_NEW* flags that ``clone`` takes."""
_DESCRIPTOR_COMMANDS = (0, 1, 2, 3, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL and F_DUPFD_CLOEXEC."""

Instruction = tuple[int, int, int, int]


def program(machine: Machine) -> bytes:
    """Return the filter for a machine, as the array of ``struct sock_filter`` the kernel takes."""
    return b"".join(struct.pack("<HBBI", *one) for one in _instructions(machine))


def _instructions(machine: Machine) -> Iterator[Instruction]:
    yield _load(_ARCHITECTURE)
    yield from _unless(_EQUAL, machine.audit, _KILL)
    yield _load(_NUMBER)
    if machine.foreign:
        yield from _when(_AT_LEAST, machine.foreign, _KILL)
    for name in DEADLY:
        yield from _when(_EQUAL, machine.calls[name], _KILL)
    yield from _when(_EQUAL, machine.calls["clone3"], _refuse(errno.ENOSYS))
    yield from _when(_EQUAL, machine.calls["ioctl"], _refuse(errno.ENOTTY))
    for name, body in _conditional():
        if name in machine.calls:
            yield (_EQUAL, 0, len(body), machine.calls[name])
            yield from body
    for name in PLAIN:
        if name in machine.calls:
            yield from _when(_EQUAL, machine.calls[name], _ALLOW)
    yield _give(_refuse(errno.EPERM))


def _conditional() -> Iterator[tuple[str, list[Instruction]]]:
    """Yield the calls whose arguments decide, each with what is run for it to its end."""
    yield "openat", _reading_only(2)
    yield "open", _reading_only(1)
    no = _refuse(errno.EPERM)
    yield (
        "clone",
        [
            _load(_argument(0)),
            *_when(_ANY_BIT, _NAMESPACES, no),
            *_unless(_ANY_BIT, _THREAD, no),
            _give(_ALLOW),
        ],
    )
    yield (
        "fcntl",
        [
            _load(_argument(1)),
            *(step for one in _DESCRIPTOR_COMMANDS for step in _when(_EQUAL, one, _ALLOW)),
            _give(no),
        ],
    )
    asks_of_itself = (_argument(0), _argument(2), _argument(2) + 4)
    yield (
        "prlimit64",
        [
            *(step for at in asks_of_itself for step in (_load(at), *_unless(_EQUAL, 0, no))),
            _give(_ALLOW),
        ],
    )


def _reading_only(argument: int) -> list[Instruction]:
    refused = _refuse(errno.EACCES)
    return [_load(_argument(argument)), *_when(_ANY_BIT, _WRITES, refused), _give(_ALLOW)]


def _argument(index: int) -> int:
    """Return the offset of the lower half of an argument; both machines are little-endian."""
    return _ARGUMENTS + 8 * index


def _load(offset: int) -> Instruction:
    return (_LOAD, 0, 0, offset)


def _give(answer: int) -> Instruction:
    return (_RETURN, 0, 0, answer)


def _when(test: int, value: int, answer: int) -> list[Instruction]:
    return [(test, 0, 1, value), _give(answer)]


def _unless(test: int, value: int, answer: int) -> list[Instruction]:
    return [(test, 1, 0, value), _give(answer)]


def _refuse(code: int) -> int:
    return _ERRNO | code
