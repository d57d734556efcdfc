"""The pieces of a text that are searched: chunks of lines, and what is around a literal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .engines import Compiled
from .model import Rule

LONGEST = 512
"""Bytes of a value behind a cue that are looked at, and of a chunk that the next one repeats."""

_CHUNK = 16 * 1024
_OVERLAP = 2 * 1024
_WIDEST = 1024  # no match of a rule with a literal to look around is longer


def chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield pieces of about 16 KiB that end at line ends, or overlap where a line is longer.

    Each begins half a KiB before the end of the one before, for a key goes on over several lines.
    """
    start, size = 0, len(data)
    while size - start > _CHUNK:
        cut = data.rfind(b"\n", start, start + _CHUNK) + 1
        if cut > start:
            yield start, cut
            start = cut - LONGEST if cut - start > 2 * LONGEST else cut
        else:
            yield start, start + _CHUNK
            start += _CHUNK - _OVERLAP
    if start < size:
        yield start, size


def occurrences(pattern: Compiled, rule: Rule, chunk: bytes) -> Iterator[Any]:
    """Yield the matches of a rule, looking no further than around its literal where it may."""
    if not rule.near:
        yield from pattern.finditer(chunk)
        return
    for low, high in _around(chunk, rule.literals[0].encode(), rule.near):
        yield from pattern.finditer(chunk, low, high)


def _around(chunk: bytes, literal: bytes, before: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of lines around a literal, those that touch as one."""
    start = end = line = 0
    at = chunk.find(literal)
    while at >= 0:
        low = max(at - before, 0)
        if low > end:
            if end:
                yield start, end
            start = low
        if line < at:
            line = chunk.find(b"\n", at)
            line = line if line >= 0 else len(chunk)
        end = min(line, at + _WIDEST)
        at = chunk.find(literal, at + 1)
    if end:
        yield start, end
