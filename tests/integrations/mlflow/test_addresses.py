"""``sentinel scan models:/...`` and ``sentinel registry mlflow``: what is in a server already."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import mlflow
import pytest

from sentinel.cli import main
from sentinel.integrations import MLflowGuard
from tests.integrations.mlflow.kit import Reduced, Scene, estimator, log_estimator, only3


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("SENTINEL_CONFIG", "")
    yield
    assert [path for path in folder.iterdir() if path.name.startswith("sentinel-")] == []


@pytest.fixture
def names(any_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The names of a clean and a hostile registered model."""
    prefix = f"scan-{any_scene.run_id[:8]}"
    log_estimator(estimator(), registered_model_name=f"{prefix}-clean")
    hostile = Reduced(any_scene.payload.flag, any_scene.payload.mark)
    log_estimator(hostile, "hostile", registered_model_name=f"{prefix}-hostile")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", any_scene.store.uri)
    return f"{prefix}-clean", f"{prefix}-hostile"


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_version_is_scanned_by_its_address(
    any_scene: Scene, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    clean, hostile = names
    capsys.readouterr()
    assert main(["scan", f"models:/{clean}/1"]) == 0
    assert main(["scan", f"models:/{hostile}/1"]) == 1
    text = capsys.readouterr().out
    assert f"models:/{hostile}/1/model.pkl" in text
    assert tempfile.gettempdir() not in text


def test_json_names_the_address_and_the_digest(
    any_scene: Scene, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib

    _, hostile = names
    capsys.readouterr()
    assert main(["scan", "-q", "-f", "json", f"models:/{hostile}/1"]) == 1
    text = json.dumps(report(capsys))
    (stored,) = any_scene.store.holds(any_scene.payload.mark)[:1]
    assert hashlib.sha256(stored.read_bytes()).hexdigest() in text
    assert f"models:/{hostile}/1/model.pkl" in text


def test_a_run_is_scanned_by_its_address(
    any_scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", any_scene.store.uri)
    mlflow.log_artifacts(str(any_scene.payload.directory()), "some")
    assert main(["scan", f"runs:/{any_scene.run_id}/some"]) == 1
    assert main(["scan", f"runs:/{any_scene.run_id}/some/b.pkl"]) == 1
    assert f"runs:/{any_scene.run_id}/some/b.pkl" in capsys.readouterr().out
    assert any_scene.payload.directory().exists()


@only3
def test_a_logged_model_is_scanned_by_its_id(any_scene: Scene) -> None:
    info = log_estimator(Reduced(any_scene.payload.flag, any_scene.payload.mark))
    assert main(["scan", "-q", info.model_uri]) == 1


def test_addresses_and_files_together(
    any_scene: Scene, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    clean, _ = names
    assert main(["scan", f"models:/{clean}/1", str(any_scene.payload.file())]) == 1


def test_what_is_not_there(
    any_scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", any_scene.store.uri)
    assert main(["scan", "models:/no-such-model/1"]) == 2
    told = capsys.readouterr().err
    assert "models:/no-such-model/1" in told
    assert "Traceback" not in told


def test_a_whole_registry(
    any_scene: Scene, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    pattern = names[0].replace("clean", "%")
    capsys.readouterr()
    assert main(["registry", "mlflow", "--name", pattern, "-f", "json", "-q"]) == 1
    found = report(capsys)
    text = json.dumps(found)
    assert all(f"models:/{name}/1" in text for name in names)


def test_a_registry_of_what_is_clean(any_scene: Scene, names: tuple[str, str]) -> None:
    assert main(["registry", "mlflow", "--name", names[0], "-q"]) == 0


def test_a_version_whose_files_are_gone_is_incomplete(
    any_scene: Scene, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    source = any_scene.store.roots[0]
    for path in list(source.rglob("MLmodel")):
        if "LogisticRegression" in path.read_text() or path.parent.name in ("model", "artifacts"):
            shutil.rmtree(path.parent)
    assert main(["registry", "mlflow", "--name", names[0], "-q"]) == 3


def test_too_much_to_bring(any_scene: Scene, names: tuple[str, str]) -> None:
    arguments = ["registry", "mlflow", "--name", names[0], "--max-download", "10", "-q"]
    assert main(arguments) == 3


@pytest.mark.parametrize("name", ["../out.pkl", "/etc/out.pkl", "a/../../out.pkl", "a//b", "C:/x"])
def test_a_server_that_lists_a_way_out(tmp_path: Path, name: str) -> None:
    from mlflow.entities import FileInfo

    from sentinel.errors import ReadError
    from sentinel.registry.mlflow import _listed

    class Hostile:
        def list_artifacts(self, path: Any) -> list[FileInfo]:
            return [FileInfo(name, False, 1)]

    with pytest.raises(ReadError, match="leads out"):
        list(_listed(Hostile(), "runs:/x"))


def test_a_server_whose_folders_never_end() -> None:
    from mlflow.entities import FileInfo

    from sentinel.errors import LimitExceeded
    from sentinel.registry.mlflow import _listed

    class Endless:
        def list_artifacts(self, path: Any) -> list[FileInfo]:
            return [FileInfo(f"{path}/a" if path else "a", True, None)]

    with pytest.raises(LimitExceeded):
        list(_listed(Endless(), "runs:/x"))


def test_a_name_that_fits_no_model_is_not_clean(
    any_scene: Scene, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    clean, _ = names
    uri = ("--tracking-uri", any_scene.store.uri)
    assert main(["registry", "mlflow", *uri, "--name", clean]) == 0
    capsys.readouterr()
    assert main(["registry", "mlflow", *uri, "--name", f"{clean}-more"]) == 2
    assert f"no registered model has a name like '{clean}-more'" in capsys.readouterr().err


def test_an_empty_registry_is_named_without_the_login(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sentinel.registry.mlflow.versions", lambda *_: iter(()))
    uri, before = "http://jane:inert@127.0.0.1:9", (mlflow.get_tracking_uri(), _registry())
    try:
        arguments = ["registry", "mlflow", "--tracking-uri", uri, "--registry-uri", uri]
        assert main(arguments) == 0
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])
    told = capsys.readouterr().err
    assert "no registered model in http://127.0.0.1:9\n" in told
    assert "inert" not in told


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("http://jane:inert@127.0.0.1:9", "Connection refused"),
        ("http://jane:inert@no-such-host.invalid", ""),  # systems say it in words of their own
    ],
)
def test_a_server_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], uri: str, why: str
) -> None:
    before = mlflow.get_tracking_uri(), _registry()
    try:
        arguments = ["registry", "mlflow", "--tracking-uri", uri, "--registry-uri", uri]
        assert main(arguments) == 2
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])
    told = [line for line in capsys.readouterr().err.splitlines() if "does not answer" in line]
    assert len(told) == 1
    assert told[0].endswith(why)
    assert len(told[0]) < 150
    assert "inert" not in told[0]
    assert "Max retries" not in told[0]


def test_a_guard_of_the_process_leaves_the_answer_to_the_scan(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    mlflow.log_artifact(str(scene.payload.file()), "m")
    mlflow.log_text("clean", "n/clean.txt")
    with MLflowGuard(quiet=True) as guard:
        assert main(["scan", f"runs:/{scene.run_id}/m"]) == 1
        assert main(["scan", f"runs:/{scene.run_id}/n"]) == 0
    assert guard.blocks == []


def _registry() -> str:
    return str(mlflow.get_registry_uri())
