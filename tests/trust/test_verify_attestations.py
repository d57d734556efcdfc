"""Signatures and attestations taken away, forged, confused or damaged, and how many must sign."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel.errors import TrustError
from sentinel.trust import dsse, strict_json
from sentinel.trust.attest import store, uris
from sentinel.trust.attest.make import cosign
from sentinel.trust.attest.statements import about
from sentinel.trust.manifest import OWN_FILES, manifest_of
from tests.trust.attest_kit import V8, Desk, answer, key, reasons, statement_of, write_model

TWO = "keys: [{id: prod, public_key: prod.pub}, {id: second, public_key: second.pub}]"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.finish()
    return made


# What is done to signatures and attestations.


def test_a_signature_taken_away_is_refused(desk: Desk) -> None:
    (desk.model / "model.sig").unlink()
    assert answer(desk.examine()) == "no-signature"
    assert answer(desk.examine(desk.policy(require="[scan-passed]"))) == "accepted"


def test_attestations_taken_away_are_refused(desk: Desk) -> None:
    store.write(desk.model, [])
    assert reasons(desk.examine()) == ["missing-attestation"] * 3
    assert answer(desk.examine(desk.policy(require="[model-signature]", more=()))) == "accepted"


@pytest.mark.parametrize("missing", [uris.SLSA, uris.TEST_RESULT, uris.MLBOM])
def test_each_attestation_that_is_required_must_be_there(desk: Desk, missing: str) -> None:
    desk.keep(*({uris.SLSA, uris.TEST_RESULT, uris.MLBOM} - {missing}))
    assert reasons(desk.examine()) == ["missing-attestation"]


def test_another_models_attestations_and_signature_do_not_fit(desk: Desk) -> None:
    other = desk.root / "other"
    write_model(other, 0.25)
    shutil.copytree(desk.model / ".sentinel", other / ".sentinel")
    shutil.copy(desk.model / "model.sig", other)
    desk.model = other
    assert reasons(desk.examine()) == ["digest-mismatch", *["subject-mismatch"] * 3]
    desk.finish()
    assert answer(desk.examine()) == "accepted"


def test_an_envelope_without_signature_is_refused(desk: Desk) -> None:
    place = Path(store.place(desk.model))
    bare = [json.loads(line) for line in place.read_text().splitlines()]
    for one in bare:
        one["dsseEnvelope"]["signatures"] = []
    place.write_text("\n".join(map(json.dumps, bare)) + "\n")
    assert answer(desk.examine()) == "no-signature"


def test_a_key_that_the_policy_does_not_name_counts_for_nothing(desk: Desk) -> None:
    stranger = key()
    desk.attest(by=stranger)
    desk.sign(stranger)
    assert set(reasons(desk.examine())) == {"bad-signature"}
    desk.write_key("prod", stranger)
    assert answer(desk.examine()) == "accepted"


ONE = {"scan-passed": uris.TEST_RESULT, "slsa-provenance": uris.SLSA, "mlbom": uris.MLBOM}


@pytest.mark.parametrize("require", ONE)
def test_confused_types_are_refused(desk: Desk, require: str) -> None:
    policy = desk.policy(require=f"[{require}]", more=())
    said = statement_of(desk, ONE[require])
    payload = strict_json.canonical(said)

    def with_only(payload: bytes, payload_type: str = dsse.IN_TOTO) -> str:
        store.write(desk.model, [])
        desk.put(payload, payload_type)
        return answer(desk.examine(policy))

    assert with_only(payload) == "accepted"
    assert with_only(payload, "application/json") == "payload-type"
    assert with_only(payload, "application/vnd.in-toto+json ") == "payload-type"
    old = said | {"_type": "https://in-toto.io/Statement/v0.1"}
    assert with_only(strict_json.canonical(old)) == "statement-invalid"
    for other in {*ONE.values(), uris.SVR} - {ONE[require]}:
        wrong = said | {"predicateType": other}
        assert with_only(strict_json.canonical(wrong)) == "missing-attestation"
        stolen = statement_of_type(desk, other) | {"predicateType": ONE[require]}
        assert with_only(strict_json.canonical(stolen)) in ("statement-invalid", "name-mismatch")
    assert with_only(b'{"_type":1,' + payload[1:]) == "json-duplicate-key"
    assert with_only(payload + payload) == "json-invalid"
    v01 = json.loads(payload)
    v01["subject"] = [{"name": "model", "digest": {"sha256": "0" * 64}}]
    v01["predicateType"] = "https://model_signing/Digests/v0.1"
    assert with_only(strict_json.canonical(v01)) == "missing-attestation"


def statement_of_type(desk: Desk, predicate_type: str) -> dict[str, object]:
    """Return a statement about the model with the predicate of another kind."""
    manifest = manifest_of(desk.model, ignore=OWN_FILES)
    predicates: dict[str, dict[str, object]] = {
        uris.SLSA: {"buildDefinition": {"buildType": "x", "externalParameters": {"a": 1}}},
        uris.TEST_RESULT: {"result": "PASSED", "configuration": []},
        uris.MLBOM: {"bomFormat": "CycloneDX", "specVersion": "1.6"},
        uris.SVR: {"verifier": {"id": "x"}, "properties": ["SENTINEL_SCAN_PASSED"]},
    }
    made = about(manifest, predicate_type, predicates[predicate_type])
    value = json.loads(made.to_bytes())
    assert isinstance(value, dict)
    return value


def test_the_old_signature_type_is_refused(desk: Desk) -> None:
    place = desk.model / "model.sig"
    bundle = json.loads(place.read_bytes())
    said = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    said["predicateType"] = "https://model_signing/Digests/v0.1"
    payload = strict_json.canonical(said)
    sig = desk.key.sign(dsse.pae(dsse.IN_TOTO, payload))
    bundle["dsseEnvelope"] = dsse.to_object(
        dsse.Envelope(dsse.IN_TOTO, payload, (dsse.Signature(sig),))
    )
    place.write_text(json.dumps(bundle))
    assert reasons(desk.examine()) == ["predicate-type"]


DAMAGE: dict[str, tuple[Callable[[str], str], str]] = {
    "two documents on a line": (lambda line: line + line, "json-invalid"),
    "a key twice": (lambda line: '{"mediaType":"x",' + line[1:], "json-duplicate-key"),
    "two envelopes": (
        lambda line: line.replace('"dsseEnvelope":', '"dsseEnvelope":{},"dsseEnvelope":', 1),
        "json-duplicate-key",
    ),
    "not base64 as it is written": (
        lambda line: line.replace('"payload":"', '"payload":" ', 1),
        "base64-invalid",
    ),
    "cut": (lambda line: line[:-40], "json-invalid"),
    "an empty line": (lambda line: line + "\n", "json-invalid"),
    "another bundle version": (lambda line: line.replace("v0.3", "v0.1"), "bundle-invalid"),
    "another field": (lambda line: '{"x":1,' + line[1:], "bundle-invalid"),
    "deep": (lambda line: "[" * 100_000, "json-depth"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_store_is_refused_whole(desk: Desk, name: str) -> None:
    damage, reason = DAMAGE[name]
    place = Path(store.place(desk.model))
    first, *rest = place.read_text().splitlines()
    place.write_text("\n".join([damage(first), *rest]) + "\n")
    assert answer(desk.examine()) == reason


def test_a_store_of_more_than_64_mib_is_not_read(desk: Desk) -> None:
    with Path(store.place(desk.model)).open("r+b") as file:
        file.truncate(store.MAX_SIZE + 1)
    assert answer(desk.examine()) == "too-large"


def test_a_store_that_is_a_link_or_a_pipe_is_refused(desk: Desk) -> None:
    place = Path(store.place(desk.model))
    place.rename(desk.root / "elsewhere")
    place.symlink_to(desk.root / "elsewhere")
    assert answer(desk.examine()) == "symlink"
    place.unlink()
    os.mkfifo(place)
    assert answer(desk.examine()) == "special-file"


# Thresholds.


def test_two_of_two_must_sign(desk: Desk) -> None:
    second = key()
    desk.write_key("second", second)
    policy = desk.policy(threshold=2, signers=TWO)
    assert set(reasons(desk.examine(policy))) == {"threshold"}
    made = cosign(desk.model, second, [desk.key.verifier])
    assert len(made.statements) == 4  # three attestations and the signature of the model
    assert answer(desk.examine(policy)) == "accepted"


def test_a_forged_second_signature_does_not_count(desk: Desk) -> None:
    second, forger = key(), key()
    desk.write_key("second", second)
    cosign(desk.model, forger, [desk.key.verifier])
    lines = []
    for one in store.read(desk.model):  # the forger's, said to be of the second key
        bundle = json.loads(one.raw)
        for signature in bundle["dsseEnvelope"]["signatures"]:
            if signature.get("keyid") == forger.keyid:
                signature["keyid"] = second.keyid
        lines.append(json.dumps(bundle))
    Path(store.place(desk.model)).write_text("\n".join(lines) + "\n")
    policy = desk.policy(threshold=2, signers=TWO)
    assert set(reasons(desk.examine(policy))) == {"threshold"}


def test_one_key_counts_once_however_often_it_signs_or_is_listed(desk: Desk) -> None:
    desk.write_key("second", desk.key)  # another file, the same key
    for one in store.read(desk.model):
        desk.put(one.bundle.envelope.payload)
    policy = desk.policy(threshold=2, signers=TWO)
    assert set(reasons(desk.examine(policy))) == {"threshold"}
    assert answer(desk.examine(desk.policy(signers=TWO))) == "accepted"


def test_nobody_signs_along_with_what_a_stranger_left_there(desk: Desk) -> None:
    stranger, second = key(), key()
    desk.put(strict_json.canonical({"x": 1}))
    desk.attest(V8, by=stranger)
    with pytest.raises(TrustError) as caught:
        cosign(desk.model, second, [key().verifier])
    assert caught.value.reason == "missing-attestation"
    made = cosign(desk.model, second, [stranger.verifier])
    assert {one.predicate_type for one in made.statements} == {
        uris.SLSA, uris.TEST_RESULT, uris.MLBOM,
    }  # fmt: skip


def test_an_ignored_path_cannot_cover_weights(desk: Desk) -> None:
    """Well signed, and yet its list of what it leaves out covers the weights."""
    place = desk.model / "model.sig"
    bundle = json.loads(place.read_bytes())
    said = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    predicate = said["predicate"]
    predicate["resources"] = [one for one in predicate["resources"] if one["name"] != "model.pkl"]
    predicate["serialization"]["ignore_paths"] = ["model.pkl", "model.sig"]
    joined = b"".join(bytes.fromhex(one["digest"]) for one in predicate["resources"])
    said["subject"][0]["digest"]["sha256"] = hashlib.sha256(joined).hexdigest()
    payload = strict_json.canonical(said)
    sig = desk.key.sign(dsse.pae(dsse.IN_TOTO, payload))
    bundle["dsseEnvelope"] = dsse.to_object(
        dsse.Envelope(dsse.IN_TOTO, payload, (dsse.Signature(sig),))
    )
    place.write_text(json.dumps(bundle))
    assert reasons(desk.examine()) == ["unsigned-file"]
    lenient = desk.policy(more=("strict_files: false",))
    assert reasons(desk.examine(lenient)) == ["unsigned-file"]
