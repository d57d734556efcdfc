"""What a call is given: text of the file's choosing, a single word, or neither."""

from __future__ import annotations

import re

from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import walk
from ..formats.pickle.values import Call, Container, Value
from .pickle_spots import Use

_MOST = 20_000
WORD = re.compile(r"\w[\w-]{0,63}\Z")
"""A single word, as the members of enumerations and the fields of records are."""


def given(program: PickleProgram, args: tuple[Value, ...]) -> Use:
    """Return the use that calling with these arguments is, by the text among them."""
    if len(args) == 1 and type(args[0]) is int:
        text = program.literal(args[0], 65)
        if isinstance(text, str) and WORD.match(text):
            return Use.GIVEN_WORD
    if len(args) == 1 and _counts(program, args[0]):
        return Use.GIVEN_WORD
    for value in walk(args, _MOST):
        text = None
        if type(value) is int:
            text = program.literal(value, 64)
        elif type(value) is Call:
            text = program.fold(value)
        if isinstance(text, str | bytes):
            return Use.GIVEN_TEXT
    return Use.CALLED


def _counts(program: PickleProgram, value: Value) -> bool:
    """Return True for a dict whose values are no text, as a subclass of Counter is given."""
    if type(value) is not Container or value.kind != "dict" or value.more:
        return False
    items = elements(program.data, value)
    return bool(items) and all(
        type(item) is int and not isinstance(program.literal(item, 8), str | bytes)
        for item in items[1::2]
    )
