"""The machine's view of its input: bytes that may arrive in pieces and may have holes.

Positions index the bytes that are kept; where long payloads were skipped, ``origin`` turns a
position back into an offset of the input.
"""

from __future__ import annotations

from bisect import bisect_right

from ...errors import LimitExceeded
from ...limits import GIB, KIB, MIB
from ...readers.base import Reader
from .values import Buffer

SKIP_ABOVE = 64 * KIB
_FIRST_BLOCK = 64 * KIB
_LARGEST_BLOCK = 8 * MIB
_AFTER_SKIP = 8 * KIB
_MOST_KEPT = 1 * GIB


class Window:
    """Bytes of a reader, read forward as the machine asks for them.

    Args:
        reader: Where the bytes are.
        whole: All of them, when they are at hand already.
    """

    __slots__ = ("_block", "_holes", "_next", "_reader", "data", "payloads")

    def __init__(self, reader: Reader | None, whole: bytes | None = None) -> None:
        self._reader = reader
        self.data: Buffer = whole if whole is not None else bytearray()
        self._block = _FIRST_BLOCK
        self._next = len(self.data) if whole is not None else 0
        self._holes: list[tuple[int, int]] = []
        self.payloads: set[int] = set()
        """Positions of the literals whose payload was skipped."""

    @property
    def size(self) -> int:
        """Bytes of the whole input."""
        return len(self.data) if self._reader is None else self._reader.size

    @property
    def at_end(self) -> bool:
        """True when the input has no more bytes."""
        return self._reader is None or self._next >= self._reader.size

    @property
    def whole(self) -> bool:
        """True when nothing was or will be skipped, so positions are offsets."""
        return self._reader is None

    def extend(self) -> bool:
        """Append the next block; return False at the end of the input.

        Raises:
            LimitExceeded: More than 1 GiB would have to be kept.
        """
        if self._reader is None or self._next >= self._reader.size:
            return False
        if len(self.data) > _MOST_KEPT:
            raise LimitExceeded("more than 1 GiB of pickle opcodes")
        block = self._reader.pread(self._next, self._block)
        self._block = min(2 * self._block, _LARGEST_BLOCK)
        self._next += len(block)
        self.data += block
        return bool(block)

    def skip(self, position: int) -> int | None:
        """Go to a position that may lie past what is kept, without keeping what is between.

        Args:
            position: Where to go, counted as if nothing had been skipped from here on.

        Returns:
            The position to go on from, or None when it lies beyond the end of the input.
        """
        missing = position - len(self.data)
        if missing <= 0:
            return position
        if self._reader is None or self._next + missing > self._reader.size:
            return None
        self._next += missing
        self._block = _AFTER_SKIP
        here = len(self.data)
        lost = self._holes[-1][1] if self._holes else 0
        self._holes.append((here, lost + missing))
        return here

    def finish(self) -> None:
        """Read no further."""
        self._next = self._reader.size if self._reader is not None else len(self.data)

    def origin(self, position: int) -> int:
        """Return the offset in the input of a position."""
        if not self._holes:
            return position
        index = bisect_right(self._holes, (position, 1 << 80)) - 1
        return position + (self._holes[index][1] if index >= 0 else 0)
