"""Numbers that lead compiled code out of memory, or round in circles, are refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pytest
import scipy.sparse
import xgboost
from numpy.random import MT19937, Generator, Philox, RandomState
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.neighbors import BallTree, KDTree, NearestNeighbors
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC, SVR, OneClassSVM
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from sentinel.errors import TrustError
from sentinel.trust.load.boosters import check_lightgbm, check_xgboost
from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.doctored import at_place, doctored, with_nodes, with_state
from tests.trust.load.kit import Reduced, pickled, refusal

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] * 3).astype(int) % 3


def _refused_after(model: Any, change: Callable[[Any], Any]) -> str:
    """Return how a changed model is refused; unchanged, it must pass."""
    check(load_pickle(pickled(model)))
    hostile = copy.deepcopy(model)
    change(hostile)
    with pytest.raises(TrustError) as caught:
        check(load_pickle(pickled(hostile)))
    return caught.value.reason


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

    assert _refused_after(TREE, fewer) == "unsafe-values"
    forest = RandomForestClassifier(3, random_state=0).fit(X, Y)

    def foreign(model: Any) -> None:
        wide = DecisionTreeClassifier().fit(np.tile(X, (1, 5)), Y)
        model.estimators_[2] = wide

    assert _refused_after(forest, foreign) == "unsafe-values"


def test_boosting_with_other_columns_than_outputs_is_refused() -> None:
    model = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, Y)

    def wider(model: Any) -> None:
        model.estimators_ = np.concatenate([model.estimators_] * 4, axis=1)

    def prior(model: Any) -> None:
        model.init_.class_prior_ = model.init_.class_prior_[:1]

    def number(model: Any) -> None:
        model.estimators_[0, 0] = "no tree"

    for change in (wider, prior, number):
        assert _refused_after(model, change) == "unsafe-values"


@pytest.mark.parametrize(
    ("field", "value"), [("left", 9_999), ("right", 0), ("feature_idx", 3), ("feature_idx", -1),
                         ("is_categorical", 1)]
)  # fmt: skip
def test_histogram_boosting_that_leads_astray_is_refused(field: str, value: int) -> None:
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=5).fit(X, Y)

    def change(model: Any) -> None:
        model._predictors[0][0].nodes[field][0] = value

    assert _refused_after(model, change) == "unsafe-values"


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


# Arrays, types, numbers


def test_types_whose_flags_or_offsets_lie_are_refused() -> None:
    objects = np.dtype("O")
    function, args, state = objects.__reduce__()
    hostile = Reduced(function, args, (*state[:7], 0))  # no longer says that it holds pointers
    assert refusal(pickled(hostile)).reason == "unsafe-values"
    record = np.dtype([("a", "i8"), ("b", "i8")])
    function, args, state = record.__reduce__()
    far = {"a": (np.dtype("i8"), 0), "b": (np.dtype("i8"), 1_000_000)}
    for wrong in (
        (*state[:4], far, *state[5:]),
        (*state[:5], 4_096, *state[6:]),
        (*state[:7], 63),
        (*state[:4], {"a": (objects, 0), "b": (np.dtype("i8"), 8)}, *state[5:]),
    ):
        assert refusal(pickled(Reduced(function, args, wrong))).reason == "unsafe-values"
    assert load_pickle(pickled(record)) == record


def _array(change: Callable[[list[Any]], None]) -> bytes:
    function, args, state = np.arange(6, dtype="i8").reshape(2, 3).__reduce__()
    parts = list(state)
    change(parts)
    return pickled(Reduced(function, args, tuple(parts)))


@pytest.mark.parametrize(
    ("place", "value"),
    [(1, (1_000_000, 3)), (1, (-1, 3)), (1, (2, 2)), (1, "ab"), (1, (1 << 62, 1 << 62)),
     (2, "i8"), (4, b""), (4, b"x" * 47), (4, [1] * 6), (2, np.dtype("O")), (0, 7)],
)  # fmt: skip
def test_arrays_whose_parts_do_not_fit_are_refused(place: int, value: Any) -> None:
    def change(parts: list[Any]) -> None:
        parts[place] = value

    assert refusal(_array(change)).reason == "unsafe-values"
    assert (load_pickle(_array(lambda parts: None)) == np.arange(6).reshape(2, 3)).all()


def test_an_array_gets_one_state() -> None:
    data = pickled(np.arange(3))
    again = data[:-1] + b"Nb."
    assert refusal(again).reason == "not-allowed"


def test_bytes_are_not_taken_for_an_object() -> None:
    from numpy._core.multiarray import scalar  # type: ignore[import-not-found]

    pair = np.zeros(1, "i8")
    for args in ((np.dtype("O"), pair), (np.dtype("O"), b"12345678"), (np.dtype("i8"), b"1234")):
        assert refusal(pickled(Reduced(scalar, args))).reason == "unsafe-values"
    assert load_pickle(pickled(np.float64(2.5))) == 2.5


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array(5),
        np.array([], "f4"), np.zeros((0, 4)), np.array(["a", "bcd"]), np.array([b"x"]),
        np.array(["a", None, 2], object), np.array([[1, "x"]], object), np.array([True]),
        np.array([1 + 2j]), np.arange(3, dtype=">i4"), np.array(["2020-01-01"], "M8[D]"),
        np.array([5], "m8[ns]"), np.zeros(2, [("a", "i4"), ("b", "f8", (2,))]),
        np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)), np.float32(1.5),
        np.str_("x"), np.bool_(True), np.int8(-1), np.datetime64("2020"),
        np.ma.masked_array([1, 2], [True, False]), np.dtype("f4"), np.dtype([("a", "i4")]),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'dtype', '')}",
)  # fmt: skip
@pytest.mark.parametrize("protocol", range(6))
def test_arrays_come_back(value: Any, protocol: int) -> None:
    found = load_pickle(pickled(value, protocol))
    assert type(found) is type(value)
    if isinstance(value, np.dtype):
        assert found == value
        return
    assert found.dtype == value.dtype
    assert found.shape == value.shape
    assert np.array_equal(found, value)


@pytest.mark.parametrize("make", [MT19937, Philox])
def test_random_numbers_with_a_position_outside_are_refused(make: Any) -> None:
    bits = make(1)
    state = bits.state
    assert load_pickle(pickled(bits)).random_raw() == make(1).random_raw()
    function, args, whole = bits.__reduce__()
    if make is MT19937:
        state["state"]["pos"] = 1_000_000
    else:
        state["buffer_pos"] = -5
    hostile = Reduced(function, args, (state, *whole[1:]))
    assert refusal(pickled(hostile)).reason == "unsafe-values"


def test_random_numbers_come_back() -> None:
    for value in (RandomState(3), Generator(np.random.PCG64(3)), np.random.SeedSequence(9)):
        found = load_pickle(pickled(value))
        assert type(found) is type(value)
    assert load_pickle(pickled(RandomState(3))).randint(1 << 30) == RandomState(3).randint(1 << 30)


# Sparse matrices, splines, support vectors, centres


@pytest.mark.parametrize(
    ("key", "value"),
    [("indices", 9_999), ("indices", -1), ("indptr", 9_999), ("indptr", -1)],
)
@pytest.mark.parametrize("kind", ["csr", "csc"])
def test_a_sparse_matrix_that_leads_astray_is_refused(kind: str, key: str, value: int) -> None:
    matrix = getattr(scipy.sparse.random(6, 5, 0.5, random_state=0), f"to{kind}")()
    check(matrix)
    getattr(matrix, key)[1] = value
    with pytest.raises(TrustError, match="sparse"):
        check([matrix])


def test_a_sparse_matrix_of_fewer_values_is_refused() -> None:
    matrix = scipy.sparse.eye(4).tocsr()
    check(load_pickle(pickled(matrix)))
    matrix.data = matrix.data[:1]
    with pytest.raises(TrustError, match="length"):
        check(load_pickle(pickled(matrix)))


@pytest.mark.parametrize("key", ["row", "col"])
def test_coordinates_outside_are_refused(key: str) -> None:
    matrix = scipy.sparse.eye(4).tocoo()
    check(matrix)
    getattr(matrix, key)[0] = 4
    with pytest.raises(TrustError, match="outside"):
        check(matrix)


@pytest.mark.parametrize(
    "change",
    [
        lambda spline: vars(spline).update(_t=vars(spline)["_t"][:5]),
        lambda spline: vars(spline).update(_t=vars(spline)["_t"][::-1].copy()),
        lambda spline: vars(spline).update(_c=vars(spline)["_c"][:2]),
        lambda spline: vars(spline).update(k=30),
        lambda spline: vars(spline).update(k=-1),
    ],
)
def test_a_spline_whose_parts_do_not_fit_is_refused(change: Any) -> None:
    model = SplineTransformer().fit(X)
    assert _refused_after(model, lambda model: change(model.bsplines_[0])) == "unsafe-values"


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.update(_n_support=held["_n_support"] + 100),
        lambda held: held.update(_n_support=held["_n_support"][:1]),
        lambda held: held.update(support_=held["support_"] + 1_000),
        lambda held: held.pop("support_vectors_"),
        lambda held: held.pop("shape_fit_"),
        lambda held: held.update(support_=held["support_"][:1]),
        lambda held: held.update(support_vectors_=held["support_vectors_"][:1]),
        lambda held: held.update(support_vectors_=held["support_vectors_"][:, :1]),
        lambda held: held.update(_dual_coef_=held["_dual_coef_"][:, :1]),
        lambda held: held.update(_intercept_=held["_intercept_"][:0]),
        lambda held: held.update(_probA=np.ones(9), _probB=np.ones(9)),
    ],
)
@pytest.mark.parametrize("model", [SVC(), SVR(), OneClassSVM()])
def test_support_vectors_that_do_not_fit_are_refused(change: Any, model: Any) -> None:
    model.fit(X, Y)
    assert _refused_after(model, lambda model: change(vars(model))) == "unsafe-values"


def test_support_vectors_of_sparse_data_load() -> None:
    model = SVC().fit(scipy.sparse.csr_matrix(X), Y)
    found = load_pickle(pickled(model))
    check(found)
    assert (found.predict(X) == model.predict(X)).all()


def test_centres_for_other_data_are_refused() -> None:
    def change(model: Any) -> None:
        model.cluster_centers_ = np.ascontiguousarray(model.cluster_centers_[:, :1])

    assert _refused_after(KMeans(2, n_init=1).fit(X), change) == "unsafe-values"


# Boosters

XGB = xgboost.XGBClassifier(n_estimators=2, max_depth=2).fit(X, Y)
LGB = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, min_child_samples=2).fit(X, Y)
XGB_CHANGES = {
    "child outside": lambda tree: tree["left_children"].__setitem__(0, 1_000_000),
    "its own child": lambda tree: tree["left_children"].__setitem__(0, 0),
    "feature outside": lambda tree: tree["split_indices"].__setitem__(0, 1_000_000),
    "short list": lambda tree: tree["split_conditions"].pop(),
}


def _xgboost(change: Callable[[Any], Any]) -> bytes:
    model = json.loads(bytes(XGB.get_booster().save_raw("json")))
    change(model["learner"]["gradient_booster"]["model"]["trees"][0])
    return json.dumps(model).encode()


@pytest.mark.parametrize("change", XGB_CHANGES.values(), ids=XGB_CHANGES)
def test_a_model_of_xgboost_that_leads_astray_is_refused(change: Any) -> None:
    check_xgboost(_xgboost(lambda tree: None))
    with pytest.raises(TrustError) as caught:
        check_xgboost(_xgboost(change))
    assert caught.value.reason == "unsafe-values"


def test_a_pickled_booster_of_xgboost_is_looked_into() -> None:
    def hostile(args: Any, state: Any) -> tuple[Any, Any]:
        handle = bytes(state["handle"])
        at = handle.index(b"split_indices") + len(b"split_indices")
        at = handle.index(b"#", at) + 10
        return args, {**state, "handle": bytearray(handle[:at] + b"\x7f" * 4 + handle[at + 4 :])}

    load_pickle(pickled(XGB))
    state = XGB.get_booster().__getstate__()
    _, changed = hostile((), state)
    for handle in (changed["handle"], b"immutable", bytearray(b"binf"), bytearray(b"{"), 12_345):
        with pytest.raises(TrustError):
            load_pickle(_booster({**state, "handle": handle}))
    assert load_pickle(_booster(state)).num_features() == 3


def _booster(state: dict[str, Any]) -> bytes:
    """Return a pickle of an XGBoost ``Booster`` with any state."""
    return b"\x80\x04cxgboost.core\nBooster\n)\x81" + pickled(state, 2)[2:-1] + b"b."


def _lgb(state: dict[str, Any]) -> bytes:
    return b"\x80\x04clightgbm.basic\nBooster\n)\x81" + pickled(state, 2)[2:-1] + b"b."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("left_child=", "left_child=9999 "), ("right_child=", "right_child=-9999 "),
        ("split_feature=", "split_feature=77 "), ("num_leaves=", "num_leaves=4"),
        ("objective=multiclass num_class:3", "objective=multiclass num_class:7"),
        ("objective=multiclass num_class:3", "objective=regression"),
        ("num_class=3", "num_class=1"),
        ("num_tree_per_iteration=3", "num_tree_per_iteration=1"),
        ("tree_sizes=", "tree_sizes=1"),
        ("leaf_weight=", "leaf_weight=1 "),
        ("leaf_value=", "leaf_value=x"),
        ("shrinkage=1", "shrinkage1"),
        ("is_linear=0", "is_linear=1"),
        ("max_feature_idx=2", "max_feature_idx=-2"), ("Tree=0", "Tree=0\0"),
    ],
)  # fmt: skip
def test_a_model_of_lightgbm_that_leads_astray_is_refused(old: str, new: str) -> None:
    text = LGB.booster_.model_to_string()
    check_lightgbm(text.encode())
    hostile = text.replace(old, new, 1)
    assert hostile != text
    with pytest.raises(TrustError) as caught:
        check_lightgbm(hostile.encode())
    assert caught.value.reason == "unsafe-values"
    state = LGB.booster_.__getstate__()
    with pytest.raises(TrustError):
        load_pickle(_lgb({**state, "_handle": hostile}))
    assert load_pickle(_lgb(state)).num_feature() == 3


@pytest.mark.parametrize(
    "more", [{"_handle": 12_345}, {"_handle": None}, {"handle": "tree"}, {"_network": True}]
)
def test_a_state_of_lightgbm_is_one_text(more: dict[str, Any]) -> None:
    state = LGB.booster_.__getstate__()
    with pytest.raises(TrustError):
        load_pickle(_lgb({**state, **more}))
