"""Trees and forests of scikit-learn: the mark of ``thresholds`` in their internal nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import thresholds
from .keys import WatermarkKeyProvider
from .kinds import Job
from .record import NotMarked, Part, Record
from .secret import Secret
from .thresholds import LEAST_NODES, Sites
from .tracing import record_of, verified
from .verify import Request, Verification
from .walk import Found

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEME = thresholds.SCHEME
NAMES = frozenset({
    "sklearn.DecisionTreeClassifier", "sklearn.DecisionTreeRegressor",
    "sklearn.ExtraTreeClassifier", "sklearn.ExtraTreeRegressor",
    "sklearn.RandomForestClassifier", "sklearn.RandomForestRegressor",
    "sklearn.ExtraTreesClassifier", "sklearn.ExtraTreesRegressor",
    "sklearn.GradientBoostingClassifier", "sklearn.GradientBoostingRegressor",
    "sklearn.IsolationForest", "sklearn.RandomTreesEmbedding",
})  # fmt: skip
"""These cast what they are asked to float32 (``BaseDecisionTree._validate_X_predict``)."""


def trees_of(model: Any) -> list[Any]:
    """Return the trees of a fitted estimator, as objects of ``sklearn.tree._tree.Tree``."""
    own = vars(model).get("tree_")
    if own is not None:
        return [own]
    grown = vars(model).get("estimators_", ())
    flat = grown.ravel() if hasattr(grown, "ravel") else grown
    return [one.tree_ for one in flat if "tree_" in vars(one)]


def embed(found: Sequence[Found], job: Job) -> Record:
    """Mark the trees of estimators where they are.

    Args:
        found: The estimators, in a copy that may be written to.
        job: What to mark them with.

    Raises:
        NotMarked: They have fewer than 8 nodes that can be told apart.
    """
    grown = [tree for one in found for tree in trees_of(one.model)]
    before = _read(grown)
    nodes = len(thresholds.distinct(before).codes)
    if nodes < LEAST_NODES:
        raise NotMarked(
            "capacity", f"{nodes} nodes that can be told apart are too few to mark",
            f"{LEAST_NODES} are needed",
        )  # fmt: skip
    key = job.provider.derive(job.context.encode("utf-8", "surrogatepass"))
    for tree in grown:
        places = _places(tree)
        tree.threshold[places] = thresholds.marked(_sites(tree, places), key, job.identity)
    after = _read(grown)
    if not _decide_alike(before, after) or score(after, key, [job.identity]) < len(after.codes):
        raise NotMarked("self-check", "the trees did not keep what was written")
    parts = [_part(one) for one in found]
    numbers = {"nodes": sum(part.chips for part in parts), "bits": thresholds.BITS}
    return record_of(SCHEME, key, job, numbers, tuple(parts))


def score(found: Sites, key: Secret, identities: Sequence[int]) -> int:
    """Return how many nodes match, those that share a pair of feature and floor counted each."""
    return thresholds.score(found, key, identities).matches


def verify(
    found: Sequence[Found], provider: WatermarkKeyProvider, request: Request
) -> Verification:
    """Look for the mark in the trees of estimators. Raises as ``tracing.verified`` does."""
    read = thresholds.distinct(_read([tree for one in found for tree in trees_of(one.model)]))
    return verified(SCHEME, provider, request, lambda key, ids: thresholds.score(read, key, ids))


def _part(found: Found) -> Part:
    grown = trees_of(found.model)
    return Part(found.path, (len(grown),), sum(len(_places(tree)) for tree in grown))


def _places(tree: Any) -> NDArray[np.int64]:
    """Return the internal nodes whose threshold can bear a mark."""
    import numpy as np

    inside = (tree.children_left >= 0) & thresholds.usable(tree.threshold)
    return np.flatnonzero(inside)


def _sites(tree: Any, places: NDArray[np.int64]) -> Sites:
    return thresholds.sites(tree.feature[places], tree.threshold[places])


def _read(grown: Sequence[Any]) -> Sites:
    import numpy as np

    found = [_sites(tree, _places(tree)) for tree in grown]
    if not found:
        return Sites(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.int64))
    return Sites(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _decide_alike(before: Sites, after: Sites) -> bool:
    """Return True when all thresholds stand above the same float32 numbers as before."""
    import numpy as np

    same = np.array_equal(before.features, after.features)
    return same and before.floors.tobytes() == after.floors.tobytes()


def is_fitted(model: Any) -> bool:
    """Return True when an estimator has trees."""
    return bool(trees_of(model))
