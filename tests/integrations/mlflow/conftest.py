"""Stores and servers for the tests of the guard, which run in environments of their own.

``make test`` makes them, for the oldest and the newest MLflow, since MLflow's pins do not go with
those of the other tests. Without MLflow these tests are skipped.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integrations.mlflow.kit import Payload, Scene, Store

HERE = Path(__file__).parent
INSTALLED = importlib.util.find_spec("mlflow") is not None
ALONE = "test_without_mlflow.py"
collect_ignore = [] if INSTALLED else [
    path.name for path in HERE.glob("test_*.py") if path.name not in (ALONE,)
]  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Warnings of MLflow and of what it uses are not ours; it gives some while it is imported."""
    if INSTALLED:
        config.addinivalue_line("filterwarnings", "ignore")


@pytest.fixture(scope="session", autouse=True)
def _quick(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No telemetry, no Git, few retries, no database of vulnerabilities of whoever runs this."""
    os.environ |= {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
        "XDG_DATA_HOME": str(tmp_path_factory.mktemp("data")),
        "SENTINEL_QUARANTINE": str(tmp_path_factory.mktemp("quarantine") / "kept"),
    }
    os.environ.pop("SENTINEL_MLFLOW_GUARD", None)


class Server:
    """A real tracking server on the loopback interface."""

    def __init__(self, folder: Path, guard: str = "", destination: str = "") -> None:
        self.folder = folder
        self.artifacts = folder / "artifacts"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self._log = (folder / "server.log").open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1",
                "--port", str(self.port), "--workers", "1",
                "--backend-store-uri", f"sqlite:///{folder / 'tracking.db'}",
                "--artifacts-destination", destination or str(self.artifacts),
            ],
            stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder,
            env={
                **os.environ, "SENTINEL_MLFLOW_GUARD": guard, "TMPDIR": str(self.temporary),
            },
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        pytest.fail(f"the server did not start:\n{self.log}")

    @property
    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "server.log").read_text(errors="replace")

    def stop(self) -> None:
        """End the server and its workers."""
        os.killpg(self._process.pid, 15)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()
        self._log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without a guard."""
    found = Server(tmp_path_factory.mktemp("server"))
    yield found
    found.stop()


@pytest.fixture(scope="session")
def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the plugin."""
    found = Server(tmp_path_factory.mktemp("guarded-server"), guard="server")
    yield found
    found.stop()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("server", id="guarded"),
        pytest.param("", id="unguarded", marks=pytest.mark.slow),  # a server more takes its time
    ],
)
def bucket_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, bool]]:
    """A server that stores in a bucket, which is not there, and whether it has the plugin."""
    folder = tmp_path_factory.mktemp("bucket-server")
    found = Server(folder, guard=request.param, destination="s3://no-bucket/artifacts")
    yield found, bool(request.param)
    found.stop()


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A local store in a database, artifacts beside it."""
    from tests.integrations.mlflow.kit import Store

    folder = tmp_path_factory.mktemp("sqlite")
    return Store("sqlite", f"sqlite:///{folder / 'tracking.db'}", (folder,))


@pytest.fixture(scope="session")
def file_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A local store of files alone."""
    from tests.integrations.mlflow.kit import Store

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    folder = tmp_path_factory.mktemp("files")
    return Store("file", folder.as_uri(), (folder,))


@pytest.fixture(scope="session")
def http_store(server: Server) -> Store:
    """The store of a real server."""
    from tests.integrations.mlflow.kit import Store

    return Store("http", server.uri, (server.artifacts,))


@pytest.fixture
def payload(tmp_path: Path) -> Iterator[Payload]:
    """A payload; whatever the test does, it must not have been run."""
    from tests.integrations.mlflow.kit import Payload

    found = Payload(tmp_path)
    yield found
    assert not found.was_run, "the payload was run"


def scene_in(store: Store, payload: Payload, folder: Path) -> Iterator[Scene]:
    """Yield an open run in a store."""
    import mlflow

    from tests.integrations.mlflow.kit import Scene

    before = Path.cwd()
    os.chdir(store.roots[0].parent if store.kind == "http" else store.roots[0])
    mlflow.set_tracking_uri(store.uri)
    mlflow.set_registry_uri(store.uri)
    experiment = mlflow.set_experiment("tests")
    run = mlflow.start_run(experiment_id=experiment.experiment_id)
    yield Scene(store, payload, run.info.run_id, folder)
    while mlflow.active_run() is not None:
        mlflow.end_run()
    os.chdir(before)


@pytest.fixture
def scene(sqlite_store: Store, payload: Payload, tmp_path: Path) -> Iterator[Scene]:
    """An open run in a local store."""
    yield from scene_in(sqlite_store, payload, tmp_path)


@pytest.fixture
def http_scene(http_store: Store, payload: Payload, tmp_path: Path) -> Iterator[Scene]:
    """An open run on a real server."""
    yield from scene_in(http_store, payload, tmp_path)


@pytest.fixture(params=["sqlite_store", "http_store", "file_store"])
def any_scene(request: pytest.FixtureRequest, payload: Payload, tmp_path: Path) -> Iterator[Scene]:
    """An open run in each of the stores."""
    yield from scene_in(request.getfixturevalue(request.param), payload, tmp_path)
