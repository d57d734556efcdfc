"""skops: estimators of scikit-learn as skops writes them."""

from __future__ import annotations

import operator
from functools import partial
from typing import Any

from tests.corpus.benign.save import Saver


def skops(save: Saver) -> None:
    import numpy as np
    from scipy import sparse, special
    from sklearn import cluster, ensemble, linear_model, neighbors, svm
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
    from skops import io

    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(40, 3)), chance.integers(0, 2, 40)
    words = make_pipeline(TfidfVectorizer(), linear_model.LogisticRegression())
    models: dict[str, Any] = {
        "linear": linear_model.LinearRegression().fit(x, y),
        "pipeline": make_pipeline(StandardScaler(), svm.SVC()).fit(x, y),
        "forest": ensemble.RandomForestClassifier(5).fit(x, y),
        "boosting": ensemble.GradientBoostingClassifier(n_estimators=3).fit(x, y),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=3).fit(x, y),
        "neighbours": neighbors.KNeighborsClassifier(algorithm="brute").fit(x, y),
        "clusters": cluster.KMeans(2, n_init=1).fit(x),
        "sgd": linear_model.SGDClassifier().fit(x, y),
        "words": words.fit(["good day", "bad day"], [1, 0]),
        "encoder": OneHotEncoder().fit([["a"], ["b"]]),
        "functions": FunctionTransformer(np.log1p, inverse_func=special.expit),
        "sparse": {"matrix": sparse.eye(4).tocsr(), "seed": np.random.RandomState(1)},
        "random": {"generator": np.random.default_rng(1), "type": np.dtype("f4")},
        "partial": partial(np.add, 1),
        "getter": [operator.attrgetter("coef_"), operator.itemgetter(0, 2)],
        "plain": {"a": [1, 2.5, "x", None, True], "b": (1, {2}), "c": slice(1, 2), "d": b"bytes"},
    }
    for name, model in models.items():
        save.make(f"{name}.skops", partial(io.dump, model))
