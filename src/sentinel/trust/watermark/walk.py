"""The estimators inside an estimator: pipelines, ensembles, searches, calibrators."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

_MOST = 20_000
_DEPTH = 12
_INSIDE = (
    "steps", "transformer_list", "transformers_", "estimators_", "final_estimator_",
    "best_estimator_", "estimator_", "regressor_", "calibrated_classifiers_", "base_estimator_",
    "classifiers_", "regressors_", "clf_", "pipeline",
)  # fmt: skip
"""Attributes that hold fitted estimators, or lists of them or of tuples with them."""
_ONLY_IN = {
    "estimator": frozenset({"_CalibratedClassifier", "FrozenEstimator"}),
    "calibrators": frozenset({"_CalibratedClassifier"}),
}
"""Attributes that hold a fitted estimator in these classes, and a template in others."""


class Found(NamedTuple):
    """One estimator.

    Attributes:
        path: Where it is, as attributes, names of steps and numbers joined by dots; ``model`` for
            the whole model.
        model: The estimator.
    """

    path: str
    model: Any


def name_of(model: Any) -> str:
    """Return the top package and the class of an object: ``sklearn.Ridge``.

    The exact class counts: one that was derived from it may do otherwise with what it keeps.
    """
    return _named(type(model))


def walk(model: Any, leaves: frozenset[str]) -> Iterator[Found]:
    """Yield an estimator and those inside it, each once, parents first.

    Nothing of theirs is called: what lies in their dictionaries is looked at.

    Args:
        model: A fitted estimator.
        leaves: Names (``name_of``) of what is not looked into, nor what is derived from it.
    """
    waiting = deque([(Found("", model), 0)])
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        found, depth = waiting.popleft()
        if id(found.model) in seen:
            continue
        seen.add(id(found.model))
        yield found if found.path else Found("model", found.model)
        if depth < _DEPTH and not any(_named(one) in leaves for one in type(found.model).__mro__):
            waiting.extend((one, depth + 1) for one in _inside(found))


def _named(kind: type) -> str:
    return f"{str(kind.__module__).partition('.')[0]}.{kind.__name__}"


def _inside(found: Found) -> Iterator[Found]:
    own = getattr(found.model, "__dict__", {})
    name = type(found.model).__name__
    for attribute in (*_INSIDE, *(key for key, names in _ONLY_IN.items() if name in names)):
        if attribute in own:
            yield from _estimators(f"{found.path}.{attribute}".lstrip("."), own[attribute])


def _estimators(path: str, value: Any) -> Iterator[Found]:
    import numpy as np

    if isinstance(value, np.ndarray):
        value = list(value.ravel()) if value.dtype == object else ()
    if not isinstance(value, list | tuple):
        if _is_estimator(value):
            yield Found(path, value)
        return
    for number, item in enumerate(value[:_MOST]):
        label, inner = str(number), item
        if isinstance(item, list | tuple):
            names = [one for one in item if isinstance(one, str)]
            label = names[0][:80] if names else label
            inner = next((one for one in item if _is_estimator(one)), None)
        if _is_estimator(inner):
            yield Found(f"{path}.{label}", inner)


def _is_estimator(value: Any) -> bool:
    plain = isinstance(value, type | str | bytes | int | float | list | tuple | dict)
    return not plain and hasattr(value, "__dict__")
