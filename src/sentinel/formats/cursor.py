"""Reads numbers and texts one behind the other, through a window that grows and may jump."""

from __future__ import annotations

import struct

from ..errors import LimitExceeded, ParseError
from ..limits import KIB, MIB, Budget
from ..readers.base import Reader

_FIRST = 64 * KIB
_MOST = 4 * MIB


class Cursor:
    """A position in a reader.

    Every read past the end raises ParseError.

    Args:
        reader: The bytes.
        at: Where to begin.
        budget: Gives the time.
        order: ``<`` for little-endian numbers, ``>`` for big-endian ones.
    """

    __slots__ = ("_base", "_budget", "_data", "_pos", "_reader", "_step", "order")

    def __init__(self, reader: Reader, at: int, budget: Budget, order: str = "<") -> None:
        self._reader = reader
        self._budget = budget
        self._base, self._data, self._pos = at, b"", 0
        self._step = _FIRST
        self.order = order

    @property
    def at(self) -> int:
        """Offset of what is read next."""
        return self._base + self._pos

    @property
    def left(self) -> int:
        """Bytes from there to the end."""
        return self._reader.size - self.at

    def _fill(self, count: int) -> None:
        self._budget.check_time()
        at = self.at
        if count > self._reader.size - at:
            raise ParseError(f"the file ends within what begins at {at}")
        self._data = self._reader.pread(at, max(count, self._step))
        self._base, self._pos = at, 0
        self._step = min(2 * self._step, _MOST)
        if len(self._data) < count:
            raise ParseError(f"the file ends within what begins at {at}")

    def take(self, count: int) -> bytes:
        """Return the next bytes, a few KiB at most."""
        if self._pos + count > len(self._data):
            self._fill(count)
        found = self._data[self._pos : self._pos + count]
        self._pos += count
        return found

    def skip(self, count: int) -> None:
        """Pass over bytes without reading them."""
        if count > self.left:
            raise ParseError(f"{count} bytes are due at {self.at}, where {self.left} are left")
        self._pos += count
        if self._pos > len(self._data):
            self._base, self._data, self._pos = self.at, b"", 0
            self._step = 4 * KIB

    def number(self, code: str) -> int:
        """Return one whole number; ``code`` is a letter of ``struct``."""
        form = self.order + code
        found: int = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return found

    def skip_strings(self, count: int, code: str, tail: int = 0, most: int = 1 << 23) -> None:
        """Pass over texts that each follow their length.

        Args:
            count: Number of texts.
            code: Letter of ``struct`` for a length.
            tail: Bytes behind each text.
            most: More of them are not read.

        Raises:
            LimitExceeded: There are more than ``most``.
            ParseError: They do not fit the file.
        """
        form = struct.Struct(self.order + code)
        width = form.size
        if count * (width + tail) > self.left:
            raise ParseError(f"{count} texts do not fit the {self.left} bytes that are left")
        if count > most:
            raise LimitExceeded(f"more than {most} texts in one list")
        while count:
            count = self._strings_in_window(count, form, width, tail)
            if self.left < 0:
                raise ParseError("a text reaches past the end of the file")
            self.skip(0)
            if count:
                self._fill(width)

    def _strings_in_window(self, count: int, form: struct.Struct, width: int, tail: int) -> int:
        data, pos, last = self._data, self._pos, len(self._data) - width
        unpack, extra = form.unpack_from, width + tail
        while count and pos <= last:
            pos += unpack(data, pos)[0] + extra
            count -= 1
        self._pos = pos
        return count
