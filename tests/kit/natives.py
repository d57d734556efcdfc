"""Headers of machine and byte code, made by their specifications; nothing that could run."""

from __future__ import annotations

import struct


def elf(kind: int = 2, machine: int = 62, interpreter: bool = False, order: str = "<") -> bytes:
    """Return an ELF header of 64 bits with one segment; ``kind`` 2 is a program, 3 a library."""
    ident = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    head = struct.pack(
        f"{order}HHIQQQIHHHHHH", kind, machine, 1, 0x401000, 64, 0, 0, 64, 56, 1, 64, 0, 0
    )
    segment = struct.pack(f"{order}II6Q", 3 if interpreter else 1, 4, 0, 0, 0, 0, 0, 8)
    return ident + head + segment


def pe(machine: int = 0x8664, library: bool = False, at: int = 128) -> bytes:
    """Return the headers of a PE file without sections."""
    dos = b"MZ" + bytes(58) + struct.pack("<I", at)
    flags = 0x2022 if library else 0x0022
    coff = struct.pack("<HHIIIHH", machine, 0, 0, 0, 0, 240, flags)
    optional = struct.pack("<HBBIIII", 0x20B, 14, 0, 0, 0, 0, 0x1000)
    return dos.ljust(at, b"\0") + b"PE\0\0" + coff + optional.ljust(240, b"\0")


def mach(kind: int = 2, cpu: int = 0x0100000C) -> bytes:
    """Return a Mach-O header of 64 bits, little-endian, without commands."""
    return struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, 0, kind, 0, 0, 0, 0)


def fat() -> bytes:
    """Return a Mach-O file for two processors."""
    arches = b"".join(
        struct.pack(">IIIII", cpu, 3, offset, 32, 12)
        for cpu, offset in ((0x01000007, 64), (0x0100000C, 96))
    )
    head = struct.pack(">II", 0xCAFEBABE, 2) + arches
    return head.ljust(64, b"\0") + mach(6, 0x01000007) + mach(6)


WASM = b"\0asm\x01\0\0\0" + b"\x01\x04\x01\x60\0\0"
JAVA = b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x0d\x0a\0\x02\0\x03\x07\0\x04".ljust(64, b"\0")
LUA = b"\x1bLua\x54\0\x19\x93\r\n\x1a\n\x04\x08\x08".ljust(64, b"\0")
LUAJIT = b"\x1bLJ\x02\x0a\0".ljust(64, b"\0")
DEX = b"dex\n035\0".ljust(112, b"\x01")
SCRIPT = b"#!/bin/sh\necho SENTINEL_MARKER\n"
PYC = struct.pack("<H", 3495) + b"\r\n" + bytes(12) + b"\xe3" + bytes(47)
PYC_2 = struct.pack("<H", 62211) + b"\r\n" + bytes(4) + b"\x63" + bytes(47)

ALL = {
    "elf": elf(), "elf-library": elf(3), "elf-big": elf(2, 22, order=">"), "pe": pe(),
    "pe-library": pe(library=True), "mach": mach(), "mach-fat": fat(), "wasm": WASM, "java": JAVA,
    "lua": LUA, "luajit": LUAJIT, "dex": DEX, "script": SCRIPT, "pyc": PYC, "pyc-2": PYC_2,
}  # fmt: skip
"""One of each kind."""
