"""Models: what is logged with one, what is left of one that is blocked, what it is marked with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import numpy as np
import pytest

from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import V3, Reduced, Scene, estimator, log_estimator

only3 = pytest.mark.skipif(not V3, reason="MLflow 2 has no logged models")
ROWS = np.arange(6, dtype="float64").reshape(3, 2)


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


@pytest.mark.parametrize("example", [False, True])
@pytest.mark.parametrize("inferred", [False, True])
def test_a_hostile_model_is_neither_loaded_nor_logged(
    any_scene: Scene, example: bool, inferred: bool
) -> None:
    more: dict[str, Any] = {"input_example": ROWS[:1]} if example else {}
    if inferred:
        more["pip_requirements"] = None  # MLflow loads the model to see what it imports
    files = set(any_scene.store.files())
    with pytest.raises(SentinelBlocked, match=r"model\.pkl.*SNT1101") as caught:  # noqa: SIM117
        with MLflowGuard(quiet=True) as guard:
            log_estimator(Reduced(any_scene.payload.flag, any_scene.payload.mark), **more)
    assert guard.blocks == [caught.value]
    assert caught.value.action == "log"
    fresh = [path for path in set(any_scene.store.files()) - files if "artifacts" in path.parts]
    assert [path.parts[-2] for path in fresh] == ["sentinel"]
    assert fresh[0].name.startswith("blocked-model.pkl-")
    assert any_scene.store.holds(any_scene.payload.mark) == []
    tags = mlflow.get_run(any_scene.run_id).data.tags
    assert tags["sentinel.verdict"] == "blocked"
    assert "SNT1101" in tags["sentinel.findings"]
    if V3:
        model = mlflow.last_logged_model()
        assert model.status.value == "FAILED"
        assert model.tags["sentinel.verdict"] == "blocked"


def test_a_block_leaves_a_report_with_its_run(
    any_scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard():
        log_estimator(Reduced(any_scene.payload.flag, any_scene.payload.mark))
    address = mlflow.get_run(any_scene.run_id).data.tags["sentinel.report"]
    assert address.startswith(f"runs:/{any_scene.run_id}/sentinel/blocked-model.pkl-")
    assert f"1 blocked; report: {address}" in capsys.readouterr().err
    page = mlflow.artifacts.load_text(address)
    assert page.startswith("<!DOCTYPE html>")
    assert "SNT1101" in page
    assert any_scene.payload.mark not in page, "nothing of the model goes with it"
    if V3:
        tags = mlflow.last_logged_model().tags
        assert tags["sentinel.report"] == address
        assert address in tags["mlflow.note.content"]


def test_a_block_of_a_file_leaves_a_report_too(scene: Scene) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        mlflow.log_artifact(str(scene.payload.file()), "below")
    tags = mlflow.get_run(scene.run_id).data.tags
    page = mlflow.artifacts.load_text(tags["sentinel.report"])
    assert "below/evil.pkl" in page
    assert scene.payload.mark not in page


def test_a_block_without_a_report(scene: Scene) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard(GuardPolicy(report=False), quiet=True):
        mlflow.log_artifact(str(scene.payload.file()))
    assert "sentinel.report" not in mlflow.get_run(scene.run_id).data.tags


def test_a_report_that_cannot_be_logged_is_no_reason_to_lose_the_block(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sentinel.integrations.mlflow import report

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no pages today")

    monkeypatch.setattr(report, "html_report", refuse)
    with pytest.raises(SentinelBlocked, match="SNT1101"), MLflowGuard(quiet=True):
        mlflow.log_artifact(str(scene.payload.file()))
    tags = mlflow.get_run(scene.run_id).data.tags
    assert tags["sentinel.verdict"] == "blocked"
    assert "sentinel.report" not in tags
    assert "no pages today" in caplog.text


def test_a_block_without_a_run_leaves_no_report(scene: Scene) -> None:
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    mlflow.end_run()
    place = scene.folder / "no-run"
    place.mkdir()
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True) as guard:
        LocalArtifactRepository(place.as_uri()).log_artifact(str(scene.payload.file()))
    assert list(place.iterdir()) == []
    assert "report" not in guard.summary()


def test_the_run_of_a_block_fails(scene: Scene) -> None:
    mlflow.end_run()
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True), mlflow.start_run() as run:
        log_estimator(Reduced(scene.payload.flag, scene.payload.mark))
    assert mlflow.get_run(run.info.run_id).info.status == "FAILED"


@only3
def test_cleanup_deletes_the_entry_of_the_model(scene: Scene) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard(cleanup=True, quiet=True):
        log_estimator(Reduced(scene.payload.flag, scene.payload.mark))
    experiment = mlflow.get_run(scene.run_id).info.experiment_id
    left = mlflow.search_logged_models(
        experiment_ids=[experiment], filter_string=f"source_run_id = '{scene.run_id}'",
        output_format="list",
    )  # fmt: skip
    assert left == []


@only3
def test_another_model_can_be_logged_after_a_block(any_scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        with pytest.raises(SentinelBlocked) as caught:
            log_estimator(Reduced(any_scene.payload.flag, any_scene.payload.mark))
        caught.value.acknowledge()
        info = log_estimator(estimator())
        assert mlflow.sklearn.load_model(info.model_uri) is not None


def test_autolog_goes_on_and_the_guard_raises(any_scene: Scene) -> None:
    from tests.integrations.mlflow.paths import autolog

    ended = False
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        autolog(any_scene)
        ended = True
    assert ended, "training goes on"
    assert any_scene.store.holds(any_scene.payload.mark) == []
    assert mlflow.get_run(any_scene.run_id).data.tags["sentinel.verdict"] == "blocked"


def test_an_upload_in_the_background_is_waited_for(any_scene: Scene) -> None:
    from tests.integrations.mlflow.paths import _image

    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        mlflow.log_image(_image(any_scene), key="image", step=1, synchronous=False)
    assert any_scene.store.holds(any_scene.payload.mark) == []
    assert mlflow.get_run(any_scene.run_id).data.tags["sentinel.verdict"] == "blocked"


SUPPLY = {
    "a repository of Git": ("mlflow\ngit+https://example.invalid/x.git\n", "SNT1809", "high"),
    "another index": ("--index-url http://example.invalid\nmlflow\n", "SNT1804", "medium"),
    "a name that is nearly another": ("nunpy==1.0\n", "SNT1820", "medium"),
}  # fmt: skip


@pytest.mark.parametrize("case", SUPPLY)
def test_supply_chain_of_the_directory(scene: Scene, case: str) -> None:
    text, rule, severity = SUPPLY[case]
    folder = scene.folder / "model-directory"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    (folder / "requirements.txt").write_text(text)
    with MLflowGuard(GuardPolicy(fail_on=None), quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    found = json.loads(mlflow.get_run(scene.run_id).data.tags["sentinel.findings"])
    here = [one for one in found if one["artifact"].startswith("model/requirements.txt")]
    assert [one["severity"] for one in here if one["rule"] == rule] == [severity]


def test_the_neighbour_of_a_name_that_is_nearly_another_passes(scene: Scene) -> None:
    folder = scene.folder / "model-directory"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["numpy==2.2.0"]
    )
    with MLflowGuard(quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    found = json.loads(mlflow.get_run(scene.run_id).data.tags["sentinel.findings"])
    assert "SNT1820" not in {one["rule"] for one in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loader_module: mlflow.sklearn", "loader_module: helpers.loader"),
        ("  sklearn:\n", "  sklearn:\n    skops_trusted_types: [builtins.eval]\n"),
        ("  sklearn:\n", "  sklearn:\n    skops_trusted_types:\n    - builtins.eval\n"),
    ],
)
def test_supply_chain_of_mlmodel(scene: Scene, old: str, new: str) -> None:
    folder = scene.folder / "model-directory"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    text = (folder / "MLmodel").read_text()
    assert old in text
    (folder / "MLmodel").write_text(text.replace(old, new, 1))
    with MLflowGuard(GuardPolicy(fail_on=None), quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    found = json.loads(mlflow.get_run(scene.run_id).data.tags["sentinel.findings"])
    assert [one for one in found if one["artifact"].startswith("model/MLmodel")]


def marked_policy(scene: Scene) -> GuardPolicy:
    from sentinel.trust.watermark.keys import keygen

    keygen(str(scene.folder / "mark.key"))
    return GuardPolicy(
        watermark_key=str(scene.folder / "mark.key"),
        watermark_records=str(scene.folder / "records"),
    )


def large_estimator() -> Any:
    from sklearn.neural_network import MLPClassifier

    rows = np.random.default_rng(0).normal(size=(60, 64))
    model = MLPClassifier((256,), max_iter=3, random_state=0)
    return model.fit(rows, (rows[:, 0] > 0).astype(int))


def test_a_model_is_marked_on_a_copy(scene: Scene) -> None:
    from sentinel.trust import load_watermark_key, verify_watermark
    from sentinel.trust.watermark.record import read_record

    model = large_estimator()
    before = [layer.copy() for layer in model.coefs_]
    policy = marked_policy(scene)
    with MLflowGuard(policy, quiet=True):
        info = log_estimator(model)
    assert all((a == b).all() for a, b in zip(before, model.coefs_, strict=True))
    loaded = mlflow.sklearn.load_model(info.model_uri)
    assert any((a != b).any() for a, b in zip(before, loaded.coefs_, strict=True))
    (record,) = (scene.folder / "records").glob("*.json")
    key = load_watermark_key(str(scene.folder / "mark.key"))
    verification = verify_watermark(loaded, key, record=read_record(str(record)))
    assert verification.verdict == "marked"
    assert info.metadata["sentinel"]["watermark"]["status"] == "marked"
    tags = mlflow.get_run(scene.run_id).data.tags
    assert tags["sentinel.watermark.status"] == "marked"


def test_a_model_that_cannot_be_marked_is_logged_as_it_is(scene: Scene) -> None:
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier().fit(ROWS, [0, 1, 1])
    with MLflowGuard(marked_policy(scene), quiet=True):
        info = log_estimator(model)
    assert info.metadata["sentinel"]["watermark"]["status"] == "skipped"
    assert mlflow.get_run(scene.run_id).data.tags["sentinel.watermark.reason"]


def test_without_a_key_nothing_is_said_of_marks(scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    assert "watermark" not in info.metadata["sentinel"]


@only3
@pytest.mark.parametrize("how", ["pickle", "pt2"])
def test_a_module_is_marked_on_a_copy(scene: Scene, how: str) -> None:
    torch = pytest.importorskip("torch")
    import mlflow.pytorch

    from sentinel.trust import load_watermark_key, verify_watermark
    from sentinel.trust.watermark.record import read_record

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 8))
    before = {name: one.clone() for name, one in model.state_dict().items()}
    with MLflowGuard(marked_policy(scene), quiet=True):
        info = mlflow.pytorch.log_model(
            model, name="model", serialization_format=how, pip_requirements=["torch==2.13.0"],
            input_example=np.zeros((2, 64), dtype="float32"),
        )  # fmt: skip
    assert info.metadata["sentinel"]["watermark"]["status"] == "marked"
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())
    assert model.training
    loaded = mlflow.pytorch.load_model(info.model_uri)
    state = loaded.state_dict() if how == "pickle" else dict(loaded.state_dict())
    (record,) = (scene.folder / "records").glob("*.json")
    key = load_watermark_key(str(scene.folder / "mark.key"))
    found = verify_watermark(dict(state), key, record=read_record(str(record)))
    assert found.verdict == "marked"


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
