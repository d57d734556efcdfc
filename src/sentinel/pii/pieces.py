"""The pieces of a text that are searched: chunks of lines, and what is around a literal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .model import Rule
from .spans import Spans

LONGEST = 512
"""Bytes of a value behind a cue that are looked at, and of a chunk that the next one repeats."""

_CHUNK = 16 * 1024
_OVERLAP = 2 * 1024
_LEAD = re.compile(r"\[[^\]]+\]")


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


def by_literal(rule: Rule) -> Callable[[bytes], Iterator[Spans]]:
    """Return a function that yields the matches of a rule, found by its literal.

    Args:
        rule: One whose pattern begins with one to ``near`` of a class of bytes and then has its
            only literal, which is not in the class.
    """
    lead, (literal,), most = _LEAD.match(rule.pattern), rule.literals, rule.near
    if lead is None or not rule.pattern.startswith(f"{{1,{most}}}{literal}", lead.end()):
        raise ValueError(f"the pattern of {rule.id} does not begin as ``near`` says")
    one, mark = re.compile(lead[0].encode()), literal.encode()
    letters = bytes(byte for byte in range(256) if one.match(bytes((byte,))))
    known, tail = frozenset(letters), re.compile(rule.pattern.partition("}")[2].encode()).match

    def find(chunk: bytes) -> Iterator[Spans]:
        end, at = 0, chunk.find(mark, 1)
        while at >= 0:
            if chunk[at - 1] in known and (match := tail(chunk, at)) is not None:
                before = chunk[max(end, at - most) : at]
                start = at - len(before) + len(before.rstrip(letters))
                if start < at:
                    end = match.end()
                    yield ((start, end),)
            at = chunk.find(mark, at + 1)

    return find
