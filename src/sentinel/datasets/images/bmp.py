"""BMP: a header that says where the pixels are, and how many (Windows GDI)."""

from __future__ import annotations

from ...errors import ParseError
from ...limits import Budget
from .model import Walk

_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
_PLAIN = (0, 3, 6)
"""Ways of keeping pixels whose number of bytes follows from width and height."""


def looks_like(head: bytes) -> bool:
    """Return True for the first bytes of a bitmap: two letters alone would be too little."""
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _HEADERS


def walk(walk: Walk, budget: Budget) -> None:
    """Step to the end of a bitmap; see the package."""
    budget.check_time()
    head = walk.take(18)
    start, kind = int.from_bytes(head[10:14], "little"), int.from_bytes(head[14:18], "little")
    rest = walk.take(kind - 4)
    if kind == 12:
        fields = [int.from_bytes(rest[at : at + 2], "little") for at in (0, 2, 6)]
        width, height, bits, packed, size = fields[0], fields[1], fields[2], 0, 0
    else:
        width, height = (int.from_bytes(rest[at : at + 4], "little", signed=True) for at in (0, 4))
        bits = int.from_bytes(rest[10:12], "little")
        packed, size = (int.from_bytes(rest[at : at + 4], "little") for at in (12, 16))
    walk.width, walk.height = abs(width), abs(height)
    if packed in _PLAIN:
        size = (walk.width * bits + 31) // 32 * 4 * walk.height
    if start < walk.at:
        raise ParseError("its pixels begin within its header")
    walk.at = start
    walk.skip(size)
    # Some writers count filling bytes behind the pixels; the header's own size says so.
    claimed = int.from_bytes(head[2:6], "little")
    if walk.at < claimed <= min(walk.at + 4, walk.reader.size):
        walk.at = claimed
