"""Marks in the thresholds of XGBoost: down by one step or not at all, and no answer changes."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sentinel.trust import NotMarked, embed_watermark, verify_watermark
from sentinel.trust.watermark.xgb import Nodes, moved_down
from tests.trust.watermark.conftest import IDENTITY, key
from tests.trust.watermark.estimators import booster, data, noisy


def document(model: Any) -> Any:
    raw = model if isinstance(model, xgboost.Booster) else model.get_booster()
    return json.loads(bytes(raw.save_raw("json")))


def conditions(model: Any) -> np.ndarray:
    body = document(model)["learner"]["gradient_booster"]
    found = [tree["split_conditions"] for tree in body.get("gbtree", body)["model"]["trees"]]
    return np.concatenate(found).astype(np.float32)


@pytest.mark.parametrize("options", [{}, {"booster": "dart"}, {"tree_method": "exact"}])
def test_no_answer_changes(options: dict[str, str]) -> None:
    model = booster(6, **options)
    marked, mark = embed_watermark(model, key(), identity=IDENTITY)
    random = np.random.default_rng(3)
    for inputs in (data()[0][::2], noisy(20_000), random.uniform(-5, 25, (30_000, 64))):
        moved = np.abs(model.predict_proba(inputs) - marked.predict_proba(inputs)).max()
        assert moved == 0
    found = verify_watermark(marked, key(), record=mark.record)
    assert (found.verdict, found.score.matches) == ("marked", found.score.chips)
    assert mark.record.scheme == "xgb-threshold-1"


def test_thresholds_move_down_by_one_step_and_nothing_else_moves() -> None:
    model = booster(10)
    marked, _ = embed_watermark(model, key(), identity=IDENTITY)
    before, after = conditions(model), conditions(marked)
    below = np.nextafter(before, np.float32(-np.inf))
    assert ((after == before) | (after == below)).all()
    moved = int((after == below).sum())
    assert 0.3 * len(before) / 2 < moved < 0.7 * len(before)
    old, new = document(model), document(marked)
    for tree in (tree for one in (old, new)
                 for tree in one["learner"]["gradient_booster"]["model"]["trees"]):  # fmt: skip
        inner = [node for node, left in enumerate(tree["left_children"]) if left != -1]
        for node in inner:
            tree["split_conditions"][node] = None
    assert old == new
    settings = [one.get_booster().save_config() for one in (model, marked)]
    assert settings[0] == settings[1]


@given(
    arrays.arrays(np.float32, st.integers(1, 60), elements=st.floats(width=32, allow_nan=False)),
    st.integers(0, 2**64 - 1),
    st.integers(1, 2**40),
)
def test_no_threshold_ever_moves_up(values: np.ndarray, identity: int, number: int) -> None:
    random = np.random.default_rng(number)
    nodes = Nodes(values, random.integers(0, 256, (len(values), 16)).astype(np.uint8), ())
    moved = moved_down(nodes, key(number).derive(b""), identity)
    with np.errstate(over="ignore"):
        below = np.nextafter(values, np.float32(-np.inf))
    assert (moved <= values).all()
    assert ((moved == values) | (moved == below)).all()
    assert (np.isfinite(moved) == np.isfinite(values)).all()


def test_other_keys_match_half() -> None:
    model = booster(10)
    marked, mark = embed_watermark(model, key(), identity=IDENTITY)
    for one, other in ((marked, key(2)), (model, key())):
        found = verify_watermark(one, other, identities=[IDENTITY])
        assert found.verdict == "not_marked"
        assert abs(found.score.matches - found.score.chips / 2) < 3 * found.score.chips**0.5
    found = verify_watermark(marked, key())
    assert (found.identity, found.payload) == (f"{IDENTITY:016x}", "decoded")
    assert verify_watermark(marked, key(2)).payload == "undecodable"
    assert mark.record.parameters["nodes"] >= found.score.chips


def test_the_mark_survives_files_and_half_of_the_rounds(tmp_path: Path) -> None:
    marked, mark = embed_watermark(booster(10), key(), identity=IDENTITY)
    marked.save_model(tmp_path / "m.ubj")
    marked.save_model(tmp_path / "m.json")
    again = [xgboost.Booster(model_file=tmp_path / name) for name in ("m.ubj", "m.json")]
    again += [pickle.loads(pickle.dumps(marked)), marked.get_booster()[5:]]
    for one in again:
        found = verify_watermark(one, key(), record=mark.record)
        assert found.score.matches == found.score.chips
    assert found.score.chips < mark.record.parameters["nodes"] * 0.6


def test_cleared_bits_remove_the_mark() -> None:
    marked, mark = embed_watermark(booster(10), key(), identity=IDENTITY)
    whole = document(marked)
    for tree in whole["learner"]["gradient_booster"]["model"]["trees"]:
        cleared = np.array(tree["split_conditions"], np.float32).view(np.uint32) & ~np.uint32(1)
        tree["split_conditions"] = [float(one) for one in cleared.view(np.float32)]
    bare = xgboost.Booster()
    bare.load_model(bytearray(json.dumps(whole).encode()))
    assert verify_watermark(bare, key(), record=mark.record).verdict == "not_marked"


def test_categories_are_left_alone_and_attributes_stay() -> None:
    inputs, labels = data()
    frame = pandas.DataFrame({"kind": pandas.Categorical(labels % 7), "ink": inputs[:, 20],
                              "edge": inputs[:, 10]})  # fmt: skip
    model = xgboost.XGBClassifier(
        n_estimators=12, n_jobs=1, enable_categorical=True, max_cat_to_onehot=1,
        early_stopping_rounds=3,
    ).fit(frame, labels, eval_set=[(frame, labels)], verbose=False)  # fmt: skip
    marked, _ = embed_watermark(model, key(), input_example=frame)
    assert (model.predict_proba(frame) == marked.predict_proba(frame)).all()
    assert marked.best_iteration == model.best_iteration
    assert marked.get_booster().feature_types == model.get_booster().feature_types
    assert marked.get_params() == model.get_params()


def test_a_booster_without_enough_nodes_is_not_marked() -> None:
    for model in (booster(1, max_depth=1), booster(2, booster="gblinear")):
        with pytest.raises(NotMarked) as caught:
            embed_watermark(model, key())
        assert caught.value.reason == "capacity"
    marked, _ = embed_watermark(booster(6).get_booster(), key(), input_example=data()[0])
    assert isinstance(marked, xgboost.Booster)
