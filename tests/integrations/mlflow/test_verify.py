"""A model that was logged with a signing key, downloaded, and verified by ``sentinel verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import pytest

from sentinel import cli
from sentinel.integrations import GuardPolicy, MLflowGuard
from sentinel.trust.keygen import generate
from tests.integrations.mlflow.kit import Scene, estimator, log_estimator

REQUIRED = "slsa-provenance, scan-passed"


class Signed:
    """A signing key and a policy that believes it."""

    def __init__(self, folder: Path, *, require: str = REQUIRED) -> None:
        folder.mkdir()
        self.key = str(folder / "key.pem")
        public, _ = generate(self.key)
        self.file = folder / "policy.yaml"
        self.file.write_text(
            "version: 1\nmodels:\n  '*':\n    signers:\n      threshold: 1\n"
            f"      keys: [{{id: prod, public_key: {Path(public).name}}}]\n"
            f"    require: [{require}]\n    allow_unsigned: [registered_model_meta]\n"
        )

    @property
    def guard(self) -> MLflowGuard:
        """A guard that signs."""
        return MLflowGuard(GuardPolicy(signing_key=self.key), quiet=True)

    def verify(self, folder: Path, name: str) -> int:
        """Run the command."""
        return cli.main(["verify", str(folder), "--policy", str(self.file), "--name", name])


@pytest.fixture
def signed(tmp_path: Path) -> Signed:
    return Signed(tmp_path / "keys")


def registered(scene: Scene, signed: Signed, **more: Any) -> tuple[Path, str]:
    """Log and register a model under the guard; return it as downloaded without one."""
    name = f"fraud-{scene.run_id[:8]}"
    with signed.guard:
        log_estimator(estimator(), registered_model_name=name, **more)
    into = scene.folder / "downloaded"
    into.mkdir()
    return Path(mlflow.artifacts.download_artifacts(f"models:/{name}/1", dst_path=str(into))), name


def test_what_was_logged_is_accepted(
    any_scene: Scene, signed: Signed, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, name = registered(any_scene, signed)
    assert signed.verify(folder, name) == 0
    said = capsys.readouterr().out
    assert f"accepted as '{name}'" in said
    assert "ok scan-passed" in said
    assert "ok slsa-provenance" in said


def last_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "model.pkl",
        "MLmodel",
        "requirements.txt",
        "sentinel.provenance.json",
        "sentinel/report.html",
    ],
)
def test_one_byte_of_any_file_is_refused(
    scene: Scene, signed: Signed, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, model = registered(scene, signed)
    last_byte(folder / name)
    assert signed.verify(folder, model) == 1
    assert f"speaks of another '{name}'" in capsys.readouterr().out


def test_a_file_more_is_refused(scene: Scene, signed: Signed) -> None:
    folder, name = registered(scene, signed)
    (folder / "sentinel" / "more.html").write_text("more")
    assert signed.verify(folder, name) == 1


def test_the_signature_counts(
    scene: Scene, signed: Signed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, name = registered(scene, signed)
    other = Signed(tmp_path / "other")
    assert other.verify(folder, name) == 1
    assert signed.verify(folder, name) == 0


def test_another_name_is_refused(
    scene: Scene, signed: Signed, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = registered(scene, signed)
    assert signed.verify(folder, "another") == 1
    assert "name-mismatch" in capsys.readouterr().err


def test_a_model_without_a_name_is_accepted_where_none_is_asked_for(
    any_scene: Scene, tmp_path: Path
) -> None:
    signed = Signed(tmp_path / "keys", require="scan-passed")
    with signed.guard:
        info = log_estimator(estimator())
    folder = Path(mlflow.artifacts.download_artifacts(info.model_uri))
    assert signed.verify(folder, "any") == 0
    last_byte(folder / "model.pkl")
    assert signed.verify(folder, "any") == 1


def test_a_directory_of_the_user(scene: Scene, tmp_path: Path) -> None:
    signed = Signed(tmp_path / "keys", require="scan-passed")
    mine = scene.folder / "mine"
    mlflow.sklearn.save_model(
        estimator(), mine, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    with signed.guard:
        mlflow.log_artifacts(str(mine), "model")
    assert not (mine / ".sentinel").exists()
    uri = f"{scene.artifact_uri}/model"
    into = scene.folder / "into"
    into.mkdir()
    folder = Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(into)))
    assert signed.verify(folder, "any") == 0
    with signed.guard:  # what was downloaded is logged again
        mlflow.log_artifacts(str(folder), "again")
    into = scene.folder / "into-again"
    into.mkdir()
    folder = Path(
        mlflow.artifacts.download_artifacts(f"{scene.artifact_uri}/again", dst_path=str(into))
    )
    assert signed.verify(folder, "any") == 0


def test_a_finding_is_attested_as_what_it_is(
    scene: Scene, signed: Signed, capsys: pytest.CaptureFixture[str]
) -> None:
    guard = MLflowGuard(GuardPolicy(signing_key=signed.key), on_block="warn", quiet=True)
    with guard:
        mlflow.log_artifacts(str(scene.payload.directory(model=True)), "model")
    into = scene.folder / "into"
    into.mkdir()
    uri = f"{scene.artifact_uri}/model"
    folder = Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(into)))
    assert signed.verify(folder, "any") == 1
    assert "ended FAILED: " in capsys.readouterr().out


def test_the_envelope_beside_it_says_the_same(scene: Scene, signed: Signed) -> None:
    import base64

    folder, _ = registered(scene, signed)
    envelope = json.loads((folder / "sentinel.provenance.json").read_bytes())
    said = json.loads(base64.b64decode(envelope["payload"]))
    lines = (folder / ".sentinel" / "attestations.intoto.jsonl").read_bytes().splitlines()
    stored = [json.loads(base64.b64decode(json.loads(one)["dsseEnvelope"]["payload"]))
              for one in lines]  # fmt: skip
    (same,) = [one for one in stored if one["predicateType"] == said["predicateType"]]
    assert {one["name"] for one in same["subject"]} - {one["name"] for one in said["subject"]} == {
        "sentinel.provenance.json",
        "sentinel/report.html",
    }


def test_without_a_key_nothing_is_attested(scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    folder = Path(mlflow.artifacts.download_artifacts(info.model_uri))
    assert (folder / "sentinel.provenance.json").is_file()
    assert not (folder / ".sentinel").exists()
