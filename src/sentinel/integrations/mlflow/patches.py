"""Replacing methods while a guard is open, and putting back exactly what was there.

What somebody else put on top of ours meanwhile is left; ours below it then only passes calls on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

_MISSING = object()


def ours(function: Any) -> Any:
    """Mark a function as one of ours, and return it."""
    function._sentinel = function
    return function


def is_ours(function: Any) -> bool:
    """Return whether a function is one of ours, and not what ``wraps`` made alike."""
    return function is not None and getattr(function, "_sentinel", None) is function


class Patch(NamedTuple):
    """One replaced attribute: the object, its name, what is there now and what was there."""

    owner: Any
    name: str
    ours: object
    before: object


class Patches:
    """The attributes that are replaced at present."""

    def __init__(self) -> None:
        self.made: list[Patch] = []

    def put(self, owner: Any, name: str, make: Callable[[Any], object]) -> None:
        """Replace an attribute that an object has of its own; others are left alone."""
        before = vars(owner).get(name, _MISSING)
        if before is not _MISSING:
            self._set(owner, name, make(before), before)

    def add(self, owner: Any, name: str, value: object) -> None:
        """Set an attribute that an object may not have of its own."""
        self._set(owner, name, value, vars(owner).get(name, _MISSING))

    def _set(self, owner: Any, name: str, ours: object, before: object) -> None:
        setattr(owner, name, ours)
        # What is stored can differ from what was set: a plain object of a module does not.
        self.made.append(Patch(owner, name, vars(owner)[name], before))

    def undo(self) -> None:
        """Put everything back that is still ours."""
        while self.made:
            owner, name, ours, before = self.made.pop()
            if vars(owner).get(name, _MISSING) is not ours:
                continue
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
