"""Uses of names in a pickle: the data that the judgement of a program fills in."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from ..formats.pickle.resolve import Target
from ..formats.pickle.values import Call, Global, Value
from .imports import Judgement


class Use(IntEnum):
    """What is done with a name, in ascending order of concern."""

    NAMED = 0
    MADE = 1
    CALLED = 2
    GIVEN_WORD = 3
    """Called with a single word and nothing else, as the members of an enumeration are."""
    GIVEN_TEXT = 4


class Spot(NamedTuple):
    """One use of one name.

    Attributes:
        path: The name, as far as it could be followed.
        judgement: What the policy says of it.
        use: What is done with it.
        value: The call (or import) itself, for evidence.
        offset: Position in the buffer.
        walked: True when the name was put together by calls.
        passed_to: Name of the callable it was handed to, if it was.
    """

    path: Target
    judgement: Judgement
    use: Use
    value: Value
    offset: int
    walked: bool = False
    passed_to: str = ""


class Uses:
    """Every noteworthy use in a program.

    Attributes:
        dangerous: Uses of names that give a capability.
        unknown: Uses of names nobody knows.
        functions: Calls that bring code by value.
        unresolved: Calls whose callee the file does not tell.
        changed: Calls that hand out something of the program's, into which state is stored.
        computed: Imports whose name was computed.
        odd: Imports whose name merely looks like another.
    """

    __slots__ = (
        "changed", "computed", "dangerous", "functions", "odd", "unknown", "unresolved",
    )  # fmt: skip

    def __init__(self) -> None:
        self.dangerous: list[Spot] = []
        self.unknown: list[Spot] = []
        self.functions: list[Call] = []
        self.unresolved: list[Call] = []
        self.changed: list[Call] = []
        self.computed: list[Global] = []
        self.odd: list[Spot] = []


def class_like(name: str) -> bool:
    """Return True for a name that is written as those of classes are."""
    last = name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper()
