"""Universal Binary JSON as XGBoost writes it: numbers are big-endian, arrays may be typed.

Format: https://ubjson.org, draft 12.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable
from typing import Any

from ...errors import LimitExceeded, ParseError
from ...limits import Budget
from ...readers.base import Reader
from .model import MOST

_DEPTH = 64
_VALUES = 4_000_000
_CLOCK = 0xFFFF
_NUMBERS = {"i": "b", "U": "B", "I": "h", "l": "i", "L": "q", "d": "f", "D": "d"}
_WIDTHS = {"i": 1, "U": 1, "I": 2, "l": 4, "L": 8, "d": 4, "D": 8}
_COUNTS = frozenset("iUIlL")
_PLAIN = {"Z": None, "T": True, "F": False}
_SHOWN = 32


class Ubjson:
    """Reads one value.

    Args:
        reader: The bytes; at most 64 MiB of them.
        budget: Gives the time.

    Attributes:
        duplicates: Keys that occur twice in one object, the first few.
        at: Where reading stopped.
    """

    def __init__(self, reader: Reader, budget: Budget) -> None:
        if reader.size > MOST:
            raise LimitExceeded(f"more than {MOST} bytes of UBJSON")
        self._data = reader.pread(0, reader.size)
        self._budget = budget
        self._count = 0
        self.at = 0
        self.duplicates: list[str] = []

    def read(self) -> Any:
        """Return the value as dicts, lists, typed arrays, numbers and text.

        Raises:
            ParseError: The bytes are no UBJSON.
            LimitExceeded: Too many values, nested too deeply, or out of time.
        """
        return self._value(self._mark(), 0)

    def _take(self, count: int) -> bytes:
        found = self._data[self.at : self.at + count]
        if count < 0 or len(found) < count:
            raise ParseError(f"the file ends within what begins at {self.at}")
        self.at += count
        return found

    def _mark(self) -> str:
        mark = self._take(1)
        while mark == b"N":  # means nothing
            mark = self._take(1)
        return mark.decode("latin-1")

    def _number(self, mark: str) -> Any:
        if mark not in _NUMBERS:
            raise ParseError(f"{mark!r} at {self.at} is no number")
        return struct.unpack(f">{_NUMBERS[mark]}", self._take(_WIDTHS[mark]))[0]

    def _length(self) -> int:
        mark = self._mark()
        if mark not in _COUNTS:
            raise ParseError(f"{mark!r} at {self.at} is no length")
        count: int = self._number(mark)
        if not 0 <= count <= len(self._data):
            raise ParseError(f"a length of {count} at {self.at}")
        return count

    def _text(self) -> str:
        return self._take(self._length()).decode("utf-8", "replace")

    def _value(self, mark: str, depth: int) -> Any:
        self._count += 1
        if self._count > _VALUES:
            raise LimitExceeded(f"more than {_VALUES} values")
        if not self._count & _CLOCK:
            self._budget.check_time()
        if mark in "[{":
            if depth >= _DEPTH:
                raise LimitExceeded(f"nested deeper than {_DEPTH}")
            return self._list(depth + 1) if mark == "[" else self._object(depth + 1)
        if mark in "SH":
            return self._text()
        if mark == "C":
            return self._take(1).decode("latin-1")
        return _PLAIN[mark] if mark in _PLAIN else self._number(mark)

    def _head(self) -> tuple[str, int | None]:
        """Return the type and the length that may stand in front of the items."""
        kind, count = "", None
        if self._data[self.at : self.at + 1] == b"$":
            self.at += 1
            kind = self._take(1).decode("latin-1")
            if self._data[self.at : self.at + 1] != b"#":
                raise ParseError(f"a typed array at {self.at} has no length")
        if self._data[self.at : self.at + 1] == b"#":
            self.at += 1
            count = self._length()
        return kind, count

    def _list(self, depth: int) -> Any:
        kind, count = self._head()
        if kind in _NUMBERS and count is not None:
            raw = self._take(count * _WIDTHS[kind])
            values: array[Any] = array(_NUMBERS[kind], raw)
            if sys.byteorder == "little":
                values.byteswap()
            return values
        return self._items(kind, count, lambda mark: self._value(mark, depth))

    def _items(self, kind: str, count: int | None, read: Callable[[str], Any]) -> list[Any]:
        found: list[Any] = []
        while count is None or len(found) < count:
            mark = kind or self._mark()
            if count is None and mark == "]":
                break
            found.append(read(mark))
        return found

    def _object(self, depth: int) -> dict[str, Any]:
        kind, count = self._head()
        found: dict[str, Any] = {}
        seen = 0
        while count is None or seen < count:
            if count is None and self._data[self.at : self.at + 1] == b"}":
                self.at += 1
                break
            key = self._text()
            if key in found and len(self.duplicates) < _SHOWN:
                self.duplicates.append(key)
            found[key] = self._value(kind or self._mark(), depth)
            seen += 1
        return found
