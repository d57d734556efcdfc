"""scikit-learn: every estimator fitted on tiny data, and what they are put together from."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np

from . import Labelled, attempt

X = np.abs(np.random.default_rng(0).normal(size=(24, 4))) + 0.1
Y = np.arange(24) % 2
YR = X[:, 0] * 2 + 1
TEXTS = [f"some words number {n % 3} and {n % 5}" for n in range(24)]


def objects() -> Labelled:
    """Yield fitted estimators, compositions, kernels, splitters, scorers, trees."""
    warnings.simplefilter("ignore")
    yield from _estimators()
    yield from _composed()
    yield from _parts()


def _estimators() -> Labelled:
    from sklearn.utils import all_estimators

    for name, kind in all_estimators():
        yield name, kind
        made = _made(kind)
        if made is None:
            continue
        yield f"{name} unfitted", made
        for data in _data(name):
            try:
                made.fit(*data)
                yield f"{name} fitted", made
                break
            except Exception:
                continue


def _made(kind: type) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    needed = [
        p.name
        for p in inspect.signature(kind.__init__).parameters.values()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"
    ]
    regressor = "Regressor" in kind.__name__
    base = Ridge() if regressor else LogisticRegression()
    values = {
        "estimator": base,
        "base_estimator": base,
        "estimators": [("a", base)],
        "param_grid": {"alpha" if regressor else "C": [0.1, 1.0]},
        "param_distributions": {"alpha" if regressor else "C": [0.1, 1.0]},
        "transformers": [("a", "passthrough", [0])],
        "steps": [("a", base)],
        "transformer_list": [("a", "passthrough")],
        "dictionary": X[:3],
        "kernels": [],
    }
    try:
        return kind(**{name: values[name] for name in needed})
    except Exception:
        return None


def _data(name: str) -> list[tuple[Any, ...]]:
    labels = np.stack([Y, 1 - Y], 1)
    return [
        (X, YR if "Regress" in name else Y),
        (X, YR),
        (X,),
        (TEXTS,),
        ([{"a": 1.0}, {"b": 2.0}],),
        (X, labels),
        (X, np.stack([YR, YR], 1)),
        (Y,),
        ([["a"], ["b"]],),
        (X[:, 0], YR),
        (X, X[:, :2]),
    ]


def _composed() -> Labelled:
    from sklearn import (
        calibration,
        compose,
        ensemble,
        feature_extraction,
        impute,
        linear_model,
        model_selection,
        multiclass,
        naive_bayes,
        neighbors,
        pipeline,
        preprocessing,
        svm,
        tree,
    )
    from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401

    yield (
        "text pipeline",
        pipeline.make_pipeline(
            feature_extraction.text.TfidfVectorizer(), naive_bayes.MultinomialNB()
        ).fit(TEXTS, Y),
    )
    columns = compose.make_column_transformer(
        (preprocessing.StandardScaler(), [0, 1]),
        (preprocessing.OneHotEncoder(), [2]),
        remainder="passthrough",
    )
    yield "column pipeline", pipeline.make_pipeline(columns, svm.SVC(probability=True)).fit(X, Y)
    yield "selector", compose.make_column_selector(dtype_include=np.number)
    yield "frame pipeline", _frame_pipeline()
    yield (
        "union",
        pipeline.make_union(
            preprocessing.FunctionTransformer(np.log1p), preprocessing.MinMaxScaler()
        ).fit(X),
    )
    for loss in (
        "hinge",
        "log_loss",
        "modified_huber",
        "squared_hinge",
        "perceptron",
        "huber",
        "squared_error",
        "epsilon_insensitive",
        "squared_epsilon_insensitive",
    ):
        yield from attempt(loss, lambda loss=loss: linear_model.SGDClassifier(loss=loss).fit(X, Y))
    for loss in ("log_loss", "exponential"):
        yield loss, ensemble.GradientBoostingClassifier(loss=loss, n_estimators=2).fit(X, Y)
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        yield loss, ensemble.GradientBoostingRegressor(loss=loss, n_estimators=2).fit(X, YR)
    for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile"):
        yield from attempt(
            loss,
            lambda loss=loss: ensemble.HistGradientBoostingRegressor(
                loss=loss, max_iter=2, quantile=0.5
            ).fit(X, YR),
        )
    yield "hist", ensemble.HistGradientBoostingClassifier(max_iter=2).fit(X, np.arange(24) % 3)
    for criterion in ("gini", "entropy", "log_loss"):
        yield criterion, tree.DecisionTreeClassifier(criterion=criterion).fit(X, Y)
    for metric in (
        "manhattan",
        "chebyshev",
        "minkowski",
        "haversine",
        "euclidean",
        "hamming",
        "canberra",
        "braycurtis",
        "jaccard",
    ):
        for algorithm in ("kd_tree", "ball_tree", "brute"):
            yield from attempt(
                metric,
                lambda m=metric, a=algorithm: neighbors.NearestNeighbors(metric=m, algorithm=a).fit(
                    X
                ),
            )
    yield "density", neighbors.KernelDensity().fit(X)
    yield (
        "search",
        model_selection.GridSearchCV(
            svm.SVC(), {"C": [1, 2]}, scoring="f1", cv=model_selection.StratifiedKFold(2)
        ).fit(X, Y),
    )
    import scipy.stats

    yield (
        "random search",
        model_selection.RandomizedSearchCV(
            svm.SVC(), {"C": scipy.stats.uniform(0.1, 2)}, n_iter=2, cv=2
        ).fit(X, Y),
    )
    yield "halving", model_selection.HalvingGridSearchCV(svm.SVC(), {"C": [1, 2]}, cv=2).fit(X, Y)
    yield "calibrated", calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2).fit(X, Y)
    yield (
        "isotonic",
        calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2, method="isotonic").fit(X, Y),
    )
    yield "multi", multiclass.OneVsRestClassifier(svm.SVC()).fit(X, np.arange(24) % 3)
    yield (
        "voting",
        ensemble.VotingClassifier([("a", svm.SVC()), ("b", tree.DecisionTreeClassifier())]).fit(
            X, Y
        ),
    )
    yield "stacking", ensemble.StackingClassifier([("a", svm.SVC())]).fit(X, Y)
    yield "iterative", impute.IterativeImputer(max_iter=2).fit(X)
    yield "adaptive", ensemble.AdaBoostRegressor(n_estimators=2).fit(X, YR)


def _frame_pipeline() -> Any:
    import pandas as pd
    from sklearn import compose, impute, linear_model, pipeline, preprocessing

    frame = pd.DataFrame({"a": X[:, 0], "b": ["x", "y"] * 12, "c": X[:, 1]})
    columns = compose.ColumnTransformer(
        [
            (
                "n",
                pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()),
                compose.make_column_selector(dtype_include="number"),
            ),
            ("c", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["b"]),
        ]
    )
    return pipeline.make_pipeline(columns, linear_model.LogisticRegression()).fit(frame, Y)


def _parts() -> Labelled:
    from sklearn import datasets, gaussian_process, metrics, model_selection, neighbors, utils
    from sklearn.gaussian_process import kernels

    listed = [
        kernels.RBF(),
        kernels.Matern(),
        kernels.WhiteKernel(),
        kernels.ConstantKernel(),
        kernels.DotProduct(),
        kernels.ExpSineSquared(),
        kernels.RationalQuadratic(),
        kernels.PairwiseKernel(),
        kernels.RBF() + kernels.WhiteKernel(),
        kernels.RBF() * kernels.RBF(),
        kernels.RBF() ** 2,
        kernels.CompoundKernel([kernels.RBF()]),
    ]
    yield "kernels", listed
    yield "process", gaussian_process.GaussianProcessClassifier(kernels.RBF()).fit(X, Y)
    for kind in vars(model_selection).values():
        if isinstance(kind, type):
            yield kind.__name__, kind
            yield from attempt(kind.__name__, kind)
    for name in metrics.get_scorer_names():
        yield name, metrics.get_scorer(name)
    yield "scorer", metrics.make_scorer(metrics.mean_squared_error)
    yield "trees", [neighbors.KDTree(X), neighbors.BallTree(X)]
    for name in ("euclidean", "manhattan", "chebyshev", "minkowski", "hamming", "haversine"):
        args = {"p": 3} if name == "minkowski" else {}
        yield name, metrics.DistanceMetric.get_metric(name, **args)
    yield "data", [datasets.load_iris(), utils.Bunch(a=1)]
    for name, value in vars(metrics).items():
        if inspect.isfunction(value):
            yield name, value
    from sklearn import feature_selection
    from sklearn.metrics import pairwise

    for module in (feature_selection, pairwise):
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__.startswith(module.__name__):
                yield name, value
