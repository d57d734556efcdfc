"""FlatBuffers without their schema: tables, vectors and strings, each offset checked.

A reader of FlatBuffers follows offsets into the file and trusts them; here each is held against the
size of the file, tables may not be followed more often than a bound, and only the pages that are
asked for are read. Format: *FlatBuffers Internals* of its documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import LimitExceeded, ParseError
from ..limits import KIB, Budget
from ..readers.base import Reader

_PAGE = 512
_MOST_PAGES = 512
_MOST_TABLES = 300_000
_MOST_TEXT = 64 * KIB
_CLOCK = 0xFFF
_ALIGNED = 68


class Table(NamedTuple):
    """A table: where it starts, and where each of its fields lies.

    Attributes:
        at: Its offset in the file.
        fields: Offset in the file of each field; 0 for one that is not there.
    """

    at: int
    fields: tuple[int, ...]

    def where(self, number: int) -> int:
        """Return the offset of a field; 0 when it is not there."""
        return self.fields[number] if number < len(self.fields) else 0


class Flat:
    """Follows the offsets of a FlatBuffer.

    Args:
        reader: The bytes.
        budget: Its clock is looked at now and then.

    Attributes:
        size: Bytes there are.
        high: End of the farthest table, vector or text that was met.
    """

    __slots__ = ("_budget", "_count", "_pages", "_reader", "high", "size")

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader = reader
        self._budget = budget
        self._pages: dict[int, bytes] = {}
        self._count = 0
        self.size = reader.size
        self.high = 0

    def root(self) -> Table:
        """Return the table that the file starts with. Raises ParseError."""
        return self.table(0)

    def table(self, at: int) -> Table:
        """Return the table that the offset stored at ``at`` leads to. Raises ParseError."""
        return self._table(self._follow(at))

    def _table(self, start: int) -> Table:
        self._spend()
        layout = start - self.number(start, 4, signed=True)
        length = self.number(layout, 2)
        size = self.number(layout + 2, 2)
        if length < 4 or length & 1 or layout + length > self.size:
            raise ParseError(f"the table at {start} has no layout")
        self.high = max(self.high, start + size, layout + length)
        raw = self.raw(layout + 4, length - 4)
        fields = []
        for place in range(0, len(raw), 2):
            offset = raw[place] | raw[place + 1] << 8
            if offset and (offset < 4 or offset >= size or start + offset >= self.size):
                raise ParseError(f"a field of the table at {start} lies outside of it")
            fields.append(start + offset if offset else 0)
        return Table(start, tuple(fields))

    def _spend(self) -> None:
        self._count += 1
        if self._count > _MOST_TABLES:
            raise LimitExceeded(f"more than {_MOST_TABLES} tables and texts")
        if not self._count & _CLOCK:
            self._budget.check_time()

    def number(self, at: int, width: int, *, signed: bool = False) -> int:
        """Return the number of ``width`` bytes at an offset. Raises ParseError past the end."""
        raw = self.raw(at, width)
        return int.from_bytes(raw, "little", signed=signed)

    def scalar(
        self, table: Table, number: int, width: int, default: int = 0, *, signed: bool = False
    ) -> int:
        """Return a numeric field of a table, or its default."""
        at = table.where(number)
        return self.number(at, width, signed=signed) if at else default

    def vector(self, table: Table, number: int, width: int) -> tuple[int, int]:
        """Return the start and length of a vector of items of ``width`` bytes; empty if absent.

        Raises:
            ParseError: It reaches past the end of the file.
        """
        at = table.where(number)
        if not at:
            return 0, 0
        start = self._follow(at)
        count = self.number(start, 4)
        if start + 4 + count * width > self.size:
            raise ParseError(f"the vector at {start} has {count} items, more than the file holds")
        self.high = max(self.high, start + 4 + count * width)
        return start + 4, count

    def behind(self) -> tuple[int, str] | None:
        """Return where a file of another kind begins behind all that was met, and what it is.

        What was not met may lie there too, so nothing is said of bytes that begin no file.
        """
        from .embedded import file_at

        for at in range(self.high, min(self.high + _ALIGNED, self.size)):
            kind = file_at(self._reader, at, self.size - at)
            if kind:
                return at, kind
        return None

    def file(self, at: int, length: int) -> str:
        """Return which kind of file begins at an offset; empty when none does."""
        from .embedded import STARTS, file_at

        return file_at(self._reader, at, length) if self.raw(at, 1)[0] in STARTS else ""

    def text(self, table: Table, number: int) -> str:
        """Return a string field, cut to 64 KiB; empty if absent."""
        start, count = self.vector(table, number, 1)
        return self.raw(start, min(count, _MOST_TEXT)).decode("utf-8", "replace")

    def texts(self, table: Table, number: int) -> list[str]:
        """Return a vector of strings, each cut to 64 KiB. Raises ParseError, LimitExceeded."""
        start, count = self.vector(table, number, 4)
        found = []
        for at in range(start, start + 4 * count, 4):
            self._spend()
            place = self._follow(at)
            length = self.number(place, 4)
            if place + 4 + length > self.size:
                raise ParseError(f"the text at {place} reaches past the end of the file")
            self.high = max(self.high, place + 4 + length)
            found.append(self.raw(place + 4, min(length, _MOST_TEXT)).decode("utf-8", "replace"))
        return found

    def tables(self, table: Table, number: int) -> Iterator[Table]:
        """Yield a vector of tables. Raises ParseError, LimitExceeded."""
        start, count = self.vector(table, number, 4)
        for at in range(start, start + 4 * count, 4):
            yield self.table(at)

    def numbers(self, table: Table, number: int, most: int) -> list[int]:
        """Return a vector of 32-bit numbers, at most ``most`` of them."""
        start, count = self.vector(table, number, 4)
        raw = self.raw(start, 4 * min(count, most))
        return [
            int.from_bytes(raw[at : at + 4], "little", signed=True) for at in range(0, len(raw), 4)
        ]

    def raw(self, at: int, length: int) -> bytes:
        """Return bytes at an offset. Raises ParseError where the file does not hold them."""
        if at < 0 or length < 0 or at + length > self.size:
            raise ParseError(f"an offset leads to {at}, out of the file")
        page, rest = divmod(at, _PAGE)
        if rest + length <= _PAGE:
            return self._page(page)[rest : rest + length]
        if length > 8 * _PAGE:
            return self._reader.pread(at, length)
        pages = [self._page(number) for number in range(page, (at + length - 1) // _PAGE + 1)]
        return b"".join(pages)[rest : rest + length]

    def _follow(self, at: int) -> int:
        offset = self.number(at, 4)
        if not offset or at + offset + 4 > self.size:
            raise ParseError(f"the offset at {at} leads out of the file")
        return at + offset

    def _page(self, number: int) -> bytes:
        found = self._pages.get(number)
        if found is None:
            if len(self._pages) >= _MOST_PAGES:
                self._pages.clear()
            found = self._pages[number] = self._reader.pread(number * _PAGE, _PAGE)
        return found
