"""Reads numbers and texts one behind the other, through a window that grows and may jump."""

from __future__ import annotations

import re
import struct
from functools import cache

from ..errors import LimitExceeded, ParseError
from ..limits import KIB, Budget
from ..readers.base import Reader

_FIRST = 64 * KIB
_MOST = 512 * KIB
_MANY = 4096
_RUN = 64
_SHORT = 64


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
        beyond = self._pos - len(self._data)
        if beyond > 0:
            self._base, self._data, self._pos = self.at, b"", 0
            if beyond > _FIRST:
                self._step = 4 * KIB

    def number(self, code: str) -> int:
        """Return one whole number; ``code`` is a letter of ``struct``."""
        return self.numbers(code)[0]

    def numbers(self, codes: str) -> tuple[int, ...]:
        """Return whole numbers that follow one another; ``codes`` are letters of ``struct``."""
        form = _form(self.order + codes)
        if self._pos + form.size > len(self._data):
            self._fill(form.size)
        found: tuple[int, ...] = form.unpack_from(self._data, self._pos)
        self._pos += form.size
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
        form = _form(self.order + code)
        if count * (form.size + tail) > self.left:
            raise ParseError(f"{count} texts do not fit the {self.left} bytes that are left")
        if count > most:
            raise LimitExceeded(f"more than {most} texts in one list")
        runs = _runs() if count >= _MANY and form.format == "<Q" and not tail else None
        while count:
            count = self._strings_in_window(count, form, form.size + tail, runs)
            if self.left < 0:
                raise ParseError("a text reaches past the end of the file")
            self.skip(0)
            if count:
                self._fill(form.size)

    def _strings_in_window(
        self, count: int, form: struct.Struct, extra: int, runs: re.Pattern[bytes] | None
    ) -> int:
        """Pass over the texts whose lengths are in the window; return how many are left."""
        data, pos = self._data, self._pos
        unpack, some = form.unpack_from, count
        try:
            while count:
                if runs is not None:
                    while count >= _RUN and (match := runs.match(data, pos)):
                        pos = match.end()
                        count -= _RUN
                    some = min(count, _RUN)
                for _ in range(some):
                    (length,) = unpack(data, pos)
                    pos += length + extra
                    count -= 1
        except (struct.error, OverflowError):  # the next length is not in the window
            pass
        self._pos = pos
        return count


_form = cache(struct.Struct)


@cache
def _runs() -> re.Pattern[bytes]:
    """Return a pattern for 64 texts, each below 64 bytes, behind lengths of eight bytes.

    A vocabulary is a list of some 400,000 of them; one by one they take twice the time.
    """
    usual_first = sorted(range(_SHORT), key=lambda length: abs(length - 8))
    texts = (re.escape(struct.pack("<Q", size)) + b".{%d}+" % size for size in usual_first)
    return re.compile(b"(?s)(?:%s){%d}+" % (b"|".join(texts), _RUN))
