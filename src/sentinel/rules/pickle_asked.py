"""Objects of the file's own that Python is told to walk, print, compare or look into.

``list(x)`` runs ``x.__iter__``, ``str(x)`` runs ``x.__repr__``: a class that is harmless to make
instances of may open files there, or call what its attributes hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..formats.pickle.resolve import Target, target
from ..formats.pickle.values import Buffer, Call, Value
from .judgement import Judgement, Standing
from .pickle_spots import class_like

_ASKS = frozenset(
    ("builtins", "collections", "itertools", "operator", "_operator", "numpy", "copy", "string",
     "heapq", "statistics", "math", "array")
)  # fmt: skip
_KEEPS = frozenset(
    ("property", "classmethod", "staticmethod", "object", "type", "getattr", "isinstance",
     "issubclass", "memoryview", "slice", "UserDict", "UserList", "ChainMap", "defaultdict",
     "attrgetter", "itemgetter", "methodcaller", "super", "copyreg", "map", "filter")
)  # fmt: skip
"""What keeps an object, or takes its type, and asks it nothing."""


def asked(
    data: Buffer, path: Target, args: tuple[Value, ...], judge: Callable[[Target], Judgement]
) -> Iterator[tuple[Target, Judgement]]:
    """Yield the classes of instances whose methods a function of Python's calls, if nobody vouches.

    Args:
        data: The pickle's buffer.
        path: The function that is called.
        args: What it is given.
        judge: The import policy.
    """
    if path.module not in _ASKS or path.name in _KEEPS:
        return
    for value in args:
        if type(value) is not Call or not (value.states or value.args or value.items):
            continue
        owner = target(data, value.callee)
        if owner is None or not class_like(owner.name):
            continue
        judgement = judge(owner)
        if judgement.standing is Standing.UNKNOWN or judgement.capability:
            yield owner, judgement._replace(standing=Standing.UNKNOWN)
