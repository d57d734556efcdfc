"""Writes Torch7's serialisation in its two encodings, after ``File.lua`` of Torch7."""

from __future__ import annotations

import struct

BYTECODE = b"\x1bLJ\x01\x00 print SENTINEL_MARKER os.execute \x00"
"""What stands for a function's bytecode; it is none that Lua would take."""


class Lua:
    """Makes values in one encoding.

    Args:
        text: The encoding in text.
        width: Bytes of a ``long`` in the binary one.
    """

    def __init__(self, text: bool = False, width: int = 8) -> None:
        self.text = text
        self.width = width
        self._index = 0

    def number(self, *values: int) -> bytes:
        """Return whole numbers."""
        if self.text:
            return b"".join(b"%d\n" % value for value in values)
        return struct.pack(f"<{len(values)}i", *values)

    def long(self, *values: int) -> bytes:
        """Return sizes."""
        if self.text:
            return " ".join(map(str, values)).encode() + b"\n"
        return b"".join(value.to_bytes(self.width, "little", signed=True) for value in values)

    def characters(self, data: bytes) -> bytes:
        """Return a text with its length."""
        return self.number(len(data)) + data + (b"\n" if self.text else b"")

    def index(self) -> bytes:
        """Return the number of a new object."""
        self._index += 1
        return self.number(self._index)

    def string(self, text: str) -> bytes:
        """Return a text value."""
        return self.number(2) + self.characters(text.encode())

    def real(self, value: float) -> bytes:
        """Return a number value."""
        return self.number(1) + (b"%r\n" % value if self.text else struct.pack("<d", value))

    def true(self) -> bytes:
        """Return a boolean value."""
        return self.number(5, 1)

    def table(self, **values: bytes) -> bytes:
        """Return a table."""
        out = self.number(3) + self.index() + self.number(len(values))
        return out + b"".join(self.string(key) + value for key, value in values.items())

    def function(self, kind: int = 8, code: bytes = BYTECODE) -> bytes:
        """Return a function by value, in one of its three forms."""
        index = b"" if kind == 6 else self.index()
        return self.number(kind) + index + self.characters(code) + self.number(0)

    def object(self, name: str, content: bytes) -> bytes:
        """Return an object of a class."""
        head = self.number(4) + self.index() + self.characters(b"V 1")
        return head + self.characters(name.encode()) + content

    def tensor(self, count: int = 6) -> bytes:
        """Return a tensor of floats with its storage."""
        values = b"0.5 " * count + b"\n" if self.text else struct.pack("<f", 0.5) * count
        head = self.number(1) + self.long(count) + self.long(1) + self.long(1)
        start = self.number(4) + self.index() + self.characters(b"V 1")
        storage = self.characters(b"torch.FloatStorage") + self.long(count) + values
        inner = self.number(4) + self.index() + self.characters(b"V 1") + storage
        return start + self.characters(b"torch.FloatTensor") + head + inner
