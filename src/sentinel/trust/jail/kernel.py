"""The kernel's side of the jail: namespaces, Landlock and seccomp, by ``ctypes`` alone.

The calls are one-way: what is given up here does not come back for the life of the process.

Sources: ``landlock(7)``, ``seccomp(2)``, ``unshare(2)``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Iterable

from ...errors import SandboxUnavailable
from .filter import program
from .numbers import MACHINES, Machine

_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_PDEATHSIG = 38, 1
_SECCOMP_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_VERSION, _RULE_PATH_BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""Landlock's version and how many rights on files it knows."""
_NET_SINCE, _NET_RIGHTS, _SCOPE_SINCE, _SCOPES = 4, 0b11, 6, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def machine() -> Machine:
    """Return what is known of this machine.

    Raises:
        SandboxUnavailable: It is no Linux, or no machine that has a jail here.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(f"the jail needs Linux; this is {sys.platform}", _ELSEWHERE)
    found = MACHINES.get(platform.machine())
    if found is None or sys.maxsize < 1 << 32:
        raise SandboxUnavailable(f"there is no jail for {platform.machine()}", _ELSEWHERE)
    return found


_ELSEWHERE = "load the model at level 'allowlist', or convert it on Linux (x86-64 or 64-bit ARM)"


def landlock_version() -> int:
    """Return the version of Landlock that the kernel has; 0 for none."""
    number = machine().calls["landlock_create_ruleset"]
    return max(0, int(_libc().syscall(_long(number), None, _size(0), _long(_VERSION))))


def isolate() -> None:
    """Give up new privileges, and leave for namespaces with no network and no shared memory.

    Must be called while the process has one thread.

    Raises:
        SandboxUnavailable: The kernel does not allow it to this user.
    """
    _check(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    # Its reasons mislead: "no space left on device" is a limit of namespaces, for one.
    if _libc().unshare(_NEW_USER | _NEW_NET | _NEW_IPC) < 0:
        reason = os.strerror(ctypes.get_errno())
        raise SandboxUnavailable(
            f"this user may not make namespaces here ({reason}); containers and some systems "
            "forbid it", _ELSEWHERE,
        )  # fmt: skip


def end_with(parent: int) -> None:
    """Have this process ended when the thread that started it is gone. Comes after ``isolate``.

    Args:
        parent: Number of the process that started it.

    Raises:
        SandboxUnavailable: The kernel refuses, or that process is gone already.
    """
    _check(_libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "an end with its parent")
    if os.getppid() != parent:
        raise SandboxUnavailable("the process that wanted the jail is gone", _ELSEWHERE)


def allow_reading(paths: Iterable[str]) -> None:
    """Restrict this process, and all it starts, to reading below some paths.

    Must be called while the process has one thread: Landlock restricts the thread that asks.

    Args:
        paths: Files and directories; those that do not exist are passed over.

    Raises:
        SandboxUnavailable: The kernel has no Landlock, or refuses.
    """
    version = landlock_version()
    if not version:
        raise SandboxUnavailable("the kernel has no Landlock", _ELSEWHERE)
    calls, libc = machine().calls, _libc()
    rights = max(count for since, count in _FILE_RIGHTS if since <= version)
    attributes = _Ruleset(
        (1 << rights) - 1,
        _NET_RIGHTS if version >= _NET_SINCE else 0,
        _SCOPES if version >= _SCOPE_SINCE else 0,
    )
    size = 24 if version >= _SCOPE_SINCE else 16 if version >= _NET_SINCE else 8
    ruleset = libc.syscall(
        _long(calls["landlock_create_ruleset"]), ctypes.byref(attributes), _size(size), _long(0)
    )
    _check(ruleset, "a Landlock ruleset")
    try:
        for path in paths:
            _add(ruleset, path)
        restricted = libc.syscall(_long(calls["landlock_restrict_self"]), _long(ruleset), _long(0))
        _check(restricted, "Landlock")
    finally:
        os.close(ruleset)


def _add(ruleset: int, path: str) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)
        if path == os.devnull:
            allowed |= _WRITE_FILE  # libraries send there what they do not want to see
        rule = _Beneath(allowed, parent)
        number = machine().calls["landlock_add_rule"]
        added = _libc().syscall(
            _long(number), _long(ruleset), _long(_RULE_PATH_BENEATH), ctypes.byref(rule), _long(0)
        )
        _check(added, f"a Landlock rule for {path}")
    finally:
        os.close(parent)


def restrict_calls() -> None:
    """Install the filter of system calls in all threads of this process.

    Raises:
        SandboxUnavailable: The kernel refuses.
    """
    here = machine()
    code = program(here)
    buffer = ctypes.create_string_buffer(code, len(code))
    given = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    done = _libc().syscall(
        _long(here.calls["seccomp"]),
        _long(_SECCOMP_SET_MODE_FILTER),
        _long(_ALL_THREADS),
        ctypes.byref(given),
    )
    # With this flag a positive answer is the thread that could not be restricted.
    if done != 0:
        raise SandboxUnavailable(f"seccomp: {os.strerror(ctypes.get_errno())}", _ELSEWHERE)


def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def _check(answer: int, what: str) -> None:
    if answer < 0:
        reason = os.strerror(ctypes.get_errno())
        raise SandboxUnavailable(f"{what} cannot be had: {reason}", _ELSEWHERE)


def _long(value: int) -> ctypes.c_long:
    return ctypes.c_long(value)


def _size(value: int) -> ctypes.c_size_t:
    return ctypes.c_size_t(value)
