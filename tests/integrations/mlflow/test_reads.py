"""Downloads: what arrives is scanned before it can be loaded, and what must not stay does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import pytest

from sentinel.integrations import MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import Reduced, Scene, estimator, log_estimator, only3


@pytest.fixture
def info(http_scene: Scene) -> Any:
    """A hostile model that was logged and registered without a guard."""
    model = Reduced(http_scene.payload.flag, http_scene.payload.mark)
    name = f"hostile-{http_scene.run_id[:8]}"
    found = log_estimator(model, registered_model_name=name)
    http_scene.client.set_registered_model_alias(name, "best", "1")
    return found, name


Load = Callable[[Scene, Any, str], object]
LOADS: dict[str, Load] = {
    "sklearn by its uri": lambda scene, info, name: mlflow.sklearn.load_model(info.model_uri),
    "pyfunc by its uri": lambda scene, info, name: mlflow.pyfunc.load_model(info.model_uri),
    "by version": lambda scene, info, name: mlflow.sklearn.load_model(f"models:/{name}/1"),
    "by alias": lambda scene, info, name: mlflow.pyfunc.load_model(f"models:/{name}@best"),
    "by run": lambda scene, info, name: mlflow.sklearn.load_model(f"runs:/{scene.run_id}/model"),
    "pyfunc by run": lambda scene, info, name: mlflow.pyfunc.load_model(
        f"runs:/{scene.run_id}/model"
    ),
    "into a directory": lambda scene, info, name: mlflow.sklearn.load_model(
        info.model_uri, dst_path=str(_folder(scene))
    ),
    "download": lambda scene, info, name: mlflow.artifacts.download_artifacts(info.model_uri),
    "download of a run": lambda scene, info, name: mlflow.artifacts.download_artifacts(
        run_id=scene.run_id, artifact_path="model"
    ),
    "download to a directory": lambda scene, info, name: mlflow.artifacts.download_artifacts(
        info.model_uri, dst_path=str(_folder(scene))
    ),
    "download of one file": lambda scene, info, name: mlflow.artifacts.download_artifacts(
        f"runs:/{scene.run_id}/model/model.pkl"
    ),
    "from a thread": lambda scene, info, name: _in_thread(
        lambda: mlflow.sklearn.load_model(info.model_uri)
    ),
}


def _folder(scene: Scene) -> Path:
    path = scene.folder / "into"
    path.mkdir(exist_ok=True)
    return path


def _in_thread(work: Callable[[], object]) -> object:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.mark.parametrize("name", LOADS)
def test_a_hostile_model_is_not_loaded(http_scene: Scene, info: Any, name: str) -> None:
    found, registered = info
    with MLflowGuard(quiet=True) as guard:
        with pytest.raises(SentinelBlocked, match="not loaded") as caught:
            LOADS[name](http_scene, found, registered)
        caught.value.acknowledge()
    assert caught.value.artifact.partition(" ")[0].endswith("model.pkl")
    assert guard.blocks == [caught.value]
    assert list(_folder(http_scene).rglob("*.pkl")) == []


def test_what_a_download_needs_not_is_not_blocked(http_scene: Scene, info: Any) -> None:
    found, _ = info
    with MLflowGuard(quiet=True):
        mlflow.models.get_model_info(found.model_uri)  # reads MLmodel alone


@only3
def test_a_run_artifact_of_the_same_name_hides_nothing(http_scene: Scene, info: Any) -> None:
    # The repository of runs takes an error of one of the two for "not there" and goes on.
    mlflow.log_text("an ordinary artifact", "model/README.txt")
    into = _folder(http_scene)
    (into / "mine.txt").write_text("mine")
    with MLflowGuard(quiet=True) as guard:
        with pytest.raises(SentinelBlocked):
            mlflow.artifacts.download_artifacts(
                f"runs:/{http_scene.run_id}/model", dst_path=str(into)
            )
        guard.blocks[0].acknowledge()
    assert [path.name for path in into.rglob("*")] == ["mine.txt"]


def test_a_model_on_disk_is_not_loaded_and_not_touched(scene: Scene) -> None:
    folder = scene.payload.directory(model=True)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with MLflowGuard(quiet=True) as guard:
        for uri in (str(folder), folder.as_uri()):
            with pytest.raises(SentinelBlocked):
                mlflow.pyfunc.load_model(uri)
        for one in guard.blocks:
            one.acknowledge()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_files_of_the_user_in_the_way_are_neither_blamed_nor_removed(http_scene: Scene) -> None:
    mlflow.log_text("clean", "one/clean.txt")
    into = _folder(http_scene)
    mine = into / "mine.pkl"
    mine.write_bytes(http_scene.payload.bytes)
    with MLflowGuard(quiet=True):
        mlflow.artifacts.download_artifacts(run_id=http_scene.run_id, dst_path=str(into))
    assert mine.read_bytes() == http_scene.payload.bytes
    assert (into / "one" / "clean.txt").read_text() == "clean"


def test_half_a_download_does_not_stay(http_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow.log_artifacts(str(http_scene.payload.directory()))
    from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository

    original = HttpArtifactRepository._download_file

    def torn(self: Any, remote_file_path: str, local_path: str) -> None:
        if remote_file_path.endswith("c.txt"):
            raise ConnectionError("torn")
        original(self, remote_file_path, local_path)

    monkeypatch.setattr(HttpArtifactRepository, "_download_file", torn)
    into = _folder(http_scene)
    with MLflowGuard(quiet=True), pytest.raises(mlflow.MlflowException, match="torn"):
        mlflow.artifacts.download_artifacts(run_id=http_scene.run_id, dst_path=str(into))
    assert [path for path in into.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("dst_path", [object(), None])
def test_a_destination_that_is_none_leaves_no_gap(
    http_scene: Scene, info: Any, dst_path: object
) -> None:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    mlflow.log_text("clean", "clean.txt")
    repository = get_artifact_repository(http_scene.artifact_uri)
    found, registered = info
    with MLflowGuard(quiet=True) as guard:
        if dst_path is None:
            repository.download_artifacts("clean.txt", dst_path)
        else:
            with pytest.raises(TypeError):
                repository.download_artifacts("clean.txt", dst_path)
        with pytest.raises(SentinelBlocked):
            LOADS["download"](http_scene, found, registered)
        guard.blocks[0].acknowledge()


@pytest.mark.parametrize("interrupted", [True, False])
def test_an_interrupted_scan_leaves_nothing(
    http_scene: Scene, monkeypatch: pytest.MonkeyPatch, interrupted: bool
) -> None:
    from sentinel.engine import Scanner

    mlflow.log_text("clean", "clean.txt")
    original = Scanner.scan_path

    def scan(self: Any, path: Any) -> Any:
        if interrupted:
            raise KeyboardInterrupt
        return original(self, path)

    monkeypatch.setattr(Scanner, "scan_path", scan)
    into = _folder(http_scene)
    with MLflowGuard(quiet=True):
        if interrupted:
            with pytest.raises(KeyboardInterrupt):
                mlflow.artifacts.download_artifacts(run_id=http_scene.run_id, dst_path=str(into))
        else:
            mlflow.artifacts.download_artifacts(run_id=http_scene.run_id, dst_path=str(into))
    assert [path.name for path in into.rglob("*")] == ([] if interrupted else ["clean.txt"])


def test_a_clean_model_is_loaded_and_answers_the_same(http_scene: Scene) -> None:
    model = estimator()
    info = log_estimator(model)
    rows = [[1.0, 2.0], [3.0, 0.0]]
    with MLflowGuard(quiet=True):
        assert list(mlflow.sklearn.load_model(info.model_uri).predict(rows)) == list(
            model.predict(rows)
        )
        assert list(mlflow.pyfunc.load_model(info.model_uri).predict(rows)) == list(
            model.predict(rows)
        )
