"""What a call is given: text of the file's choosing, a single word, or neither."""

from __future__ import annotations

import re

from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import Target, walk
from ..formats.pickle.values import Call, Container, Global, Value
from .pickle_makers import lives_in
from .pickle_spots import Use

_MOST = 20_000
_FEWEST = 400
_MOST_IN_ALL = 1_000_000
WORD = re.compile(r"\w[\w-]{0,63}\Z")
"""A single word, as the members of enumerations and the fields of records are."""


class Allowance:
    """What may still be spent on looking through arguments, over all calls of a program."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _MOST_IN_ALL

    def callables(self, args: tuple[Value, ...]) -> list[Global | Call]:
        """Return the names and calls among arguments: the first few alone once much is spent."""
        limit = _FEWEST if self.left > 0 else _FEWEST // 10
        values = list(walk(args, limit))
        self.left -= len(values)
        homes = _homes(values)
        if homes:
            homes -= {id(value) for value in walk(args, limit, into_calls=False)}
        return [v for v in values if isinstance(v, Global | Call) and id(v) not in homes]


def _homes(values: list[Value]) -> set[int]:
    """Return the identities of modules' dictionaries in which functions by value are to live.

    What makes such a function is judged by itself; whoever gets the function gets no dictionary.
    """
    homes = set()
    for value in values:
        if type(value) is Call and type(value.callee) is Global and type(value.args) is tuple:
            path = Target(value.callee.module, value.callee.name)
            if lives_in(path, value.args):
                homes.add(id(value.args[1]))
    return homes


def given(program: PickleProgram, args: tuple[Value, ...], allowance: Allowance) -> Use:
    """Return the use that calling with these arguments is, by the text among them.

    Arguments beyond all bounds are taken for text.
    """
    if len(args) == 1 and type(args[0]) is int:
        text = program.literal(args[0], 65)
        if isinstance(text, str) and WORD.match(text):
            return Use.GIVEN_WORD
    if len(args) == 1 and _counts(program, args[0]):
        return Use.GIVEN_WORD
    limit = min(_MOST, max(_FEWEST, allowance.left))
    count = 0
    for value in walk(args, limit):
        count += 1
        text = None
        if type(value) is int:
            text = program.literal(value, 64)
        elif type(value) is Call:
            text = program.fold(value)
        if isinstance(text, str | bytes):
            return Use.GIVEN_TEXT
    allowance.left -= count
    return Use.CALLED if count < limit else Use.GIVEN_TEXT


def _counts(program: PickleProgram, value: Value) -> bool:
    """Return True for a dict whose values are no text, as a subclass of Counter is given."""
    if type(value) is not Container or value.kind != "dict" or value.more:
        return False
    items = elements(program.data, value)
    return bool(items) and all(
        type(item) is int and not isinstance(program.literal(item, 8), str | bytes)
        for item in items[1::2]
    )
