"""A tiny assembler for pickles: one name per opcode, and helpers that write a value or a call.

Upper-case names are opcodes as ``pickletools`` calls them; those with an operand are functions. All
give ``Code``, which is bytes that can be added up. ``Dialect`` writes whole values, names and calls
in the opcodes of one protocol::

    p = Dialect(4)
    p.file(p.call("decimal", "Decimal", "1.5"))
    PROTO(2) + GLOBAL("decimal", "Decimal") + BINUNICODE("1.5") + TUPLE1 + REDUCE + STOP
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


class Code(bytes):
    """Opcodes that leave one value on the stack (or, before they are joined, any opcodes)."""

    def __add__(self, other: bytes) -> Code:  # type: ignore[override]
        return Code(bytes(self) + bytes(other))

    def __mul__(self, times: int) -> Code:  # type: ignore[override]
        return Code(bytes(self) * times)


def _plain(letter: bytes) -> Code:
    return Code(letter)


MARK, STOP, POP, POP_MARK, DUP = map(_plain, (b"(", b".", b"0", b"1", b"2"))
NONE, NEWTRUE, NEWFALSE = map(_plain, (b"N", b"\x88", b"\x89"))
EMPTY_LIST, APPEND, APPENDS, LIST = map(_plain, (b"]", b"a", b"e", b"l"))
EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3 = map(_plain, (b")", b"t", b"\x85", b"\x86", b"\x87"))
EMPTY_DICT, DICT, SETITEM, SETITEMS = map(_plain, (b"}", b"d", b"s", b"u"))
EMPTY_SET, ADDITEMS, FROZENSET = map(_plain, (b"\x8f", b"\x90", b"\x91"))
REDUCE, BUILD, OBJ, NEWOBJ, NEWOBJ_EX = map(_plain, (b"R", b"b", b"o", b"\x81", b"\x92"))
STACK_GLOBAL, MEMOIZE, BINPERSID = map(_plain, (b"\x93", b"\x94", b"Q"))
NEXT_BUFFER, READONLY_BUFFER = map(_plain, (b"\x97", b"\x98"))


def _line(letter: bytes, text: str | bytes) -> Code:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return Code(letter + raw + b"\n")


def _counted(letter: bytes, form: str, raw: bytes, length: int | None = None) -> Code:
    return Code(letter + struct.pack(form, len(raw) if length is None else length) + raw)


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def PROTO(version: int) -> Code:
    return Code(b"\x80" + bytes((version,)))


def FRAME(length: int) -> Code:
    return Code(b"\x95" + struct.pack("<Q", length))


def INT(text: int | str) -> Code:
    return _line(b"I", str(text))


def LONG(text: int | str) -> Code:
    return _line(b"L", text if isinstance(text, str) else f"{text}L")


def FLOAT(text: float | str) -> Code:
    return _line(b"F", text if isinstance(text, str) else repr(text))


def BININT(value: int) -> Code:
    return Code(b"J" + struct.pack("<i", value))


def BININT1(value: int) -> Code:
    return Code(b"K" + struct.pack("<B", value))


def BININT2(value: int) -> Code:
    return Code(b"M" + struct.pack("<H", value))


def LONG1(value: int) -> Code:
    return _counted(b"\x8a", "<B", _twos_complement(value))


def LONG4(value: int) -> Code:
    return _counted(b"\x8b", "<i", _twos_complement(value))


def _twos_complement(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True) if value else b""


def BINFLOAT(value: float) -> Code:
    return Code(b"G" + struct.pack(">d", value))


def STRING(quoted: str) -> Code:
    """Python 2's text literal; the quotes and escapes are the caller's."""
    return _line(b"S", quoted)


def BINSTRING(text: str | bytes, length: int | None = None) -> Code:
    return _counted(b"T", "<i", _raw(text), length)


def SHORT_BINSTRING(text: str | bytes) -> Code:
    return _counted(b"U", "<B", _raw(text))


def UNICODE(escaped: str) -> Code:
    """A raw-unicode-escape literal; the escapes are the caller's."""
    return _line(b"V", escaped)


def SHORT_BINUNICODE(text: str | bytes) -> Code:
    return _counted(b"\x8c", "<B", _raw(text))


def BINUNICODE(text: str | bytes, length: int | None = None) -> Code:
    return _counted(b"X", "<I", _raw(text), length)


def BINUNICODE8(text: str | bytes, length: int | None = None) -> Code:
    return _counted(b"\x8d", "<Q", _raw(text), length)


def SHORT_BINBYTES(data: bytes) -> Code:
    return _counted(b"C", "<B", data)


def BINBYTES(data: bytes, length: int | None = None) -> Code:
    return _counted(b"B", "<I", data, length)


def BINBYTES8(data: bytes, length: int | None = None) -> Code:
    return _counted(b"\x8e", "<Q", data, length)


def BYTEARRAY8(data: bytes, length: int | None = None) -> Code:
    return _counted(b"\x96", "<Q", data, length)


def GLOBAL(module: str | bytes, name: str | bytes) -> Code:
    return _line(b"c", module) + _line(b"", name)


def INST(module: str | bytes, name: str | bytes) -> Code:
    return _line(b"i", module) + _line(b"", name)


def PERSID(text: str) -> Code:
    return _line(b"P", text)


def GET(index: int | str) -> Code:
    return _line(b"g", str(index))


def BINGET(index: int) -> Code:
    return Code(b"h" + bytes((index,)))


def LONG_BINGET(index: int) -> Code:
    return Code(b"j" + struct.pack("<I", index))


def PUT(index: int | str) -> Code:
    return _line(b"p", str(index))


def BINPUT(index: int) -> Code:
    return Code(b"q" + bytes((index,)))


def LONG_BINPUT(index: int) -> Code:
    return Code(b"r" + struct.pack("<I", index))


def EXT1(code: int) -> Code:
    return Code(b"\x82" + struct.pack("<B", code))


def EXT2(code: int) -> Code:
    return Code(b"\x83" + struct.pack("<H", code))


def EXT4(code: int) -> Code:
    return Code(b"\x84" + struct.pack("<i", code))


@dataclass(frozen=True)
class Dialect:
    """Writes values, names and calls with the opcodes of one protocol.

    Args:
        protocol: 0 to 5.
    """

    protocol: int

    def text(self, value: str) -> Code:
        if self.protocol == 0:
            escaped = value.encode("raw-unicode-escape").decode("latin-1")
            return UNICODE(escaped.replace("\\", "\\u005c").replace("\n", "\\u000a"))
        short = self.protocol >= 4 and len(value.encode()) < 256
        return SHORT_BINUNICODE(value) if short else BINUNICODE(value)

    def data(self, value: bytes) -> Code:
        if self.protocol < 3:
            return self.call("_codecs", "encode", value.decode("latin-1"), "latin1")
        return SHORT_BINBYTES(value) if len(value) < 256 else BINBYTES(value)

    def integer(self, value: int) -> Code:
        if self.protocol == 0:
            return INT(value) if abs(value) < 1 << 31 else LONG(value)
        if 0 <= value < 256:
            return BININT1(value)
        if 0 <= value < 1 << 16:
            return BININT2(value)
        if -(1 << 31) <= value < 1 << 31:
            return BININT(value)
        return LONG1(value) if self.protocol >= 2 else LONG(value)

    def value(self, value: Any) -> Code:
        """Write plain data; ``Code`` among it is taken as it is."""
        if isinstance(value, Code):
            return value
        if value is None:
            return NONE
        if isinstance(value, bool):
            newer = NEWTRUE if value else NEWFALSE
            return newer if self.protocol >= 2 else INT("01" if value else "00")
        if isinstance(value, int):
            return self.integer(value)
        if isinstance(value, float):
            return BINFLOAT(value) if self.protocol else FLOAT(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.data(value)
        return self._container(value)

    def _container(self, value: Any) -> Code:
        if isinstance(value, tuple):
            return self.tuple(*value)
        if isinstance(value, list):
            items = self.join(*value)
            return EMPTY_LIST + MARK + items + APPENDS if self.protocol else MARK + items + LIST
        if isinstance(value, dict):
            items = self.join(*(part for pair in value.items() for part in pair))
            return EMPTY_DICT + MARK + items + SETITEMS if self.protocol else MARK + items + DICT
        if isinstance(value, set) and self.protocol >= 4:
            return EMPTY_SET + MARK + self.join(*value) + ADDITEMS
        if isinstance(value, set):
            return self.call("builtins" if self.protocol == 3 else "__builtin__", "set", [*value])
        raise TypeError(type(value))

    def join(self, *values: Any) -> Code:
        """Write values one after another."""
        return Code(b"".join(self.value(value) for value in values))

    def tuple(self, *values: Any) -> Code:
        if not values and self.protocol:
            return EMPTY_TUPLE
        if self.protocol >= 2 and len(values) <= 3:
            return self.join(*values) + (TUPLE1, TUPLE2, TUPLE3)[len(values) - 1]
        return MARK + self.join(*values) + TUPLE

    def name(self, module: str, name: str) -> Code:
        """Import a name the way this protocol does."""
        if self.protocol >= 4:
            return self.text(module) + self.text(name) + STACK_GLOBAL
        return GLOBAL(module, name)

    def apply(self, callee: Code, *args: Any) -> Code:
        """Call what ``callee`` leaves on the stack, by REDUCE."""
        return callee + self.tuple(*args) + REDUCE

    def call(self, module: str, name: str, *args: Any, how: str = "REDUCE") -> Code:
        """Call a name by one of REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX, BUILD, EXT."""
        if how == "INST":
            return MARK + self.join(*args) + INST(module, name)
        if how == "EXT":
            return self.extension(module, name) + self.apply(EXT1(17), *args)
        callee = self.name(module, name)
        if how == "REDUCE":
            return self.apply(callee, *args)
        if how == "OBJ":
            return MARK + callee + self.join(*args) + OBJ
        if how == "NEWOBJ":
            return callee + self.tuple(*args) + NEWOBJ
        if how == "NEWOBJ_EX":
            return callee + self.tuple(*args) + self.value({}) + NEWOBJ_EX
        if how == "BUILD":
            return self.setstate(callee, *args)
        raise ValueError(how)

    def setstate(self, function: Code, argument: Any) -> Code:
        """Plant a function as an instance's ``__setstate__`` and have BUILD call it."""
        instance = self.name("argparse", "Namespace") + self.tuple() + REDUCE
        planted = instance + self.value({"__setstate__": function}) + BUILD
        return planted + self.value(argument) + BUILD

    def extension(self, module: str, name: str, code: int = 17) -> Code:
        """Register an extension code from within the stream, leaving nothing on the stack."""
        return self.call("copyreg", "add_extension", module, name, code) + POP

    def file(self, body: bytes, *, framed: bool | None = None) -> bytes:
        """Make a whole file: header (from protocol 2), frame (from protocol 4), body, STOP."""
        head = PROTO(self.protocol) if self.protocol >= 2 else Code()
        whole = Code(body) + STOP
        if self.protocol >= 4 if framed is None else framed:
            return bytes(head + FRAME(len(whole)) + whole)
        return bytes(head + whole)
