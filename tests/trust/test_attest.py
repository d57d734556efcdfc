"""Attestations: valid by their specifications, about every file, and no more than is known."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import os
import pickle
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from sentinel.errors import TrustError, UsageError
from sentinel.findings import Severity
from sentinel.rules import RULES_VERSION
from sentinel.trust.attest import mlbom, slsa, store, svr, test_result, uris, watermark
from sentinel.trust.attest.make import Wanted, attest_model
from sentinel.trust.attest.statements import about
from sentinel.trust.manifest import OWN_FILES, Manifest, manifest_of
from sentinel.trust.statement import Statement
from tests.trust import attest_schemas as schemas
from tests.trust.attest_kit import ALL, NOW, Desk, key, write_model

SHA = "a" * 64
DATA = (slsa.Dependency("train.parquet", SHA, claimed=False), slsa.Dependency("base", SHA))
LIBRARIES = (
    mlbom.Library("scikit-learn", "1.9.1", sha256="b" * 64),
    mlbom.Library("Some_Package", specifier=">=1,<2"),
    mlbom.Library("bare"),
)
CARD = {"task": "classification", "approach": "supervised", "architecture-family": "forest"}


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    write_model(tmp_path / "m")
    return manifest_of(tmp_path / "m")


def check(made: Statement, schema: dict[str, Any]) -> dict[str, Any]:
    """Validate a statement, and that the schema would have seen a field that is wrong."""
    value: dict[str, Any] = json.loads(made.to_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(value)
    for place in ("predicate", "subject"):
        wrong = copy.deepcopy(value)
        target = wrong["subject"][0] if place == "subject" else wrong["predicate"]
        target["bogus"] = 1
        assert not validator.is_valid(wrong)
    for name in schema["properties"]["predicate"]["required"]:
        wrong = copy.deepcopy(value)
        del wrong["predicate"][name]
        assert not validator.is_valid(wrong)
    return value


def test_every_file_and_the_manifest_are_subjects(tmp_path: Path, manifest: Manifest) -> None:
    made = about(manifest, uris.SLSA, {})
    named = {one.name: one.sha256 for one in made.subjects}
    assert named.pop("sentinel:manifest") == manifest.digest
    assert named == {
        name: hashlib.sha256((tmp_path / "m" / name).read_bytes()).hexdigest()
        for name in ("MLmodel", "README.md", "data/labels.txt", "model.pkl")
    }
    (tmp_path / "m" / "MLmodel").rename(tmp_path / "m" / "Mmodel")
    renamed = manifest_of(tmp_path / "m")
    assert sorted(one.sha256 for one in renamed.files) == sorted(
        one.sha256 for one in manifest.files
    )
    assert renamed.digest != manifest.digest


def test_what_no_digest_covers_is_not_attested(tmp_path: Path) -> None:
    (tmp_path / "m" / "empty").mkdir(parents=True)
    with pytest.raises(TrustError):
        about(manifest_of(tmp_path / "m"), uris.SLSA, {})
    (tmp_path / "m" / "empty" / "sentinel:manifest").write_text("x")
    assert about(manifest_of(tmp_path / "m"), uris.SLSA, {})  # not at the top: another name
    (tmp_path / "m" / "sentinel:manifest").write_text("x")
    with pytest.raises(TrustError) as caught:
        about(manifest_of(tmp_path / "m"), uris.SLSA, {})
    assert caught.value.reason == "name-invalid"


def test_provenance_follows_its_specification(manifest: Manifest) -> None:
    predicate = slsa.predicate(
        name="fraud",
        version=7,
        parameters={"flavor": "sklearn", "epochs": 3},
        internal={"mlflow_run_id": "r1"},
        dependencies=(*DATA, slsa.Dependency("sklearn", uri="pkg:pypi/scikit-learn@1.9.1")),
        invocation="mlflow:r1",
        finished=NOW,
    )
    value = check(about(manifest, uris.SLSA, predicate), schemas.SLSA)["predicate"]
    build = value["buildDefinition"]
    assert build["externalParameters"] == {
        "flavor": "sklearn", "epochs": 3, "registered_model": "fraud", "version": 7,
    }  # fmt: skip
    # what a person typed is marked as a claim, what was read here is not
    assert build["internalParameters"]["sentinel_claimed"] == [
        "epochs", "flavor", "registered_model", "version",
    ]  # fmt: skip
    marks = [one.get("annotations") for one in build["resolvedDependencies"]]
    assert marks == [None, {"sentinel_claimed": True}, {"sentinel_claimed": True}]
    assert value["runDetails"]["metadata"]["finishedOn"] == "2026-11-25T12:00:00Z"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"version": 1},
        {"name": "a", "version": -1},
        {"name": "a", "version": True},
        {"name": "a", "version": 2**53},
        {"name": "a\n"},
        {"name": "a" * 5000},
        {"name": "a", "parameters": {"version": "2"}},
        {"name": "a", "parameters": {"b": [1]}},
        {"name": "a", "dependencies": (slsa.Dependency("x"),)},
        {"name": "a", "dependencies": (slsa.Dependency("x", "A" * 64),)},
        {"name": "a", "finished": datetime(2026, 1, 1)},
    ],
    ids=range(12),
)
def test_provenance_that_says_nothing_or_nonsense_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        slsa.predicate(**arguments)


@pytest.mark.parametrize("spec", ["1.6", "1.7"])
def test_the_bill_of_materials_is_valid_and_bogus_fields_are_not(
    manifest: Manifest, spec: str
) -> None:
    document = mlbom.document(
        manifest,
        name="fraud",
        version=7,
        created=NOW,
        libraries=LIBRARIES,
        datasets=DATA,
        card=CARD,
        spec=spec,
    )
    validator = JsonStrictValidator(SchemaVersion.from_version(spec))
    assert validator.validate_str(json.dumps(document)) is None
    places = [
        document,
        document["metadata"],
        document["metadata"]["component"],  # type: ignore[index]
        document["metadata"]["component"]["modelCard"],  # type: ignore[index]
        document["metadata"]["component"]["modelCard"]["modelParameters"],  # type: ignore[index]
        document["components"][0],  # type: ignore[index]
    ]
    for place in places:
        assert isinstance(place, dict)
        place["bogus"] = 1
        assert validator.validate_str(json.dumps(document)) is not None
        del place["bogus"]
    assert validator.validate_str(json.dumps(document)) is None


def test_the_bill_of_materials_lists_files_data_and_libraries(manifest: Manifest) -> None:
    document: Any = mlbom.document(
        manifest, name="fraud", created=NOW, libraries=LIBRARIES, datasets=DATA
    )
    model = document["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert {part["name"]: part["hashes"][0]["content"] for part in model["components"]} == {
        one.name: one.sha256 for one in manifest.files
    }
    parts = {part["name"]: part for part in document["components"]}
    assert parts["scikit-learn"]["purl"] == "pkg:pypi/scikit-learn@1.9.1"
    assert "version" not in parts["Some_Package"]
    assert parts["Some_Package"]["purl"] == "pkg:pypi/some-package"
    assert document["dependencies"][0]["dependsOn"] == [
        part["bom-ref"] for part in document["components"]
    ]
    assert "properties" not in parts["train.parquet"]  # read here
    assert parts["base"]["properties"] == [{"name": "sentinel:claimed", "value": "digest"}]
    with pytest.raises(UsageError):
        mlbom.document(manifest, name="a", created=NOW, card={"licence": "x"})
    with pytest.raises(UsageError):
        mlbom.document(manifest, name="a", created=NOW, card={"approach": "magic"})


def test_verification_results_follow_their_specification(manifest: Manifest) -> None:
    made = svr.predicate(
        [svr.SCAN_PASSED, svr.SIGNATURE_VALID, svr.SCAN_PASSED],
        created=NOW,
        policy_name="policy.yaml",
        policy_sha256=SHA,
    )
    value = check(about(manifest, uris.SVR, made), schemas.SVR)
    assert value["predicate"]["properties"] == [svr.SCAN_PASSED, svr.SIGNATURE_VALID]
    for wrong in ([], ["passed"], ["SENTINEL_"]):
        with pytest.raises(UsageError):
            svr.predicate(wrong, created=NOW, policy_name="p", policy_sha256=SHA)


def test_a_watermark_record_has_no_room_for_key_or_payload(manifest: Manifest) -> None:
    made = watermark.predicate(
        key_id="b" * 16,
        commitment=SHA,
        scheme="stdm-1",
        parameters={"L": 4096, "delta": 1.0, "M": 346, "n": 1_420_000},
        recorded=NOW,
        anchors_sha256=SHA,
    )
    check(about(manifest, uris.WATERMARK, made), schemas.WATERMARK)
    base: dict[str, Any] = {"key_id": "b" * 16, "commitment": SHA, "scheme": "stdm-1"}
    for wrong in (
        {"parameters": {"payload": 12345}},
        {"parameters": {"key": 1}},
        {"parameters": {"L": "c2VjcmV0"}},
        {"parameters": {}, "key_id": "secret"},
        {"parameters": {}, "commitment": "secret"},
        {"parameters": {}, "scheme": "secret"},
    ):
        with pytest.raises(UsageError) as caught:
            watermark.predicate(**{**base, "recorded": NOW, **wrong})
        assert "c2VjcmV0" not in caught.value.message


# The scan.


def reports_of(tmp_path: Path, content: bytes, wanted: Wanted) -> dict[str, Any]:
    desk = Desk(tmp_path)
    (desk.model / "more.pkl").write_bytes(content)
    made = desk.attest(wanted)
    statement = next(one for one in made.statements if one.predicate_type == uris.TEST_RESULT)
    return check(statement, schemas.TEST_RESULT)["predicate"]  # type: ignore[no-any-return]


SYSTEM = b"cos\nsystem\n(S'true'\ntR."
SCAN = Wanted(scan=True)


def test_a_clean_scan_passed(tmp_path: Path) -> None:
    value = reports_of(tmp_path, pickle.dumps([1]), SCAN)
    assert (value["result"], value["failedTests"], value["warnedTests"]) == ("PASSED", [], [])
    scan = value["sentinel_scan"]
    assert scan["rulesVersion"] == RULES_VERSION
    assert scan["verdict"] == "clean"
    assert (scan["scanned"] + scan["others"], scan["scanned"] >= 2) == (5, True)
    assert "passedTests" not in value  # which rules had something to judge is not known


def test_findings_are_failed_tests_by_their_rule(tmp_path: Path) -> None:
    value = reports_of(tmp_path, SYSTEM, SCAN)
    assert value["result"] == "FAILED"
    assert value["failedTests"]
    assert all(name.startswith("SNT") for name in value["failedTests"])
    lenient = dataclasses.replace(SCAN, fail_on=None)
    warned = reports_of(tmp_path / "b", SYSTEM, lenient)
    assert warned["result"] == "WARNED"
    assert warned["warnedTests"] == value["failedTests"]
    assert warned["sentinel_scan"]["failOn"] == "never"


def test_what_was_not_examined_did_not_pass(tmp_path: Path) -> None:
    value = reports_of(tmp_path, pickle.dumps([1] * 1000)[:-40], dataclasses.replace(SCAN))
    assert value["result"] == "FAILED"
    assert [name for name in value["failedTests"] if name.startswith("coverage.")]
    assert value["sentinel_scan"]["verdict"] == "incomplete"


def test_the_configuration_is_bound_by_digests(tmp_path: Path) -> None:
    value = reports_of(tmp_path, b"", dataclasses.replace(SCAN, sarif_sha256=SHA))
    found = {one["name"]: one for one in value["configuration"]}
    assert found["rules"]["digest"]["sha256"] == test_result.rules_digest()
    assert found["rules"]["annotations"] == {"version": RULES_VERSION}
    assert found["report.sarif"]["digest"]["sha256"] == SHA
    strict = dataclasses.replace(SCAN, fail_on=Severity.LOW)
    other = reports_of(tmp_path / "b", b"", strict)
    assert other["configuration"][1] != value["configuration"][1]


# Storing.


def test_attestations_are_replaced_by_kind_and_dropped_with_their_files(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert len(desk.attest().statements) == 3
    again = desk.attest(Wanted(scan=True))
    assert (again.kept, again.dropped) == (2, 1)
    (desk.model / "README.md").write_text("Other.\n")
    last = desk.attest(Wanted(scan=True))
    assert (last.kept, last.dropped) == (0, 3)
    assert len(store.read(desk.model)) == 1


def test_nothing_is_written_when_signing_fails(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    before = sorted(desk.model.rglob("*"))

    class Broken:
        keyid = "x"
        verification_material = desk.key.verification_material
        verifier = desk.key.verifier

        def sign(self, data: bytes) -> bytes:
            raise TrustError("key-service", "no")

    with pytest.raises(TrustError):
        attest_model(desk.model, Broken(), ALL)
    with pytest.raises(UsageError):
        attest_model(desk.model, desk.key, Wanted())
    with pytest.raises(UsageError):
        attest_model(tmp_path / "none", desk.key, ALL)
    assert sorted(desk.model.rglob("*")) == before


def test_a_damaged_store_is_not_overwritten(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.attest()
    place = Path(store.place(desk.model))
    place.write_text("{}\n")
    with pytest.raises(TrustError):
        desk.attest()
    assert place.read_text() == "{}\n"


def test_what_a_killed_writer_left_is_no_file_of_the_model(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.attest()
    place = Path(store.place(desk.model))
    draft = place.with_name(f".{place.name}.0123abcd")
    draft.write_text("half")
    other = place.with_name(f".{place.name}.notes.txt")
    other.write_text("somebody's own")
    made = desk.attest()
    assert not draft.exists()
    assert other.exists()
    assert {one.name for one in made.manifest.files} == {
        one.name for one in manifest_of(desk.model, ignore=OWN_FILES).files
    }


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_store_behind_a_link_is_neither_read_nor_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "keep").write_text("x")
    (desk.model / ".sentinel").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TrustError) as caught:
        desk.attest()
    assert caught.value.reason == "symlink"
    with pytest.raises(TrustError):
        store.write(desk.model, [])
    assert [one.name for one in (tmp_path / "elsewhere").iterdir()] == ["keep"]


def test_a_store_that_is_a_directory_is_an_error(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    Path(store.place(desk.model)).mkdir(parents=True)
    with pytest.raises(TrustError) as caught:
        store.read(desk.model)
    assert caught.value.reason == "special-file"


def test_attested_twice_at_one_time_it_says_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = [one.to_bytes() for one in desk.attest().statements]
    assert [one.to_bytes() for one in desk.attest(by=key()).statements] == first
