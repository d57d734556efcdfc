"""GIF: blocks up to the trailer (CompuServe, GIF89a)."""

from __future__ import annotations

from ...errors import ParseError
from ...limits import Budget
from .model import MOST_TEXT, Walk

_IMAGE, _EXTENSION, _TRAILER, _COMMENT = 0x2C, 0x21, 0x3B, 0xFE
_BETWEEN_CLOCKS = 4096


def walk(walk: Walk, budget: Budget) -> None:
    """Step through a GIF to behind its trailer; see the package."""
    walk.skip(6)
    head = walk.take(7)
    walk.width, walk.height = (int.from_bytes(head[at : at + 2], "little") for at in (0, 2))
    _over_colours(walk, head[4])
    while True:
        walk.count()
        kind = walk.take(1)[0]
        if kind == _TRAILER:
            return
        if kind == _IMAGE:
            _over_colours(walk, walk.take(9)[8])
            walk.skip(1)
            _blocks(walk, budget)
        elif kind == _EXTENSION:
            label, start = walk.take(1)[0], walk.at
            text = _blocks(walk, budget, keep=label == _COMMENT)
            if text:
                walk.note(start, text)
        else:
            raise ParseError("a block of no kind")


def _over_colours(walk: Walk, flags: int) -> None:
    if flags & 0x80:
        walk.skip(3 << ((flags & 7) + 1))


def _blocks(walk: Walk, budget: Budget, *, keep: bool = False) -> bytes:
    """Step over blocks of up to 255 bytes; return the content where it is wanted."""
    found = bytearray()
    for number in range(1 << 40):
        if number % _BETWEEN_CLOCKS == 0:
            budget.check_time()
        length = walk.take(1)[0]
        if not length:
            break
        if keep and len(found) < MOST_TEXT:
            found += walk.take(length)
        else:
            walk.skip(length)
    return bytes(found)
