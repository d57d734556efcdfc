"""Whether the name of a package is that of a popular one with little changed.

Compared are names that indexes hold equal (PEP 503). The tables are ``data/popular``: the most
downloaded projects of PyPI, and libraries of machine learning. What is in the first is known, and
never like another.

A name with one letter changed, left out, put in, or changed places with the next keeps either the
first or the last part of the original, so these parts are what an index holds: two entries a name,
and the few candidates are compared. Names of machine learning may differ in two places behind the
first letter, which few slips change; of the beginning of each, every text that is left when two
letters are left out is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ..data import read

TARGETS = 2500
"""How many of the most popular names others are compared with."""
NEAR = 1000
"""Names of this rank and above are those that somebody would imitate first."""
_SHORTEST = 5
_SHORTEST_FOR_TWO = 6
_LONG_FOR_TWO = 8
"""Shorter names differ in two places by chance; of these the letters must be the same."""
_BEGINNING = 8
_LONGEST = 100
_LOOKS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("3", "e"))
_DIGITS = re.compile(r"-?v?\d+\Z")
_BUILD = re.compile(r"-cu(?:da)?\d+x?\Z")
"""Builds for versions of CUDA, which differ by a digit."""


class Like(NamedTuple):
    """What a name is like.

    Attributes:
        target: The popular name.
        how: The difference, in words.
        near: Whether one letter makes the difference, to a name that is often imitated.
    """

    target: str
    how: str
    near: bool


class Table(NamedTuple):
    """What the tables of popular names say.

    Attributes:
        source: Where the ranking is from.
        date: Of the ranking.
        ranks: Rank in it by name, from 1.
        learning: Libraries of machine learning.
    """

    source: str
    date: str
    ranks: dict[str, int]
    learning: frozenset[str]

    @property
    def targets(self) -> list[str]:
        """Names that others are compared with, the most popular first."""
        first = [name for name, rank in self.ranks.items() if rank <= TARGETS]
        return list(dict.fromkeys((*first, *sorted(self.learning))))

    def is_near(self, name: str) -> bool:
        """Return whether a name is among those that are imitated first."""
        return name in self.learning or self.ranks.get(name, NEAR + 1) <= NEAR


@cache
def table() -> Table:
    """Return the tables of popular names, read once."""
    header, names = _entries("popular/pypi.txt")
    return Table(
        header["source"],
        header["date"],
        {name: rank for rank, name in enumerate(names, 1)},
        frozenset(_entries("popular/learning.txt")[1]),
    )


def _entries(file: str) -> tuple[dict[str, str], list[str]]:
    lines = read(file).decode("ascii").split("\n")
    comments = [line[2:].partition(": ") for line in lines if line[:1] == "#"]
    names = [line for line in lines if line and line[0] != "#"]
    return {key: value for key, _, value in comments}, names


def is_known(name: str) -> bool:
    """Return whether a normal name is one of those that the tables hold."""
    found = table()
    return name in found.ranks or name in found.learning


def like(name: str) -> Like | None:
    """Return what a name is like, or None for a known name and for one that is like no other.

    Args:
        name: A normal name.
    """
    if is_known(name) or not _SHORTEST <= len(name) <= _LONGEST or not name.isascii():
        return None
    return _one_off(name) or _respelled(name) or _two_off(name)


def _one_off(name: str) -> Like | None:
    found = {target for target in _near_by(name) if not _is_build_of(name, target)}
    best = min(found, key=_order, default=None)
    if best is None:
        return None
    if _DIGITS.sub("", name) == best:  # what people call the next version of it
        return Like(best, "digits at its end", False)
    return Like(best, "one letter", table().is_near(best))


def _is_build_of(name: str, target: str) -> bool:
    builds = _BUILD.search(name), _BUILD.search(target)
    return all(builds) and _BUILD.sub("", name) == _BUILD.sub("", target)


def _order(target: str) -> tuple[bool, int, str]:
    found = table()
    return not found.is_near(target), found.ranks.get(target, TARGETS + 1), target


def _near_by(name: str) -> Iterator[str]:
    parts = _parts()
    for size in range(max(_SHORTEST, len(name) - 1), len(name) + 2):
        half = (size - 1) // 2
        for key in ((size, "first", name[:half]), (size, "last", name[-half:])):
            for target in parts.get(key, ()):
                if within_one(name, target):
                    yield target


@cache
def _parts() -> dict[tuple[int, str, str], list[str]]:
    """Return names by their length and their first or last part.

    The parts leave one letter or two between them, so that letters that changed places are never
    in both.
    """
    found: dict[tuple[int, str, str], list[str]] = {}
    for target in table().targets:
        size = len(target)
        if size >= _SHORTEST:
            half = (size - 1) // 2
            found.setdefault((size, "first", target[:half]), []).append(target)
            found.setdefault((size, "last", target[-half:]), []).append(target)
    return found


def within_one(one: str, other: str) -> bool:
    """Return whether one change of a letter, or of two next to each other, makes them equal.

    Optimal string alignment: L. Boytsov, Indexing methods for approximate dictionary searching,
    ACM Journal of Experimental Algorithmics 16, 2011.
    """
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped


def _respelled(name: str) -> Like | None:
    spellings = _spellings()
    for how, spelling in _spelled(name):
        target = spellings.get(spelling)
        if target is not None:
            return Like(target, how, how != "the order of its words" and table().is_near(target))
    bare = _DIGITS.sub("", name)
    target = spellings.get(bare.replace("-", ""))
    if bare == name or target is None or _DIGITS.search(target):
        return None
    return Like(target, "digits at its end", False)


def _spelled(name: str) -> Iterator[tuple[str, str]]:
    """Yield texts that are equal where names are the same but for their spelling."""
    bare = name.replace("-", "")
    if len(bare) >= _SHORTEST:
        yield "hyphens", bare
    words = sorted(name.split("-"))
    if len(words) > 1:
        yield "the order of its words", "-".join(words)
    looks = name
    for written, read_as in _LOOKS:
        looks = looks.replace(written, read_as)
    if len(looks) >= _SHORTEST:
        yield "letters that look alike", f"={looks}"


@cache
def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for target in table().targets:
        if len(target) >= _SHORTEST:
            for _, spelling in _spelled(target):
                found.setdefault(spelling, target)
    return found


def _two_off(name: str) -> Like | None:
    shorter = _shorter()
    candidates = {target for left in _left_over(name) for target in shorter.get(left, ())}
    near = sorted(target for target in candidates if _is_two_off(name, target))
    return Like(near[0], "two letters", False) if near else None


def _is_two_off(name: str, target: str) -> bool:
    if name[0] != target[0] or _is_build_of(name, target):
        return False
    if len(target) < _LONG_FOR_TWO and sorted(name) != sorted(target):
        return False
    return abs(len(name) - len(target)) <= 2 and within_two(name, target)


@cache
def _shorter() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target in sorted(table().learning):
        if len(target) >= _SHORTEST_FOR_TWO:
            for left in _left_over(target):
                found.setdefault(left, []).append(target)
    return found


def _left_over(name: str) -> set[str]:
    """Return what is left of a name's beginning when none, one or two letters are left out.

    Names that two changes make equal have one of these in common (W. Garbe's symmetric deletes).
    """
    name = name[:_BEGINNING]
    places = range(len(name))
    once = {name[:at] + name[at + 1 :] for at in places}
    twice = {text[:at] + text[at + 1 :] for text in once for at in range(len(text))}
    return {name} | once | twice


def within_two(one: str, other: str) -> bool:
    """Return whether two changes, as of ``within_one``, make two names equal."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        after = [at]
        for there, theirs in enumerate(other, 1):
            cost = min(row[there] + 1, after[-1] + 1, row[there - 1] + (letter != theirs))
            if at > 1 and there > 1 and letter == other[there - 2] and one[at - 2] == theirs:
                cost = min(cost, before[there - 2] + 1)
            after.append(cost)
        if min(after) > 2:
            return False
        before, row = row, after
    return row[-1] <= 2
