"""The payload survives many wrong bits, and is never read wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.trust.watermark.code import CODE_BITS, crc16, decode, encode, encode_many

identities = st.integers(0, 2**64 - 1)


def signs(identity: int) -> np.ndarray:
    return 1.0 - 2.0 * encode(identity)


@given(identities)
@settings(deadline=None, max_examples=30)
def test_what_is_encoded_is_decoded(identity: int) -> None:
    assert len(encode(identity)) == CODE_BITS == 264
    assert decode(signs(identity)) == identity


@given(identities, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_a_quarter_of_the_bits_may_be_missing(identity: int, seed: int) -> None:
    evidence = signs(identity)
    evidence[np.random.default_rng(seed).permutation(CODE_BITS)[: CODE_BITS // 4]] = 0.0
    assert decode(evidence) in (identity, None)
    evidence[: CODE_BITS // 2] = signs(identity)[: CODE_BITS // 2]
    assert decode(evidence) == identity


def _trials(spoil: Callable[[int, np.random.Generator], np.ndarray]) -> tuple[int, int, float]:
    """Return how many of 200 payloads were read right, how many wrong, and the share of bad bits"""
    random = np.random.default_rng(3)
    right = wrong = bad = 0
    for _ in range(200):
        identity = int(random.integers(0, 2**63))
        evidence = spoil(identity, random)
        found = decode(evidence)
        right += found == identity
        wrong += found not in (identity, None)
        bad += int(((evidence < 0) != encode(identity)).sum())
    return right, wrong, bad / (200 * CODE_BITS)


def test_fifteen_percent_of_wrong_bits_are_borne() -> None:
    # As chips lie: phases with noise, of which 15 % are nearer to the other bit's point.
    def spoil(identity: int, random: np.random.Generator) -> np.ndarray:
        phases = encode(identity) / 2.0 + random.normal(size=CODE_BITS) * 0.174
        return np.cos(2.0 * np.pi * phases)

    right, wrong, bad = _trials(spoil)
    assert 0.14 < bad < 0.16
    assert right >= 190
    assert wrong == 0


def test_of_bits_without_degrees_of_doubt_ten_percent_may_be_wrong() -> None:
    def spoil(identity: int, random: np.random.Generator) -> np.ndarray:
        evidence = signs(identity)
        evidence[random.permutation(CODE_BITS)[: CODE_BITS // 10]] *= -1
        return evidence

    right, wrong, _ = _trials(spoil)
    assert right >= 190
    assert wrong == 0


def test_noise_is_undecodable_and_no_identity() -> None:
    random = np.random.default_rng(4)
    found = [decode(random.normal(size=CODE_BITS)) for _ in range(60)]
    assert found.count(None) == 60


def test_a_wrong_checksum_is_undecodable() -> None:
    # The code is linear: this is the code word of a payload with one bit of its checksum wrong.
    assert decode(1.0 - 2.0 * (encode(5) ^ _codeword_of_check_bit())) is None


def _codeword_of_check_bit() -> np.ndarray:
    """Return the code word of a message that is all zeros but for the last bit of its checksum."""
    from sentinel.trust.watermark.code import _GENERATORS, _MEMORY, _STEPS

    bits, register = [], 0
    for step in reversed(range(_STEPS)):
        register = (register >> 1) | ((step == _MEMORY) << _MEMORY)
        bits += [(register & generator).bit_count() & 1 for generator in _GENERATORS]
    return np.array(bits, np.uint8)


@given(st.lists(identities, min_size=1, max_size=5))
@settings(deadline=None, max_examples=30)
def test_many_at_once_are_the_same(several: list[int]) -> None:
    assert encode_many(several).tolist() == [encode(one).tolist() for one in several]


def test_the_checksum_is_the_known_one() -> None:
    assert crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize("flipped", range(0, 64, 7))
def test_neighbours_are_told_apart(flipped: int) -> None:
    assert int((encode(0) ^ encode(1 << flipped)).sum()) >= 18  # free distance of the code
