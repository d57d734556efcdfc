"""Numbers of columns, features and outputs that compiled code takes on trust, and their twins.

Every model here was seen to end the process, or to read outside of its data, when it was used.
"""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import Birch, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
)
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import MinMaxScaler, MultiLabelBinarizer, OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sentinel.errors import TrustError
from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle

rng = np.random.default_rng(0)
X = rng.random((60, 4))
Y = (X[:, 0] > 0.5).astype(int)
Y3 = np.arange(60) % 3
MANY = 10**8
MASKED = np.ma.MaskedArray(np.array(1), True)


def loaded(model: Any) -> Any:
    found = load_pickle(pickle.dumps(model))
    check(found)
    return found


def changed(model: Any, **attributes: Any) -> Any:
    other = copy.deepcopy(model)
    vars(other).update(attributes)
    return other


TREE = DecisionTreeClassifier(max_depth=2).fit(X, Y)
HISTOGRAMS = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=5).fit(X, Y)
BOOSTED = GradientBoostingRegressor(n_estimators=2, max_depth=2).fit(X, Y)
BOOSTED_2 = GradientBoostingClassifier(n_estimators=2, max_depth=2).fit(X, Y)
BOOSTED_3 = GradientBoostingClassifier(n_estimators=2, max_depth=2).fit(X, Y3)
FOREST = IsolationForest(n_estimators=2).fit(X)
WORDS = CountVectorizer().fit(["a bb ccc bb", "dd ccc"])
ITEMS = DictVectorizer().fit([{"a": 1, "b": 2}])
LABELS = MultiLabelBinarizer().fit([("a", "b"), ("c",)])
CODES = OneHotEncoder(handle_unknown="ignore").fit(np.arange(6).reshape(-1, 2))
RARE = OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist", drop=[1]).fit(
    np.array([[1], [1], [2], [2], [3], [4]])
)
MEANS = KMeans(3, n_init=1).fit(X)
BIRCH = Birch(n_clusters=None, threshold=0.1).fit(X)
VECTORS = SVC().fit(X, Y)
POINTS = LocalOutlierFactor(novelty=True).fit(X)
RESTS = [
    OneVsRestClassifier(inner).fit(X, np.c_[Y, 1 - Y])
    for inner in (LogisticRegression(), SVC(), TREE, BOOSTED_2)
]
REST_OF_3 = OneVsRestClassifier(LogisticRegression()).fit(X, Y3)
WIDE = np.full((2, 3_000), BOOSTED.estimators_[0, 0], object)
PRIOR = np.full(3_000, 1 / 3_000)

FITTED = [
    TREE, HISTOGRAMS, BOOSTED, BOOSTED_3, FOREST, WORDS, ITEMS, LABELS, CODES, RARE, MEANS, BIRCH,
    POINTS, *RESTS, REST_OF_3, VECTORS, FeatureHasher(n_features=4),
    HashingVectorizer(n_features=4),
]  # fmt: skip

DOCTORED = {
    "a masked number of features": changed(TREE, n_features_in_=MASKED),
    "a masked number of an SVM": changed(VECTORS, n_features_in_=MASKED),
    "a masked number of clusters": changed(MEANS, n_features_in_=MASKED),
    "a number of features that is true": changed(TREE, n_features_in_=True),
    "trees in a tuple": changed(HISTOGRAMS, _predictors=tuple(HISTOGRAMS._predictors)),
    "trees in tuples": changed(HISTOGRAMS, _predictors=list(map(tuple, HISTOGRAMS._predictors))),
    "a step that takes columns away": changed(
        HISTOGRAMS, _preprocessor=ColumnTransformer([("a", MinMaxScaler(), [0])]).fit(X)
    ),
    "more outputs than trees": changed(HISTOGRAMS, n_trees_per_iteration_=MANY),
    "in the middle of a fit": changed(HISTOGRAMS, _in_fit=True),
    "masked trees": changed(
        BOOSTED, estimators_=np.ma.MaskedArray(BOOSTED.estimators_, BOOSTED.estimators_ == 0)
    ),
    "trees in a list": changed(BOOSTED, estimators_=BOOSTED.estimators_.tolist()),
    "more columns of trees than outputs": changed(
        BOOSTED, estimators_=WIDE, n_trees_per_iteration_=3_000,
        init_=changed(DummyClassifier().fit(X, Y), class_prior_=PRIOR),
    ),
    "more columns of trees than classes": changed(
        BOOSTED_3, estimators_=WIDE, n_trees_per_iteration_=3_000,
        init_=changed(DummyClassifier(strategy="uniform").fit(X, Y3), class_prior_=PRIOR),
    ),
    "a start of no outputs": changed(
        BOOSTED, init_=changed(BOOSTED.init_, n_outputs_=0, constant_=np.zeros((1, 0)))
    ),
    "a loss of two classes": changed(
        BOOSTED_3, _loss=GradientBoostingClassifier(n_estimators=1).fit(X, Y)._loss
    ),
    "choices of features in a tuple": changed(FOREST, estimators_features_=([0], [0])),
    "a word far away": changed(WORDS, vocabulary_={"bb": MANY}),
    "a word before": changed(WORDS, vocabulary_={"bb": -1}),
    "an item far away": changed(ITEMS, vocabulary_={"a": MANY, "b": 0}),
    "a label far away": changed(LABELS, _cached_dict={"a": MANY}),
    "hashes nowhere": changed(FeatureHasher(), n_features=0),
    "hashes of words nowhere": changed(HashingVectorizer(), n_features=0),
    "fewer columns than categories": changed(CODES, _n_features_outs=[1, 1]),
    "categories out of order": changed(CODES, categories_=[np.array([4, 2, 0])] * 2),
    "a rare category far away": changed(RARE, _infrequent_indices=[np.array([MANY])]),
    "a place far away": changed(
        RARE, _default_to_infrequent_mappings=[np.array([0, 1, MANY, 2])]
    ),
    "a dropped category that is half one": changed(
        RARE, _drop_idx_after_grouping=np.array([0.5], object)
    ),
    "fewer threads than none": changed(MEANS, _n_threads=-5),
    "no points": changed(POINTS, _fit_X=POINTS._fit_X[:0]),
    "many numbers for a class": changed(
        RESTS[0], estimators_=[changed(RESTS[0].estimators_[0], coef_=np.ones((9_000, 4)))] * 2
    ),
    "many constants for a class": changed(
        RESTS[0], estimators_=[changed(RESTS[0].estimators_[0], intercept_=np.ones(9_000))] * 2
    ),
    "three classes against the rest": changed(RESTS[0], estimators_=[BOOSTED_3] * 2),
    "norms of other centres": changed(BIRCH, _subcluster_norms=BIRCH._subcluster_norms[:1]),
}  # fmt: skip


@pytest.mark.parametrize("model", FITTED, ids=lambda model: type(model).__name__)
def test_what_was_fitted_loads(model: Any) -> None:
    assert type(loaded(model)) is type(model)


@pytest.mark.parametrize("name", DOCTORED)
def test_what_was_changed_is_refused(name: str) -> None:
    with pytest.raises(TrustError) as caught:
        loaded(DOCTORED[name])
    assert caught.value.reason == "unsafe-values"


def test_what_is_masked_is_looked_at() -> None:
    bad = changed(MEANS, _n_threads=-5)
    hidden = np.ma.MaskedArray(np.array([bad], object), True)
    with pytest.raises(TrustError):
        check({"a": hidden})
    check({"a": np.ma.MaskedArray(np.array([MEANS], object), True)})


def test_masked_results_of_a_search_load() -> None:
    search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2).fit(X, Y)
    assert loaded(search).best_params_ == search.best_params_
