"""Fuzzes the readers of boosted trees: ``python -m tests.fuzz.fuzz_trees --runs 10000``."""

from __future__ import annotations

import sys

from tests.fuzz.archive_fuzz import loop
from tests.kit.trees import as_json, as_ubjson, catboost, lightgbm, xgboost, xgboost_old

SEEDS = {
    "xgboost": [as_json(xgboost()), as_ubjson(xgboost()), xgboost_old(), xgboost_old(magic=b"")],
    "lightgbm": [lightgbm()],
    "catboost": [catboost()],
}
MARKS = {
    "xgboost": (b"[$l#L", b"_children", b'":[', b"reg:", b"num_nodes", b"[#L"),
    "lightgbm": (b"num_leaves=", b"_child=", b"Tree=", b"cat_boundaries="),
    "catboost": (b'"leaf_values": [', b"float_feature_index", b'"splits": ['),
}

if __name__ == "__main__":
    sys.exit(max(loop(name, SEEDS[name], MARKS[name]) for name in SEEDS))
