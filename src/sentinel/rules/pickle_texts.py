"""Classes of ordinary libraries that are harmless to make, but act on text that they are given.

A model of ``tokenizers`` opens the file that its vocabulary names, when that is text; numbers and
patterns of sympy evaluate the text in what they are given. Their own pickles give them none.
"""

from __future__ import annotations

from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import target, walk
from ..formats.pickle.values import Call, Value
from .judgement import Judgement, Standing

OPENS_TEXT = "opens_text"
EVALUATES_TEXT = "evaluates_text"
EVALUATES_ANY = "evaluates_any_text"
SHAPES = frozenset((OPENS_TEXT, EVALUATES_TEXT, EVALUATES_ANY))

_MOST = 2_000
_OPENS = Judgement(Standing.DANGEROUS, "file", "it opens the file that its text names")
_EVALUATES = Judgement(Standing.DANGEROUS, "execute", "it evaluates the text in its arguments")


def of_text(
    program: PickleProgram, call: Call, args: tuple[Value, ...], shape: str
) -> Judgement | None:
    """Return a judgement when a call gives text to a class that acts on it.

    Args:
        program: The pickle.
        call: The call, for its keyword arguments.
        args: What the class is given.
        shape: ``opens_text``, ``evaluates_any_text``, or ``evaluates_text``, whose first argument
            may be a plain text.
    """
    rest = args[1:] if shape == EVALUATES_TEXT and args and type(args[0]) is int else args
    given = (*rest, call.kwargs) if call.kwargs else rest
    if not _holds_text(program, given):
        return None
    return _OPENS if shape == OPENS_TEXT else _EVALUATES


def _holds_text(program: PickleProgram, given: tuple[Value, ...]) -> bool:
    """Return True for text anywhere in arguments; for what is too much to look through, too.

    Objects of sympy among them are judged by themselves. Names of keyword arguments are text as
    well: no pickle of these classes has any.
    """
    queue: list[Value] = [given]
    for _ in range(_MOST):
        if not queue:
            return False
        for value in walk(queue.pop(), _MOST, into_calls=False):
            text: object = None
            if type(value) is int:
                text = program.literal(value, 64)
            elif type(value) is Call and not _of_sympy(program, value):
                text = program.fold(value)
                queue += [value.args, *(value.states or ()), *(value.items or ())]
            if isinstance(text, str | bytes | bytearray):
                return True
    return True


def _of_sympy(program: PickleProgram, value: Call) -> bool:
    found = target(program.data, value.callee)
    return found is not None and found.module.startswith(("sympy.", "torch.utils._sympy."))
