"""Checks of scikit-learn's estimators: arrays that compiled code takes to fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .arrays import attributes_of, bad, is_array, parts
from .check_numeric import Test

_TREE = ("sklearn.tree._tree", "Tree")
_NEIGHBORS = ("KDTree", "BallTree")
_BESIDE_FEATURES = ("cluster_centers_", "_fit_X", "support_vectors_", "subcluster_centers_")


def _is_tree(value: object) -> bool:
    return (type(value).__module__, type(value).__name__) == _TREE


def own_tree(held: dict[str, Any]) -> None:
    """Check that an estimator's tree is for the features that it takes."""
    if "tree_" not in held:
        return
    tree = held["tree_"]
    if type(tree).__name__.startswith(_NEIGHBORS) and type(tree).__module__.startswith("sklearn."):
        return
    if not _is_tree(tree):
        raise bad("an estimator whose tree is none")
    if tree.n_features != held.get("n_features_in_"):
        raise bad("an estimator whose tree is for other data")


def trees_within(held: dict[str, Any]) -> None:
    """Check that the trees of an ensemble are for the features that it takes, or hands to each."""
    if "estimators_" not in held:
        return
    subsets = held.get("estimators_features_")
    whole = held.get("n_features_in_")
    if subsets is not None and type(subsets) is not list:
        raise bad("an ensemble whose choices of features are no list")
    for at, tree in enumerate(_trees(held["estimators_"])):
        wanted = whole
        if subsets is not None and at < len(subsets):
            wanted = len(subsets[at])
        if tree.n_features != wanted:
            raise bad("an ensemble with a tree for other data")


def _trees(estimators: Any) -> Iterator[Any]:
    import numpy as np

    if type(estimators) is np.ndarray and estimators.dtype.kind == "O":
        estimators = estimators.ravel().tolist()
    if isinstance(estimators, list | tuple):
        for one in estimators:
            tree = attributes_of(one).get("tree_")
            if _is_tree(tree):
                yield tree


def boosted(held: dict[str, Any]) -> None:
    """Check gradient boosting: a column of trees for each output, which begins as wide.

    The loop over them is compiled and writes one number for each column.
    """
    import numpy as np

    if "estimators_" not in held or "init_" not in held:
        return
    trees, wide = parts(held, "estimators_", "n_trees_per_iteration_")
    if type(trees) is not np.ndarray or trees.dtype.kind != "O":
        raise bad("gradient boosting whose trees are no array")
    if trees.ndim != 2 or type(wide) is not int or trees.shape[1] != wide or wide < 1:
        raise bad("gradient boosting with other columns of trees than outputs")
    if any(not _is_tree(attributes_of(one).get("tree_")) for one in trees.ravel().tolist()):
        raise bad("gradient boosting with something else than trees")
    if any(tree.n_outputs != 1 or tree.max_n_classes != 1 for tree in _trees(trees)):
        raise bad("gradient boosting with trees of several outputs")
    _begins_as_wide(held["init_"], wide, held.get("_loss"))


def _begins_as_wide(first: Any, wide: int, loss: object) -> None:
    """Check what is in front of the trees: zeros, or the constant that a fit puts there."""
    if type(first) is str and first == "zero":
        return
    said, kind = attributes_of(first), type(first)
    classes = kind.__name__ == "DummyClassifier" and kind.__module__ == "sklearn.dummy"
    numbers = kind.__name__ == "DummyRegressor" and kind.__module__ == "sklearn.dummy"
    if not (classes or numbers) or said.get("n_outputs_") != 1:
        raise bad("gradient boosting that begins with an estimator which is not checked here")
    constant, prior = parts(said, "constant_", "class_prior_")
    if numbers and (wide != 1 or not is_array(constant, "fiu", 2) or constant.size != 1):
        raise bad("gradient boosting that begins with another number of outputs")
    if classes and (not is_array(prior, "f", 1) or len(prior) != max(2, wide)):
        raise bad("gradient boosting that begins with another number of outputs")
    if classes and (said.get("strategy") != "prior" or said.get("_strategy") != "prior"):
        raise bad("gradient boosting that begins with something else than its classes")
    several = type(loss).__name__ == "HalfMultinomialLoss"
    if (classes and several != (wide > 1)) or "is_multiclass" in attributes_of(loss):
        raise bad("gradient boosting whose loss is for another number of outputs")


def histograms(held: dict[str, Any]) -> None:
    """Check histogram gradient boosting: features and sets of categories that are there."""
    if "_predictors" not in held or "_bin_mapper" not in held:
        return
    mapper = attributes_of(held["_bin_mapper"])
    kinds, known = parts(mapper, "is_categorical_", "known_categories")
    features: Any = held.get("n_features_in_")
    if known is None and type(features) is int and 0 <= features < 1 << 24:
        known = [None] * features
    if not is_array(kinds, "bu", 1) or not isinstance(known, list):
        raise bad("histogram gradient boosting without its bins")
    if len(kinds) != features or len(known) != features:
        raise bad("histogram gradient boosting whose bins are for other data")
    if held.get("_preprocessor") is not None or held.get("_in_fit", False) is not False:
        raise bad("histogram gradient boosting with a step in front that is not checked here")
    groups = held["_predictors"]
    if type(groups) is not list or any(type(group) is not list for group in groups):
        raise bad("histogram gradient boosting whose trees are no lists")
    if any(len(group) != held.get("n_trees_per_iteration_") for group in groups):
        raise bad("histogram gradient boosting with other trees than outputs")
    for group in groups:
        for predictor in group:
            nodes: Any = attributes_of(predictor).get("nodes")
            if not is_array(nodes, "V", 1):
                raise bad("histogram gradient boosting with something else than trees")
            used = nodes["feature_idx"][nodes["is_leaf"] == 0]
            if len(used) and int(used.max()) >= features:
                raise bad("histogram gradient boosting that looks at a feature that is not there")
            _categories(nodes, kinds, known)


def _categories(nodes: Any, kinds: Any, known: list[Any]) -> None:
    used = nodes["feature_idx"][(nodes["is_leaf"] == 0) & (nodes["is_categorical"] != 0)]
    if len(used) and not kinds[used].all():
        raise bad("histogram gradient boosting with categories of a feature that has none")
    for kind, values in zip(kinds.tolist(), known, strict=True):
        if kind and not is_array(values, "f", 1):
            raise bad("histogram gradient boosting with unknown categories")


def widths(held: dict[str, Any]) -> None:
    """Check that centres and stored points have as many columns as an estimator takes features."""
    import numpy as np

    features = held.get("n_features_in_")
    if type(features) is not int:
        return
    for key in _BESIDE_FEATURES:
        value: Any = held.get(key)
        dense = type(value) is np.ndarray and value.ndim == 2
        shape = value.shape if dense else attributes_of(value).get("_shape")
        if type(shape) is tuple and shape[1:] != (features,):
            raise bad(f"an estimator whose {key} are for other data")
        if type(shape) is tuple and key == "_fit_X" and not shape[0]:
            raise bad("an estimator that stores no points")


def plain_numbers(held: dict[str, Any]) -> None:
    """Check that an estimator says how many features it takes with a plain number.

    A masked number equals every other one, so that it would stand for any number of features.
    """
    if type(held.get("n_features_in_", 1)) is not int:
        raise bad("an estimator whose number of features is none")
    if any(type(value).__name__ == "MaskedArray" for value in held.values()):
        raise bad("an estimator with a masked array")


ESTIMATORS: tuple[Test, ...] = (
    plain_numbers, own_tree, trees_within, boosted, histograms, widths,
)  # fmt: skip
"""Each looks at the attributes of one estimator."""
