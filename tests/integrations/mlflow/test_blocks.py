"""Models that are blocked: what is left of one, what is said of it, what goes on."""

from __future__ import annotations

from typing import Any

import mlflow
import mlflow.sklearn
import pytest

from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import ROWS, V3, Reduced, Scene, estimator, log_estimator, only3


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
