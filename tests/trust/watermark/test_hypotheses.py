"""Tensors under other names, records, anchors and ownership: what is tried is counted."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sentinel.trust.watermark
from sentinel.errors import SentinelError, TrustError
from sentinel.trust import embed_watermark, verify_watermark
from sentinel.trust.attest.watermark import of_record
from sentinel.trust.reasons import REASONS
from sentinel.trust.watermark.anchors import Anchors
from sentinel.trust.watermark.embed import Marked
from sentinel.trust.watermark.mappings import mappings
from sentinel.trust.watermark.ownership import Attested, ownership_gaps
from sentinel.trust.watermark.record import Part, Record
from sentinel.trust.watermark.store import Tensor
from tests.trust.watermark.conftest import key
from tests.trust.watermark.networks import Arrays


def layers(count: int = 4, seed: int = 0) -> Arrays:
    random = np.random.default_rng(seed)
    found = {f"l{n}": random.normal(size=(96, 128)).astype(np.float32) for n in range(count)}
    found["head"] = random.normal(size=(10, 96)).astype(np.float32)
    return found


@pytest.fixture(scope="module")
def marked() -> tuple[Arrays, Marked]:
    copy, mark = embed_watermark(layers(), key(), identity=77)
    return copy, mark


def test_other_names_in_the_same_order_are_one_more_hypothesis(
    marked: tuple[Arrays, Marked],
) -> None:
    copy, mark = marked
    renamed = {f"module.{name}": value for name, value in copy.items()}
    found = verify_watermark(renamed, key(), record=mark.record)
    assert (found.verdict, found.mapping) == ("marked", "shapes")
    assert found.hypotheses == 1 + math.factorial(4)


def test_layer_ten_comes_after_layer_two() -> None:
    weights = {f"a.{n}.w": value for n, value in enumerate(layers(12).values())}
    copy, mark = embed_watermark(weights, key(), identity=77)
    renamed = {f"b.{n}.w": value for n, value in enumerate(copy.values())}
    found = verify_watermark(renamed, key(), record=mark.record)
    assert (found.verdict, found.mapping) == ("marked", "shapes")


def test_every_order_of_a_few_tensors_is_tried_and_counted(marked: tuple[Arrays, Marked]) -> None:
    copy, mark = marked
    order = ["l2", "l0", "l3", "l1", "head"]
    shuffled = {f"t{n}": copy[name] for n, name in enumerate(order)}
    found = verify_watermark(shuffled, key(), record=mark.record)
    assert (found.verdict, found.mapping) == ("marked", "pairs")
    assert found.hypotheses == 1 + math.factorial(4)
    anchored = verify_watermark(shuffled, key(), record=mark.record, anchors=mark.anchors)
    assert anchored.hypotheses == 2 * found.hypotheses
    assert anchored.score.z is not None
    assert anchored.score.z > 10


def test_no_order_makes_a_mark_where_there_is_none(marked: tuple[Arrays, Marked]) -> None:
    plain = {f"t{n}": value for n, value in enumerate(layers(seed=5).values())}
    found = verify_watermark(plain, key(), record=marked[1].record, anchors=marked[1].anchors)
    assert found.verdict == "not_marked"


def test_tensors_that_are_gone_say_nothing(marked: tuple[Arrays, Marked]) -> None:
    copy, mark = marked
    rest = {name: value for name, value in copy.items() if name in ("l1", "l2")}
    rest["head"] = np.zeros((5, 96), np.float32)
    found = verify_watermark(rest, key(), record=mark.record)
    assert (found.verdict, found.mapping) == ("marked", "names")
    assert found.score.chips == 2 * mark.record.parts[1].chips
    nothing = verify_watermark({"x": np.ones((3, 3), "f4")}, key(), record=mark.record)
    assert (nothing.verdict, nothing.mapping) == ("not_marked", "none")
    assert nothing.score.chips == 0


def test_many_tensors_of_one_shape_are_not_tried_in_every_order() -> None:
    parts = [Part(f"a{n}", (8, 8), 4) for n in range(30)]
    tensors = [Tensor(f"b{n}", "F32", (8, 8), ("f", 256 * n, 256)) for n in range(30)]
    assert [one.how for one in mappings(parts, tensors, pairs=True)] == ["shapes"]
    few = mappings(parts[:3], tensors[:5], pairs=True)
    assert [(one.how, one.count) for one in few] == [("shapes", 1), ("pairs", 60)]
    assert mappings(parts[:3], tensors[:5], pairs=False)[-1].how == "shapes"
    assert mappings(parts, [], pairs=True) == ()


@given(st.permutations(range(6)), st.integers(0, 6))
def test_a_name_is_never_given_to_two(order: list[int], kept: int) -> None:
    parts = [Part(f"n{n}", (8, 8), 4) for n in range(6)]
    tensors = [
        Tensor(f"n{n}" if n < kept else f"x{n}", "F32", (8, 8), ("f", 256 * n, 256)) for n in order
    ]
    for found in mappings(parts, tensors, pairs=True):
        names = [one.name for one in found.tensors.values()]
        assert len(set(names)) == len(names)
        assert all(found.tensors[f"n{n}"].name == f"n{n}" for n in range(kept))


def test_a_record_is_read_as_it_was_written(marked: tuple[Arrays, Marked]) -> None:
    record = marked[1].record
    assert Record.from_json(record.to_json().encode(), "r") == record
    assert set(record.parameters) == {"L", "M", "delta", "n"}
    assert record.scheme == "stdm-1"


def _with(**changes: Any) -> bytes:
    _, mark = embed_watermark({"w": layers()["l0"]}, key(), identity=1)
    return json.dumps({**json.loads(mark.record.to_json()), **changes}).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"more": 1}, {"scheme": 3}, {"commitment": "ab"}, {"key_id": "Z" * 16}, {"salt": None},
        {"identity": "123"}, {"parameters": []}, {"parameters": {"L": "x"}}, {"distortion": True},
        {"parameters": {"L": -1}}, {"parts": {}}, {"parts": [["w", [1]]]}, {"parts": [[1, [], 1]]},
        {"parts": [["w", [1.5], 1]]}, {"parts": [["w", [1], 2**50]]}, {"context": 1},
    ],
)  # fmt: skip
def test_a_record_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    assert Record.from_json(_with(), "r").scheme == "stdm-1"
    with pytest.raises(TrustError) as caught:
        Record.from_json(_with(**changes), "r")
    assert caught.value.reason == "watermark-record"


@given(
    st.fixed_dictionaries(
        {
            "L": st.integers(0, 2**60), "M": st.integers(0, 2**60), "n": st.just(1),
            "delta": st.floats(0, 1e300, allow_subnormal=True),
        }
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["l0", "l1", "x"]),
            st.sampled_from([(96, 128), (2, 2)]),
            st.integers(0, 2**47),
        ),
        max_size=4,
    ),
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_hostile_numbers_in_a_record_cost_little(
    parameters: dict[str, float], parts: list[tuple[str, tuple[int, ...], int]]
) -> None:
    weights = layers(2)
    _, mark = embed_watermark(weights, key(), identity=1)
    record = replace(mark.record, parameters=parameters, parts=tuple(Part(*one) for one in parts))
    try:
        found = verify_watermark(weights, key(), record=record)
    except SentinelError:
        return
    assert found.verdict == "not_marked"


def test_anchors_are_read_as_they_were_written(marked: tuple[Arrays, Marked]) -> None:
    anchors = marked[1].anchors
    data = anchors.to_bytes()
    assert len(data) == 16 + 8 * marked[1].record.parameters["M"]
    again = Anchors.from_bytes(data, "a")
    assert again.to_bytes() == data
    assert again.sha256 == marked[1].record.anchors_sha256
    for broken in (data[:-1], data + b"\0", b"X" + data[1:], b"", data[:16]):
        with pytest.raises(TrustError) as caught:
            Anchors.from_bytes(broken, "a")
        assert caught.value.reason == "watermark-anchors"


def test_anchors_of_another_mark_are_refused(marked: tuple[Arrays, Marked]) -> None:
    copy, mark = marked
    _, other = embed_watermark(layers(seed=9), key(), identity=77)
    with pytest.raises(TrustError) as caught:
        verify_watermark(copy, key(), record=mark.record, anchors=other.anchors)
    assert caught.value.reason == "watermark-anchors"


def test_every_reason_for_no_mark_is_explained() -> None:
    folder = Path(sentinel.trust.watermark.__file__).parent
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    codes = re.findall(r'NotMarked\(\s*"([a-z-]+)"', source)
    assert len(set(codes)) >= 6
    assert set(codes) <= REASONS.keys()


def test_a_record_is_attested_without_key_and_payload(marked: tuple[Arrays, Marked]) -> None:
    record = marked[1].record
    text = json.dumps(of_record(record, datetime(2030, 1, 1, tzinfo=UTC)))
    assert record.commitment in text
    assert record.identity not in text
    assert record.salt not in text


def test_ownership_needs_more_than_a_mark(marked: tuple[Arrays, Marked]) -> None:
    copy, mark = marked
    found = verify_watermark(copy, key(), record=mark.record)
    dispute = datetime(2030, 1, 1, tzinfo=UTC)
    sound = Attested(
        mark.record.commitment, mark.record.anchors_sha256, dispute - timedelta(1), dispute
    )
    assert ownership_gaps(found, mark.record, sound) == ()
    assert ownership_gaps(found, mark.record, None) != ()
    assert ownership_gaps(found, None, sound) != ()
    late = replace(sound, when=dispute)
    other = replace(sound, commitment="0" * 64)
    assert "older" in ownership_gaps(found, mark.record, late)[0]
    assert "another key" in ownership_gaps(found, mark.record, other)[0]
    weak = replace(found, log10_p=-15.0)
    assert weak.verdict == "marked"
    assert "2^-64" in ownership_gaps(weak, mark.record, sound)[0]
    anchored = replace(found, score=replace(found.score, detector="anchored"), anchors_sha256="00")
    assert "anchors" in ownership_gaps(anchored, mark.record, sound)[0]
