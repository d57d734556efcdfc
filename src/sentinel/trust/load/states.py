"""What ``BUILD`` may do: give a state to an instance that was just made.

Attributes are put where the class would put them, with text for names. An attribute that begins
with two underscores, or that would hide something of the class (a method, a property, the name of
its algorithm; anything but a number) is refused: a model saved by its library has none. Of the
classes' own ``__setstate__`` the table lists those that may run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ...errors import TrustError
from . import boosters, natives
from .arrays import bad
from .names import Name, Names

_NUMBERS = (bool, int, float, type(None))
_BEFORE: dict[Name, Callable[[dict[str, Any]], None]] = {
    ("xgboost.core", "Booster"): boosters.check_xgboost_state,
    ("lightgbm.basic", "Booster"): boosters.check_lightgbm_state,
    ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"): natives.predictor,
}
"""What is looked at before a class's own ``__setstate__`` sees it."""


def give(thing: Any, state: Any, names: Names) -> None:
    """Give a state to an instance.

    Args:
        thing: The instance, made by the machine and not given a state before.
        state: A dict of attributes.
        names: What may be used.

    Raises:
        TrustError: The state is of another kind, or would change more than attributes.
    """
    kind = type(thing)
    owner = _owner(kind, "__setstate__")
    name = (kind.__module__, kind.__qualname__)
    if names.may_call(name):
        _as_the_user_wants(thing, state, owner)
        return
    if type(state) is not dict:
        raise TrustError("not-allowed", f"a {kind.__name__} with a state that is no dict")
    _check(kind, state)
    check = _BEFORE.get(name)
    if check is not None:
        check(state)
    if owner is None:
        _set(thing, state)
    elif names.may("state", (owner.__module__, owner.__qualname__)):
        thing.__setstate__(state)
    else:
        raise TrustError("not-allowed", f"{owner.__name__}.__setstate__ is not one that may run")


def _owner(kind: type, method: str) -> type | None:
    """Return the class of the line of descent that defines a method."""
    return next((one for one in kind.__mro__ if method in vars(one)), None)


def _check(kind: type, state: dict[Any, Any]) -> None:
    for key in state:
        if type(key) is not str:
            raise bad(f"a {kind.__name__} with an attribute whose name is no text")
        if key.startswith("__") or _hides(kind, key):
            raise TrustError(
                "not-allowed", f"a {kind.__name__} whose {key[:80]!r} would be something else"
            )


def _hides(kind: type, key: str) -> bool:
    """Return True for a name that the class or one above it has more than a number under."""
    for one in kind.__mro__:
        if key in vars(one):
            return type(vars(one)[key]) not in _NUMBERS
    return False


def _set(thing: Any, state: dict[str, Any]) -> None:
    try:
        attributes = object.__getattribute__(thing, "__dict__")
    except AttributeError as error:
        raise TrustError("not-allowed", f"a {type(thing).__name__} takes no state") from error
    attributes.update({sys.intern(key): value for key, value in state.items()})


def _as_the_user_wants(thing: Any, state: Any, owner: type | None) -> None:
    """Give a state as ``pickle`` would, save for slots, to a class that the user allows."""
    if owner is not None:
        thing.__setstate__(state)
    elif type(state) is dict:
        _check(type(thing), state)
        _set(thing, state)
    else:
        raise TrustError("not-allowed", f"a {type(thing).__name__} with a state that is no dict")
