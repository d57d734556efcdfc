"""JPEG: segments, and between them compressed data up to the next marker (ITU-T T.81).

Further pictures may follow the first where a segment says so (CIPA DC-007, "MPF"); they belong to
the file.
"""

from __future__ import annotations

import re

from ...errors import ParseError
from ...limits import MIB, Budget
from .model import MOST_TEXT, Walk

_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_ALONE = {0x01, *range(0xD0, 0xD8)}
_COMMENT, _APP1, _APP2, _SCAN, _END, _START = 0xFE, 0xE1, 0xE2, 0xDA, 0xD9, 0xD8
_NEXT = re.compile(rb"(?s)\xff[^\x00\xd0-\xd7\xff]")
_MOST_PICTURES = 16
_BETWEEN = 4096


def walk(walk: Walk, budget: Budget) -> None:
    """Step through a JPEG to behind its last end of image; see the package."""
    several = _one(walk, budget)
    for _ in range(_MOST_PICTURES):
        if not several:
            return
        # Cameras fill up to a border of theirs between two pictures.
        gap = walk.reader.pread(walk.at, _BETWEEN)
        at = gap.find(b"\xff\xd8\xff")
        if at < 0 or gap[:at].strip(b"\0"):
            return
        walk.at += at
        _one(walk, budget)


def _one(walk: Walk, budget: Budget) -> bool:
    """Step over one picture; return whether it says that others follow."""
    walk.skip(2)
    several = False
    while True:
        walk.count()
        marker = _marker(walk)
        if marker == _END:
            return several
        if marker in _ALONE:
            continue
        if marker == _START:
            raise ParseError("a picture within a picture")
        length = int.from_bytes(walk.take(2), "big") - 2
        start = walk.at
        walk.skip(length)
        if marker in _FRAMES and not walk.width:
            data = walk.reader.pread(start, 5)
            walk.height, walk.width = (int.from_bytes(data[at : at + 2], "big") for at in (1, 3))
        elif marker in (_COMMENT, _APP1):
            walk.note(start, walk.reader.pread(start, min(length, MOST_TEXT)))
        elif marker == _APP2:
            several = several or walk.reader.pread(start, min(length, 4)) == b"MPF\0"
        elif marker == _SCAN:
            _over_scan(walk, budget)


def _marker(walk: Walk) -> int:
    if walk.take(1) != b"\xff":
        raise ParseError("no marker where one is due")
    for _ in range(_BETWEEN):
        byte = walk.take(1)[0]
        if byte != 0xFF:
            return byte
    raise ParseError("no marker where one is due")


def _over_scan(walk: Walk, budget: Budget) -> None:
    """Step over compressed data, to the marker behind it."""
    while True:
        budget.check_time()
        block = walk.reader.pread(walk.at, MIB)
        found = _NEXT.search(block)
        if found is not None:
            walk.at += found.start()
            return
        if len(block) < 2:
            raise ParseError("it ends early")
        walk.at += len(block) - 1
