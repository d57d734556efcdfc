"""Results of calls: which of them are paths that can be followed, and which only running tells.

``getattr(x, "y")`` is a path. What ``next``, ``operator.getitem``, an instance or the product of
another call gives back when it is called is not: a name judged in its place would be the wrong one.
"""

from __future__ import annotations

from .resolve import GETTERS, arguments, bound_by, follows_names, is_getter, key_of, target
from .values import Buffer, Call, Global, Value

_DEPTH = 40
_MAKERS_OF_PATHS = frozenset(
    ("operator.attrgetter", "operator.itemgetter", "operator.methodcaller", "functools.partial")
)


def is_told(data: Buffer, value: Value, depth: int = 0) -> bool:
    """Return False for the result of a call whose outcome the file alone does not tell.

    Args:
        data: The machine's buffer.
        value: What is called, or handed to somebody who will call it.
        depth: How deep partials lie within one another.
    """
    if type(value) is not Call:
        return True
    maker, args = value.callee, arguments(value)
    if depth > _DEPTH:
        return False
    if type(maker) is Call:
        return _is_told_by_result(data, maker, args, depth)
    key = key_of(maker)
    if key == "functools.reduce":
        return bool(args) and key_of(args[0]) in GETTERS
    if key == "builtins.type":
        return len(args) == 1
    if key in _MAKERS_OF_PATHS or follows_names(key):
        return True
    path = target(data, maker) if type(maker) is Global else None
    return path is not None and is_getter(path)


def _is_told_by_result(data: Buffer, maker: Call, args: tuple[Value, ...], depth: int) -> bool:
    key = key_of(maker.callee)
    if key == "functools.partial":
        bound = bound_by(maker)
        inner = Call("REDUCE", bound.function, (*bound.args, *args), maker.offset)
        return is_told(data, inner, depth + 1)
    if key in ("operator.attrgetter", "operator.itemgetter"):
        return True
    path = target(data, maker)
    return path is not None and is_getter(path)
