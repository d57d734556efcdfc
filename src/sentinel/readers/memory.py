"""A reader over bytes already in memory."""

from __future__ import annotations

from collections.abc import Iterable

from .base import ReadStats, clamp


class MemoryReader:
    """Reads from a bytes object.

    Args:
        data: The bytes.
        stats: Counter to share; a new one by default.
    """

    __slots__ = ("_data", "_stats")

    def __init__(self, data: bytes, stats: ReadStats | None = None) -> None:
        self._data = data
        self._stats = stats or ReadStats()

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self._data)

    @property
    def stats(self) -> ReadStats:
        """What was asked for so far."""
        return self._stats

    def pread(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``."""
        offset, length = clamp(offset, length, len(self._data))
        self._stats.count(length)
        return self._data[offset : offset + length]

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Do nothing: the bytes are here."""

    def view(self) -> bytes:
        """Return the bytes themselves."""
        self._stats.count(len(self._data))
        return self._data
