"""The guard of a tracking server: what plain HTTP brings is scanned before it is stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import pytest

from tests.integrations.mlflow.conftest import scene_in
from tests.integrations.mlflow.kit import (
    V3,
    Payload,
    Reduced,
    Scene,
    Store,
    estimator,
    log_estimator,
    put,
)

if TYPE_CHECKING:
    from tests.integrations.mlflow.conftest import Server

API = "/api/2.0/mlflow-artifacts"


@pytest.fixture
def guarded(guarded_server: Server, payload: Payload, tmp_path: Path) -> Iterator[Scene]:
    """An open run on a server with the plugin; the client has no guard."""
    store = Store("http", guarded_server.uri, (guarded_server.artifacts,))
    yield from scene_in(store, payload, tmp_path)


def test_without_the_plugin_plain_http_leaks(http_scene: Scene) -> None:
    url = f"{http_scene.store.uri}{API}/artifacts/here/evil.pkl"
    assert put(url, http_scene.payload.bytes) == 200
    assert http_scene.store.holds(http_scene.payload.mark)


def test_plain_http_is_refused_and_leaves_nothing(guarded: Scene) -> None:
    before = list(guarded.store.files())
    url = f"{guarded.store.uri}{API}/artifacts/here/evil.pkl"
    assert put(url, guarded.payload.bytes) == 403
    assert list(guarded.store.files()) == before


def test_what_is_clean_is_stored(guarded: Scene) -> None:
    url = f"{guarded.store.uri}{API}/artifacts/here/clean.txt"
    assert put(url, guarded.payload.mark.encode()) == 200
    assert len(guarded.store.holds(guarded.payload.mark)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MLmodel", b"flavors:\n  python_function:\n    loader_module: os\n# "),
        ("tokenizer_config.json", b'{"chat_template": "{{ cycler.__init__.__globals__.os }}"}'),
    ],
)
def test_what_its_name_tells_is_told_by_the_name_it_gets(
    guarded: Scene, name: str, text: bytes
) -> None:
    url = f"{guarded.store.uri}{API}/artifacts/named/{name}"
    assert put(url, text) == 403
    assert put(url + ".txt", b"nothing") == 200


def test_a_list_that_asks_for_another_may_come_first(guarded: Scene) -> None:
    url = f"{guarded.store.uri}{API}/artifacts/lists/python_env.yaml"
    assert put(url, b"python: 3.11.7\ndependencies:\n- -r requirements.txt\n") == 200


def test_the_answer_names_the_artifact_and_the_rule(guarded: Scene) -> None:
    with pytest.raises(Exception, match=r"below/evil\.pkl.*SNT1101"):
        mlflow.log_artifact(str(guarded.payload.file()), "below")
    assert guarded.store.holds(guarded.payload.mark) == []


def test_a_model_of_a_client_without_a_guard_is_refused(guarded: Scene) -> None:
    with pytest.raises(Exception, match="SNT1101"):
        log_estimator(Reduced(guarded.payload.flag, guarded.payload.mark))
    assert guarded.store.holds(guarded.payload.mark) == []


def test_a_clean_model_is_stored(guarded: Scene) -> None:
    info = log_estimator(estimator())
    assert mlflow.sklearn.load_model(info.model_uri) is not None


def post(url: str, body: dict[str, Any]) -> tuple[int, str]:
    """Send JSON; return the status and the text of the answer."""
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), method="POST",
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code), error.read().decode()


PARTS = {"path": "evil.pkl", "num_parts": 1}
DONE = {
    "path": "evil.pkl", "upload_id": "x",
    "parts": [{"part_number": 1, "etag": "x", "url": "http://example.invalid"}],
}  # fmt: skip


@pytest.mark.parametrize("step", ["create", "complete"])
def test_an_upload_in_parts_to_a_bucket_is_refused(
    bucket_server: tuple[Server, bool], step: str
) -> None:
    server, guarded = bucket_server
    status, text = post(f"{server.uri}{API}/mpu/{step}/here", PARTS if step == "create" else DONE)
    assert (status == 403) is guarded, text
    if guarded:
        assert json.loads(text)["error_code"] == "PERMISSION_DENIED"
        assert "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false" in text
    assert left_by(server) == []


@pytest.mark.skipif(not V3, reason="MLflow 2 signs no addresses")
def test_a_signed_address_of_a_bucket_is_refused(bucket_server: tuple[Server, bool]) -> None:
    server, guarded = bucket_server
    client = mlflow.MlflowClient(server.uri)
    name = "direct-to-a-bucket"
    found = client.get_experiment_by_name(name)
    experiment = (
        found.experiment_id if found else client.create_experiment(name, "s3://no-bucket/x")
    )
    run = client.create_run(experiment).info.run_id
    url = f"{server.uri}/api/2.0/mlflow/artifacts/presigned-upload-url"
    status, text = post(url, {"run_id": run, "path": "evil.pkl"})
    assert (status == 403) is guarded, text
    if guarded:
        assert "cannot be scanned" in text
    assert left_by(server) == []


def test_a_file_for_a_bucket_is_scanned_on_its_way(
    bucket_server: tuple[Server, bool], payload: Payload
) -> None:
    server, guarded = bucket_server
    url = f"{server.uri}{API}/artifacts/here"
    assert (put(f"{url}/evil.pkl", payload.bytes) == 403) is guarded
    assert put(f"{url}/clean.txt", b"nothing") == 500, "there is no bucket"
    assert left_by(server) == []


def test_an_upload_in_parts_to_a_folder_is_none_of_mlflow(guarded: Scene) -> None:
    before = list(guarded.store.files())
    status, text = post(f"{guarded.store.uri}{API}/mpu/create/here", PARTS)
    assert (status, json.loads(text)["error_code"]) == (501, "NOT_IMPLEMENTED")
    if V3:
        url = f"{guarded.store.uri}/api/2.0/mlflow/artifacts/presigned-upload-url"
        status, text = post(url, {"run_id": guarded.run_id, "path": "evil.pkl"})
        assert (status, json.loads(text)["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert list(guarded.store.files()) == before


def test_what_is_refused_leaves_nothing_in_the_temporary_folder(
    guarded_server: Server, guarded: Scene
) -> None:
    assert put(f"{guarded.store.uri}{API}/artifacts/here/evil.pkl", guarded.payload.bytes) == 403
    assert left_by(guarded_server) == []
    assert guarded.store.holds(guarded.payload.mark) == []


def left_by(server: Server) -> list[Path]:
    """Return the files of artifacts that a server left in its temporary folder."""
    return [path for path in server.temporary.rglob("*") if path.suffix in (".pkl", ".txt")]


def test_methods_past_the_server_are_replaced(scene: Scene) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

    from sentinel.integrations.mlflow.server import serve, stop

    before = dict(vars(S3ArtifactRepository))
    serve()
    try:
        repository = S3ArtifactRepository.__new__(S3ArtifactRepository)
        with pytest.raises(MlflowException, match="cannot be scanned") as caught:
            repository.create_multipart_upload("x", 1, "y")
        assert caught.value.get_http_status_code() == 403
    finally:
        stop()
    assert dict(vars(S3ArtifactRepository)) == before


@pytest.mark.parametrize("served", [True, False])
def test_a_class_of_a_plugin_that_is_loaded_later_is_guarded(scene: Scene, served: bool) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact import artifact_repository_registry as registry
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

    from sentinel.integrations.mlflow.server import serve, stop

    stored: list[str] = []
    if served:
        serve()
    try:

        class Late(ArtifactRepository):
            def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
                stored.append(local_file)

            log_artifacts = list_artifacts = _download_file = None  # type: ignore[assignment]

        registry._artifact_repository_registry.register("late", Late)
        evil, clean = str(scene.payload.file()), scene.folder / "clean.txt"
        clean.write_text("nothing")
        repository = registry.get_artifact_repository("late://somewhere")
        repository.log_artifact(str(clean))
        if served:
            with pytest.raises(MlflowException, match="SNT1101"):
                repository.log_artifact(evil)
        else:
            repository.log_artifact(evil)
        assert stored == [str(clean), *([] if served else [evil])]
    finally:
        registry._artifact_repository_registry._registry.pop("late", None)
        if served:
            stop()


@pytest.mark.parametrize("served", [True, False])
def test_a_stream_that_becomes_no_file_here_is_refused(scene: Scene, served: bool) -> None:
    import io

    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact import artifact_repo
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    from sentinel.integrations.mlflow.server import serve, stop

    mixin = getattr(artifact_repo, "StreamUploadMixin", None)
    if mixin is None:
        pytest.skip("this MLflow has no such uploads")
    stored: list[bytes] = []

    class Streaming(artifact_repo.ArtifactRepository, mixin):  # type: ignore[misc, valid-type]
        def log_artifact_from_stream(self, stream: io.BytesIO, name: str) -> None:
            stored.append(stream.read())

        log_artifact = log_artifacts = list_artifacts = _download_file = None
        log_artifact_from_async_stream = None

    if served:
        serve()
    try:
        local = LocalArtifactRepository((scene.folder / "local").as_uri())
        local.log_artifact_from_stream(io.BytesIO(b"nothing"), "clean.txt")
        assert (scene.folder / "local" / "clean.txt").read_bytes() == b"nothing"
        repository = Streaming("late://somewhere")
        if served:
            with pytest.raises(MlflowException, match="cannot be scanned"):
                repository.log_artifact_from_stream(io.BytesIO(b"nothing"), "clean.txt")
        else:
            repository.log_artifact_from_stream(io.BytesIO(b"nothing"), "clean.txt")
        assert stored == ([] if served else [b"nothing"])
    finally:
        if served:
            stop()


@pytest.mark.parametrize("served", [True, False])
@pytest.mark.parametrize("way", ["log_artifact", "log_artifacts", "stream"])
def test_what_changes_between_scan_and_store_is_not_stored(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, served: bool, way: str
) -> None:
    """Whoever may write in the server's folders can do it; nobody else can."""
    import io

    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    from sentinel.engine import Scanner
    from sentinel.integrations.mlflow import server

    if way == "stream" and not hasattr(LocalArtifactRepository, "log_artifact_from_stream"):
        pytest.skip("this MLflow has no such uploads")
    source = scene.folder / "source"
    source.mkdir()
    (source / "model.txt").write_bytes(b"nothing")
    original = vars(LocalArtifactRepository)

    def late(method: Any) -> Any:
        def upload(self: Any, local: Any, *args: Any, **kwargs: Any) -> Any:
            path = Path(local)
            (path / "model.txt" if path.is_dir() else path).write_bytes(scene.payload.bytes)
            return method(self, local, *args, **kwargs)

        return upload

    if way != "stream":
        monkeypatch.setattr(LocalArtifactRepository, way, late(original[way]))
    else:
        scan = Scanner.scan_artifact

        def scan_and_change(self: Any, artifact: Any, *args: Any, **kwargs: Any) -> Any:
            report = scan(self, artifact, *args, **kwargs)
            for path in (scene.folder / "local").rglob(".*"):
                path.write_bytes(scene.payload.bytes)
            return report

        monkeypatch.setattr(Scanner, "scan_artifact", scan_and_change)
    if served:
        server.serve()
    try:
        repository = LocalArtifactRepository((scene.folder / "local").as_uri())
        with pytest.raises(MlflowException, match="changed while") if served else nullcontext():
            if way == "stream":
                repository.log_artifact_from_stream(io.BytesIO(b"nothing"), "model.txt")
            elif way == "log_artifact":
                repository.log_artifact(str(source / "model.txt"))
            else:
                repository.log_artifacts(str(source))
        left = [path.read_bytes() for path in (scene.folder / "local").rglob("*") if path.is_file()]
        assert left == ([] if served else [b"nothing" if way == "stream" else scene.payload.bytes])
    finally:
        if served:
            server.stop()


COMMAND = [sys.executable, "-m", "mlflow", "artifacts", "log-artifact"]


@pytest.mark.parametrize("guard", ["1", ""])
def test_another_process_is_guarded_by_the_variable(http_scene: Scene, guard: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--local-file", str(http_scene.payload.file()), "--run-id", http_scene.run_id],
        env={
            **os.environ,
            "MLFLOW_TRACKING_URI": http_scene.store.uri,
            "SENTINEL_MLFLOW_GUARD": guard,
        },
        capture_output=True, text=True, check=False, cwd=http_scene.folder,
    )  # fmt: skip
    assert bool(http_scene.store.holds(http_scene.payload.mark)) is not bool(guard)
    assert ("SNT1101" in done.stderr) is bool(guard)
    assert (done.returncode == 0) is not bool(guard)


def test_every_part_is_guarded_by_the_variable() -> None:
    code = (
        "import mlflow; from sentinel.integrations.mlflow.install import patched;"
        "import mlflow.models.model, mlflow.tracking._model_registry.fluent;"
        "print(sorted({name for _, name in patched()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "SENTINEL_MLFLOW_GUARD": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in ("log", "_register_model", "create_model_version", "log_artifacts"):
        assert f"'{name}'" in done.stdout


def test_a_variable_that_says_something_else_stops_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import mlflow"],
        env={**os.environ, "SENTINEL_MLFLOW_GUARD": "yess"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "expected 1, server or 0" in done.stderr


def test_without_the_variable_nothing_is_imported() -> None:
    code = "import mlflow, sys; print([name for name in sys.modules if name.startswith('sent')])"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "SENTINEL_MLFLOW_GUARD": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))
    assert loaded <= {
        "sentinel", "sentinel._version", "sentinel.integrations", "sentinel.integrations.mlflow",
        "sentinel.integrations.mlflow.plugin",
    }  # fmt: skip
