"""Keys of dicts and members of sets: the few kinds whose hashing runs no code and goes no deep."""

from __future__ import annotations

from typing import Any

from ...errors import TrustError

_PLAIN = frozenset((str, int, float, complex, bool, bytes, type(None)))
_DEEPEST = 4


def check_key(key: Any) -> Any:
    """Return a key that may be hashed.

    Hashing a tuple goes into it without a bound of Python's own, and hashing an object is a call.

    Raises:
        TrustError: It is of another kind (``not-allowed``).
    """
    _check(key, 0)
    return key


def _check(key: Any, depth: int) -> None:
    kind = type(key)
    if kind in _PLAIN or _is_number(kind):
        return
    if kind in (tuple, frozenset) and depth < _DEEPEST:
        for item in key:
            _check(item, depth + 1)
        return
    raise TrustError("not-allowed", f"a key that is a {kind.__name__}")


def _is_number(kind: type) -> bool:
    """Return True for NumPy's numbers, strings and times, whose classes are its own."""
    return kind.__module__ == "numpy" and any(base.__name__ == "generic" for base in kind.__mro__)
