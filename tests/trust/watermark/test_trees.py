"""Marks in the thresholds of scikit-learn's trees: no decision changes, and they are fragile."""

from __future__ import annotations

import copy
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sentinel.trust import NotMarked, embed_watermark, verify_watermark
from sentinel.trust.attest.watermark import of_record
from sentinel.trust.watermark import thresholds
from sentinel.trust.watermark.ownership import ownership_gaps
from sentinel.trust.watermark.record import Record
from sentinel.trust.watermark.tracing import label_of
from sentinel.trust.watermark.trees import trees_of
from sentinel.trust.watermark.verify import Verification
from sentinel.trust.watermark.walk import walk
from tests.trust.watermark.conftest import IDENTITY, key
from tests.trust.watermark.estimators import TREES, data, fitted, neighbours, noisy, said

KINDS = pytest.mark.parametrize("name", TREES)


def found_in(model: Any, record: Any) -> Verification:
    return verify_watermark(model, key(), record=record)


def nodes_of(model: Any) -> list[tuple[int, float]]:
    """Return feature and threshold of all internal nodes."""
    grown = [
        tree
        for one in walk(model, frozenset())
        if type(one.model).__name__ in ("DecisionTreeClassifier", "DecisionTreeRegressor",
                                        "ExtraTreeClassifier", "ExtraTreeRegressor")
        for tree in trees_of(one.model)
    ]  # fmt: skip
    return [
        (int(tree.feature[node]), float(tree.threshold[node]))
        for tree in grown
        for node in np.flatnonzero(tree.children_left >= 0)
    ]


@KINDS
def test_no_answer_changes_by_a_bit(name: str) -> None:
    model = fitted(name)
    marked, mark = embed_watermark(model, key(), identity=IDENTITY)
    rows = 20_000 if name in ("tree", "forest") else 3_000
    for inputs in (data()[0], noisy(rows), neighbours(nodes_of(model), 4_000)):
        for before, after in zip(said(model, inputs), said(marked, inputs), strict=True):
            assert before.tobytes() == after.tobytes()
    assert mark.record.scheme == "tree-threshold-1"
    assert mark.anchors is None
    assert mark.record.distortion == 0


@KINDS
def test_all_nodes_match_and_those_of_others_do_not(name: str) -> None:
    model = fitted(name)
    marked, mark = embed_watermark(model, key(), identity=IDENTITY)
    found = found_in(marked, mark.record)
    assert (found.verdict, found.score.matches) == ("marked", found.score.chips)
    assert found.score.chips >= 0.5 * mark.record.parameters["nodes"]
    assert verify_watermark(marked, key(2), identities=[IDENTITY]).score.matches <= 5
    assert verify_watermark(model, key(), identities=[IDENTITY]).score.matches <= 5
    assert verify_watermark(marked, key(), identities=[1]).verdict == "not_marked"


def test_the_payload_is_decoded_or_none_is_named() -> None:
    marked, _ = embed_watermark(fitted("forest"), key(), identity=IDENTITY)
    found = verify_watermark(marked, key())
    assert (found.identity, found.payload) == (f"{IDENTITY:016x}", "decoded")
    assert found.hypotheses == 1 << 64
    for model, other in ((marked, key(2)), (fitted("forest"), key())):
        found = verify_watermark(model, other)
        assert (found.verdict, found.identity, found.payload) == ("not_marked", "", "undecodable")


def test_recipients_are_told_apart() -> None:
    copies = {number: embed_watermark(fitted("tree"), key(), identity=number)[0] for number in
              (7, 8, 9)}  # fmt: skip
    for number, model in copies.items():
        found = verify_watermark(model, key(), identities=[5, 6, 7, 8, 9])
        assert (found.identity, found.hypotheses) == (f"{number:016x}", 5)


@pytest.mark.parametrize("name", ["forest", "boosting", "adaboost"])
def test_the_mark_survives_being_saved(name: str, tmp_path: Path) -> None:
    marked, mark = embed_watermark(fitted(name), key(), identity=IDENTITY)
    joblib.dump(marked, tmp_path / "m.joblib", compress=3)
    data_of_skops = skops.io.dumps(marked)
    trusted = skops.io.get_untrusted_types(data=data_of_skops)
    for again in (
        joblib.load(tmp_path / "m.joblib"),
        skops.io.load(io.BytesIO(data_of_skops), trusted=trusted),
        copy.deepcopy(marked),
    ):
        found = found_in(again, mark.record)
        assert found.score.matches == found.score.chips


def test_the_mark_survives_half_of_the_trees() -> None:
    marked, mark = embed_watermark(fitted("forest"), key(), identity=IDENTITY)
    marked.estimators_ = marked.estimators_[::-2]
    found = found_in(marked, mark.record)
    assert found.score.matches == found.score.chips > 1_000


def test_rounding_removes_the_mark_and_costs_nothing() -> None:
    marked, mark = embed_watermark(fitted("forest"), key(), identity=IDENTITY)
    for one in marked.estimators_:
        one.tree_.threshold[:] = one.tree_.threshold.astype(np.float32)
    for before, after in zip(said(fitted("forest"), noisy(2000)), said(marked, noisy(2000)),
                             strict=True):  # fmt: skip
        assert before.tobytes() == after.tobytes()
    found = found_in(marked, mark.record)
    assert found.score.matches <= 5
    assert found.verdict == "not_marked"


def test_a_record_is_read_again_and_attested() -> None:
    marked, mark = embed_watermark(fitted("tree"), key(), identity=IDENTITY)
    again = Record.from_json(mark.record.to_json().encode(), "r")
    assert found_in(marked, again).verdict == "marked"
    said = of_record(again, datetime.now(UTC))
    assert said["scheme"] == "tree-threshold-1"
    assert f"{IDENTITY:016x}" not in json.dumps(said)


def test_it_is_called_fragile_and_never_ownership() -> None:
    marked, mark = embed_watermark(fitted("forest"), key(), identity=IDENTITY)
    assert label_of(mark.record.scheme) == "fragile-tracing"
    gaps = ownership_gaps(found_in(marked, mark.record), mark.record, None)
    assert any("tracing" in gap for gap in gaps)


@given(
    arrays.arrays(
        np.float64,
        st.integers(1, 40),
        elements=st.one_of(
            st.floats(-3.4e38, 3.4e38),
            st.floats(-10, 10, width=32),
            st.floats(-1e-40, 1e-40),
        ),
    ),
    st.integers(0, 2**64 - 1),
)
def test_any_threshold_decides_as_before(values: np.ndarray, identity: int) -> None:
    values = values[thresholds.usable(values)]
    features = np.arange(len(values))
    before = thresholds.sites(features, values)
    marked = thresholds.marked(before, key().derive(b""), identity)
    after = thresholds.sites(features, marked)
    assert before.floors.tobytes() == after.floors.tobytes()
    for value, new, floor in zip(values, marked, before.floors, strict=True):
        above = np.nextafter(floor, np.float32(np.inf))
        with np.errstate(over="ignore"):
            below = np.nextafter(floor, np.float32(-np.inf))
        assert floor <= new < above
        for row in (below, floor, above):
            assert (row <= value) == (row <= new)
        assert np.float32(new) == floor  # also for a reader that rounds
    secret = key().derive(b"")
    told = thresholds.distinct(after)
    if len(told.codes):
        assert thresholds.score(told, secret, [identity]).matches == len(told.codes)


def test_wrong_keys_match_as_often_as_the_law_says() -> None:
    marked, _ = embed_watermark(fitted("forest"), key(), identity=IDENTITY)
    read = thresholds.distinct(
        thresholds.sites(*(np.array(column) for column in zip(*nodes_of(marked), strict=True)))
    )
    counts = [thresholds.score(read, key(number).derive(b""), [IDENTITY]).matches
              for number in range(2, 402)]  # fmt: skip
    due = 400 * len(read.codes) / 65536
    assert abs(sum(counts) - due) < 5 * due**0.5
    assert max(counts) <= 5


def test_a_stump_is_too_small() -> None:
    stump = copy.deepcopy(TREES["tree"]).set_params(max_depth=2).fit(*data())
    with pytest.raises(NotMarked) as caught:
        embed_watermark(stump, key())
    assert caught.value.reason == "capacity"
    larger = copy.deepcopy(TREES["tree"]).set_params(max_depth=4).fit(*data())
    assert embed_watermark(larger, key())[1].record.parameters["nodes"] == 15
