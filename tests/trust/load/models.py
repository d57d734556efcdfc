"""Fitted models of scikit-learn, XGBoost and LightGBM, and what they answer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from tools.samples import boosting, sklearn_

METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")


@cache
def fitted() -> dict[str, tuple[Any, Any]]:
    """Return every model that can be fitted on tiny data, and what it was fitted on."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, model, data in (*_sklearn(), *_boosters()):
            found[name] = (model, data)
    return found


def _sklearn() -> Iterator[tuple[str, Any, Any]]:
    from sklearn.utils import all_estimators

    for name, kind in all_estimators():
        for data in sklearn_._data(name):
            model = sklearn_._made(kind)
            if model is None:
                break
            try:
                model.fit(*data)
            except Exception:
                continue
            yield name, model, data[0]
            break


def _boosters() -> Iterator[tuple[str, Any, Any]]:
    for name, model in (*boosting._xgboost(), *boosting._lightgbm()):
        if hasattr(model, "n_features_in_") and name.startswith(("XGB", "LGBM")):
            yield name, model, boosting.X


def answers(model: Any, data: Any) -> list[Any]:
    """Return what a model says about data, by every method it has."""
    said = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method in METHODS:
            np.random.seed(0)
            try:
                said.append((method, getattr(model, method)(data)))
            except Exception as error:
                said.append((method, type(error).__name__))
    return said


def same(ours: list[Any], theirs: list[Any]) -> bool:
    """Return True when two models said the same."""
    return all(a[0] == b[0] and _equal(a[1], b[1]) for a, b in zip(ours, theirs, strict=True))


def _equal(a: Any, b: Any) -> bool:
    if hasattr(a, "toarray"):
        a, b = a.toarray(), b.toarray()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if getattr(getattr(a, "dtype", None), "kind", "") == "f":
        return bool(np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True))
    return bool(np.all(np.asarray(a) == np.asarray(b)))
