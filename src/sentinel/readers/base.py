"""The protocol that every source of bytes speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class ReadStats:
    """Counts what a reader was asked for.

    Attributes:
        requests: Number of reads.
        bytes_read: Bytes handed out; a byte asked for twice counts twice.
    """

    __slots__ = ("bytes_read", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.bytes_read = 0

    def count(self, length: int) -> None:
        """Note one read of ``length`` bytes."""
        self.requests += 1
        self.bytes_read += length


class Reader(Protocol):
    """Random access to a fixed number of bytes. Reading never changes what is read."""

    @property
    def size(self) -> int:
        """Number of bytes there are."""
        ...

    @property
    def stats(self) -> ReadStats:
        """What was asked for so far, shared with sub-ranges of this reader."""
        ...

    def pread(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; fewer only at the end.

        A negative offset or length, or an offset past the end, gives ``b""``.

        Raises:
            ReadError: The bytes are gone or cannot be had.
        """
        ...

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Say which ``(offset, length)`` ranges will be wanted soon; may do nothing."""
        ...

    def view(self) -> bytes | None:
        """Return all bytes at once when they are few enough to hold, else None."""
        ...


def clamp(offset: int, length: int, size: int) -> tuple[int, int]:
    """Return the part of ``(offset, length)`` that lies within ``size`` bytes."""
    if offset < 0 or length <= 0 or offset >= size:
        return 0, 0
    return offset, min(length, size - offset)
