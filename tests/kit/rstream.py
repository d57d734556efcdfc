"""Writes R's serialisation, version 2 and 3, in each of its three encodings.

After "R Internals", section 1.8, and ``src/main/serialize.c``. rdata writes values only; functions,
promises and environments are written with this.
"""

from __future__ import annotations

import struct

SYMBOL, PAIRS, CLOSURE, ENVIRONMENT, PROMISE, CALL = 1, 2, 3, 4, 5, 6
CHARACTERS, STRINGS, VECTOR, BYTECODE, POINTER, RAW = 9, 16, 19, 21, 22, 24
ATTRIBUTES, TAG, ACTIVE = 0x200, 0x400, 1 << 27
NIL, GLOBAL, UNBOUND, BASE = 254, 253, 252, 241
HEADS = {"X": b"X\n", "A": b"A\n", "B": b"B\n"}


class R:
    """Makes items in one encoding.

    Args:
        form: ``X`` for XDR, ``A`` for ASCII, ``B`` for native binary.
    """

    def __init__(self, form: str = "X") -> None:
        self.form = form

    def number(self, *values: int) -> bytes:
        """Return numbers."""
        if self.form == "A":
            return b"".join(b"%d\n" % value for value in values)
        return struct.pack(f"{'>' if self.form == 'X' else '<'}{len(values)}i", *values)

    def characters(self, text: str) -> bytes:
        """Return a text."""
        raw = text.encode()
        shown = raw.replace(b"\\", b"\\\\").replace(b" ", b"\\040") + b"\n"
        return self.number(CHARACTERS, len(raw)) + (shown if self.form == "A" else raw)

    def text(self, *values: str) -> bytes:
        """Return a vector of texts."""
        return self.number(STRINGS, len(values)) + b"".join(map(self.characters, values))

    def symbol(self, name: str) -> bytes:
        """Return a symbol that was not met before."""
        return self.number(SYMBOL) + self.characters(name)

    def call(self, name: str, *arguments: bytes) -> bytes:
        """Return a call."""
        out = self.number(CALL) + self.symbol(name)
        for argument in arguments:
            out += self.number(PAIRS) + argument
        return out + self.number(NIL)

    def promise(self, code: bytes, value: bytes | None = None) -> bytes:
        """Return a promise; without a value it is still to be evaluated."""
        environment = self.number(TAG | PROMISE, GLOBAL) if value is None else self.number(PROMISE)
        return environment + (value or self.number(UNBOUND)) + code

    def closure(self, body: bytes) -> bytes:
        """Return a function without arguments."""
        return self.number(TAG | CLOSURE, GLOBAL, NIL) + body

    def variables(self, **values: bytes) -> bytes:
        """Return a list of variables."""
        cells = [self.number(TAG | PAIRS) + self.symbol(key) + values[key] for key in values]
        return b"".join(cells) + self.number(NIL)

    def environment(self, frame: bytes, table: bytes | None = None) -> bytes:
        """Return an environment with a list of variables, or a hashed table of such lists."""
        hashed = self.number(NIL) if table is None else self.number(VECTOR, 1) + table
        return self.number(ENVIRONMENT, 0, GLOBAL) + frame + hashed + self.number(NIL)

    def listed(self, *items: bytes) -> bytes:
        """Return a list."""
        return self.number(VECTOR, len(items)) + b"".join(items)

    def raw(self, data: bytes) -> bytes:
        """Return a raw vector."""
        shown = b"".join(b"%02x\n" % byte for byte in data) if self.form == "A" else data
        return self.number(RAW, len(data)) + shown

    def file(self, item: bytes, version: int = 3, workspace: bool = False) -> bytes:
        """Return a whole file."""
        magic = b"RD" + self.form.encode() + b"%d\n" % version if workspace else b""
        head = self.number(version, 0x40301, 0x30500 if version == 3 else 0x20300)
        if version == 3:
            head += self.number(5) + (b"UTF-8\n" if self.form == "A" else b"UTF-8")
        return magic + HEADS[self.form] + head + item
