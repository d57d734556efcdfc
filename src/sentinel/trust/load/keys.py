"""Keys of dicts and members of sets: the few kinds whose hashing runs no code and costs little.

One key can be used many times over, at a few bytes of a file each, and is hashed anew each time.
"""

from __future__ import annotations

from typing import Any

from ...errors import TrustError

_PLAIN = frozenset((str, int, float, complex, bool, bytes, type(None)))
_DEEPEST = 4
_MOST_ITEMS = 64
_MOST_BITS = 128


def check_key(key: Any) -> Any:
    """Return a key that may be hashed.

    Hashing a tuple goes into it without a bound of Python's own, and hashing an object is a call.

    Raises:
        TrustError: It is of another kind, or a larger one than models have (``not-allowed``).
    """
    _check(key, 0)
    return key


def _check(key: Any, depth: int) -> int:
    """Check a key; return how many values it is made of."""
    kind = type(key)
    if kind is int and key.bit_length() > _MOST_BITS:
        raise TrustError("not-allowed", f"a key that is a number of {key.bit_length()} bits")
    if kind in _PLAIN or _is_number(kind):
        return 1
    if kind in (tuple, frozenset) and depth < _DEEPEST:
        if len(key) > _MOST_ITEMS or sum(_check(item, depth + 1) for item in key) > _MOST_ITEMS:
            raise TrustError("not-allowed", f"a key of more than {_MOST_ITEMS} values")
        return len(key)
    raise TrustError("not-allowed", f"a key that is a {kind.__name__}")


def _is_number(kind: type) -> bool:
    """Return True for NumPy's numbers, strings and times, whose classes are its own."""
    return kind.__module__ == "numpy" and any(base.__name__ == "generic" for base in kind.__mro__)
