"""Boosted trees whose numbers lead outside, in a circle, or do not add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.case import Case
from tests.kit.trees import as_json, as_ubjson, catboost, lightgbm, xgboost, xgboost_old

_STUMPS: dict[str, dict[str, Any]] = {
    "child-far": {"left_children": [1_000_000, -1, -1]},
    "child-next": {"right_children": [3, -1, -1]},
    "child-negative": {"left_children": [-9, -1, -1]},
    "child-circle": {"left_children": [1, 0, -1], "right_children": [2, 2, -1]},
    "child-twice": {"right_children": [1, -1, -1]},
    "feature-far": {"split_indices": [2, 0, 0]},
    "feature-negative": {"split_indices": [-1, 0, 0]},
    "parent-far": {"parents": [2147483647, 77, 0]},
    "short": {"split_conditions": [0.5]},
    "long": {"default_left": [0] * 99},
    "more-nodes": {"tree_param": {"num_nodes": "3000000", "size_leaf_vector": "1"}},
    "categories": {
        "categories": [1, 2], "categories_nodes": [0], "categories_segments": [0],
        "categories_sizes": [1 << 20],
    },
    "categories-node": {
        "categories": [1], "categories_nodes": [9], "categories_segments": [0],
        "categories_sizes": [1],
    },
}  # fmt: skip
_LINES = {
    "child-far": ("left_child=1 -1", "left_child=99 -1"),
    "leaf-far": ("right_child=-2 -3", "right_child=-2 -4"),
    "circle": ("left_child=1 -1", "left_child=1 1"),
    "feature-far": ("split_feature=1 0", "split_feature=7 0"),
    "feature-negative": ("split_feature=1 0", "split_feature=-1 0"),
    "leaves": ("num_leaves=3", "num_leaves=900000"),
    "short": ("decision_type=2 1", "decision_type=2"),
    "word": ("threshold=0.5 0", "threshold=half 0"),
    "category-far": ("cat_boundaries=0 1", "cat_boundaries=0 4000"),
    "category-set": ("threshold=0.5 0", "threshold=0.5 5"),
}
_SPLIT = {"border": 0.5, "split_index": 0, "split_type": "FloatFeature"}


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    good = xgboost()
    for name, change in _STUMPS.items():
        bad = xgboost(**change)
        yield _case(f"xgboost-json-{name}", "m.json", as_json(bad), as_json(good))
        yield _case(f"xgboost-ubj-{name}", "m.ubj", as_ubjson(bad), as_ubjson(good))
    old = xgboost_old()
    olds: dict[str, dict[str, Any]] = {
        "child": {"left": 4000}, "circle": {"left": 0}, "feature": {"feature": 9},
        "group": {"group": 7},
    }  # fmt: skip
    for name, change in olds.items():
        yield _case(f"xgboost-old-{name}", "m.model", xgboost_old(**change), old)
    yield _case("xgboost-behind", "m.ubj", as_ubjson(good) + bytes(99), as_ubjson(good))
    twice = as_json(good).replace(b'"tree_info":[0]', b'"tree_info":[0],"tree_info":[0]')
    yield _case("xgboost-twice", "m.json", twice, as_json(good))
    for name, (before, after) in _LINES.items():
        yield _case(f"lightgbm-{name}", "m.txt", lightgbm(before, after), lightgbm())
    for name, change in {
        "feature": {"splits": [{**_SPLIT, "float_feature_index": 8}]},
        "leaves": {"leaf_values": [0.1]}, "word": {"leaf_values": ["x", "y"]},
    }.items():  # fmt: skip
        yield _case(f"catboost-{name}", "m.json", catboost(**change), catboost())


def _case(name: str, file: str, data: bytes, twin: bytes) -> Case:
    return Case(name, "trees", file, data, twin, "medium", reaches=False)
