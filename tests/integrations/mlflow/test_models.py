"""Models: what is logged with one, its report, its provenance, its tags."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import pytest

from sentinel.integrations import GuardPolicy, MLflowGuard
from tests.integrations.mlflow.kit import ROWS, V3, Scene, estimator, log_estimator, only3


def downloaded(info: Any) -> Path:
    return Path(mlflow.artifacts.download_artifacts(info.model_uri))


def test_the_code_of_the_readme(any_scene: Scene) -> None:
    model = estimator()
    with MLflowGuard():
        info = mlflow.sklearn.log_model(model, "model")
    loaded = mlflow.sklearn.load_model(info.model_uri)
    assert list(loaded.predict(ROWS)) == list(model.predict(ROWS))
    if V3:
        assert str(mlflow.get_logged_model(info.model_id).status.value) == "READY"


def test_provenance_speaks_of_every_file(any_scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    folder = downloaded(info)
    statement = json.loads((folder / "sentinel.provenance.json").read_bytes())
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    said = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    there = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("sentinel.provenance.json", "report.html")
    }
    there.pop("registered_model_meta", None)  # MLflow adds it to what it downloads
    assert said.pop("sentinel:manifest")
    assert said == there
    definition = statement["predicate"]["buildDefinition"]
    assert definition["externalParameters"]["mlflow.run_id"] == any_scene.run_id
    assert definition["internalParameters"]["sentinel"]["verdict"] == "clean"
    assert definition["buildType"].endswith("/mlflow-log-model/v1")


def test_a_report_lies_beside_the_model(any_scene: Scene) -> None:
    with MLflowGuard() as guard:
        info = log_estimator(estimator())
    page = (downloaded(info) / "sentinel" / "report.html").read_text("ascii")
    assert page.startswith("<!DOCTYPE html>")
    assert "model.pkl" in page
    assert guard.summary().endswith("sentinel/report.html")
    assert mlflow.get_run(any_scene.run_id).data.tags["sentinel.report"].endswith("report.html")


def test_without_a_report(scene: Scene) -> None:
    with MLflowGuard(GuardPolicy(report=False), quiet=True):
        info = log_estimator(estimator())
    assert not (downloaded(info) / "sentinel").exists()


def test_a_report_goes_beside_a_directory_of_the_user(scene: Scene) -> None:
    folder = scene.folder / "mine"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    with MLflowGuard(quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    uri = f"{scene.artifact_uri}/model/sentinel/report.html"
    assert mlflow.artifacts.load_text(uri).startswith("<!DOCTYPE html>")


def test_provenance_leaves_out_nothing_but_our_own(scene: Scene) -> None:
    folder = scene.folder / "mine"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    (folder / "sentinel").mkdir()
    (folder / "sentinel" / "hidden.txt").write_text("a place to hide")
    with MLflowGuard(quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    stored = mlflow.artifacts.load_dict(f"{scene.artifact_uri}/model/sentinel.provenance.json")
    assert "sentinel/hidden.txt" in {one["name"] for one in stored["subject"]}


def test_provenance_is_signed(scene: Scene) -> None:
    from sentinel.trust import dsse, load_public_key
    from sentinel.trust.keygen import generate

    key = scene.folder / "key.pem"
    public, _ = generate(str(key))
    with MLflowGuard(GuardPolicy(signing_key=str(key)), quiet=True):
        info = log_estimator(estimator())
    data = (downloaded(info) / "sentinel.provenance.json").read_bytes()
    dsse.verify(dsse.parse(data), [load_public_key(public)])


def test_a_signing_key_that_cannot_be_had_stops_it(scene: Scene) -> None:
    from sentinel.errors import SentinelError

    policy = GuardPolicy(signing_key=str(scene.folder / "none.pem"))
    with pytest.raises(SentinelError, match=r"none\.pem"), MLflowGuard(policy, quiet=True):
        log_estimator(estimator())


def test_metadata_in_the_model(scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator(), metadata={"mine": 1})
    for metadata in (info.metadata, mlflow.models.get_model_info(info.model_uri).metadata):
        assert metadata["mine"] == 1
        assert metadata["sentinel"]["policies"] == [GuardPolicy().digest()]
    assert "sentinel:" in (downloaded(info) / "MLmodel").read_text()


def test_tags_of_the_run_the_model_and_the_version(any_scene: Scene) -> None:
    name = f"tagged-{any_scene.run_id[:8]}"
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator(), registered_model_name=name)
    sources = [
        mlflow.get_run(any_scene.run_id).data.tags,
        any_scene.client.get_model_version(name, "1").tags,
    ]
    if V3:
        sources.append(mlflow.get_logged_model(info.model_id).tags)
    for tags in sources:
        assert tags["sentinel.verdict"] == "clean"
        assert tags["sentinel.rules_version"]
        json.loads(tags["sentinel.findings"])


@only3
def test_the_description_of_a_model_is_set_only_when_it_is_empty(scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
        mine = log_estimator(estimator(), tags={"mlflow.note.content": "mine"})
    assert "SENTINEL" in mlflow.get_logged_model(info.model_id).tags["mlflow.note.content"]
    assert mlflow.get_logged_model(mine.model_id).tags["mlflow.note.content"] == "mine"


def test_a_directory_of_the_user_is_not_written_to(any_scene: Scene) -> None:
    folder = any_scene.folder / "mine"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with MLflowGuard(quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    stored = mlflow.artifacts.load_dict(f"{any_scene.artifact_uri}/model/sentinel.provenance.json")
    assert len(stored["subject"]) == len(before) + 1


def test_a_benign_model_of_code_passes(scene: Scene) -> None:
    import mlflow.pyfunc

    class Plain(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input

    with MLflowGuard(quiet=True):
        info = mlflow.pyfunc.log_model(
            **{"name" if V3 else "artifact_path": "model"}, python_model=Plain(),
            pip_requirements=["mlflow"],
        )  # fmt: skip
        assert mlflow.pyfunc.load_model(info.model_uri) is not None
