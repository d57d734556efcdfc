"""Checks of transformers that make sparse columns: each number of a column must lie within them.

SciPy takes the column numbers of a matrix as they come, and writes outside of memory when it is
turned into a dense one.
"""

from __future__ import annotations

from typing import Any

from .arrays import attributes_of, bad, is_array, parts
from .check_numeric import Test

_MOST_THREADS = 1 << 16


def _vocabulary(held: dict[str, Any]) -> None:
    """Check that words stand for columns that are there."""
    import numpy as np

    for key in ("vocabulary_", "_cached_dict"):
        words = held.get(key)
        if words is None:
            continue
        if type(words) is not dict:
            raise bad("a vocabulary that is no dict")
        whole = all(type(n) is int or isinstance(n, np.integer) for n in words.values())
        if not whole or any(not 0 <= n < len(words) for n in words.values()):
            raise bad("a vocabulary with a word whose column is not there")


def _hashes(held: dict[str, Any]) -> None:
    """Check that there is a column to put hashes in: compiled code divides by their number."""
    count = held.get("n_features", 1)
    if type(count) is not int or not 0 < count < 1 << 31:
        raise bad("a hasher without columns")


def _one_hot(held: dict[str, Any]) -> None:
    """Check that every category has its column."""
    import numpy as np

    if "categories_" not in held:
        return
    given, widths, drops = parts(
        held, "categories_", "_n_features_outs", "_drop_idx_after_grouping"
    )
    groups = held.get("_infrequent_enabled", False)
    if type(given) is not list or type(widths) is not list or len(given) != len(widths):
        raise bad("an encoder with other columns than categories")
    if type(groups) is not bool or (drops is not None and len(drops) != len(given)):
        raise bad("an encoder with an unknown state")
    for at, (values, width) in enumerate(zip(given, widths, strict=True)):
        count = _categories(values)
        count = _grouped(held, at, count) if groups else count
        if drops is not None and drops[at] is not None:
            dropped = drops[at]
            if not isinstance(dropped, int | np.integer) or not 0 <= dropped < count:
                raise bad("an encoder that drops a category which is not there")
            count -= 1
        if type(width) is not int or width != count:
            raise bad("an encoder with other columns than categories")


def _categories(values: Any) -> int:
    if not is_array(values, "biufOUS", 1):
        raise bad("an encoder whose categories are none")
    # Numbers are searched for by halves, which leads past the end when they are out of order.
    if values.dtype.kind in "biuf" and (values[1:] < values[:-1]).any():
        raise bad("an encoder whose categories are out of order")
    return len(values)


def _grouped(held: dict[str, Any], at: int, count: int) -> int:
    """Return how many columns are left of a feature's categories when the rare ones share one."""
    rare, places = (_item(held.get(key), at) for key in _GROUPS)
    if rare is None and places is None:
        return count
    if not is_array(rare, "iu", 1) or not is_array(places, "iu", 1) or len(places) != count:
        raise bad("an encoder whose rare categories are none")
    if not len(rare) or int(rare.min()) < 0 or int(rare.max()) >= count or int(places.min()) < 0:
        raise bad("an encoder whose rare categories are none")
    return int(places.max()) + 1


_GROUPS = ("_infrequent_indices", "_default_to_infrequent_mappings")


def _item(values: Any, at: int) -> Any:
    if type(values) is not list or at >= len(values):
        raise bad("an encoder whose rare categories are none")
    return values[at]


def _threads(held: dict[str, Any]) -> None:
    """Check a number of threads: below one ends the process."""
    count = held.get("_n_threads", 1)
    if type(count) is not int or not 0 < count <= _MOST_THREADS:
        raise bad("an estimator with an odd number of threads")


def _birch(held: dict[str, Any]) -> None:
    centres, norms = parts(held, "subcluster_centers_", "_subcluster_norms")
    if norms is not None and (not is_array(norms, "f", 1) or len(norms) != len(centres)):
        raise bad("a Birch whose norms are not those of its centres")


def _one_against_rest(held: dict[str, Any]) -> None:
    """Check that each estimator gives one number for a row, where these become a sparse column.

    Of several classes the largest number is taken, by code that looks at lengths itself.
    """
    kind = attributes_of(held.get("label_binarizer_")).get("y_type_")
    if "estimators_" not in held or (type(kind) is str and kind == "multiclass"):
        return
    estimators = held["estimators_"]
    if type(estimators) is not list:
        raise bad("one class against the rest with estimators that are no list")
    for one in estimators:
        if hasattr(type(one), "decision_function") and not _is_single(attributes_of(one)):
            raise bad("one class against the rest with an estimator which is not checked here")


def _is_single(held: dict[str, Any]) -> bool:
    classes, counts, weights, bias, trees = parts(
        held, "classes_", "_n_support", "coef_", "intercept_", "n_trees_per_iteration_"
    )
    if counts is not None:
        two = is_array(classes, "biufOUS", 1) and len(classes) == 2
        return two and is_array(counts, "i", 1) and len(counts) == 2
    if trees is not None or weights is None:
        return bool(type(trees) is int and trees == 1)
    one = type(bias) is float or (is_array(bias, "f", 1) and len(bias) == 1)
    return one and is_array(weights, "f", 2) and len(weights) == 1


COLUMNS: tuple[tuple[str, str, Test], ...] = (
    ("sklearn.feature_extraction.", "CountVectorizer", _vocabulary),
    ("sklearn.feature_extraction.", "TfidfVectorizer", _vocabulary),
    ("sklearn.feature_extraction.", "DictVectorizer", _vocabulary),
    ("sklearn.preprocessing.", "MultiLabelBinarizer", _vocabulary),
    ("sklearn.feature_extraction.", "FeatureHasher", _hashes),
    ("sklearn.feature_extraction.", "HashingVectorizer", _hashes),
    ("sklearn.preprocessing.", "OneHotEncoder", _one_hot),
    ("sklearn.cluster.", "KMeans", _threads),
    ("sklearn.cluster.", "MiniBatchKMeans", _threads),
    ("sklearn.cluster.", "BisectingKMeans", _threads),
    ("sklearn.cluster.", "Birch", _birch),
    ("sklearn.multiclass", "OneVsRestClassifier", _one_against_rest),
)
"""Beginning of the module, name of the class, and the check of its attributes."""
