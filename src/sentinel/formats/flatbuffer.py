"""Reads tables of a FlatBuffer by offset, within the bounds of its buffer.

Source: the FlatBuffers internals. Nothing is built: a table is a place, a field is looked up.
"""

from __future__ import annotations

from ..errors import ParseError


class Buffer:
    """A FlatBuffer.

    Args:
        data: Its bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, at: int, size: int = 4, signed: bool = False) -> int:
        """Return a little-endian number. Raises ParseError outside of the buffer."""
        if at < 0 or at + size > len(self.data):
            raise ParseError("an offset outside of the FlatBuffer")
        return int.from_bytes(self.data[at : at + size], "little", signed=signed)

    def root(self) -> int:
        """Return the place of the root table."""
        return self.number(0)

    def field(self, table: int, slot: int) -> int:
        """Return the place of a table's field; 0 when it is not there.

        Args:
            table: Place of the table.
            slot: Number of the field, from 0.
        """
        about = table - self.number(table, signed=True)
        length = self.number(about, 2)
        entry = 4 + 2 * slot
        if entry + 2 > length:
            return 0
        offset = self.number(about + entry, 2)
        return table + offset if offset else 0

    def table(self, table: int, slot: int) -> int:
        """Return the place of a table that a field refers to; 0 when it is not there."""
        at = self.field(table, slot)
        return at + self.number(at) if at else 0

    def tables(self, table: int, slot: int) -> list[int]:
        """Return the places of a vector of tables. Raises ParseError when it is too long."""
        at = self.table(table, slot)
        if not at:
            return []
        count = self.number(at)
        if count * 4 > len(self.data) - at:
            raise ParseError("a vector longer than the FlatBuffer")
        places = range(at + 4, at + 4 + 4 * count, 4)
        return [place + self.number(place) for place in places]

    def bytes_of(self, table: int, slot: int) -> bytes:
        """Return a string or a vector of bytes; empty when it is not there."""
        at = self.table(table, slot)
        if not at:
            return b""
        length = self.number(at)
        if length > len(self.data) - at - 4:
            raise ParseError("a text longer than the FlatBuffer")
        return self.data[at + 4 : at + 4 + length]
