"""XGBoost: models as JSON, as UBJSON, and in the binary layout of versions before 2.

Format: *Introduction to Model IO* of XGBoost's documentation and its JSON schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...artifacts import Artifact
from ...errors import ParseError
from ...limits import Budget
from .. import Parsed
from ..archive.anomalies import AnomalyLog
from .jsons import read_json
from .model import TreeModel, behind, finite, tree_shape, within
from .ubjson import Ubjson

_PER_NODE = (
    "right_children", "parents", "split_indices", "split_conditions", "default_left",
    "base_weights", "loss_changes", "sum_hessian", "split_type",
)  # fmt: skip
_OF_TREES, _LINEAR = ("gbtree", "dart"), ("gblinear",)
_NO_PARENT = 2_147_483_647
_MOST_TREES = 1_000_000
_MOST_TEXTS = 2_000
_MOST_CATEGORY = 1 << 31


def looks_like_xgboost(artifact: Artifact, head: bytes) -> bool:
    """Return True for the first key of a model in JSON or UBJSON, or for the old layout."""
    if head.lstrip()[:1] == b"{":
        return b"learner" in head and not head.lstrip().startswith(b'{"learner_')
    from .xgboost_old import plausible

    return plausible(artifact.reader, head)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read an XGBoost model.

    Returns:
        A ``TreeModel``.

    Raises:
        ParseError: It is no model of XGBoost.
        LimitExceeded: It is larger than is read.
    """
    head = artifact.reader.pread(0, 64)
    start = head.lstrip()[:2]
    log = AnomalyLog()
    duplicates: list[str] = []
    if start[:1] != b"{":
        from .xgboost_old import parse_old

        return parse_old(artifact, budget)
    if start[1:2] in (b'"', b"}", b" ", b"\n", b"\r", b"\t"):
        root, rest = read_json(artifact, duplicates)
    else:
        ubjson = Ubjson(artifact.reader, budget)
        root = ubjson.read()
        duplicates = ubjson.duplicates
        rest = artifact.reader.size - ubjson.at
    budget.check_time()
    for key in duplicates:
        log.add("duplicate", f"the key {key[:80]!r} occurs twice in one object", 0)
    members = behind(artifact, rest, log)
    return Parsed(_model(root, log, budget), members)


def _model(root: Any, log: AnomalyLog, budget: Budget) -> TreeModel:
    learner = _mapping(_mapping(root).get("learner"))
    booster = _mapping(learner.get("gradient_booster"))
    if not booster:
        raise ParseError("there is no gradient_booster in it")
    parameters = _mapping(learner.get("learner_model_param"))
    features = number_of(parameters.get("num_feature"))
    groups = max(number_of(parameters.get("num_class")), number_of(parameters.get("num_target")), 1)
    inner = booster
    if booster.get("name") == "dart":
        inner = _mapping(booster.get("gbtree"))
    body = _mapping(inner.get("model"))
    if body and booster.get("name") not in (_LINEAR if "weights" in body else _OF_TREES):
        log.add("kind", f"a booster that is called {str(booster.get('name'))[:40]!r}", 0)
    count = 0
    if "weights" in body:
        _linear(body, features, groups, log)
    elif "model" in inner:  # else it is a configuration, as ``save_config`` writes it
        count = _trees(body, features, groups, log, budget)
    drop = booster.get("weight_drop")
    if isinstance(drop, Sequence) and len(drop) != count:
        log.add("length", f"weight_drop has {len(drop)} items for {count} trees", 0)
    objective = _mapping(learner.get("objective")).get("name")
    version = _mapping(root).get("version")
    return TreeModel(
        "XGBoost",
        ".".join(map(str, version[:3])) if isinstance(version, Sequence) else "",
        count,
        features,
        objective if isinstance(objective, str) else "",
        log.close(),
        tuple(_texts(learner)),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def number_of(value: Any) -> int:
    """Return a number that is written as text or as a number; -1 when it is neither."""
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return -1


def _linear(body: Mapping[str, Any], features: int, groups: int, log: AnomalyLog) -> None:
    weights = _sequence(body.get("weights"), "weights", log)
    finite(weights, "weights", log)
    if features >= 0 and len(weights) != (features + 1) * groups:
        detail = f"{len(weights)} weights for {features} features and {groups} outputs"
        log.add("length", detail, 0)


def _sequence(value: Any, what: str, log: AnomalyLog) -> Sequence[Any]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    log.add("kind", f"{what} are no list", 0)
    return []


def _trees(
    body: Mapping[str, Any], features: int, groups: int, log: AnomalyLog, budget: Budget
) -> int:
    trees = _sequence(body.get("trees"), "trees", log)
    declared = number_of(_mapping(body.get("gbtree_model_param")).get("num_trees"))
    if declared != len(trees):
        log.add("count", f"{declared} trees are announced, {len(trees)} are there", 0)
    info = _sequence(body.get("tree_info", []), "tree_info", log)
    if len(info) != len(trees):
        log.add("length", f"tree_info has {len(info)} items for {len(trees)} trees", 0)
    within(info, 0, groups, "outputs of trees", log)
    _rounds(body, len(trees), log)
    for number, tree in enumerate(trees[:_MOST_TREES]):
        if not number & 0xFF:
            budget.check_time()
        _tree(_mapping(tree), features, groups, f"tree {number}", log)
    return len(trees)


def _rounds(body: Mapping[str, Any], trees: int, log: AnomalyLog) -> None:
    """Check where the trees of each round begin."""
    if "iteration_indptr" not in body:
        return
    starts = _sequence(body["iteration_indptr"], "rounds", log)
    if not within(starts, 0, trees + 1, "rounds", log):
        return
    if list(starts) != sorted(starts) or list(starts[:1]) + list(starts[-1:]) != [0, trees]:
        log.add("outside", "rounds that are out of order, or leave trees out", 0)


def _tree(tree: Mapping[str, Any], features: int, groups: int, what: str, log: AnomalyLog) -> None:
    left = _sequence(tree.get("left_children"), f"children in {what}", log)
    nodes = len(left)
    parameters = _mapping(tree.get("tree_param"))
    declared = number_of(parameters.get("num_nodes"))
    if declared != nodes or not nodes:
        log.add("length", f"{what} announces {declared} nodes and has {nodes}", 0)
    width = number_of(parameters.get("size_leaf_vector", 1))
    if width < 0 or (width > 1 and (width != groups or "leaf_weights" not in tree)):
        log.add("length", f"{what} has leaves of {width} numbers for {groups} outputs", 0)
        return
    for key in _PER_NODE:
        values = tree.get(key)
        if key == "base_weights" and width > 1:
            continue  # XGBoost leaves them aside, and so does this
        fits = values is None or (isinstance(values, Sequence) and len(values) == nodes)
        if not fits:
            log.add("length", f"{key} of {what} is not as long as it has nodes ({nodes})", 0)
            return
    right = _sequence(tree.get("right_children"), f"children in {what}", log)
    if width > 1:
        right = _without_leaves(tree, left, right, width, what, log)
    if not tree_shape(left, right, what, log):
        return
    _splits(tree, left, features, what, log)
    parents = _sequence(tree.get("parents", []), f"parents in {what}", log)
    within(
        [value for value in parents if value != _NO_PARENT], -1, nodes, f"parents in {what}", log
    )
    _categories(tree, nodes, what, log)


def _without_leaves(
    tree: Mapping[str, Any],
    left: Sequence[int],
    right: Sequence[int],
    width: int,
    what: str,
    log: AnomalyLog,
) -> Sequence[int]:
    """Return the right children; a leaf of several outputs keeps the number of its leaf there."""
    weights = _sequence(tree.get("leaf_weights", []), f"leaves of {what}", log)
    pairs = list(zip(left, right, strict=False))
    leaves = [number for child, number in pairs if child == -1]
    within(leaves, 0, len(weights) // width, f"leaves of {what}", log)
    return [-1 if child == -1 else number for child, number in pairs]


def _splits(
    tree: Mapping[str, Any], left: Sequence[int], features: int, what: str, log: AnomalyLog
) -> None:
    indices = _sequence(tree.get("split_indices"), f"features in {what}", log)
    used = [index for index, child in zip(indices, left, strict=False) if child >= 0]
    bound = features if features > 0 else 1 << 31
    within(used, 0, bound, f"features in {what}", log)
    for key in ("split_conditions", "base_weights", "leaf_weights"):
        if key in tree:
            finite(_sequence(tree[key], key, log), f"{key} of {what}", log)


def _categories(tree: Mapping[str, Any], nodes: int, what: str, log: AnomalyLog) -> None:
    lists = {
        key: _sequence(tree.get(f"categories{key}", []), f"categories{key}", log)
        for key in ("", "_nodes", "_segments", "_sizes")
    }
    if not within(lists["_nodes"], 0, nodes, f"nodes with categories in {what}", log):
        return
    total = len(lists[""])
    within(lists[""], 0, _MOST_CATEGORY, f"categories in {what}", log)
    good = within(lists["_segments"], 0, total + 1, f"segments of categories in {what}", log)
    if not within(lists["_sizes"], 0, total + 1, f"sizes of categories in {what}", log) or not good:
        return
    if not len(lists["_nodes"]) == len(lists["_segments"]) == len(lists["_sizes"]):
        log.add("length", f"the lists of categories in {what} differ in length", 0)
        return
    ends = [a + b for a, b in zip(lists["_segments"], lists["_sizes"], strict=True)]
    within(ends, 0, total + 1, f"ends of categories in {what}", log)


def _texts(learner: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in list(_mapping(learner.get("attributes")).items())[:_MOST_TEXTS]:
        if isinstance(value, str):
            yield key[:80], value
    names = learner.get("feature_names")
    if isinstance(names, Sequence):
        for name in names[:_MOST_TEXTS]:
            if isinstance(name, str):
                yield "feature_names", name
