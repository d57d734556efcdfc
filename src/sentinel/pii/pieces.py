"""The pieces of a text that are searched: chunks of lines, and what is around a literal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .model import Rule
from .spans import Spans

FindMarked = Callable[[bytes, list[int]], Iterator[Spans]]
"""Takes a text and the places of a mark in it; yields matches."""
LONGEST = 512
"""Bytes of a value behind a cue that are looked at, and of a chunk that the next one repeats."""

_CHUNK = 32 * 1024
_OVERLAP = 2 * 1024
_APART = frozenset(b" \t\n\r\f\v\"'`<>/")
_LEAD = re.compile(r"\[[^\]]+\]")


def chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield pieces of about 32 KiB that end at line ends, or overlap where a line is longer.

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


def marked(chunk: bytes, mark: bytes) -> list[int]:
    """Return where a mark stands right behind something that is no space, quote or bracket."""
    found, at = [], chunk.find(mark, 1)
    while at >= 0:
        if chunk[at - 1] not in _APART:
            found.append(at)
        at = chunk.find(mark, at + 1)
    return found


def by_mark(rule: Rule) -> tuple[FindMarked, int]:
    """Return what yields the matches of a rule from the places of its mark, and its value's group.

    No automaton looks for what is in every line of some texts, such as ``://`` and the head of a
    mail address: the mark behind it is far rarer, and found at the speed of memory.

    Args:
        rule: One with a mark, in front of which is nothing of ``marked``. Its pattern begins with
            one to ``near`` of a class of bytes and then has its mark, which is not in the class;
            or with its only literal, and then the last byte of that is nowhere between the two,
            and the mark at most ``near`` bytes from the start.
    """
    (literal,) = rule.literals
    if literal == rule.mark:
        return _led(rule), 0
    if not rule.pattern.startswith(literal):
        raise ValueError(f"the pattern of {rule.id} does not begin with its literal")
    pattern, start, near = re.compile(rule.pattern.encode()), literal.encode(), rule.near
    last, length = start[-1:], len(start) - 1

    def find(chunk: bytes, places: list[int]) -> Iterator[Spans]:
        end = 0
        for at in places:
            begin = chunk.rfind(last, max(end, at - near), at) - length
            if begin >= end and chunk.startswith(start, begin):
                match = pattern.match(chunk, begin)
                if match is not None:
                    end = match.end()
                    yield match.regs

    return find, pattern.groupindex.get("value", 0)


def _led(rule: Rule) -> FindMarked:
    lead, mark, most = _LEAD.match(rule.pattern), rule.mark, rule.near
    if lead is None or not rule.pattern.startswith(f"{{1,{most}}}{mark}", lead.end()):
        raise ValueError(f"the pattern of {rule.id} does not begin as ``near`` says")
    one = re.compile(lead[0].encode())
    letters = bytes(byte for byte in range(256) if one.match(bytes((byte,))))
    known, tail = frozenset(letters), re.compile(rule.pattern.partition("}")[2].encode()).match

    def find(chunk: bytes, places: list[int]) -> Iterator[Spans]:
        end = 0
        for at in places:
            if chunk[at - 1] in known and (match := tail(chunk, at)) is not None:
                before = chunk[max(end, at - most) : at]
                start = at - len(before) + len(before.rstrip(letters))
                if start < at:
                    end = match.end()
                    yield ((start, end),)

    return find
