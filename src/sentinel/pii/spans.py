"""Compiled patterns that say where they match, as bare offsets.

A chunk has many matches and most are refused, so the objects that stand for them in ``re`` and
``re2`` cost more than it takes to find them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

Spans = Sequence[tuple[int, int]]
"""Where a match begins and ends, and then each of its groups."""

NOWHERE: Spans = ((-1, -1),)
"""What is returned for no match."""

Find = Callable[[bytes, int, int], Spans]


class Compiled(NamedTuple):
    """A compiled pattern, of RE2 or ``re``.

    Attributes:
        find: Takes a text and the offsets in it to search from and to; returns the first match,
            or what begins like ``NOWHERE``.
        group: Number of the group that holds the value; 0 for the whole match.
    """

    find: Find
    group: int = 0

    def all(self, text: bytes) -> Iterator[Spans]:
        """Yield the matches from left to right; none may be empty."""
        find, size = self.find, len(text)
        found = find(text, 0, size)
        while found[0][1] >= 0:
            yield found
            found = find(text, found[0][1], size)

    def ending(self, text: bytes, ends: Iterable[int]) -> Iterator[Spans]:
        """Yield the matches from left to right, of which each holds or ends at some of ``ends``.

        Args:
            text: What is searched.
            ends: Offsets, ascending. No line may end within a match, but at its first or last byte.
        """
        find, past, line_end = self.find, 0, 0
        for end in ends:
            if end <= past:
                continue  # another way to end a match, or a match that overlaps one
            start = past
            if end > line_end:
                start = max(past, text.rfind(b"\n", past, end - 1))
                line_end = text.find(b"\n", end - 1) + 1 or len(text)
            found = find(text, start, line_end)
            past = found[0][1]
            if past < 0:
                past = line_end
            else:
                yield found


def of_re(pattern: re.Pattern[bytes]) -> Compiled:
    """Return a pattern of ``re``."""
    search = pattern.search

    def find(text: bytes, start: int, end: int) -> Spans:
        match = search(text, start, end)
        return match.regs if match is not None else NOWHERE

    return Compiled(find, pattern.groupindex.get("value", 0))


def of_re2(pattern: Any) -> Compiled:
    """Return a pattern of the module ``re2``."""
    names: dict[Any, int] = dict(pattern.groupindex)  # of bytes
    return Compiled(_find(pattern, "UNANCHORED", "search"), names.get(b"value", 0))


def led_of_re2(pattern: Any) -> Find:
    """Return what matches a pattern of the module ``re2`` exactly where it is told to start."""
    return _find(pattern, "ANCHOR_START", "match")


def _find(pattern: Any, anchor: str, method: str) -> Find:
    try:
        # What the module's own methods call; they make a generator and an object of each match.
        bare = pattern._regexp.Match
        place = getattr(type(pattern._regexp).Anchor, anchor)
    except AttributeError:
        return _find_by(getattr(pattern, method), pattern.groups)
    return partial(bare, place)


def _find_by(search: Callable[[bytes, int, int], Any], groups: int) -> Find:
    def find(text: bytes, start: int, end: int) -> Spans:
        match = search(text, start, end)
        return [match.span(number) for number in range(groups + 1)] if match else NOWHERE

    return find
