"""Uses of dangerous names that are harmless: instances of classes that only calling makes act.

And of one function that is as good as what it is given: jax makes its arrays of NumPy's.
"""

from __future__ import annotations

from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import Target, key_of, target, walk
from ..formats.pickle.values import Call, Value
from .judgement import MADE, TEXT, Judgement, Standing
from .pickle_given import WORD
from .pickle_spots import Use, class_like

_PASSED_DEPTH = 400
_FUNCTIONS = "sympy.functions."
"""Where sympy's functions are classes in lower case, such as ``sin``."""
_FROM_NUMPY = frozenset(
    (
        "jax._src.array._reconstruct_array",
        "jax._src.device_array.reconstruct_device_array",
    )
)
"""They call their first argument with the second, and ``__setstate__`` of the result."""
_NUMPYS = frozenset(("numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct"))


def spared(
    program: PickleProgram,
    judgement: Judgement,
    path: Target,
    use: Use,
    args: tuple[Value, ...] = (),
) -> bool:
    """Return True for a dangerous or unknown name of which this use is harmless.

    Args:
        program: The pickle.
        judgement: What the policy says of the name.
        path: The name.
        use: What is done with it.
        args: What it is given.
    """
    if judgement.standing is not Standing.DANGEROUS:
        return str(path) in _FROM_NUMPY and _is_array(args)
    if judgement.shape == MADE:  # compiled classes run their __init__ from __new__
        return use is Use.MADE and not _holds_text(program, args)
    held = use is Use.NAMED and path.module.startswith(_FUNCTIONS)
    if judgement.shape != TEXT or not (use is Use.MADE or held or class_like(path.name)):
        return False
    for value in walk(args, _PASSED_DEPTH, into_calls=False):
        if type(value) is Call:
            made = target(program.data, value)
            homes = (path.module.partition(".")[0], "sympy")
            if made is None or made.module.partition(".")[0] not in homes:
                return False  # what it turns into text is not known
        text = program.literal(value, 65) if type(value) is int else None
        if isinstance(text, str | bytes) and not (type(text) is str and WORD.match(text)):
            return False
    return True


def _holds_text(program: PickleProgram, args: tuple[Value, ...]) -> bool:
    return any(
        type(value) is int and isinstance(program.literal(value, 8), str | bytes)
        for value in walk(args, _PASSED_DEPTH, into_calls=False)
    )


def _is_array(args: tuple[Value, ...]) -> bool:
    """Return True for what ``numpy.ndarray.__reduce__`` gives: not of a class with other states."""
    if len(args) < 3 or key_of(args[0]) not in _NUMPYS:
        return False
    return type(args[1]) is tuple and bool(args[1]) and key_of(args[1][0]) == "numpy.ndarray"
