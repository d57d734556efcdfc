"""Keeps the page small, whatever is put into it."""

from __future__ import annotations

_MOST_REFUSED = 16


class Room:
    """Counts what is written and refuses what does not fit.

    Args:
        limit: Characters there is room for.
    """

    __slots__ = ("_left", "_refused")

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._refused = 0

    @property
    def is_full(self) -> bool:
        """True when so much did not fit that it is not worth making more."""
        return self._refused >= _MOST_REFUSED

    def take(self, text: str) -> bool:
        """Return True when a text still fits, and count it."""
        # Characters beyond ASCII are written as references to their numbers.
        cost = len(text) if text.isascii() else len(text.encode("ascii", "xmlcharrefreplace"))
        if cost > self._left:
            self._refused += 1
            return False
        self._left -= cost
        return True
