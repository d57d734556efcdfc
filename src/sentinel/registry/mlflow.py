"""Models and artifacts in an MLflow tracking server: what there is, and their files.

Nothing is loaded. What a server lists is the server's: the number of files and of bytes is bounded,
and no name leads out of the folder that files are brought to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

from ..errors import LimitExceeded, ReadError, UsageError
from ..limits import GIB

SCHEMES = ("models:/", "runs:/")
MOST_BYTES = 64 * GIB
_MOST_FILES = 50_000
_DEEPEST = 32
_MOST_VERSIONS = 100_000
_PAGE = 200


class Version(NamedTuple):
    """A version of a registered model.

    Attributes:
        name: Of the registered model.
        version: Its number.
        uri: What it can be fetched by.
    """

    name: str
    version: str
    uri: str


def is_address(text: str) -> bool:
    """Return whether a text names something in a tracking server rather than a file."""
    return text.startswith(SCHEMES)


def connect(tracking_uri: str = "", registry_uri: str = "") -> Any:
    """Return a client of a tracking server.

    Args:
        tracking_uri: Its address; that of the environment by default.
        registry_uri: That of the registry, where it is another.

    Raises:
        UsageError: MLflow is not installed, or the address is none.
    """
    try:
        present = find_spec("mlflow") is not None
    except (ImportError, ValueError):
        present = False
    if not present:
        raise UsageError(
            "mlflow is needed to read from a tracking server and is not installed",
            "pip install 'sentinel-mlsecops[mlflow]'",
        )
    import mlflow

    try:
        if tracking_uri:
            mlflow.set_tracking_uri(tracking_uri)
        if registry_uri:
            mlflow.set_registry_uri(registry_uri)
        return mlflow.MlflowClient()
    except Exception as error:
        raise UsageError(f"{tracking_uri or 'MLflow'}: {_line(error)}") from error


def place() -> str:
    """Return the address of the registry that MLflow asks, without a login."""
    import mlflow

    return re.sub(r"//[^/@]*@", "//", str(mlflow.get_registry_uri()))


def versions(client: Any, names: str = "") -> Iterator[Version]:
    """Yield the versions of registered models.

    Args:
        client: The client.
        names: A pattern for names as SQL's LIKE has it (``fraud-%``); empty for all.

    Raises:
        ReadError: The server does not answer.
        LimitExceeded: It lists more than a person could want scanned.
    """
    quoted = names.replace("'", "")
    condition = f"name LIKE '{quoted}'" if names else None
    token: str | None = None
    count = 0
    while True:
        try:
            page = client.search_model_versions(condition, max_results=_PAGE, page_token=token)
        except Exception as error:
            raise ReadError(f"the registry does not answer: {_line(error)}") from error
        for one in page:
            count += 1
            if count > _MOST_VERSIONS:
                raise LimitExceeded(f"more than {_MOST_VERSIONS} versions", "choose with --name")
            yield Version(one.name, str(one.version), f"models:/{one.name}/{one.version}")
        token = page.token
        if not token:
            return


def fetch(uri: str, folder: str, most: int = MOST_BYTES) -> str:
    """Bring the files behind an address into a folder; nothing is loaded.

    Args:
        uri: ``models:/name/version``, ``models:/name@alias``, ``models:/<id>`` or
            ``runs:/<id>/path``.
        folder: An empty folder.
        most: Bytes to bring at most, by what the server lists and by what came.

    Returns:
        The folder, or the one file.

    Raises:
        ReadError: There is nothing there, the server does not answer, or a name leads out of the
            folder.
        LimitExceeded: More files or bytes than wanted.
    """
    try:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        repository = get_artifact_repository(uri)
        files = list(_listed(repository, uri))
    except (ReadError, LimitExceeded):
        raise
    except Exception as error:
        raise ReadError(f"{uri}: {_line(error)}", "see what MLFLOW_TRACKING_URI says") from error
    total = sum(size for _, size in files)
    if total > most:
        raise LimitExceeded(f"{uri}: {total} bytes are listed", "raise --max-download")
    if not files:
        return _single(uri, folder)
    for name, _ in files:
        _bring(repository, uri, name, folder)
        most -= os.path.getsize(os.path.join(folder, *name.split("/")))
        if most < 0:
            raise LimitExceeded(f"{uri}: more bytes came than were listed", "raise --max-download")
    return folder


def _listed(repository: Any, uri: str) -> Iterator[tuple[str, int]]:
    pending: list[tuple[str, int]] = [("", 0)]
    count = 0
    while pending:
        path, depth = pending.pop()
        for one in repository.list_artifacts(path or None):
            count += 1
            if count > _MOST_FILES or depth > _DEEPEST:
                raise LimitExceeded(f"{uri}: more files or folders than are brought")
            name = _checked(str(one.path), uri)
            if one.is_dir:
                pending.append((name, depth + 1))
            else:
                yield name, int(one.file_size or 0)


def _checked(name: str, uri: str) -> str:
    parts = name.split("/")
    outside = os.path.isabs(name) or any(part in ("", ".", "..") for part in parts)
    if outside or "\0" in name or "\\" in name or ":" in parts[0]:
        raise ReadError(f"{uri}: the server lists {name[:200]!r}, which leads out of the folder")
    return name


def _bring(repository: Any, uri: str, name: str, folder: str) -> None:
    try:
        repository.download_artifacts(name, folder)
    except Exception as error:
        raise ReadError(f"{uri}: {name}: {_line(error)}") from error
    if not os.path.isfile(os.path.join(folder, *name.split("/"))):
        raise ReadError(f"{uri}: {name}: did not arrive")


def _single(uri: str, folder: str) -> str:
    """Bring what is no folder: one file, which a server lists nothing of."""
    import mlflow

    try:
        found = str(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
    except Exception as error:
        raise ReadError(f"{uri}: {_line(error)}") from error
    inside = os.path.realpath(found).startswith(os.path.realpath(folder) + os.sep)
    if not inside or not os.path.isfile(found):
        raise ReadError(f"{uri}: there are no files")
    return found


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
