"""The registry: no version is made of what failed, is empty, or holds something hostile."""

from __future__ import annotations

from typing import Any

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from sentinel.integrations import MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import V3, Reduced, Scene, estimator, log_estimator, only3


def hostile(scene: Scene) -> Any:
    return Reduced(scene.payload.flag, scene.payload.mark)


def registered(scene: Scene, name: str) -> list[Any] | None:
    """Return the versions of a registered model; None when there is no such model."""
    try:
        scene.client.get_registered_model(name)
    except MlflowException:
        return None
    return list(scene.client.search_model_versions(f"name = '{name}'"))


def test_what_is_blocked_while_it_is_logged_is_not_registered(any_scene: Scene) -> None:
    name = f"never-{any_scene.run_id[:8]}"
    with pytest.raises(SentinelBlocked, match="not logged"), MLflowGuard(quiet=True):
        log_estimator(hostile(any_scene), registered_model_name=name)
    assert registered(any_scene, name) is None


def test_a_hostile_model_logged_before_is_not_registered(any_scene: Scene) -> None:
    info = log_estimator(hostile(any_scene))
    name = f"late-{any_scene.run_id[:8]}"
    with pytest.raises(SentinelBlocked, match="not registered"), MLflowGuard(quiet=True):
        mlflow.register_model(info.model_uri, name)
    assert registered(any_scene, name) is None, "an empty registered model is left"


def test_a_registered_model_that_was_there_stays(scene: Scene) -> None:
    info = log_estimator(hostile(scene))
    name = f"there-{scene.run_id[:8]}"
    scene.client.create_registered_model(name)
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        mlflow.register_model(info.model_uri, name)
    assert registered(scene, name) == []


def test_a_version_made_by_hand_is_refused_too(scene: Scene) -> None:
    info = log_estimator(hostile(scene))
    name = f"hand-{scene.run_id[:8]}"
    source = info.model_uri if V3 else f"{scene.artifact_uri}/model"
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        scene.client.create_registered_model(name)
        scene.client.create_model_version(name, source, run_id=scene.run_id)
    assert registered(scene, name) == [], "what the user made stays"


@only3
def test_a_model_that_failed_is_not_registered(any_scene: Scene) -> None:
    model = mlflow.initialize_logged_model(name="failed")
    mlflow.finalize_logged_model(model.model_id, "FAILED")
    name = f"failed-{any_scene.run_id[:8]}"
    with pytest.raises(SentinelBlocked, match="FAILED"), MLflowGuard(quiet=True):
        mlflow.register_model(f"models:/{model.model_id}", name)
    assert registered(any_scene, name) is None


@only3
def test_a_model_without_files_is_not_registered(any_scene: Scene) -> None:
    model = mlflow.initialize_logged_model(name="empty")
    mlflow.finalize_logged_model(model.model_id, "READY")
    name = f"empty-{any_scene.run_id[:8]}"
    with pytest.raises(SentinelBlocked, match="MLmodel"), MLflowGuard(quiet=True):
        mlflow.register_model(f"models:/{model.model_id}", name)
    assert registered(any_scene, name) is None


@only3
def test_without_a_guard_mlflow_registers_what_failed(scene: Scene) -> None:
    model = mlflow.initialize_logged_model(name="failed")
    mlflow.finalize_logged_model(model.model_id, "FAILED")
    found = mlflow.register_model(f"models:/{model.model_id}", f"failed-{scene.run_id[:8]}")
    assert int(found.version) == 1


def test_a_hostile_version_is_not_copied(any_scene: Scene) -> None:
    name, copy = f"from-{any_scene.run_id[:8]}", f"to-{any_scene.run_id[:8]}"
    log_estimator(hostile(any_scene), registered_model_name=name)
    with pytest.raises(SentinelBlocked, match="not registered"), MLflowGuard(quiet=True):
        any_scene.client.copy_model_version(f"models:/{name}/1", copy)
    assert registered(any_scene, copy) is None


def test_a_clean_model_is_registered_and_copied_with_tags(any_scene: Scene) -> None:
    name, copy = f"clean-{any_scene.run_id[:8]}", f"clean-copy-{any_scene.run_id[:8]}"
    info = log_estimator(estimator())
    with MLflowGuard(quiet=True):
        version = mlflow.register_model(info.model_uri, name, tags={"mine": "1"})
        any_scene.client.copy_model_version(f"models:/{name}/1", copy)
    tags = any_scene.client.get_model_version(name, version.version).tags
    assert tags["mine"] == "1"
    assert tags["sentinel.verdict"] == "clean"
    assert registered(any_scene, copy)


def test_with_a_warning_it_is_registered(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    info = log_estimator(hostile(scene))
    name = f"warned-{scene.run_id[:8]}"
    with MLflowGuard(quiet=True, on_block="warn"):
        mlflow.register_model(info.model_uri, name)
    versions = registered(scene, name)
    assert versions is not None
    assert versions[0].tags["sentinel.verdict"] == "warned"


@pytest.mark.parametrize("there", [True, False])
def test_with_a_warning_what_was_not_there_is_not_clean(scene: Scene, there: bool) -> None:
    log_estimator(estimator())
    name = f"unread-{scene.run_id[:8]}"
    folder = scene.folder / "model"
    folder.mkdir()
    if there:
        (folder / "MLmodel").write_text("flavors:\n  sklearn: {}\n")
    with MLflowGuard(quiet=True, on_block="warn"):
        scene.client.create_registered_model(name)
        scene.client.create_model_version(name, str(folder))
    versions = registered(scene, name)
    assert versions is not None
    assert versions[0].tags["sentinel.verdict"] == ("clean" if there else "warned")


@only3
@pytest.mark.parametrize("status", ["FAILED", "READY"])
def test_with_a_warning_what_failed_is_not_clean(scene: Scene, status: str) -> None:
    model = mlflow.initialize_logged_model(name="half")
    (scene.folder / "MLmodel").write_text("flavors:\n  sklearn: {}\n")
    scene.client.log_model_artifact(model.model_id, str(scene.folder / "MLmodel"))
    mlflow.finalize_logged_model(model.model_id, status)
    name = f"half-{scene.run_id[:8]}"
    with MLflowGuard(quiet=True, on_block="warn"):
        mlflow.register_model(f"models:/{model.model_id}", name)
    versions = registered(scene, name)
    assert versions is not None
    assert versions[0].tags["sentinel.verdict"] == ("clean" if status == "READY" else "warned")
