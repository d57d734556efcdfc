"""The fast path: one anchored regular expression over a run of scalar opcodes.

Vocabularies and number lists are ``MARK scalar... SETITEMS`` by the million. A possessive pattern
(Python 3.11) eats such a run at a few hundred MB/s. Every pattern is anchored and only ever matched
at a known opcode boundary, so it cannot slip off the opcode grid. Strings longer than ``LONGEST``
take one ordinary step.
"""

from __future__ import annotations

import re
from functools import cache

LONGEST = 63
"""Longest string, in bytes, that a run may hold."""


def _counted(opcode: bytes, width: int) -> bytes:
    """Return alternatives for a counted literal of up to ``LONGEST`` bytes, opcode included."""
    choices = [
        re.escape(length.to_bytes(width, "little")) + (b".{%d}" % length if length else b"")
        for length in range(LONGEST + 1)
    ]
    return re.escape(opcode) + b"(?:" + b"|".join(choices) + b")"


@cache
def run_pattern() -> re.Pattern[bytes]:
    """Return the pattern of ``(scalar put?)*`` followed, where it gets that far, by group 1: u, e
    or ADDITEMS.
    """
    return re.compile(b"(?:" + _item() + b")*+([ue\\x90])?", re.DOTALL)


@cache
def item_pattern() -> re.Pattern[bytes]:
    """Return the pattern of one scalar and its put; group 1 is the put, if any."""
    return re.compile(_item(capture=True), re.DOTALL)


def _item(capture: bool = False) -> bytes:
    scalars = [
        b"K.",
        b"M..",
        b"J....",
        b"G.{8}",
        _counted(b"\x8c", 1),
        _counted(b"X", 4),
        b"[N\\x88\\x89]",
    ]
    put = b"\\x94|q.|r...[\\x00\\x01]"  # a huge index is taken by itself
    group = b"(" + put + b")?+" if capture else b"(?:" + put + b")?+"
    return b"(?:" + b"|".join(scalars) + b")" + group
