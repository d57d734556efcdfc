"""Code objects that a pickle brings by value: the names that they use."""

from __future__ import annotations

from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import arguments
from ..formats.pickle.values import Call

_MOST_NAMES = 20_000


def names_of(program: PickleProgram, call: Call) -> list[str] | None:
    """Return ``co_names`` of the code object that a call makes; None where there are none to read.

    The arguments of ``types.CodeType`` are integers, the byte code, the constants, then the names
    (dill may put a line table in front).
    """
    args = arguments(call)
    for place, value in enumerate(args[:-2]):
        if place < 3 or type(value) is tuple or not isinstance(program.fold(value), bytes):
            continue
        names = args[place + 2]
        texts = [program.fold(item) for item in names] if type(names) is tuple else [None]
        known = [text for text in texts if isinstance(text, str)]
        return known if len(known) == len(texts) <= _MOST_NAMES else None
    return None
