"""xgboost, lightgbm and catboost: native boosters and their scikit-learn wrappers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from . import Labelled, attempt

X = np.random.default_rng(0).normal(size=(40, 4))
Y = np.arange(40) % 2
YR = X[:, 0] * 2


def objects() -> Labelled:
    """Yield trained boosters."""
    warnings.simplefilter("ignore")
    yield from _xgboost()
    yield from _lightgbm()
    yield from _catboost()


def _xgboost() -> Labelled:
    import xgboost as xgb

    for name in ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor"):
        kind = getattr(xgb, name)
        yield name, kind(n_estimators=2).fit(X, YR if "Reg" in name else Y)
        target = YR if "Reg" in name else Y
        yield from attempt(
            name,
            lambda k=kind, t=target: k(n_estimators=2, early_stopping_rounds=1).fit(
                X, t, eval_set=[(X, t)], verbose=False
            ),
        )
        yield from attempt(name, lambda k=kind: k(callbacks=[xgb.callback.EarlyStopping(2)]))
    yield "ranker", xgb.XGBRanker(n_estimators=2).fit(X, Y, qid=np.arange(40) // 10)
    yield "booster", xgb.train({}, xgb.DMatrix(X, YR), 2)
    for booster in ("dart", "gblinear"):
        yield from attempt(
            booster, lambda b=booster: xgb.XGBRegressor(booster=b, n_estimators=2).fit(X, YR)
        )
    yield from attempt(
        "callbacks",
        lambda: [
            xgb.callback.EarlyStopping(2),
            xgb.callback.LearningRateScheduler([0.1]),
            xgb.callback.EvaluationMonitor(),
        ],
    )


def _lightgbm() -> Labelled:
    import lightgbm as lgb

    for name in ("LGBMClassifier", "LGBMRegressor"):
        kind = getattr(lgb, name)
        yield (
            name,
            kind(n_estimators=2, verbose=-1, min_child_samples=1).fit(
                X, YR if "Reg" in name else Y
            ),
        )
    yield "ranker", lgb.LGBMRanker(n_estimators=2, verbose=-1).fit(X, Y, group=[20, 20])
    yield "booster", lgb.train({"verbose": -1}, lgb.Dataset(X, YR), 2)
    yield from attempt(
        "cv",
        lambda: lgb.cv(
            {"verbose": -1}, lgb.Dataset(X, YR), 2, nfold=2, stratified=False, return_cvbooster=True
        ),
    )


def _catboost() -> Labelled:
    import catboost

    def fitted(kind: Any, target: Any) -> Any:
        return kind(iterations=2, verbose=0, allow_writing_files=False).fit(X, target)

    yield "classifier", fitted(catboost.CatBoostClassifier, Y)
    yield "regressor", fitted(catboost.CatBoostRegressor, YR)
    yield from attempt(
        "plain",
        lambda: catboost.CatBoost(
            {"iterations": 2, "verbose": 0, "allow_writing_files": False}
        ).fit(X, YR),
    )
    yield "unfitted", [catboost.CatBoostClassifier(), catboost.CatBoostRegressor()]
    yield from attempt(
        "ranker",
        lambda: catboost.CatBoostRanker(iterations=2, verbose=0, allow_writing_files=False).fit(
            X, YR, group_id=np.arange(40) // 10
        ),
    )
