"""Bytes of signatures and attestations, changed at random: refused, or of no consequence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import TrustError
from sentinel.trust import bundle
from sentinel.trust.attest import store
from sentinel.trust.reasons import REASONS
from tests.trust.attest_kit import Desk, reasons

PLACES = ("model.sig", ".sentinel/attestations.intoto.jsonl")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(tmp_path_factory.mktemp("mutants"))
    made.finish()
    return made


def mutated(data: bytes, kind: str, at: int, length: int, put: bytes) -> bytes:
    at %= len(data)
    part = data[at : at + length]
    changed = {
        "put": data[:at] + put + data[at + len(put) :],
        "insert": data[:at] + put + data[at:],
        "cut": data[:at] + data[at + length :],
        "twice": data[:at] + part + data[at:],
        "end": data[:at],
    }
    return changed[kind]


def payloads(desk: Desk) -> set[bytes]:
    found = {one.bundle.envelope.payload for one in store.read(desk.model)}
    signature = (desk.model / "model.sig").read_bytes()
    return found | {bundle.parse(signature).envelope.payload}


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(PLACES),
    st.sampled_from(["put", "insert", "cut", "twice", "end"]),
    st.integers(0, 20_000),
    st.integers(1, 2_000),
    st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from([b'"', b"{", b"\n", b"[[", b"="])),
)
def test_a_mutant_is_refused_or_says_the_same(
    desk: Desk, where: str, kind: str, at: int, length: int, put: bytes
) -> None:
    place: Path = desk.model / where
    data = place.read_bytes()
    before = payloads(desk)
    place.write_bytes(mutated(data, kind, at, length, put))
    try:
        found = desk.examine()
        assert set(reasons(found)) <= REASONS.keys()
        if found.accepted:  # what is not signed changed: a hint, a key id, a line more
            assert before <= payloads(desk)
    except TrustError as error:
        pytest.fail(f"raised, not told: {error}")
    finally:
        place.write_bytes(data)
