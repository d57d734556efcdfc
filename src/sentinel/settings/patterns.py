"""Patterns of paths: ``*`` and ``?`` within a name, ``**`` across directories."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable


def matcher(patterns: Iterable[str], base: str) -> Callable[[str], bool]:
    """Return a function that says whether a path matches one of ``patterns``.

    A pattern that holds a slash counts from ``base``; one without matches a name at any depth.
    A pattern that matches a directory covers all below it.

    Args:
        patterns: The patterns, with forward slashes.
        base: Absolute directory that they count from.
    """
    joined = "|".join(_expression(pattern) for pattern in patterns)
    matches = re.compile(f"(?:{joined})(?:/.*)?", re.DOTALL).fullmatch

    def match(path: str) -> bool:
        return matches(below(path, base)) is not None

    return match


def below(path: str, base: str) -> str:
    """Return ``path`` as counted from ``base``, with forward slashes; links are not resolved."""
    return os.path.relpath(os.path.abspath(path), base).replace(os.sep, "/")


def _expression(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.strip("/").removeprefix("./")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(wild.get(part) or re.escape(part) for part in parts)
    return body if anchored else f"(?:.*/)?{body}"
