"""Versions of Python packages: whether a text is one, and which of two is newer (PEP 440)."""

from __future__ import annotations

import re

PATTERN = (
    r"v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?"
)
"""A public version, lower or upper case."""
LOCAL = r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"

_VERSION = re.compile(PATTERN + LOCAL, re.I | re.A)
_RELEASE = re.compile(r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)(.*)", re.I | re.A | re.S)
_BEFORE = re.compile(r"[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)[-_.]?\d*", re.I | re.A)
_MOST = 400
_MOST_DIGITS = 18

Key = tuple[int, tuple[int, ...], int]


def is_version(text: str) -> bool:
    """Return True for a version as PEP 440 spells it."""
    return len(text) <= _MOST and _VERSION.fullmatch(text.strip()) is not None


def is_before_release(text: str) -> bool:
    """Return True for an alpha, beta, candidate or development version."""
    found = _RELEASE.fullmatch(text.strip()) if is_version(text) else None
    return found is not None and _BEFORE.match(found[3]) is not None


def key(text: str) -> Key | None:
    """Return what compares versions by epoch and release; None for a text that is none.

    A version before a release counts less than it, whichever of them it is; local parts and
    versions after a release count like the release.
    """
    if not is_version(text):
        return None
    found = _RELEASE.fullmatch(text.strip())
    if found is None or any(len(part) > _MOST_DIGITS for part in re.findall(r"\d+", found[0])):
        return None
    parts = [int(part) for part in found[2].split(".")]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return int(found[1] or 0), tuple(parts), -1 if _BEFORE.match(found[3]) else 0
