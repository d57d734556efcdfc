"""Trees and forests of scikit-learn: the mark of ``thresholds`` in their internal nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import thresholds
from .claims import record_of
from .keys import WatermarkKeyProvider
from .kinds import Job
from .record import NotMarked, Part, Record
from .thresholds import LEAST_NODES, Sites
from .verify import Request, Verification
from .walk import Found
from .without_anchors import verified

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
"""These cast what they are asked to float32: ``BaseDecisionTree._validate_X_predict`` and its like"""


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
    read = _read(found)
    nodes = len(thresholds.distinct(read).codes)
    if nodes < LEAST_NODES:
        raise NotMarked(
            "capacity", f"{nodes} nodes that can be told apart are too few to mark",
            f"{LEAST_NODES} are needed",
        )  # fmt: skip
    key = job.provider.derive(job.context.encode("utf-8", "surrogatepass"))
    start, parts = 0, []
    for one in found:
        grown = trees_of(one.model)
        mine = [_Nodes(tree) for tree in grown]
        parts.append(Part(one.path, (len(grown),), sum(len(nodes.index) for nodes in mine)))
        for nodes_of in mine:
            nodes_of.mark(key, job.identity)
            start += len(nodes_of.index)
    _check_same_decisions(read, _read(found))
    spent = {"nodes": start, "bits": thresholds.BITS}
    return record_of(SCHEME, key, job, spent, tuple(parts))


def verify(
    found: Sequence[Found], provider: WatermarkKeyProvider, request: Request
) -> Verification:
    """Look for the mark in the trees of estimators. Raises as ``claims.verified`` does."""
    read = thresholds.distinct(_read(found))
    return verified(SCHEME, provider, request, lambda key, ids: thresholds.score(read, key, ids))
