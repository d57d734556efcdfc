"""The p-values are exact, and what they promise holds for keys that have nothing to do with it."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sentinel.trust import embed_watermark, verify_watermark
from sentinel.trust.watermark.detect import (
    MARKED_LOG10,
    MarkVerdict,
    hypotheses_per_delta,
    score,
    verdict,
)
from sentinel.trust.watermark.embed import gather
from sentinel.trust.watermark.plan import plan
from sentinel.trust.watermark.statistics import (
    log10_adjusted,
    log10_binomial_tail,
    log10_gaussian_bound,
)
from sentinel.trust.watermark.store import ArrayStore
from sentinel.trust.watermark.streams import KeyStreams
from tests.trust.watermark import networks
from tests.trust.watermark.conftest import Model, key


@given(st.integers(1, 300), st.data())
def test_the_tail_of_a_fair_coin_is_exact(trials: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    ways = sum(math.comb(trials, k) for k in range(hits, trials + 1))
    exact = Fraction(ways, 2**trials)
    expected = math.log10(exact.numerator) - math.log10(exact.denominator)
    assert log10_binomial_tail(trials, hits) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(st.integers(1, 2000), st.floats(1e-5, 1 - 1e-5), st.data())
def test_the_tail_of_any_coin_is_that_of_scipy(
    trials: int, chance: float, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(1, trials))
    expected = float(stats.binom.logsf(hits - 1, trials, chance)) / math.log(10)
    if expected > -300:  # below that scipy has denormal numbers only
        found = log10_binomial_tail(trials, hits, chance)
        assert found == pytest.approx(min(0, expected), rel=1e-6, abs=1e-9)


def test_tails_far_below_what_a_float_can_hold() -> None:
    assert log10_binomial_tail(1024, 1024) == pytest.approx(-1024 * math.log10(2), rel=1e-14)
    assert log10_binomial_tail(5000, 5000) == pytest.approx(-1505.1499783, rel=1e-9)
    assert log10_binomial_tail(30_000, 30_000) == pytest.approx(-9030.8998699, rel=1e-9)
    assert log10_binomial_tail(5000, 4999) == pytest.approx(-1505.14997832 + math.log10(5001))
    assert log10_binomial_tail(10, 0) == 0.0
    assert log10_binomial_tail(10, 11) == -math.inf


@pytest.mark.parametrize(("hits", "trials"), [(56, 64), (98, 128), (176, 256), (229, 346)])
def test_matches_that_are_due_for_one_in_a_billion(hits: int, trials: int) -> None:
    assert log10_binomial_tail(trials, hits) < -9 < log10_binomial_tail(trials, hits - 1)


def test_both_ways_of_summing_agree() -> None:
    assert log10_binomial_tail(20_000, 11_000) == pytest.approx(
        log10_binomial_tail(20_000, 11_000, 0.5 + 1e-14), rel=1e-6
    )


def test_the_bound_of_the_anchored_statistic() -> None:
    assert log10_gaussian_bound(6.44) < -9 < log10_gaussian_bound(6.42)
    assert log10_gaussian_bound(-20) == log10_gaussian_bound(0) == 0.0


def test_every_hypothesis_counts() -> None:
    assert log10_adjusted(-14, 100) == pytest.approx(-12)
    assert log10_adjusted(-1, 1000) == 0.0
    assert log10_adjusted(-40, 1 << 64) == pytest.approx(-40 + 64 * math.log10(2))
    assert hypotheses_per_delta([1, 2, 3], None) == 3
    assert hypotheses_per_delta([], None) == 1 << 64


@pytest.mark.parametrize(
    ("log10_p", "hypotheses", "expected"),
    [
        (-12.1, 1, MarkVerdict.MARKED),
        (-12.1, 2, MarkVerdict.INCONCLUSIVE),
        (-11.9, 1, MarkVerdict.INCONCLUSIVE),
        (-4.0, 100, MarkVerdict.NOT_MARKED),
        (-2.9, 1, MarkVerdict.NOT_MARKED),
    ],
)
def test_verdicts(log10_p: float, hypotheses: int, expected: MarkVerdict) -> None:
    assert MARKED_LOG10 == -12
    assert verdict(log10_p, hypotheses)[0] is expected


def _wrong_keys(weights: dict[str, np.ndarray], numbers: range) -> Counter[int]:
    """Count the matches of many keys on 64 chips."""
    store = ArrayStore(weights)
    laid = plan(store.tensors, "")
    tensors = {tensor.name: tensor for tensor in store.tensors}
    assert laid.chips == 64
    found: Counter[int] = Counter()
    for number in numbers:
        evidence = gather(store, tensors, KeyStreams(key(number).derive(b"")), laid)
        found[score(evidence, laid.delta, [0xFEED], None).matches] += 1
    return found


def _check_distribution(found: Counter[int]) -> None:
    total = sum(found.values())
    low, high = 22, 42  # so that every class is large enough for the test
    classes = range(low, high + 1)
    seen = [sum(n for k, n in found.items() if min(max(k, low), high) == one) for one in classes]
    law = stats.binom(64, 0.5)
    due = [law.pmf(one) for one in classes]
    due[0], due[-1] = law.cdf(low), law.sf(high - 1)
    assert stats.chisquare(seen, np.array(due) * total).pvalue > 0.001
    assert log10_binomial_tail(64, max(found)) > -9


def _small(seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {"w": random.standard_t(3, size=(32, 20)).astype(np.float32)}


def test_wrong_keys_match_as_coins_do() -> None:
    _check_distribution(_wrong_keys(_small(1), range(2, 5002)))


@pytest.mark.slow
@pytest.mark.parametrize("marked", [False, True])
def test_fifty_thousand_wrong_keys_match_as_coins_do(marked: bool) -> None:
    weights = _small(2)
    if marked:
        weights, _ = embed_watermark(weights, key(1), identity=0xFEED)
    _check_distribution(_wrong_keys(weights, range(2, 50_002)))


def test_the_right_key_finds_nothing_in_unmarked_models(cnn: Model) -> None:
    for seed in range(20, 25):
        weights = networks.arrays(networks.trained("mlp" if seed % 2 else "cnn", 0, seed))
        networks_key = key(1)
        found = verify_watermark(weights, networks_key, identities=[1])
        assert found.log10_p > -3
    found = verify_watermark(cnn.original, key(1), record=cnn.mark.record)
    assert found.log10_p > -3
