"""Attacks on what a policy accepts: each with its reason, and its accepted twin."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sentinel.errors import SettingsError, TrustError, UsageError
from sentinel.trust import dsse, lock, strict_json
from sentinel.trust.attest import store, svr, uris
from sentinel.trust.attest.make import attest_verdict, cosign
from sentinel.trust.attest.statements import about
from sentinel.trust.manifest import OWN_FILES, manifest_of
from sentinel.trust.policy import load_policy
from sentinel.trust.verify import Refused, verify_by_policy
from tests.trust.attest_kit import ALL, NOW, Desk, answer, key, kind, reasons, write_model

V7, V8 = ALL, dataclasses.replace(ALL, version=8)
TWO = "keys: [{id: prod, public_key: prod.pub}, {id: second, public_key: second.pub}]"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.finish()
    return made


def test_what_is_signed_scanned_and_named_is_accepted(desk: Desk) -> None:
    found = verify_by_policy(desk.model, desk.policy(), name="fraud", now=NOW)
    assert found.accepted
    assert found.version == 7
    assert found.manifest == manifest_of(desk.model, ignore=OWN_FILES).digest
    names = [check.name for check in found.checks]
    assert names == [
        "policy", "files", "attestations", "model-signature", "slsa-provenance", "scan-passed",
        "mlbom",
    ]  # fmt: skip
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.checks = ()  # type: ignore[misc]


def test_a_refusal_is_raised_and_carries_all_checks(desk: Desk) -> None:
    (desk.model / "README.md").write_text("Another model.\n")
    with pytest.raises(Refused) as caught:
        verify_by_policy(desk.model, desk.policy(), name="fraud", now=NOW)
    assert caught.value.reason == "digest-mismatch"
    assert len(caught.value.verification.checks) == 7
    assert not caught.value.verification


# What is done to the files.


def flip(model: Path) -> None:
    data = bytearray((model / "model.pkl").read_bytes())
    data[-3] ^= 1
    (model / "model.pkl").write_bytes(bytes(data))


def git_hook(model: Path) -> None:
    (model / ".git" / "hooks").mkdir(parents=True)
    (model / ".git" / "hooks" / "post-checkout").write_text("#!/bin/sh\n")


def inside_own_name(model: Path) -> None:
    (model / "model.sig").unlink()
    (model / "model.sig").mkdir()
    (model / "model.sig" / "notes").write_text("x")


TAMPERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "flip": (flip, "digest-mismatch"),
    "add": (lambda m: (m / "evil.py").write_text("1"), "unsigned-file"),
    "remove": (lambda m: (m / "MLmodel").unlink(), "missing-file"),
    "rename": (lambda m: (m / "MLmodel").rename(m / "Mmodel"), "missing-file"),
    "empty directory": (lambda m: (m / "new").mkdir(), "empty-directory"),
    "git": (git_hook, "unsigned-file"),
    "link": (lambda m: (m / "l").symlink_to("MLmodel"), "symlink"),
    "beside the attestations": (
        lambda m: (m / ".sentinel" / "more").write_text("x"),
        "unsigned-file",
    ),
    "in a directory named as the signature": (inside_own_name, "unsigned-file"),
}


@pytest.mark.parametrize("name", TAMPERS)
def test_changed_files_are_refused(desk: Desk, name: str) -> None:
    assert answer(desk.examine()) == "accepted"
    tamper, reason = TAMPERS[name]
    tamper(desk.model)
    assert answer(desk.examine()) == reason


@pytest.mark.parametrize("name", ["flip", "add", "remove", "rename"])
def test_attestations_alone_bind_every_file_and_its_name(desk: Desk, name: str) -> None:
    policy = desk.policy(require="[scan-passed]")
    (desk.model / "model.sig").unlink()
    assert answer(desk.examine(policy)) == "accepted"
    TAMPERS[name][0](desk.model)
    assert answer(desk.examine(policy)) == "subject-mismatch"


def test_files_of_git_may_be_unsigned_only_where_the_policy_says_so(desk: Desk) -> None:
    git_hook(desk.model)
    lenient = desk.policy(more=("strict_files: false",))
    assert answer(desk.examine()) == "unsigned-file"
    assert answer(desk.examine(lenient)) == "unsigned-file"  # Git would run it
    hook = desk.model / ".git" / "hooks" / "post-checkout"
    hook.rename(hook.with_suffix(".sample"))
    assert answer(desk.examine(lenient)) == "accepted"
    (desk.model / ".git" / "evil.py").write_text("1")
    assert answer(desk.examine(lenient)) == "unsigned-file"
    (desk.model / ".git" / "evil.py").unlink()
    (desk.model / "notes").write_text("1")
    assert answer(desk.examine(lenient)) == "unsigned-file"


def test_what_a_registry_adds_may_be_unsigned_where_the_policy_names_it(desk: Desk) -> None:
    (desk.model / "registered_model_meta").write_text("model_name: fraud\n")
    assert reasons(desk.examine()) == ["unsigned-file", *["subject-mismatch"] * 3]
    naming = desk.policy(more=("allow_unsigned: [registered_model_meta]",))
    assert answer(desk.examine(naming)) == "accepted"
    (desk.model / "registered_model_meta").unlink()
    (desk.model / "registered_model_meta").mkdir()
    (desk.model / "registered_model_meta" / "a.pkl").write_bytes(b"N.")
    assert answer(desk.examine(naming)) == "unsigned-file"
    (desk.model / "registered_model_meta" / "a.pkl").rename(
        desk.model / "registered_model_meta" / "notes"
    )
    assert answer(desk.examine(naming)) == "unsigned-file"  # a name is not a directory
    for name in ("evil.py", "model.pkl", "../x", "/x"):
        with pytest.raises(SettingsError):
            desk.policy(more=(f"allow_unsigned: ['{name}']",))


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


def statement_of(desk: Desk, predicate_type: str) -> dict[str, object]:
    found = next(one for one in store.read(desk.model) if kind(one) == predicate_type)
    value = json.loads(found.bundle.envelope.payload)
    assert isinstance(value, dict)
    return value


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


# Names and versions.


def test_the_same_content_under_another_name_is_refused(desk: Desk) -> None:
    assert answer(desk.examine(name="fraud")) == "accepted"
    assert answer(desk.examine(name="fraud-eu")) == "name-mismatch"
    assert answer(desk.examine(name="churn")) == "no-policy"


def test_provenance_under_no_name_is_refused(desk: Desk) -> None:
    desk.finish(dataclasses.replace(ALL, name="", version=None, parameters={"commit": "a1"}))
    assert answer(desk.examine()) == "name-mismatch"


def test_an_old_version_is_refused_once_a_newer_was_accepted(desk: Desk) -> None:
    policy = desk.with_lock()
    old = desk.root / "old"
    shutil.copytree(desk.model, old)
    assert answer(desk.examine(policy)) == "accepted"
    write_model(desk.model, 0.75)
    desk.finish(V8)
    assert answer(desk.examine(policy)) == "accepted"
    assert lock.read(str(desk.lock))["fraud"].version == 8
    desk.model = old
    assert reasons(desk.examine(policy)) == ["rollback"]
    assert lock.read(str(desk.lock))["fraud"].version == 8
    allowing = desk.policy(more=("freshness: {lock: sentinel.lock, allow_rollback: true}",))
    found = desk.examine(allowing)
    assert answer(found) == "accepted"
    assert svr.NOT_ROLLED_BACK not in found.properties  # it was let through, and that is all
    assert svr.PROVENANCE_VALID in found.properties
    assert lock.read(str(desk.lock))["fraud"].version == 8


def test_the_same_version_with_other_files_is_refused(desk: Desk) -> None:
    policy = desk.with_lock()
    assert answer(desk.examine(policy)) == "accepted"
    assert answer(desk.examine(policy)) == "accepted"
    write_model(desk.model, 0.75)
    desk.finish(V7)
    assert reasons(desk.examine(policy)) == ["lock-digest-mismatch"]


def test_a_refused_model_does_not_move_the_lock(desk: Desk) -> None:
    policy = desk.with_lock()
    desk.finish(V8)
    (desk.model / "model.sig").unlink()
    assert answer(desk.examine(policy)) == "no-signature"
    assert not desk.lock.exists()
    desk.sign()
    assert answer(desk.examine(policy)) == "accepted"
    assert lock.read(str(desk.lock))["fraud"].version == 8


def test_a_lock_needs_a_version_and_a_place_outside_the_model(desk: Desk) -> None:
    desk.finish(dataclasses.replace(ALL, version=None))
    assert answer(desk.examine(desk.with_lock())) == "no-version"
    assert answer(desk.examine()) == "accepted"
    inside = desk.policy(more=("freshness: {lock: model/sentinel.lock}",))
    with pytest.raises(SettingsError, match="inside the model"):
        desk.examine(inside)


def test_policy_and_keys_are_not_taken_from_the_model(desk: Desk) -> None:
    (desk.model / "prod.pub").write_bytes((desk.root / "prod.pub").read_bytes())
    desk.finish()
    brought = desk.policy(signers="keys: [{id: prod, public_key: model/prod.pub}]")
    with pytest.raises(SettingsError, match=r"prod\.pub: lies inside the model"):
        desk.examine(brought)
    assert answer(desk.examine()) == "accepted"
    shutil.copy(desk.root / "policy.yaml", desk.model / "policy.yaml")
    with pytest.raises(SettingsError, match=r"policy\.yaml: lies inside the model"):
        desk.examine(load_policy(desk.model / "policy.yaml"))


def test_a_damaged_lock_refuses(desk: Desk) -> None:
    desk.lock.write_text('{"lock":1,"models":{},"models":{}}')
    assert answer(desk.examine(desk.with_lock())) == "bad-lock"


# Scans.


def scan_of(desk: Desk, **changes: object) -> None:
    """Put one scan result in place of all attestations, with other fields."""
    said = statement_of(desk, uris.TEST_RESULT)
    predicate = said["predicate"]
    assert isinstance(predicate, dict)
    for name, value in changes.items():
        inner = predicate["sentinel_scan"]
        (inner if name in inner else predicate)[name] = value
    desk.put(strict_json.canonical(said))


def test_stale_future_and_old_scans_are_refused(desk: Desk) -> None:
    policy = desk.policy(require="[scan-passed]")
    assert answer(desk.examine(policy, now=NOW + timedelta(days=30))) == "accepted"
    later = desk.examine(policy, now=NOW + timedelta(days=30, seconds=1))
    assert answer(later) == "scan-too-old"
    assert answer(desk.examine(policy, now=NOW - timedelta(minutes=5))) == "accepted"
    assert answer(desk.examine(policy, now=NOW - timedelta(minutes=6))) == "scan-in-future"
    newer = desk.policy(require="[scan-passed]", more=("scan: {min_ruleset: '2027.1'}",))
    assert answer(desk.examine(newer)) == "ruleset-too-old"
    none = desk.policy(require="[scan-passed]", more=())
    assert answer(desk.examine(none, now=NOW + timedelta(days=3000))) == "accepted"
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert answer(desk.examine(policy, now=last)) == "scan-too-old"
    assert answer(desk.examine(none, now=last)) == "accepted"
    assert answer(desk.examine(none, now=datetime(1, 1, 1, tzinfo=UTC))) == "scan-in-future"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"finishedOn": "2026-11-25T12:00:01Z"}, "accepted"),
        ({"finishedOn": "2026-11-25T12:00:01Z", "result": "FAILED"}, "scan-not-passed"),
        ({"finishedOn": "2026-11-25T12:00:01Z", "result": "WARNED"}, "scan-not-passed"),
        # of two that ended at the same second the worse counts
        ({"result": "FAILED"}, "scan-not-passed"),
        ({"failedTests": ["SNT1001"]}, "statement-invalid"),
        ({"warnedTests": ["SNT1001"]}, "statement-invalid"),
        ({"result": "passed"}, "statement-invalid"),
        ({"verdict": "incomplete"}, "statement-invalid"),
        ({"verdict": "findings"}, "accepted"),  # of low severity
        ({"finishedOn": "yesterday"}, "statement-invalid"),
        ({"finishedOn": 1764072000}, "statement-invalid"),
        ({"finishedOn": "2026-02-30T00:00:00Z"}, "statement-invalid"),
        ({"rulesVersion": "9999"}, "accepted"),
        ({"rulesVersion": "newest"}, "statement-invalid"),
        ({"configuration": "none"}, "statement-invalid"),
        ({"sentinel_scan": None}, "statement-invalid"),
        # an older failure does not outlive a later pass
        ({"finishedOn": "2026-11-24T12:00:00Z", "result": "FAILED"}, "accepted"),
    ],
)
def test_the_latest_scan_decides(desk: Desk, changes: dict[str, object], reason: str) -> None:
    scan_of(desk, **changes)
    assert answer(desk.examine(desk.policy(require="[scan-passed]"))) == reason


def test_a_scan_with_findings_is_attested_and_refused(desk: Desk) -> None:
    (desk.model / "more.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    desk.finish()
    found = desk.examine()
    assert reasons(found) == ["scan-not-passed"]
    (desk.model / "more.pkl").unlink()
    desk.finish()
    assert answer(desk.examine()) == "accepted"


# Verification results.


def test_a_verification_result_states_what_held(desk: Desk) -> None:
    first = desk.examine()
    held = ["SENTINEL_SCAN_PASSED", "SENTINEL_SIGNATURE_VALID"]
    gate = key()
    desk.write_key("gate", gate)
    made = attest_verdict(
        desk.model,
        gate,
        held,
        manifest_digest=first.manifest,
        policy=first.policy,
        policy_sha256=first.policy_sha256,
        now=NOW,
    )
    assert made.kept == 3
    by_gate = "keys: [{id: gate, public_key: gate.pub}]"
    policy = desk.policy(require="[svr]", more=(), signers=by_gate)
    assert answer(desk.examine(policy)) == "accepted"
    asked = "svr: {properties: [SENTINEL_DEPS_PINNED]}"
    asking = desk.policy(require="[svr]", more=(asked,), signers=by_gate)
    assert answer(desk.examine(asking)) == "svr-property"
    early = desk.policy(require="[svr]", more=(), signers=by_gate)
    assert answer(desk.examine(early, now=NOW - timedelta(days=1))) == "svr-in-future"
    flip(desk.model)
    assert answer(desk.examine(policy)) == "subject-mismatch"
    with pytest.raises(TrustError, match="changed since it was verified"):
        attest_verdict(
            desk.model,
            gate,
            held,
            manifest_digest=first.manifest,
            policy="p",
            policy_sha256="0" * 64,
        )


# What stands beside a model and is not signed.


def test_tags_change_no_verdict(desk: Desk) -> None:
    """MLflow keeps tags beside the artifacts, and whoever can write there can say anything."""
    run = desk.root / "mlruns" / "1" / "r1"
    artifacts = run / "artifacts" / "model"
    artifacts.parent.mkdir(parents=True)
    desk.model.rename(artifacts)
    desk.model = artifacts
    tags = run / "tags"
    tags.mkdir()
    good = desk.examine()
    for name, value in (
        ("sentinel.verdict", "malicious"),
        ("sentinel.manifest_sha256", "0" * 64),
        ("sentinel.version", "1"),
    ):
        (tags / name).write_text(value)
    assert desk.examine() == good
    assert good.accepted
    flip(artifacts)
    (tags / "sentinel.verdict").write_text("clean")
    (tags / "sentinel.manifest_sha256").write_text(manifest_of(artifacts, ignore=OWN_FILES).digest)
    assert answer(desk.examine()) == "digest-mismatch"


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


def test_a_single_file_is_verified_under_its_own_name(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.model = tmp_path / "fraud.pkl"
    (tmp_path / "model" / "model.pkl").rename(desk.model)
    desk.finish()
    assert answer(desk.examine()) == "accepted"
    for name in ("", ".sig", ".attestations.intoto.jsonl"):
        (tmp_path / f"fraud.pkl{name}").rename(tmp_path / f"other.pkl{name}")
    desk.model = tmp_path / "other.pkl"
    assert not desk.examine().accepted


def test_no_policy_file_or_key_is_an_error_of_settings(desk: Desk) -> None:
    (desk.root / "prod.pub").unlink()
    with pytest.raises(SettingsError, match=r"prod\.pub"):
        desk.examine()
    (desk.root / "prod.pub").write_text("no key")
    with pytest.raises(TrustError) as caught:
        desk.examine()
    assert caught.value.reason == "key-invalid"


def test_a_time_needs_a_zone(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.examine(now=NOW.replace(tzinfo=None))


def test_the_network_is_never_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    desk.finish(V8)
    assert answer(desk.examine(desk.with_lock())) == "accepted"


def test_a_snapshot_in_the_cache_of_hugging_face_is_verified_as_it_lies_there(desk: Desk) -> None:
    repository = desk.root / "models--x--fraud"
    snapshot = repository / "snapshots" / ("c" * 40)
    blobs = repository / "blobs"
    blobs.mkdir(parents=True)
    for path in sorted(desk.model.rglob("*")):
        if path.is_file():
            name = path.relative_to(desk.model)
            data = path.read_bytes()
            blob = blobs / hashlib.sha256(data).hexdigest()
            blob.write_bytes(data)
            link = snapshot / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to("/".join([*[".."] * (len(name.parts) + 1), "blobs", blob.name]))
    desk.model = snapshot
    assert answer(desk.examine()) == "accepted"
    model = snapshot / "model.pkl"
    (desk.root / "other").write_bytes(model.read_bytes())
    model.unlink()
    model.symlink_to(desk.root / "other")
    assert answer(desk.examine()) == "outside-cache"
