"""Classes of ordinary libraries that are harmless to make, but act on text that they are given.

A model of ``tokenizers`` opens the file that its vocabulary names, when that is text; numbers and
patterns of sympy evaluate the text in what they are given. Their own pickles give them none.
"""

from __future__ import annotations

from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import walk
from ..formats.pickle.values import Call, Value
from .judgement import Judgement, Standing

OPENS_TEXT = "opens_text"
EVALUATES_TEXT = "evaluates_text"
SHAPES = frozenset((OPENS_TEXT, EVALUATES_TEXT))

_MOST = 2_000
_OPENS = Judgement(Standing.DANGEROUS, "file", "it opens the file that its text names")
_EVALUATES = Judgement(
    Standing.DANGEROUS, "execute", "it evaluates the text in its arguments, all but a plain first"
)


def of_text(
    program: PickleProgram, call: Call, args: tuple[Value, ...], shape: str
) -> Judgement | None:
    """Return a judgement when a call gives text to a class that acts on it.

    Args:
        program: The pickle.
        call: The call, for its keyword arguments.
        args: What the class is given.
        shape: ``opens_text``, or ``evaluates_text``, whose first argument may be a plain text.
    """
    rest = args[1:] if shape == EVALUATES_TEXT and args and type(args[0]) is int else args
    given = (*rest, call.kwargs) if call.kwargs else rest
    if not _holds_text(program, given):
        return None
    return _EVALUATES if shape == EVALUATES_TEXT else _OPENS


def _holds_text(program: PickleProgram, given: tuple[Value, ...]) -> bool:
    """Return True for text anywhere in arguments; for what is too much to look through, too.

    Names of keyword arguments are text as well: no pickle of these classes has any.
    """
    count = 0
    for value in walk(given, _MOST):
        count += 1
        text: object = None
        if type(value) is int:
            text = program.literal(value, 64)
        elif type(value) is Call:
            text = program.fold(value)
        if isinstance(text, str | bytes | bytearray):
            return True
    return count >= _MOST
