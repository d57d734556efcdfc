"""What a mark costs and what it bears, on networks that were trained: measured, with thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from sentinel.trust import embed_watermark, verify_watermark
from sentinel.trust.watermark.detect import MarkVerdict
from sentinel.trust.watermark.keys import HeldKey
from sentinel.trust.watermark.verify import Verification
from tests.trust.watermark import damage, networks
from tests.trust.watermark.conftest import IDENTITY, Model, key
from tests.trust.watermark.networks import Arrays

UNTOUCHED = 0.0


def blind(model: Model, weights: Arrays, owner: HeldKey) -> Verification:
    return verify_watermark(weights, owner, record=model.mark.record)


def anchored(model: Model, weights: Arrays, owner: HeldKey) -> Verification:
    return verify_watermark(weights, owner, record=model.mark.record, anchors=model.mark.anchors)


def test_a_mark_stays_within_half_a_percent_and_changes_hardly_an_answer(
    model: Model, owner: HeldKey
) -> None:
    before = networks.labels(model.network)
    after = networks.labels(networks.with_weights(model.kind, model.copy))
    assert 0.002 < networks.moved(model.original, model.copy) <= 0.005
    assert model.mark.record.distortion == pytest.approx(
        networks.moved(model.original, model.copy), rel=0.1
    )
    assert abs(networks.accuracy(before) - networks.accuracy(after)) <= 0.3
    assert (before == after).mean() >= 0.995
    found = blind(model, model.copy, owner)
    assert found.verdict is MarkVerdict.MARKED
    assert found.log10_p <= -50


def test_the_unmarked_model_and_its_siblings_bear_no_mark(model: Model, owner: HeldKey) -> None:
    sibling = networks.arrays(networks.trained(model.kind, epochs=1, seed=9))
    for weights in (model.original, sibling):
        found = anchored(model, weights, owner)
        assert found.verdict is MarkVerdict.NOT_MARKED
        assert found.log10_p > -3
        assert found.score.z is not None
        assert abs(found.score.z) < 4


@pytest.mark.parametrize("name", ["fp16", "bf16", "int8_per_channel"])
def test_number_formats(model: Model, owner: HeldKey, name: str) -> None:
    weights = damage.everywhere(model.copy, getattr(damage, name))
    assert blind(model, weights, owner).log10_p <= -50


@pytest.mark.parametrize(
    ("kind", "attack", "most"),
    [
        ("mlp", damage.int4_groups, -20),
        ("cnn", damage.int4_groups, -12),
        ("mlp", damage.pruned(0.3), -30),
        ("cnn", damage.pruned(0.3), -6),
        ("mlp", damage.noise(0.05), -50),
        ("cnn", damage.noise(0.05), -50),
        ("mlp", lambda values: values * np.float32(1.37), -50),
    ],
)
def test_damage(
    kind: str, attack: damage.Damage, most: float, owner: HeldKey, request: pytest.FixtureRequest
) -> None:
    model: Model = request.getfixturevalue(kind)
    assert blind(model, damage.everywhere(model.copy, attack), owner).log10_p <= most


def test_averages_with_the_original(model: Model, owner: HeldKey) -> None:
    half = damage.mixed(model.copy, model.original)
    assert blind(model, half, owner).log10_p <= -30


def test_what_the_blind_detector_loses_the_anchored_one_finds(cnn: Model, owner: HeldKey) -> None:
    for attack in (damage.pruned(0.5), damage.noise(0.2)):
        weights = damage.everywhere(cnn.copy, attack)
        assert blind(cnn, weights, owner).log10_p > -12
        found = anchored(cnn, weights, owner)
        assert found.score.detector == "anchored"
        assert found.verdict is MarkVerdict.MARKED


def test_fine_tuning_that_moves_five_percent(cnn: Model, owner: HeldKey) -> None:
    network = networks.with_weights("cnn", cnn.copy).train()
    networks.train(network, epochs=4, rate=3e-4, seed=4)
    tuned = networks.arrays(network)
    assert networks.moved(cnn.copy, tuned) >= 0.05
    assert blind(cnn, tuned, owner).log10_p <= -12
    z = anchored(cnn, tuned, owner).score.z
    assert z is not None
    assert z >= 10


def test_averages_of_copies_under_several_keys(cnn: Model, owner: HeldKey) -> None:
    copies = [embed_watermark(cnn.original, key(number), identity=1)[0] for number in (7, 8, 9)]
    assert blind(cnn, damage.mixed(cnn.copy, copies[0]), owner).log10_p <= -12
    four = damage.mixed(cnn.copy, *copies)
    assert anchored(cnn, four, owner).log10_p <= -12


def test_marks_of_several_owners_live_beside_each_other(cnn: Model, owner: HeldKey) -> None:
    weights = cnn.copy
    for number in (11, 12):
        weights, _ = embed_watermark(weights, key(number), identity=number)
    assert blind(cnn, weights, owner).log10_p <= -50


def test_permuted_units_hide_the_mark_until_they_are_realigned(cnn: Model, owner: HeldKey) -> None:
    weights = damage.permuted_cnn(cnn.copy)
    network, shuffled = (networks.with_weights("cnn", one) for one in (cnn.copy, weights))
    with networks.torch.no_grad():
        x = networks.digits()[0][:50]
        assert networks.torch.allclose(network(x), shuffled(x), atol=1e-3)
    found = blind(cnn, weights, owner)
    assert found.verdict in (MarkVerdict.NOT_MARKED, MarkVerdict.INCONCLUSIVE)
    found = verify_watermark(weights, owner, record=cnn.mark.record, original=cnn.original)
    assert found.mapping == "names+original"
    assert found.hypotheses == 2
    assert found.log10_p <= -50


def test_realigning_gives_no_mark_to_a_model_without_one(cnn: Model, owner: HeldKey) -> None:
    weights = damage.permuted_cnn(cnn.original)
    found = verify_watermark(weights, owner, record=cnn.mark.record, original=cnn.original)
    assert found.verdict is MarkVerdict.NOT_MARKED


def test_the_payload_is_read_without_a_record(model: Model, owner: HeldKey) -> None:
    found = verify_watermark(damage.everywhere(model.copy, damage.fp16), owner)
    assert (found.verdict, found.payload) == (MarkVerdict.MARKED, "decoded")
    assert int(found.identity, 16) == IDENTITY
    assert found.hypotheses >= 1 << 64


def test_without_a_mark_no_payload_is_read(model: Model, owner: HeldKey) -> None:
    found = verify_watermark(model.original, owner)
    assert (found.verdict, found.payload) == (MarkVerdict.NOT_MARKED, "undecodable")
    assert found.identity == ""
    assert found.log10_p == UNTOUCHED


def test_the_recipient_of_a_copy_is_found_among_many(cnn: Model, owner: HeldKey) -> None:
    others = list(range(200))
    found = verify_watermark(
        cnn.copy, owner, record=cnn.mark.record, identities=[*others, IDENTITY]
    )
    assert found.verdict is MarkVerdict.MARKED
    assert found.hypotheses == 201
    assert int(found.identity, 16) == IDENTITY
    found = verify_watermark(cnn.copy, owner, record=cnn.mark.record, identities=others)
    assert found.verdict is MarkVerdict.NOT_MARKED
