"""XGBoost, LightGBM and CatBoost: real models are clean, broken ones told, bounds held.

Rules SNT1701 to SNT1704.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity
from sentinel.formats.trees import catboost as catboost_format
from sentinel.formats.trees import lightgbm as lightgbm_format
from sentinel.formats.trees import xgboost as xgboost_format
from sentinel.formats.trees.model import TreeModel
from sentinel.formats.trees.ubjson import Ubjson
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.kit.trees import as_json, as_ubjson, catboost, lightgbm, xgboost, xgboost_old


def ids(data: bytes, name: str) -> dict[str, Severity]:
    return {found.rule_id: found.severity for found in scan_bytes(data, name).findings}


@cache
def binary_catboost(kind: str) -> bytes:
    cb: Any = pytest.importorskip("catboost")
    import tempfile

    import numpy as np

    chance = np.random.default_rng(0)
    x = chance.normal(size=(60, 4))
    words = [[str(int(row[0] > 0)), row[1]] for row in x]
    options: dict[str, Any] = {
        "iterations": 3, "verbose": 0, "thread_count": 1, "allow_writing_files": False
    }  # fmt: skip
    if kind == "steps":
        options["grow_policy"] = "Lossguide"
    if kind == "categories":
        model = cb.CatBoostClassifier(**options, cat_features=[0]).fit(words, x[:, 0] > 0)
    elif kind == "classes":
        model = cb.CatBoostClassifier(**options).fit(x, chance.integers(0, 3, 60))
    else:
        model = cb.CatBoostRegressor(**options).fit(x, x[:, 0])
    with tempfile.TemporaryDirectory() as folder:
        model.save_model(f"{folder}/m.cbm")
        return Path(f"{folder}/m.cbm").read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "formats"),
    [
        ("m.json", as_json(xgboost()), ("xgboost",)),
        ("m.ubj", as_ubjson(xgboost()), ("xgboost",)),
        ("renamed.bin", as_ubjson(xgboost()), ("xgboost",)),
        ("m.model", xgboost_old(), ("xgboost",)),
        ("m.model", xgboost_old(magic=b""), ("xgboost",)),
        ("m.model", xgboost_old(booster="dart"), ("xgboost",)),
        ("m.model", xgboost_old(booster="gblinear"), ("xgboost",)),
        ("m.txt", lightgbm(), ("lightgbm",)),
        ("m.json", catboost(), ("catboost",)),
    ],
)
def test_the_content_says_what_it_is(name: str, data: bytes, formats: tuple[str, ...]) -> None:
    report = scan_bytes(data, name)
    assert report.formats == formats
    assert report.verdict is Verdict.CLEAN


@pytest.mark.parametrize("kind", ["plain", "steps", "categories", "classes"])
def test_catboost_writes_models_that_are_clean(kind: str) -> None:
    report = scan_bytes(binary_catboost(kind), "m.cbm")
    assert report.formats == ("catboost",)
    assert report.findings == ()
    assert report.verdict is Verdict.CLEAN


def facts(data: bytes, parse: Any = catboost_format.parse) -> TreeModel:
    model = parse(Artifact("m", MemoryReader(data)), Budget()).model
    assert isinstance(model, TreeModel)
    return model


@pytest.mark.parametrize("kind", ["plain", "classes"])
def test_each_condition_of_a_binary_tree_is_held_against_the_features(kind: str) -> None:
    from sentinel.formats.flatbuffer import Flat

    data = bytearray(binary_catboost(kind))
    flat = Flat(MemoryReader(bytes(data[8:])), Budget())
    trees = flat.table(flat.root().where(1))
    for number in (1, 2, 3):
        start, count = flat.vector(trees, number, 4)
        for at in range(start + 8, start + 8 + 4 * count, 4):
            for value in (0x7FFFFFFF, 0xFFFFFFFF):
                bad = bytes(data[:at]) + value.to_bytes(4, "little") + bytes(data[at + 4 :])
                assert ids(bad, "m.cbm").get("SNT1701") == Severity.MEDIUM


def test_bytes_behind_a_binary_model_are_told() -> None:
    assert "SNT1704" in ids(binary_catboost("plain") + b"\0" * 64, "m.cbm")


def test_odd_numbers_are_low() -> None:
    found = ids(as_ubjson(xgboost(base_weights=[float("nan"), 0.0, 0.0])), "m.ubj")
    assert found == {"SNT1702": Severity.LOW}
    assert ids(lightgbm("leaf_value=0.1", "leaf_value=inf"), "m.txt") == {"SNT1702": Severity.LOW}
    model = xgboost()
    model["learner"]["objective"]["name"] = "mine:special"
    assert ids(as_json(model), "m.json") == {"SNT1703": Severity.LOW}


def test_a_configuration_without_trees_is_no_broken_model() -> None:
    model = xgboost()
    model["learner"]["gradient_booster"] = {"gbtree_model_param": {}, "name": "gbtree"}
    report = scan_bytes(as_json(model), "config.json")
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


def test_several_outputs_keep_their_leaves_apart() -> None:
    xgb: Any = pytest.importorskip("xgboost")
    import numpy as np

    x = np.random.default_rng(0).normal(size=(80, 3))
    both = np.stack([x[:, 0], x[:, 1]], axis=1)
    model = xgb.XGBRegressor(n_estimators=2, n_jobs=1, multi_strategy="multi_output_tree")
    raw = bytes(model.fit(x, both).get_booster().save_raw("ubj"))
    assert ids(raw, "m.ubj") == {}
    bad = Ubjson(MemoryReader(raw), Budget()).read()
    tree = bad["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["right_children"] = [99] * len(tree["right_children"])
    assert "SNT1701" in ids(json.dumps(bad, default=list).encode(), "m.json")


@pytest.mark.parametrize(
    "data",
    [b"[" * 100_000, b"[#L" + b"\x7f" + b"\xff" * 7, b"[$d#L" + b"\xff" * 8, b"{" * 5000,
     b"[$d#l\x7f\xff\xff\xff", b"[$Z#", b"S", b"SL\x80" + bytes(7), b"N" * 100, b"q"],
)  # fmt: skip
def test_ubjson_holds_its_bounds(data: bytes) -> None:
    with pytest.raises(SentinelError):
        Ubjson(MemoryReader(data), Budget()).read()


def test_a_list_of_nothings_is_bounded() -> None:
    report = scan_bytes(b"{i\x07learner[#l" + (1 << 30).to_bytes(4, "big") + b"Z" * 100, "m.ubj")
    assert report.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("data", [as_json(xgboost()), as_ubjson(xgboost()), xgboost_old(),
                                  catboost(), lightgbm()],
                         ids=["json", "ubjson", "old", "catboost", "lightgbm"])  # fmt: skip
def test_every_truncation_is_told(data: bytes) -> None:
    for end in range(0, len(data), 1 + len(data) // 400):
        report = scan_bytes(data[:end], "m.cbm" if data[:1] == b"C" else "m.ubj")
        assert all(gap.reason != "internal" for gap in report.coverage.gaps)
        if end < len(data) // 2:
            assert report.verdict is not Verdict.CLEAN


_PARSERS = {
    "json": (as_json(xgboost()), xgboost_format.parse),
    "ubjson": (as_ubjson(xgboost()), xgboost_format.parse),
    "old": (xgboost_old(), xgboost_format.parse),
    "lightgbm": (lightgbm(), lightgbm_format.parse),
    "catboost": (catboost(), catboost_format.parse),
}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(_PARSERS)), st.integers(0, 3000), st.binary(max_size=9))
def test_any_damage_gives_facts_or_an_error_of_ours(name: str, at: int, patch: bytes) -> None:
    good, parse = _PARSERS[name]
    data = good[:at] + patch + good[at + len(patch) :]
    try:
        facts(data, parse)
    except SentinelError:
        pass


@settings(deadline=None)
@given(st.integers(0, 16_000), st.sampled_from([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000]))
def test_any_number_in_a_binary_model_gives_facts_or_an_error(at: int, value: int) -> None:
    good = binary_catboost("categories")
    try:
        facts(good[:at] + value.to_bytes(4, "little") + good[at + 4 :])
    except SentinelError:
        pass
