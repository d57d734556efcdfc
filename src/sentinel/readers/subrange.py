"""A window on another reader, with offsets of its own."""

from __future__ import annotations

from collections.abc import Iterable

from .base import Reader, ReadStats, clamp


class SubRangeReader:
    """Reads ``length`` bytes of ``parent`` from ``start`` on.

    A window that reaches past the parent's end is cut there.

    Args:
        parent: Where the bytes are.
        start: First byte of the window.
        length: Size of the window in bytes.
    """

    __slots__ = ("_parent", "_size", "_start")

    def __init__(self, parent: Reader, start: int, length: int) -> None:
        self._parent = parent
        self._start, self._size = clamp(start, length, parent.size)

    @property
    def size(self) -> int:
        """Number of bytes in the window."""
        return self._size

    @property
    def start(self) -> int:
        """Offset of the window in its parent."""
        return self._start

    @property
    def stats(self) -> ReadStats:
        """The parent's counter."""
        return self._parent.stats

    def pread(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset`` within the window."""
        offset, length = clamp(offset, length, self._size)
        return self._parent.pread(self._start + offset, length) if length else b""

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Pass the ranges on, moved to the parent's offsets."""
        clamped = (clamp(offset, length, self._size) for offset, length in ranges)
        self._parent.prefetch((self._start + offset, length) for offset, length in clamped)

    def view(self) -> bytes | None:
        """Return a small window as bytes; a large one is better read in pieces."""
        return self.pread(0, self._size) if self._size <= _WHOLE else None


_WHOLE = 64 * 1024 * 1024
