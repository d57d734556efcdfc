"""Numbers of the system calls that a jailed process is left with, by machine.

Sources: the kernel's ``unistd_64.h`` (x86-64) and ``asm-generic/unistd.h`` (64-bit ARM).
"""

from __future__ import annotations

from typing import NamedTuple


class Machine(NamedTuple):
    """What the filter must know of a machine.

    Attributes:
        audit: Its ``AUDIT_ARCH_*`` value; a call by the table of another machine ends the process.
        foreign: First number of another table that shares the value (x32); 0 for none.
        calls: Number of each call by name; a call that the machine does not have is absent.
    """

    audit: int
    foreign: int
    calls: dict[str, int]


_X86_64 = """
read 0 write 1 open 2 close 3 stat 4 fstat 5 lstat 6 lseek 8 mmap 9 mprotect 10 munmap 11 brk 12
rt_sigaction 13 rt_sigprocmask 14 rt_sigreturn 15 ioctl 16 pread64 17 readv 19 writev 20 access 21
sched_yield 24 mremap 25 madvise 28 dup 32 nanosleep 35 getpid 39 clone 56 execve 59 exit 60
uname 63 fcntl 72 getcwd 79 readlink 89 gettimeofday 96 getrlimit 97 getrusage 98 sysinfo 99
times 100 getuid 102 getgid 104 geteuid 107 getegid 108 sigaltstack 131 gettid 186 futex 202
sched_getaffinity 204 getdents64 217 set_tid_address 218 clock_gettime 228 clock_getres 229
clock_nanosleep 230 exit_group 231 openat 257 newfstatat 262 readlinkat 267 faccessat 269
set_robust_list 273 prlimit64 302 seccomp 317 getrandom 318 execveat 322 statx 332 rseq 334
clone3 435 faccessat2 439 landlock_create_ruleset 444 landlock_add_rule 445
landlock_restrict_self 446
"""

_AARCH64 = """
getcwd 17 dup 23 fcntl 25 ioctl 29 faccessat 48 openat 56 close 57 getdents64 61 lseek 62 read 63
write 64 readv 65 writev 66 pread64 67 readlinkat 78 newfstatat 79 fstat 80 exit 93 exit_group 94
set_tid_address 96 futex 98 set_robust_list 99 nanosleep 101 clock_gettime 113 clock_getres 114
clock_nanosleep 115 sched_getaffinity 123 sched_yield 124 sigaltstack 132 rt_sigaction 134
rt_sigprocmask 135 rt_sigreturn 139 times 153 uname 160 getrlimit 163 getrusage 165
gettimeofday 169 getpid 172 getuid 174 geteuid 175 getgid 176 getegid 177 gettid 178 sysinfo 179
brk 214 munmap 215 mremap 216 clone 220 execve 221 mmap 222 mprotect 226 madvise 233
prlimit64 261 seccomp 277 getrandom 278 execveat 281 statx 291 rseq 293 clone3 435 faccessat2 439
landlock_create_ruleset 444 landlock_add_rule 445 landlock_restrict_self 446
"""


def _table(text: str) -> dict[str, int]:
    words = text.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))


MACHINES: dict[str, Machine] = {
    "x86_64": Machine(0xC000003E, 0x40000000, _table(_X86_64)),
    "aarch64": Machine(0xC00000B7, 0, _table(_AARCH64)),
}
"""Machines that have a jail, by ``platform.machine()``."""

PLAIN = (
    "read", "write", "close", "stat", "fstat", "lstat", "lseek", "mmap", "mprotect", "munmap",
    "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "pread64", "readv", "writev", "access",
    "sched_yield", "mremap", "madvise", "dup", "nanosleep", "getpid", "exit", "uname", "getcwd",
    "readlink", "gettimeofday", "getrlimit", "getrusage", "sysinfo", "times", "getuid", "getgid",
    "geteuid", "getegid", "sigaltstack", "gettid", "futex", "sched_getaffinity", "getdents64",
    "set_tid_address", "clock_gettime", "clock_getres", "clock_nanosleep", "exit_group",
    "newfstatat", "readlinkat", "faccessat", "set_robust_list", "getrandom", "statx", "rseq",
    "faccessat2",
)  # fmt: skip
"""Calls that are let through whatever their arguments are."""

DEADLY = ("execve", "execveat")
"""Calls that end the process: nothing that reads a model starts a program by accident."""
"""Everything else is refused with an error that Python can raise."""
