"""Models and artifacts in an MLflow tracking server: what there is, and their files.

Nothing is loaded. What a server lists is the server's: the number of files and of bytes is bounded,
and no name leads out of the folder that files are brought to.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, NamedTuple

from ..errors import LimitExceeded, ReadError, UsageError
from ..limits import GIB

SCHEMES = ("models:/", "runs:/")
MOST_BYTES = 64 * GIB
_MOST_FILES = 50_000
_DEEPEST = 32
_MOST_VERSIONS = 100_000
_PAGE = 200
_LONGEST, _CAUSES = 200, 50
_ADDRESS = "give an address such as http://host:5000 or sqlite:///mlflow.db"
_ASK = "see what MLFLOW_TRACKING_URI or --tracking-uri says, and whether that server runs"


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
        shown = _without_login(tracking_uri) or "MLflow"
        raise UsageError(f"{shown}: {_line(error)}", _ADDRESS) from error


def place() -> str:
    """Return the address of the registry that MLflow asks, without a login."""
    import mlflow

    return _without_login(str(mlflow.get_registry_uri()))


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
            raise ReadError(
                f"{place()}: the registry does not answer: {_line(error)}", _ASK
            ) from error
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
        raise ReadError(f"{uri}: {_line(error)}", _ASK) from error
    total = sum(size for _, size in files)
    if total > most:
        raise LimitExceeded(f"{uri}: {total} bytes are listed", "raise --max-download")
    if not files:
        with _unguarded():
            return _single(uri, folder)
    for name, _ in files:
        with _unguarded():
            _bring(repository, uri, name, folder)
        most -= os.path.getsize(os.path.join(folder, *name.split("/")))
        if most < 0:
            raise LimitExceeded(f"{uri}: more bytes came than were listed", "raise --max-download")
    return folder


@contextmanager
def _unguarded() -> Iterator[None]:
    """Leave out the guard of this process, should there be one: what is brought is scanned next."""
    guard = sys.modules.get("sentinel.integrations.mlflow.active")
    here: Any = guard.HERE if guard is not None else SimpleNamespace(quiet=0)
    here.quiet += 1
    try:
        yield
    finally:
        here.quiet -= 1


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


def _line(error: BaseException) -> str:
    """Return what went wrong in a few words: what the system said, where it was that."""
    for one in _causes(error):
        if isinstance(one, TimeoutError):
            return "no answer in time"
        if isinstance(one, OSError) and one.strerror:
            named = f": {one.filename}" if one.filename else ""
            return _without_login(f"{one.strerror}{named}")
    text = _without_login(" ".join(str(error).split()))
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...") or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those behind it; the libraries for HTTP put them into each other."""
    pending: list[object] = [error]
    seen = set[int]()
    while pending and len(seen) < _CAUSES:
        one = pending.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            pending += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _without_login(text: str) -> str:
    return re.sub(r"//[^/\s]*@", "//", text)
