"""Bytes of a pickle, read forwards, with every length held against what is left."""

from __future__ import annotations

from ...errors import TrustError

_LONGEST_LINE = 1 << 20
_MOST_LINES = 256
"""Bytes of nearly every line; looked through first, since a short line must not cost a long one."""


class Stream:
    """Reads bytes one piece after another.

    Args:
        data: All of them.
        at: Where to begin.

    Attributes:
        at: Offset of the next byte.
    """

    __slots__ = ("_data", "at")

    def __init__(self, data: memoryview, at: int = 0) -> None:
        self._data = data
        self.at = at

    @property
    def left(self) -> int:
        """Bytes that are still to come."""
        return len(self._data) - self.at

    def take(self, count: int) -> memoryview:
        """Return the next ``count`` bytes without copying them.

        Raises:
            TrustError: There are not so many (``truncated``).
        """
        if count > self.left:
            raise TrustError("truncated", f"the pickle ends within what begins at {self.at}")
        found = self._data[self.at : self.at + count]
        self.at += count
        return found

    def byte(self) -> int:
        """Return the next byte. Raises as ``take`` does."""
        return self.take(1)[0]

    def number(self, width: int, *, signed: bool = False) -> int:
        """Return a little-endian number of ``width`` bytes. Raises as ``take`` does."""
        return int.from_bytes(self.take(width), "little", signed=signed)

    def line(self) -> bytes:
        """Return the bytes before the next line feed, which is passed over.

        Raises:
            TrustError: There is none within a MiB (``truncated``).
        """
        window = bytes(self._data[self.at : self.at + _MOST_LINES])
        end = window.find(b"\n")
        if end < 0:
            window = bytes(self._data[self.at : self.at + _LONGEST_LINE])
            end = window.find(b"\n")
        if end < 0:
            raise TrustError("truncated", f"no end of the line that begins at {self.at}")
        self.at += end + 1
        return window[:end]
