"""Patterns of paths: ``*`` and ``?`` within a name, ``**`` across directories."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

_WILD = re.compile(r"(\*\*/|\*\*|\*|\?)")
_STARS = ("**/", "**", "*")
_MOST_STARS = 3  # a regular expression with more of them can take longer than anybody waits


def matcher(patterns: Iterable[str], base: str) -> Callable[[str], bool]:
    """Return a function that says whether a path matches one of ``patterns``.

    A pattern that holds a slash counts from ``base``; one without matches a name at any depth.
    A pattern that matches a directory covers all below it.

    Args:
        patterns: The patterns, with forward slashes.
        base: Absolute directory that they count from.
    """
    split = [_parts(pattern) for pattern in patterns]
    few = [parts for parts in split if _stars(parts) <= _MOST_STARS]
    walks = [_Walk(parts) for parts in split if _stars(parts) > _MOST_STARS]
    joined = "|".join(_expression(parts) for parts in few)
    # With no expression at all this must match nothing, and an empty one would the empty path.
    matches = re.compile(f"(?:{joined or '(?!)'})(?:/.*)?", re.DOTALL).fullmatch

    def match(path: str) -> bool:
        name = below(path, base)
        return matches(name) is not None or any(walk.matches(name) for walk in walks)

    return match


def below(path: str, base: str) -> str:
    """Return ``path`` as counted from ``base``, with forward slashes; links are not resolved."""
    return os.path.relpath(os.path.abspath(path), base).replace(os.sep, "/")


def _parts(pattern: str) -> list[str]:
    """Return a pattern in parts, wildcards alone; one that is not anchored begins with ``**/``."""
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.strip("/").removeprefix("./")
    found = [] if anchored else ["**/"]
    for part in filter(None, _WILD.split(pattern)):
        if part not in _STARS or found[-1:] != [part]:  # two stars of a kind match what one does
            found.append(part)
    return found


def _stars(parts: list[str]) -> int:
    return sum(part in _STARS for part in parts)


def _expression(parts: list[str]) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(part) or re.escape(part) for part in parts)


class _Walk:
    """A pattern with many wildcards, followed through a path in all ways at once.

    Places in the pattern are bits of a number (Thompson, "Regular Expression Search Algorithm",
    1968), so the time is the path's length times the pattern's, whatever they are.

    Args:
        parts: The pattern.
    """

    def __init__(self, parts: list[str]) -> None:
        self._letters: dict[str, int] = {}
        self._names = self._any = self._stay = self._deep = self._skip = self._leap = 0
        at = 0
        for part in parts:
            for token in [part] if _WILD.fullmatch(part) else part:
                at = self._add(token, 1 << at, at)
        self._end = 1 << at

    def _add(self, token: str, bit: int, at: int) -> int:
        """Note one token at a place, and return the place after it."""
        if token == "**/":  # nothing, or whatever ends with a slash: two places, which differ
            self._leap |= bit
            self._deep |= bit << 1
            return at + 2
        if token == "?":
            self._any |= bit
        elif token == "*":
            self._names |= bit
            self._skip |= bit
        elif token == "**":
            self._stay |= bit
            self._skip |= bit
        else:
            self._letters[token] = self._letters.get(token, 0) | bit
        return at + 1

    def matches(self, path: str) -> bool:
        """Return True when the pattern matches the path or a directory above it."""
        here = self._spread(1)
        for letter in path:
            slash = letter == "/"
            if slash and here & self._end:
                return True
            ahead = here & self._letters.get(letter, 0)
            kept = here & (self._stay | self._deep)
            if slash:
                ahead |= here & self._deep
            else:
                ahead |= here & self._any
                kept |= here & self._names
            here = self._spread(ahead << 1 | kept)
        return bool(here & self._end)

    def _spread(self, here: int) -> int:
        """Return the places with those that are reached from them without a letter."""
        while True:
            leap = here & self._leap
            more = here | (here & self._skip) << 1 | leap << 1 | leap << 2
            if more == here:
                return here
            here = more
