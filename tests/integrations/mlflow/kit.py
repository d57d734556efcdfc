"""What the tests of the guard share: inert payloads, and a search for them where things are stored.

A payload would make a file in the test's folder if it were ever loaded. Nothing of a test loads it;
that the file is not there at the end says that MLflow, under the guard, did not either.
"""

from __future__ import annotations

import os
import pickle
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
import numpy as np
import pytest

V3 = int(mlflow.__version__.split(".")[0]) >= 3
only3 = pytest.mark.skipif(not V3, reason="MLflow 2 has no logged models")
ROWS = np.arange(6, dtype="float64").reshape(3, 2)
NAME = "name" if V3 else "artifact_path"
"""How ``log_model`` calls the name of the model."""


class Payload:
    """A pickle that would make a file, with a text in it that can be found again."""

    def __init__(self, folder: Path) -> None:
        self.flag = folder / "payload-was-run"
        self.mark = f"MARK-{uuid.uuid4().hex}"
        self.bytes = pickle.dumps(Reduced(self.flag, self.mark), 0)
        self.folder = folder

    def file(self, name: str = "evil.pkl") -> Path:
        """Return a file with the payload."""
        path = self.folder / "payload" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self.bytes)
        return path

    def directory(self, *, model: bool = False) -> Path:
        """Return a directory of three files, one of them the payload."""
        path = self.folder / "payload-directory"
        path.mkdir(exist_ok=True)
        (path / "a.txt").write_text("nothing")
        (path / "b.pkl").write_bytes(self.bytes)
        (path / "c.txt").write_text("nothing")
        if model:
            (path / "MLmodel").write_text(MLMODEL)
        return path

    @property
    def was_run(self) -> bool:
        """Return whether anything loaded it."""
        return self.flag.exists()


class Reduced:
    """An object whose pickle makes a file when it is loaded."""

    def __init__(self, flag: Path, mark: str) -> None:
        self.flag, self.mark = flag, mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.flag} # {self.mark}",)

    def predict(self, rows: Any) -> list[int]:
        """Do as a model does."""
        return [0] * len(rows)


MLMODEL = """\
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: b.pkl
  sklearn:
    pickled_model: b.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
mlflow_version: 2.22.5
model_uuid: 00000000000000000000000000000000
"""


class Store(NamedTuple):
    """A tracking store and where its artifacts end up."""

    kind: str
    uri: str
    roots: tuple[Path, ...]

    def holds(self, mark: str) -> list[Path]:
        """Return the stored files that have a text in them."""
        wanted = mark.encode()
        return [path for path in self.files() if wanted in path.read_bytes()]

    def files(self) -> Iterator[Path]:
        """Yield what is stored, databases left out."""
        for root in self.roots:
            for path in sorted(root.rglob("*")):
                if path.is_file() and not path.name.startswith("tracking.db"):
                    yield path


class Scene(NamedTuple):
    """What a path of the table acts on: an open run, the payload, and room for files."""

    store: Store
    payload: Payload
    run_id: str
    folder: Path

    @property
    def client(self) -> Any:
        """A client of its own."""
        return mlflow.MlflowClient(self.store.uri)

    @property
    def artifact_uri(self) -> str:
        """Where the artifacts of the run go."""
        return str(self.client.get_run(self.run_id).info.artifact_uri)


def estimator() -> Any:
    """Return a small fitted classifier."""
    from sklearn.linear_model import LogisticRegression

    rows = np.arange(40, dtype="float64").reshape(20, 2) % 7
    return LogisticRegression().fit(rows, np.arange(20) % 2)


def log_estimator(model: Any, name: str = "model", **more: Any) -> Any:
    """Log an estimator as a pickle, without a look at what the environment has."""
    more.setdefault("pip_requirements", ["scikit-learn==1.9.1"])
    more.setdefault("serialization_format", "cloudpickle")
    import mlflow.sklearn

    return mlflow.sklearn.log_model(model, **{NAME: name}, **more)


def put(url: str, data: bytes) -> int:
    """Upload bytes with plain HTTP; return the status."""
    request = urllib.request.Request(url, data=data, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
