"""Boosters whose numbers lead XGBoost or LightGBM out of memory are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import lightgbm
import pytest
import xgboost

from sentinel.errors import TrustError
from sentinel.trust.load.boosters import check_lightgbm, check_xgboost
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.kit import pickled
from tests.trust.load.values_kit import X, Y

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
