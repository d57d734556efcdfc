"""Texts drawn at random from a pattern, so that no token needs to be written down."""

from __future__ import annotations

import re
from random import Random
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_PRINTABLE = [chr(code) for code in range(33, 127)]
_CATEGORIES = {
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_DIGIT: str.isdigit,
    op.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
}
_FREE = 24  # repetitions of what has no upper bound


class Sampler:
    """Draws texts that a pattern matches.

    Args:
        rng: Where chance comes from.
        dull: Whether each class of characters yields the same one over and over.
    """

    def __init__(self, rng: Random, *, dull: bool = False) -> None:
        self._rng = rng
        self._dull = dull

    def draw(self, pattern: str) -> str:
        """Return a text that the whole pattern matches."""
        text = self.sequence(parser.parse(pattern))
        assert re.fullmatch(pattern, text), (pattern, text)
        return text

    def sequence(self, nodes: Any) -> str:
        """Return a text that parsed nodes match."""
        return "".join(self._node(kind, value) for kind, value in nodes)

    def _node(self, kind: Any, value: Any) -> str:
        if kind is op.LITERAL:
            return chr(value)
        if kind is op.IN:
            return self._one_of(value)
        if kind is op.ANY:
            return self._rng.choice("ab1")
        if kind is op.SUBPATTERN:
            return self.sequence(value[3])
        if kind is op.BRANCH:
            return self.sequence(self._rng.choice(value[1]))
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            low, high, body = value
            most = low + _FREE if high is op.MAXREPEAT else high
            count = self._rng.randint(low, min(most, low + _FREE))
            return "".join(self.sequence(body) for _ in range(count))
        assert kind is op.AT, kind
        return ""

    def _one_of(self, members: Any) -> str:
        negated = members[0][0] is op.NEGATE
        letters = [c for c in _PRINTABLE if holds(members, ord(c)) != negated]
        letters = letters or [c for c in " \n" if holds(members, ord(c)) != negated]
        if self._dull:
            return "x" if "x" in letters else letters[0]
        alnum = [letter for letter in letters if letter.isalnum()]
        return self._rng.choice(alnum if alnum and negated else letters)


def holds(members: Any, code: int) -> bool:
    """Tell whether a character is one of the members of a class, were it not negated."""
    for kind, value in members:
        if kind is op.LITERAL and value == code:
            return True
        if kind is op.RANGE and value[0] <= code <= value[1]:
            return True
        if kind is op.CATEGORY and _CATEGORIES[value](chr(code)):
            return True
    return False
