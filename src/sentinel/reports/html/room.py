"""Keeps the page small, whatever is put into it."""

from __future__ import annotations


class Room:
    """Counts what is written and refuses what does not fit.

    Args:
        limit: Characters there is room for.
    """

    __slots__ = ("_left",)

    def __init__(self, limit: int) -> None:
        self._left = limit

    def take(self, text: str) -> bool:
        """Return True when a text still fits, and count it."""
        # Characters beyond ASCII are written as references to their numbers.
        cost = len(text) if text.isascii() else len(text.encode("ascii", "xmlcharrefreplace"))
        if cost > self._left:
            return False
        self._left -= cost
        return True
