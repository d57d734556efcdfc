"""HDF5's datatypes and dataspaces: what a value is and how many there are."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import ParseError
from .bytes import Cursor

_DEEPEST = 16
_MEMBERS = 10_000
_CLASSES = (
    "integer", "float", "time", "string", "bitfield", "opaque", "compound", "reference", "enum",
    "vlen", "array", "complex",
)  # fmt: skip
_FIXED = {0: 4, 1: 12, 2: 2, 3: 0, 4: 4, 7: 0}


class Datatype(NamedTuple):
    """A type.

    Attributes:
        kind: Its class: ``integer``, ``float``, ``string``, ``opaque``, ``vlen``, ...
        size: Bytes of one value as stored.
        base: Type of the parts of an array, an enumeration or a sequence, else None.
        text: True for a sequence that is a string.
        holds_bytes: A part of it, at any depth, is text, opaque or of one byte.
        members: Number of members of a compound.
    """

    kind: str
    size: int
    base: Datatype | None = None
    text: bool = False
    holds_bytes: bool = False
    members: int = 0

    @property
    def title(self) -> str:
        """A name for people."""
        if self.kind == "vlen":
            return "vlen string" if self.text else f"vlen {self.base.title if self.base else ''}"
        if self.kind == "array" and self.base is not None:
            return f"array of {self.base.title}"
        if self.kind == "compound":
            return f"compound({self.members})"
        return self.kind if self.kind in ("string", "opaque") else f"{self.kind}{self.size * 8}"


def read_datatype(cursor: Cursor, depth: int = 0) -> Datatype:
    """Return the type that the cursor stands at, and step over it.

    Raises:
        ParseError: It is none, or nested too deeply.
    """
    if depth > _DEEPEST:
        raise ParseError("a datatype nested too deeply")
    first = cursor.number(1)
    version, number = first >> 4, first & 15
    bits = cursor.number(3)
    size = cursor.number(4)
    if number >= len(_CLASSES) or not 1 <= version <= 5:
        raise ParseError(f"datatype class {number}, version {version} is not known")
    kind = _CLASSES[number]
    if number in _FIXED:
        cursor.take(_FIXED[number])
        return Datatype(kind, size, holds_bytes=kind == "string" or size == 1)
    if kind == "opaque":
        cursor.take(min(cursor.left, ((bits & 0xFF) + 7) // 8 * 8))
        return Datatype(kind, size, holds_bytes=True)
    if kind == "compound":
        return _compound(cursor, size, version, bits & 0xFFFF, depth)
    if kind == "array":
        _array(cursor, version)
    base = read_datatype(cursor, depth + 1)
    if kind == "enum":
        _enumeration(cursor, version, bits & 0xFFFF, base.size)
    text = kind == "vlen" and bits & 15 == 1
    return Datatype(kind, size, base, text, text or (kind != "enum" and base.holds_bytes))


def _compound(cursor: Cursor, size: int, version: int, count: int, depth: int) -> Datatype:
    if count > _MEMBERS:
        raise ParseError(f"a compound of {count} members")
    holds = False
    for _ in range(count):
        cursor.name(padded=version < 3)
        cursor.take(4 if version < 3 else max(1, (size.bit_length() + 7) // 8))
        if version == 1:
            cursor.take(28)
        holds |= read_datatype(cursor, depth + 1).holds_bytes
    return Datatype("compound", size, holds_bytes=holds, members=count)


def _array(cursor: Cursor, version: int) -> None:
    rank = cursor.number(1)
    if version < 3:
        cursor.take(3 + 8 * rank)
    else:
        cursor.take(4 * rank)


def _enumeration(cursor: Cursor, version: int, count: int, size: int) -> None:
    if count > _MEMBERS:
        raise ParseError(f"an enumeration of {count} names")
    for _ in range(count):
        cursor.name(padded=version < 3)
    cursor.take(count * size)


def read_dataspace(cursor: Cursor) -> tuple[int, ...] | None:
    """Return the extents that a dataspace gives; None for one that holds no value at all.

    Raises:
        ParseError: It is none.
    """
    version, rank, flags = cursor.number(1), cursor.number(1), cursor.number(1)
    if version == 1:
        cursor.take(5)
        kind = 1 if rank else 0
    elif version == 2:
        kind = cursor.number(1)
    else:
        raise ParseError(f"dataspace version {version} is not known")
    if rank > 32:
        raise ParseError(f"a dataspace of {rank} dimensions")
    shape = tuple(cursor.length() for _ in range(rank))
    if flags & 1:
        cursor.take(min(cursor.left, rank * cursor.length_size))
    return None if kind == 2 else shape


def count_of(shape: tuple[int, ...] | None) -> int:
    """Return the number of values of a shape."""
    if shape is None:
        return 0
    count = 1
    for extent in shape:
        count *= extent
    return count
