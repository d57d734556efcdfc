"""Protocol buffers without their schema: the fields of a message, read where they lie.

A message is a run of tagged fields. Numbers are decoded, strings and nested messages are given as
ranges, so that a caller can step over two gigabytes of weights without reading them. Nothing here
knows what a field means. Format: the *Encoding* page of the Protocol Buffers documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import LimitExceeded, ParseError
from ..limits import KIB, Budget
from ..readers.base import Reader

VARINT, FIXED64, BYTES, GROUP, END_GROUP, FIXED32 = range(6)
MOST_DEPTH = 100
"""Messages within messages, as the reference library bounds them."""

_made = tuple.__new__  # half the time of calling the class; there are millions of fields
_SIZED = frozenset((VARINT, BYTES))
_FIXED = frozenset((FIXED64, FIXED32))
_GROUPS = frozenset((GROUP, END_GROUP))
_SHORT = {number << 3 | wire: (number, wire) for number in range(1, 16) for wire in _SIZED}
_FIRST_BLOCK = KIB
_MOST_BLOCK = 32 * KIB
_LONGEST_HEAD = 20  # a tag and a length, ten bytes each at most
_MOST_FIELDS = 20_000_000
_MOST_TEXT = 64 * KIB
_CLOCK = 0xFFFF


class Field(NamedTuple):
    """One field of a message.

    Attributes:
        number: Its number in the schema.
        wire: How it is encoded: ``VARINT``, ``FIXED64``, ``BYTES``, ``GROUP`` or ``FIXED32``.
        value: The number of a varint or fixed field, unsigned; the length in bytes of the others.
        start: Where its content starts.
        end: Where its content ends.
    """

    number: int
    wire: int
    value: int
    start: int
    end: int


class Window:
    """Reads fields of a reader through one buffer that grows while reading goes straight on.

    After a jump it starts small again, so that stepping from tensor to tensor costs about a
    kilobyte each.

    Args:
        reader: The bytes.
        budget: Its clock is looked at now and then.
    """

    __slots__ = ("_base", "_block", "_budget", "_count", "_data", "_reader", "size")

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader = reader
        self._budget = budget
        self._data = b""
        self._base = 0
        self._block = _FIRST_BLOCK
        self._count = 0
        self.size = reader.size

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """Yield the fields between two offsets, in order.

        Raises:
            ParseError: A number, a length or a tag that cannot be.
            LimitExceeded: More fields than are read, or more time than there is.
            ReadError: The bytes cannot be had.
        """
        position = start
        while position < end:
            data, index = self._data, position - self._base
            if 0 <= index < len(data) - 1 and data[index] in _SHORT and data[index + 1] < 0x80:
                # As _field does it, for a tag and a value or length of one byte each: most are.
                number, wire = _SHORT[data[index]]
                value = data[index + 1]
                position += 2
                stop = position + value if wire else position
                if stop > end:
                    self._field(position - 2, end)  # says what is wrong
                self._count += 1
                if not self._count & _CLOCK:
                    self._check()
                yield _made(Field, (number, wire, value, position, stop))
                position = stop
                continue
            field = self._field(position, end)
            position = field.end
            if field.wire == GROUP:
                position, field = self._group(field, end)
            elif field.wire == END_GROUP:
                raise ParseError(f"a group ends at {field.start} that did not start")
            yield field

    def whole(self) -> Field:
        """Return the whole file as if it were a nested message."""
        return Field(0, BYTES, self.size, 0, self.size)

    def at(self, field: Field, *path: int) -> Iterator[Field]:
        """Yield the nested messages and strings that a path of field numbers leads to."""
        if not path:
            yield field
            return
        for inner in self.fields(field.start, field.end):
            if inner.number == path[0] and inner.wire == BYTES:
                yield from self.at(inner, *path[1:])

    def word(self, field: Field, *path: int, most: int = KIB) -> str:
        """Return the text at the end of a path, the last where there are several; or nothing."""
        found = ""
        for inner in self.at(field, *path):
            found = self.text(inner, most)
        return found

    def _field(self, position: int, end: int) -> Field:
        self._count += 1
        if not self._count & _CLOCK:
            self._check()
        data, index = self._at(position, _LONGEST_HEAD)
        tag, after = _varint(data, index)
        number, wire = tag >> 3, tag & 7
        if not number or number > 0x1FFFFFFF:
            raise ParseError(f"no protobuf field has number {number} (at {position})")
        value = 0
        if wire in _SIZED:
            value, after = _varint(data, after)
        elif wire in _FIXED:
            width = 8 if wire == FIXED64 else 4
            value = int.from_bytes(data[after : after + width], "little")
            after += width
        elif wire not in _GROUPS:
            raise ParseError(f"no protobuf field is of type {wire} (at {position})")
        begin = position + after - index
        stop = begin + value if wire == BYTES else begin
        if stop > end:
            raise ParseError(
                f"field {number} at {position} ends at {stop}, behind its message's end {end}"
            )
        return Field(number, wire, value, begin, stop)

    def _group(self, opened: Field, end: int) -> tuple[int, Field]:
        """Step over a group; return where the next field starts, and the whole of it."""
        numbers = [opened.number]
        position = opened.end
        while numbers:
            if position >= end:
                raise ParseError(f"the group at {opened.start} has no end")
            field = self._field(position, end)
            begin, position = position, field.end
            if field.wire == GROUP:
                if len(numbers) >= MOST_DEPTH:
                    raise ParseError(f"groups nested deeper than {MOST_DEPTH}")
                numbers.append(field.number)
            elif field.wire == END_GROUP and field.number != numbers.pop():
                raise ParseError(f"a group ends at {begin} that did not start")
        return position, Field(opened.number, GROUP, begin - opened.start, opened.start, begin)

    def raw(self, field: Field, most: int = _MOST_TEXT) -> bytes:
        """Return the content of a field, cut to ``most`` bytes."""
        return self.peek(field.start, min(field.end - field.start, most))

    def text(self, field: Field, most: int = _MOST_TEXT) -> str:
        """Return the content of a field as text, cut to ``most`` bytes; bad bytes are replaced."""
        return self.raw(field, most).decode("utf-8", "replace")

    def peek(self, position: int, length: int) -> bytes:
        """Return up to ``length`` bytes at an offset."""
        data, index = self._data, position - self._base
        if not 0 <= index <= len(data) - length:
            data, index = self._at(position, length)
        return data[index : index + length]

    def numbers(self, field: Field, most: int) -> Iterator[int]:
        """Yield what one occurrence of a repeated varint holds, packed or not, at most ``most``."""
        if field.wire == VARINT:
            yield signed(field.value)
        elif field.wire == BYTES:
            data = self.raw(field, 10 * most)
            index = 0
            for _ in range(most):
                if index >= len(data):
                    return
                value, index = _varint(data, index)
                yield signed(value)

    def _check(self) -> None:
        self._budget.check_time()
        if self._count > _MOST_FIELDS:
            raise LimitExceeded(f"more than {_MOST_FIELDS} protobuf fields")

    def _at(self, position: int, length: int) -> tuple[bytes, int]:
        """Return a buffer that holds bytes from ``position`` on, and where they start in it."""
        index = position - self._base
        have = len(self._data)
        if index < 0 or (index + length > have and position + have - index < self.size):
            index = self._fill(position, length)
        return self._data, index

    def _fill(self, position: int, length: int) -> int:
        stop = self._base + len(self._data)
        straight = self._base <= position <= stop
        self._block = min(2 * self._block, _MOST_BLOCK) if straight else _FIRST_BLOCK
        self._data = self._reader.pread(position, max(length, self._block))
        self._base = position
        return 0


def signed(value: int) -> int:
    """Return a varint as the signed 64-bit number that it stands for."""
    value &= 0xFFFFFFFFFFFFFFFF
    return value - (1 << 64) if value >> 63 else value


def _varint(data: bytes, index: int) -> tuple[int, int]:
    """Return a varint and the index behind it."""
    try:
        byte = data[index]
        if byte < 0x80:
            return byte, index + 1
        value = byte & 0x7F
        for shift in range(7, 70, 7):
            index += 1
            byte = data[index]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, index + 1
    except IndexError:
        raise ParseError("the file ends within a number") from None
    raise ParseError("a number of more than ten bytes")
