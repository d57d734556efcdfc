"""Headers of machine code: ELF, PE and Mach-O, a few fields each, every offset checked.

Formats: *System V ABI*, chapter 4; Microsoft's *PE Format*; Apple's ``mach-o/loader.h`` and
``mach-o/fat.h``.
"""

from __future__ import annotations

from struct import unpack_from

from ..readers.base import Reader
from .native_model import Code

_HEAD = 64
_ELF_MACHINES = {
    0: "no machine", 2: "SPARC", 3: "x86", 4: "68000", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64",
    22: "S/390", 40: "ARM", 43: "SPARC 64", 50: "IA-64", 62: "x86-64", 183: "ARM 64", 190: "CUDA",
    224: "AMD GPU", 243: "RISC-V", 247: "BPF", 258: "LoongArch",
}  # fmt: skip
_PE_MACHINES = {
    0x14C: "x86", 0x1C0: "ARM", 0x1C4: "ARM", 0x200: "IA-64", 0x8664: "x86-64", 0xAA64: "ARM 64",
    0x5032: "RISC-V", 0x5064: "RISC-V", 0x6264: "LoongArch", 0xEBC: "EFI byte code",
}  # fmt: skip
_MACH_CPUS = {
    7: "x86", 0x01000007: "x86-64", 12: "ARM", 0x0100000C: "ARM 64", 0x0200000C: "ARM 64",
    18: "PowerPC", 0x01000012: "PowerPC 64",
}  # fmt: skip
_MACH_ROLES = {1: "object", 2: "program", 5: "program", 6: "library", 8: "library", 9: "library"}
_MACH_TYPES = 12
_MOST_COMMANDS = 65_536
_MOST_FAT = 30
_PT_INTERP = 3
_MOST_SEGMENTS = 512
_DLL = 0x2000
GPU = frozenset({"CUDA", "AMD GPU"})
"""Machines whose code a program gives to a graphics card."""


def elf(reader: Reader, head: bytes) -> Code | None:
    """Return what an ELF header says; None when it is none."""
    if len(head) < 52 or head[4] not in (1, 2) or head[5] not in (1, 2) or head[6] != 1:
        return None
    order, wide = ("<" if head[5] == 1 else ">"), head[4] == 2
    kind, machine, version = unpack_from(f"{order}HHI", head, 16)
    if version != 1:
        return None
    entry, segments = unpack_from(f"{order}QQ" if wide else f"{order}II", head, 24)
    role = {1: "object", 2: "program", 3: "library"}.get(kind, "code")
    if role == "library" and _interpreted(reader, head, order, segments):
        role = "program"
    return Code("ELF", role, _ELF_MACHINES.get(machine, f"machine {machine}"), entry)


def _interpreted(reader: Reader, head: bytes, order: str, at: int) -> bool:
    """Return True for a position-independent program: a segment names its loader."""
    wide = head[4] == 2
    place = 54 if wide else 42
    if len(head) < place + 4:
        return False
    size, count = unpack_from(f"{order}HH", head, place)
    if size < (56 if wide else 32) or size > 256 or not count:
        return False
    table = reader.pread(at, size * min(count, _MOST_SEGMENTS))
    return any(
        unpack_from(f"{order}I", table, start)[0] == _PT_INTERP
        for start in range(0, len(table) - 3, size)
    )


def portable(reader: Reader, head: bytes) -> Code | None:
    """Return what the headers of a PE file say; None when it is none."""
    if len(head) < _HEAD:
        return None
    at = unpack_from("<I", head, 60)[0]
    raw = reader.pread(at, 44)
    if len(raw) < 44 or raw[:4] != b"PE\0\0":
        return None
    machine, sections = unpack_from("<HH", raw, 4)
    if machine not in _PE_MACHINES or sections > 96:
        return None
    flags = unpack_from("<H", raw, 22)[0]
    role = "library" if flags & _DLL else "program"
    return Code("PE", role, _PE_MACHINES[machine], unpack_from("<I", raw, 40)[0])


def mach(head: bytes) -> Code | None:
    """Return what a Mach-O header says; None when it is none."""
    if len(head) < 28:
        return None
    order = ">" if head[:1] == b"\xfe" else "<"
    cpu, _, kind, commands = unpack_from(f"{order}IIII", head, 4)
    if cpu not in _MACH_CPUS or not 0 < kind <= _MACH_TYPES or commands > _MOST_COMMANDS:
        return None
    return Code("Mach-O", _MACH_ROLES.get(kind, "code"), _MACH_CPUS[cpu])


def fat(reader: Reader, head: bytes) -> Code | None:
    """Return what a Mach-O file for several processors says of the first; None when it is none."""
    wide = head[3] == 0xBF
    if len(head) < 40 or not 0 < unpack_from(">I", head, 4)[0] <= _MOST_FAT:
        return None
    cpu = unpack_from(">I", head, 8)[0]
    at = unpack_from(">Q" if wide else ">I", head, 16)[0]
    if cpu not in _MACH_CPUS or at >= reader.size:
        return None
    inner = reader.pread(at, _HEAD)
    if inner[:4] in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", *_LITTLE):
        return mach(inner)
    return Code("Mach-O", "code", _MACH_CPUS[cpu])


_LITTLE = (b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
