"""Fitted estimators for the tests of marks in memory, and rows that try them hard."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

TREES: dict[str, Any] = {
    "tree": DecisionTreeClassifier(random_state=0),
    "tree-regressor": DecisionTreeRegressor(max_depth=8, random_state=0),
    "extra-tree": ExtraTreeClassifier(max_depth=9, random_state=0),
    "forest": RandomForestClassifier(30, random_state=0),
    "forest-regressor": RandomForestRegressor(8, random_state=0),
    "extra-trees": ExtraTreesClassifier(12, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=3, random_state=0),
    "boosting-regressor": GradientBoostingRegressor(n_estimators=30, random_state=0),
    "isolation": IsolationForest(n_estimators=20, random_state=0),
    "adaboost": AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=12),
    "bagging": BaggingRegressor(n_estimators=5, max_features=0.5, random_state=0),
}
"""One of each kind that can be marked without loss; not fitted."""


@cache
def data() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the digits with a little noise, so that thresholds are no round numbers."""
    inputs, labels = load_digits(return_X_y=True)
    return inputs + np.random.default_rng(0).normal(size=inputs.shape) * 0.05, labels


@cache
def fitted(name: str) -> Any:
    """Return a fitted estimator; whoever changes it must copy it first."""
    return clone(TREES[name]).fit(*data())


@cache
def booster(rounds: int = 10, **options: Any) -> Any:
    """Return a fitted classifier of XGBoost on the first half of the digits."""
    inputs, labels = data()
    return xgboost.XGBClassifier(n_estimators=rounds, n_jobs=1, **options).fit(
        inputs[::2], labels[::2]
    )


def noisy(rows: int) -> NDArray[np.float64]:
    """Return rows like those of the data, in float64."""
    random = np.random.default_rng(1)
    inputs = data()[0]
    return inputs[random.integers(len(inputs), size=rows)] + random.normal(
        size=(rows, inputs.shape[1])
    )


def neighbours(sites: list[tuple[int, float]], rows: int) -> NDArray[np.float32]:
    """Return rows that lie on the float32 numbers next to thresholds, below and above."""
    random = np.random.default_rng(2)
    found = noisy(rows).astype(np.float32)
    chosen = np.array(sites)[random.integers(len(sites), size=(rows, 40))]
    near = chosen[:, :, 1].astype(np.float32)
    towards = random.choice(np.array([-np.inf, 0, np.inf], np.float32), near.shape)
    near = np.where(towards == 0, near, np.nextafter(near, towards))
    np.put_along_axis(found, chosen[:, :, 0].astype(int), near, axis=1)
    return found


def said(model: Any, inputs: NDArray[Any]) -> list[NDArray[Any]]:
    """Return all that an estimator can say of inputs."""
    names = ("predict", "predict_proba", "decision_function", "score_samples")
    return [getattr(model, name)(inputs) for name in names if hasattr(model, name)]
