"""XGBoost's models whose rounds, leaves or kind lie: each was seen to end the process."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from sentinel.errors import TrustError
from sentinel.formats.trees.ubjson import Ubjson
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from sentinel.trust.load.boosters import check_xgboost
from tests.kit.trees import as_json, as_ubjson, xgboost

FORMS = pytest.mark.parametrize("form", [as_json, as_ubjson])


def booster(model: Any) -> Any:
    return model["learner"]["gradient_booster"]


def refused(data: bytes) -> bool:
    with pytest.raises(TrustError) as caught:
        check_xgboost(data)
    return caught.value.reason == "unsafe-values"


@FORMS
@pytest.mark.parametrize("starts", [[0, 1], [0, 0, 1]])
def test_rounds_in_order_are_taken(form: Any, starts: list[int]) -> None:
    model = xgboost()
    booster(model)["model"]["iteration_indptr"] = starts
    check_xgboost(form(model))


@FORMS
@pytest.mark.parametrize("starts", [[-1, 1], [0, 2], [1, 0], [1], [0, 1, 0], []])
def test_rounds_that_lead_elsewhere_are_refused(form: Any, starts: list[int]) -> None:
    model = xgboost()
    booster(model)["model"]["iteration_indptr"] = starts
    assert refused(form(model))


@FORMS
@pytest.mark.parametrize("width", ["-1", "3", "100000000", "x"])
def test_leaves_of_another_width_are_refused(form: Any, width: str) -> None:
    parameters = {"num_nodes": "3", "num_feature": "2", "num_deleted": "0"}
    check_xgboost(form(xgboost(tree_param={**parameters, "size_leaf_vector": "1"})))
    assert refused(form(xgboost(tree_param={**parameters, "size_leaf_vector": width})))


@FORMS
@pytest.mark.parametrize("name", ["gblinear", "other", ""])
def test_trees_under_another_name_are_refused(form: Any, name: str) -> None:
    model = xgboost()
    booster(model)["name"] = name
    assert refused(form(model))


@pytest.mark.parametrize("key", ["right_children", "split_indices"])
def test_trees_of_several_outputs_have_a_number_for_each_node(key: str) -> None:
    x = np.random.default_rng(0).normal(size=(80, 3))
    trees = xgb.XGBRegressor(n_estimators=2, n_jobs=1, multi_strategy="multi_output_tree")
    raw = bytes(trees.fit(x, x[:, :2]).get_booster().save_raw("ubj"))
    check_xgboost(raw)
    model = Ubjson(MemoryReader(raw), Budget()).read()
    tree = booster(model)["model"]["trees"][0]
    tree[key] = tree[key][:1]
    assert refused(as_json(_plain(model)))


def _plain(value: Any) -> Any:
    """Return a value with lists for its typed arrays."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return list(map(_plain, value)) if isinstance(value, list | array) else value
