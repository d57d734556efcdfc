"""Types that dill and cloudpickle fetch by a word, where making one only binds a function.

Both write ``functools.partial`` and bound methods as a call of what such a look-up gives. Followed
as the partials they are, what is bound counts as called where the file calls it, and as held where
it does not.
"""

from __future__ import annotations

from .literals import as_text, decode
from .values import Buffer, Call, Global, Value

_PARTIAL = Global("functools", "partial", 0, "GLOBAL")
_FETCHERS = frozenset(
    (
        ("dill._dill", "_load_type"),
        ("dill.dill", "_load_type"),
        ("cloudpickle.cloudpickle", "_builtin_type"),
        ("joblib.externals.cloudpickle.cloudpickle", "_builtin_type"),
    )
)
_BINDERS = frozenset(("PartialType", "MethodType"))
_LONGEST = 32


def as_partial(data: Buffer, callee: Call) -> Value:
    """Return ``functools.partial`` for a fetched type that binds, else the callee itself.

    A bound method is a function with its first argument given, which is what a partial is.

    Args:
        data: The machine's buffer.
        callee: The result of a call that is called in turn.
    """
    fetcher, args = callee.callee, callee.args
    if type(fetcher) is not Global or (fetcher.module, fetcher.name) not in _FETCHERS:
        return callee
    plain = callee.kind == "REDUCE" and not callee.states and not callee.items
    if not plain or type(args) is not tuple or len(args) != 1 or type(args[0]) is not int:
        return callee
    return _PARTIAL if as_text(decode(data, args[0], _LONGEST)) in _BINDERS else callee
