"""Statements that are not of the specification though well signed, and bundles that are broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import TrustError
from sentinel.limits import MIB
from sentinel.trust import oms
from sentinel.trust.reasons import REASONS
from tests.trust.oms_kit import Desk, in_serialization
from tests.trust.signing_kit import FILES


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def edited(**fields: object) -> Callable[[dict[str, object]], object]:
    return lambda said: said.update(fields)


def in_predicate(**fields: object) -> Callable[[dict[str, object]], object]:
    return lambda said: said["predicate"].update(fields)  # type: ignore[attr-defined]


def resources(
    change: Callable[[list[dict[str, str]]], object],
) -> Callable[[dict[str, object]], object]:
    return lambda said: change(said["predicate"]["resources"])  # type: ignore[index]


SIGNED: list[tuple[Callable[[dict[str, object]], object], str]] = [
    (edited(_type="https://in-toto.io/Statement/v0.1"), "statement-invalid"),
    (edited(predicateType="https://model_signing/Digests/v0.1"), "predicate-type"),
    (edited(predicateType="https://slsa.dev/provenance/v1"), "predicate-type"),
    (edited(predicate={}), "signature-format"),
    (in_predicate(resources=[]), "signature-format"),
    (in_predicate(resources={}), "signature-format"),
    (in_serialization(method="shards"), "signature-format"),
    (in_serialization(hash_type="md5"), "signature-format"),
    (in_serialization(hash_type="blake2b"), "signature-format"),
    (in_serialization(allow_symlinks="false"), "signature-format"),
    (in_serialization(ignore_paths="model.sig"), "signature-format"),
    (in_serialization(ignore_paths=["x"] * 101), "signature-format"),
    (resources(lambda all_: all_.reverse()), "signature-format"),
    (resources(lambda all_: all_.append(all_[-1])), "signature-format"),
    (resources(lambda all_: all_.pop()), "signature-format"),
    (resources(lambda all_: all_[0].update(algorithm="sha1")), "signature-format"),
    (resources(lambda all_: all_[0].update(digest="0" * 63)), "signature-format"),
    (resources(lambda all_: all_[0].update(name="../MLmodel")), "name-invalid"),
    (resources(lambda all_: all_[0].update(name="/etc/passwd")), "name-invalid"),
    (resources(lambda all_: all_[0].update(name="data//x")), "name-invalid"),
    (edited(subject=[]), "statement-invalid"),
    (edited(subject=[{"name": "model", "digest": {"sha256": "0" * 64}}]), "signature-format"),
]


@pytest.mark.parametrize(("change", "reason"), SIGNED)
def test_a_statement_that_is_not_of_the_specification(
    desk: Desk, change: Callable[[dict[str, object]], object], reason: str
) -> None:
    said = desk.said()
    desk.say(said)
    assert oms.verify(desk.model, desk.key)
    change(said)
    desk.say(said)
    assert desk.reason() == reason


def test_two_subjects(desk: Desk) -> None:
    said = desk.said()
    (one,) = said["subject"]  # type: ignore[misc]
    desk.say({**said, "subject": [one, {**one, "name": "other"}]})
    assert desk.reason() == "signature-format"


def test_further_fields_are_passed_over_as_the_specification_demands(desk: Desk) -> None:
    said = desk.said()
    in_predicate(model_card="x")(said)
    desk.say(said)
    assert oms.verify(desk.model, desk.key)


def test_another_payload_type(desk: Desk) -> None:
    desk.say(desk.said(), kind="application/json")
    assert desk.reason() == "payload-type"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"[]", "statement-invalid"),
        (b"{", "json-invalid"),
        (b'{"_type":1,"_type":2}', "json-duplicate-key"),
        (b"\xff", "json-invalid"),
    ],
)
def test_a_payload_that_is_no_statement(desk: Desk, payload: bytes, reason: str) -> None:
    desk.say(payload)
    assert desk.reason() == reason


def test_a_signature_of_more_than_64_mib(desk: Desk) -> None:
    desk.signature.write_bytes(b"[" * (64 * MIB + 1))
    assert desk.reason() == "too-large"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_truncated_signature_is_refused(desk: Desk, data: st.DataObject) -> None:
    whole = desk.signature.read_bytes()
    end = data.draw(st.integers(0, len(whole) - 3))
    desk.signature.write_bytes(whole[:end])
    try:
        assert desk.reason() == "json-invalid"
    finally:
        desk.signature.write_bytes(whole)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_signature_with_a_changed_byte_says_the_same_or_is_refused(
    desk: Desk, data: st.DataObject
) -> None:
    whole = desk.signature.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    desk.signature.write_bytes(
        whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    )
    try:
        outcome = sorted(oms.verify(desk.model, desk.key).manifest.by_name())
    except TrustError as error:
        outcome = [error.reason] if error.reason in REASONS else []
    finally:
        desk.signature.write_bytes(whole)
    assert outcome == sorted(FILES) or len(outcome) == 1
