"""Models of trees, made by hand: small enough to say where each number is."""

from __future__ import annotations

import copy
import json
import struct
from typing import Any

STUMP: dict[str, Any] = {
    "base_weights": [0.0, -1.0, 1.0], "categories": [], "categories_nodes": [],
    "categories_segments": [], "categories_sizes": [], "default_left": [0, 0, 0], "id": 0,
    "left_children": [1, -1, -1], "loss_changes": [1.0, 0.0, 0.0],
    "parents": [2147483647, 0, 0], "right_children": [2, -1, -1],
    "split_conditions": [0.5, -1.0, 1.0], "split_indices": [1, 0, 0], "split_type": [0, 0, 0],
    "sum_hessian": [2.0, 1.0, 1.0],
    "tree_param": {
        "num_deleted": "0", "num_feature": "2", "num_nodes": "3", "size_leaf_vector": "1"
    },
}  # fmt: skip
"""A tree of one split and two leaves, as XGBoost writes it."""


def xgboost(**changes: Any) -> dict[str, Any]:
    """Return a model of one stump; ``changes`` are to the stump."""
    tree = {**copy.deepcopy(STUMP), **changes}
    body = {
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"},
        "iteration_indptr": [0, 1], "tree_info": [0], "trees": [tree],
    }  # fmt: skip
    learner = {
        "attributes": {}, "feature_names": [], "feature_types": [],
        "gradient_booster": {"model": body, "name": "gbtree"},
        "learner_model_param": {
            "base_score": "5E-1", "num_class": "0", "num_feature": "2", "num_target": "1"
        },
        "objective": {"name": "binary:logistic"},
    }  # fmt: skip
    return {"learner": learner, "version": [3, 2, 0]}


def as_json(model: dict[str, Any]) -> bytes:
    """Return a model as JSON."""
    return json.dumps(model, separators=(",", ":")).encode()


def as_ubjson(value: Any) -> bytes:
    """Return a value as UBJSON, with lists of numbers typed as XGBoost types them."""
    if isinstance(value, dict):
        inner = b"".join(_key(key) + as_ubjson(item) for key, item in value.items())
        return b"{" + inner + b"}"
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, str):
        return b"S" + _key(value)
    if isinstance(value, float):
        return b"d" + struct.pack(">f", value)
    return b"L" + struct.pack(">q", value)


def _key(text: str) -> bytes:
    return b"L" + struct.pack(">q", len(text.encode())) + text.encode()


def _list(values: list[Any]) -> bytes:
    if values and all(isinstance(value, float) for value in values):
        return b"[$d#" + _count(values) + struct.pack(f">{len(values)}f", *values)
    if values and all(type(value) is int for value in values):
        return b"[$l#" + _count(values) + struct.pack(f">{len(values)}i", *values)
    return b"[#" + _count(values) + b"".join(map(as_ubjson, values))


def _count(values: list[Any]) -> bytes:
    return b"L" + struct.pack(">q", len(values))


def xgboost_old(
    left: int = 1, right: int = 2, feature: int = 1, nodes: int = 3, trees: int = 1,
    objective: str = "binary:logistic", booster: str = "gbtree", behind: bytes = b"",
    magic: bytes = b"binf", group: int = 0,
) -> bytes:  # fmt: skip
    """Return the same stump in the binary layout of XGBoost 1.x."""
    head = struct.pack("<fIiiiIIIi", 0.5, 2, 0, 1, 0, 1, 7, 1, 1) + bytes(100)
    names = b"".join(struct.pack("<Q", len(name)) + name.encode() for name in (objective, booster))
    if booster == "gblinear":
        body = bytes(136) + struct.pack("<Q3f", 3, 0.1, 0.2, 0.3)
    else:
        body = struct.pack("<iiiiqii", trees, 1, 2, 0, 0, 1, 0) + bytes(128)
        body += struct.pack("<iiiiii", 1, nodes, 0, 1, 2, 0) + bytes(124)
        rows = ((-1, left, right, feature, 0.5), (0, -1, -1, 0, -1.0), (0, -1, -1, 0, 1.0))
        body += b"".join(struct.pack("<iiiIf", *row) for row in rows)
        body += struct.pack("<fffi", 1.0, 1.0, 0.0, 0) * 3 + struct.pack("<i", group)
        if booster == "dart":
            body += struct.pack("<Qf", 1, 1.0)
    extra = struct.pack("<QQ", 1, 4) + b"name" + struct.pack("<Q", 5) + b"value"
    return magic + head + names + body + extra + behind


LIGHTGBM = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=first second
feature_infos=[0:1] none
tree_sizes=300

Tree=0
num_leaves=3
num_cat=1
split_feature=1 0
split_gain=1 1
threshold=0.5 0
decision_type=2 1
left_child=1 -1
right_child=-2 -3
leaf_value=0.1 0.2 0.3
leaf_weight=1 1 1
leaf_count=1 1 1
internal_value=0 0
internal_weight=2 1
internal_count=3 2
cat_boundaries=0 1
cat_threshold=6
is_linear=0
shrinkage=1


end of trees

feature_importances:
second=1

parameters:
[boosting: gbdt]
end of parameters

pandas_categorical:null
"""
"""A tree of three leaves with one set of categories, as LightGBM writes it."""


def lightgbm(old: str = "", new: str = "") -> bytes:
    """Return the model with one piece of it replaced."""
    assert old in LIGHTGBM
    return LIGHTGBM.replace(old, new, 1).encode() if old else LIGHTGBM.encode()


def catboost(**changes: Any) -> bytes:
    """Return CatBoost's JSON of one oblivious tree; ``changes`` are to the tree."""
    split = {
        "border": 0.5, "float_feature_index": 0, "split_index": 0, "split_type": "FloatFeature"
    }  # fmt: skip
    tree = {"leaf_values": [0.1, 0.2], "leaf_weights": [1, 1], "splits": [split], **changes}
    feature = {
        "borders": [0.5], "feature_id": "", "feature_index": 0, "flat_feature_index": 0,
        "has_nans": False, "nan_value_treatment": "AsIs",
    }  # fmt: skip
    model = {
        "features_info": {"float_features": [feature]}, "model_info": {"params": "{}"},
        "oblivious_trees": [tree], "scale_and_bias": [1, [0]],
    }  # fmt: skip
    return json.dumps(model, indent=2).encode()
