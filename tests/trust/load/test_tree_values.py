"""Trees whose numbers lead compiled code out of memory, or round in circles, are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.neighbors import BallTree, KDTree, NearestNeighbors
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.doctored import at_place, doctored, with_nodes, with_state
from tests.trust.load.kit import Reduced, pickled, refusal
from tests.trust.load.values_kit import X, Y, refused_after

# Trees

TREE = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, Y)
CHANGES = {
    "child far outside": with_nodes("left_child", 0, 100_000_000),
    "child just outside": with_nodes("right_child", 0, TREE.tree_.node_count),
    "negative child": with_nodes("left_child", 0, -7),
    "its own child": with_nodes("left_child", 1, 1),
    "child that leads back": with_nodes("right_child", 2, 0),
    "two parents": with_nodes("left_child", 0, TREE.tree_.children_right[0]),
    "one child": with_nodes("left_child", 0, -1),
    "feature far outside": with_nodes("feature", 0, 100_000_000),
    "feature just outside": with_nodes("feature", 0, 3),
    "negative feature": with_nodes("feature", 0, -3),
    "more nodes than there are": with_state(node_count=TREE.tree_.node_count + 1),
    "fewer nodes than there are": with_state(node_count=1),
    "no nodes": with_state(node_count=0),
    "deeper than it says": with_state(max_depth=TREE.tree_.max_depth - 1),
    "no depth": with_state(max_depth=-1),
    "values of another shape": with_state(values=TREE.tree_.value[:, :, :1]),
    "one value": with_state(values=TREE.tree_.value[:1]),
    "nodes that are numbers": with_state(nodes=np.zeros(5)),
    "nodes without children": with_state(nodes=np.zeros(5, [("x", "i8")])),
    "more outputs than classes": lambda args, state: ((args[0], args[1], 50), state),
    "no classes": lambda args, state: ((args[0], np.array([0]), 1), state),
    "huge classes": lambda args, state: ((args[0], np.array([1 << 40]), 1), state),
    "other features": lambda args, state: ((1, args[1], args[2]), state),
    "a key too many": with_state(more=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_tree_that_leads_astray_is_refused(change: Any) -> None:
    assert refusal(doctored(TREE, Tree, change)).reason == "unsafe-values"


def test_the_same_tree_unchanged_is_not() -> None:
    found = load_pickle(doctored(TREE, Tree, lambda args, state: (args, state)))
    assert (found.predict(X) == TREE.predict(X)).all()


def test_a_tree_as_deep_as_it_has_nodes_is_measured_too() -> None:
    size = 3_001
    nodes = np.zeros(size, TREE.tree_.__getstate__()["nodes"].dtype)
    nodes["left_child"] = nodes["right_child"] = -1
    inner = np.arange(0, size - 2, 2)
    nodes["left_child"][inner], nodes["right_child"][inner] = inner + 1, inner + 2
    state = {"nodes": nodes, "node_count": size, "values": np.zeros((size, 1, 3))}
    for depth, passes in (((size - 1) // 2, True), ((size - 1) // 2 - 1, False), (5, False)):
        data = doctored(TREE, Tree, with_state(max_depth=depth, **state))
        if passes:
            check(load_pickle(data))
        else:
            assert refusal(data).reason == "unsafe-values"


def test_a_tree_without_its_state_is_refused() -> None:
    assert refusal(pickled(Reduced(Tree, (3, np.array([2]), 1)))).reason == "malformed"


def test_a_tree_for_other_data_than_its_estimator_is_refused() -> None:
    def fewer(model: Any) -> None:
        model.n_features_in_ = 1

    assert refused_after(TREE, fewer) == "unsafe-values"
    forest = RandomForestClassifier(3, random_state=0).fit(X, Y)

    def foreign(model: Any) -> None:
        wide = DecisionTreeClassifier().fit(np.tile(X, (1, 5)), Y)
        model.estimators_[2] = wide

    assert refused_after(forest, foreign) == "unsafe-values"


def test_boosting_with_other_columns_than_outputs_is_refused() -> None:
    model = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, Y)

    def wider(model: Any) -> None:
        model.estimators_ = np.concatenate([model.estimators_] * 4, axis=1)

    def prior(model: Any) -> None:
        model.init_.class_prior_ = model.init_.class_prior_[:1]

    def number(model: Any) -> None:
        model.estimators_[0, 0] = "no tree"

    for change in (wider, prior, number):
        assert refused_after(model, change) == "unsafe-values"


@pytest.mark.parametrize(
    ("field", "value"), [("left", 9_999), ("right", 0), ("feature_idx", 3), ("feature_idx", -1),
                         ("is_categorical", 1)]
)  # fmt: skip
def test_histogram_boosting_that_leads_astray_is_refused(field: str, value: int) -> None:
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=5).fit(X, Y)

    def change(model: Any) -> None:
        model._predictors[0][0].nodes[field][0] = value

    assert refused_after(model, change) == "unsafe-values"


# Neighbours

NEIGHBOURS = {
    "index outside": at_place(1, lambda index: np.full_like(index, 10**9)),
    "negative index": at_place(1, lambda index: np.full_like(index, -1)),
    "fewer points": at_place(0, lambda data: data[:5]),
    "other features": at_place(0, lambda data: np.ascontiguousarray(data[:, :1])),
    "fewer bounds": at_place(3, lambda bounds: np.ascontiguousarray(bounds[:, :1])),
    "fewer nodes": at_place(2, lambda nodes: nodes[:1]),
    "more levels": at_place(5, 40),
    "more nodes": at_place(6, 1 << 30),
    "no leaves": at_place(2, lambda nodes: _without_leaves(nodes)),
    "nodes outside": at_place(2, lambda nodes: _far(nodes)),
    "no distance": at_place(11, None),
    "few weights": at_place(12, np.ones(2)),
}


def _without_leaves(nodes: Any) -> Any:
    made = nodes.copy()
    made["is_leaf"] = 0
    return made


def _far(nodes: Any) -> Any:
    made = nodes.copy()
    made["idx_end"] = 10**9
    return made


@pytest.mark.parametrize("kind", [KDTree, BallTree])
@pytest.mark.parametrize("change", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_tree_of_neighbours_that_leads_astray_is_refused(kind: type, change: Any) -> None:
    assert refusal(doctored(kind(X, leaf_size=5), kind, change)).reason == "unsafe-values"


@pytest.mark.parametrize("kind", [KDTree, BallTree])
def test_a_tree_of_neighbours_unchanged_is_not_refused(kind: Any) -> None:
    tree = kind(X, leaf_size=5)
    found = load_pickle(doctored(tree, kind, lambda args, state: (args, state)))
    assert (found.query(X[:5], k=3)[1] == tree.query(X[:5], k=3)[1]).all()


def test_a_distance_for_other_data_is_refused() -> None:
    model = NearestNeighbors(
        algorithm="ball_tree", metric="seuclidean", metric_params={"V": np.ones(3)}
    ).fit(X)
    check(load_pickle(pickled(model)))
    distance = type(model._tree.__getstate__()[11])
    hostile = doctored(model, distance, at_place(1, np.ones(1)))
    assert refusal(hostile).reason == "unsafe-values"
