"""What may stand beside a match.

A value is no value when it is a piece of something longer: nine digits out of a decimal, a key out
of a longer one. Patterns leave this to the code here, since RE2 has no look-around.
"""

from __future__ import annotations

from collections.abc import Callable

_ALNUM = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_WORD = _ALNUM | {0x5F}
_TOKEN = _WORD | {0x2D}
_DIGITS = frozenset(b"0123456789")
_JOINS = frozenset(b".+-")
_ESCAPES = frozenset(b"ntrfb")

LEFT: dict[str, str] = {
    "word": r"(?:^|[^0-9A-Za-z_.+-]|\\[ntrfb])",
    "token": r"(?:^|[^0-9A-Za-z_-]|\\[ntrfb]|%[0-9A-Fa-f][0-9A-Fa-f])",
    "digits": r"(?:^|[^0-9])",
    "none": "",
}
"""Prefix of a pattern by the name of its bounds; what it takes is no part of the value."""

RIGHT: dict[str, str] = {"word": "(?:[^0-9A-Za-z_]|$)"}
"""What follows a pattern wherever it stands free, by the name of its bounds."""

LOOSE: dict[str, str] = {
    LEFT["word"]: "[^0-9A-Zac-eg-mo-qsu-z_.+-]",
    LEFT["digits"]: "[^0-9]",
}
"""What matches wherever a prefix does, but at the start of a text, by the prefix.

It is one class of bytes, with which an automaton of many patterns has a quarter of the states.
"""


def _free(data: bytes, start: int, closed: frozenset[int]) -> bool:
    """Return True when nothing of ``closed`` is before ``start``, escapes of JSON aside."""
    if start <= 0 or data[start - 1] not in closed:
        return True
    before = data[start - 2 : start - 1]
    return before == b"\\" and data[start - 1] in _ESCAPES


def _word(data: bytes, start: int, end: int) -> bool:
    if not _free(data, start, _WORD):
        return False
    if start > 1 and data[start - 1] in _JOINS and data[start - 2] in _WORD:
        return False
    if start == 1 and data[0] in _JOINS and data[0] != 0x2D:
        return False
    if end >= len(data):
        return True
    after = data[end]
    if after in _WORD:
        return False
    return not (after in _JOINS and end + 1 < len(data) and data[end + 1] in _ALNUM)


def _token(data: bytes, start: int, end: int) -> bool:
    if not _free(data, start, _TOKEN) and not _encoded(data, start):
        return False
    return end >= len(data) or data[end] not in _TOKEN


def _encoded(data: bytes, start: int) -> bool:
    return data[start - 3 : start - 2] == b"%"


def _digits(data: bytes, start: int, end: int) -> bool:
    if start > 0 and data[start - 1] in _DIGITS:
        return False
    return end >= len(data) or data[end] not in _DIGITS


def _none(data: bytes, start: int, end: int) -> bool:
    return True


BOUNDS: dict[str, Callable[[bytes, int, int], bool]] = {
    "word": _word,
    "token": _token,
    "digits": _digits,
    "none": _none,
}
"""Whether a match from ``start`` to ``end`` of ``data`` stands free, by the name of its bounds."""
