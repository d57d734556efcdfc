"""Numbers and names out of the bytes of an HDF5 file, every place checked before it is read."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import ParseError
from ...limits import MIB
from ...readers.base import Reader

_MOST_PIECE = 16 * MIB


class Cursor:
    """Walks over bytes; whatever lies behind the end is a ParseError.

    Args:
        data: The bytes.
        offset_size: Bytes of an address.
        length_size: Bytes of a length.
        place: Offset of ``data`` in the file.
    """

    __slots__ = ("data", "length_size", "offset_size", "place", "position")

    def __init__(self, data: bytes, offset_size: int, length_size: int, place: int = 0) -> None:
        self.data = data
        self.position = 0
        self.offset_size = offset_size
        self.length_size = length_size
        self.place = place

    @property
    def left(self) -> int:
        """Bytes that are left."""
        return len(self.data) - self.position

    @property
    def at(self) -> int:
        """Offset in the file of what comes next."""
        return self.place + self.position

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        end = self.position + count
        if count < 0 or end > len(self.data):
            raise ParseError("an HDF5 structure ends early")
        found = self.data[self.position : end]
        self.position = end
        return found

    def number(self, size: int) -> int:
        """Return an unsigned number of so many bytes."""
        return int.from_bytes(self.take(size), "little")

    def address(self) -> int:
        """Return an address; -1 for the one that means none."""
        raw = self.take(self.offset_size)
        return -1 if raw == b"\xff" * len(raw) else int.from_bytes(raw, "little")

    def length(self) -> int:
        """Return a length."""
        return self.number(self.length_size)

    def name(self, padded: bool = False) -> str:
        """Return a text that ends with a zero byte; ``padded`` to a multiple of eight."""
        end = self.data.find(b"\0", self.position)
        if end < 0:
            raise ParseError("an HDF5 name has no end")
        raw = self.data[self.position : end]
        length = end + 1 - self.position
        self.take(min(self.left, (length + 7) // 8 * 8) if padded else length)
        return text_of(raw)

    def sub(self, count: int) -> Cursor:
        """Return a cursor over the next bytes, and step over them."""
        place = self.at
        return Cursor(self.take(count), self.offset_size, self.length_size, place)


class Store(NamedTuple):
    """The file and the sizes of its numbers.

    Attributes:
        reader: Its bytes.
        base: Offset that addresses count from.
        offset_size: Bytes of an address.
        length_size: Bytes of a length.
    """

    reader: Reader
    base: int
    offset_size: int
    length_size: int

    def read(self, address: int, length: int) -> Cursor:
        """Return a cursor over a piece of the file.

        Raises:
            ParseError: The piece is not within the file, or too large for what it should be.
        """
        start = self.base + address
        if address < 0 or length < 0 or start + length > self.reader.size:
            raise ParseError(f"an address outside of the file ({address}, {length} bytes)")
        if length > _MOST_PIECE:
            raise ParseError(f"a structure of {length} bytes")
        data = self.reader.pread(start, length)
        if len(data) != length:
            raise ParseError("the file ends early")
        return Cursor(data, self.offset_size, self.length_size, start)

    def upto(self, address: int, length: int) -> Cursor:
        """Return a cursor over a piece that may be cut by the end of the file."""
        room = self.reader.size - self.base - address
        return self.read(address, max(0, min(length, room)))

    def signed(self, address: int, length: int, mark: bytes) -> Cursor:
        """Return a cursor behind the mark that a structure begins with."""
        cursor = self.read(address, length)
        if cursor.take(len(mark)) != mark:
            raise ParseError(f"no {mark.decode()} at address {address}")
        return cursor


def text_of(raw: bytes) -> str:
    """Return bytes as text, whatever they are."""
    return raw.decode("utf-8", "backslashreplace")


def encoded_size(limit: int) -> int:
    """Return the bytes that HDF5 uses for numbers up to ``limit``."""
    return max(0, limit.bit_length() - 1) // 8 + 1
