"""The guard of a tracking server: what anybody uploads is scanned before it is stored.

A server takes files over plain HTTP, where no guard of a client sees them. What is refused is
answered with 403 and leaves nothing. Uploads that go past the server, straight into its store,
cannot be scanned and are refused altogether.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from ...reports.escape import printable
from ..inspection import Inspection, Inspector, crashed, shown
from ..policy import GuardPolicy, Objection
from ..unchanged import Watch
from .after import withdraw
from .patches import Patches, is_ours, ours
from .small import is_small

_LOG = logging.getLogger("sentinel.mlflow")
_INSPECTOR = Inspector()
_PATCHES = Patches()
_IN = ("log_artifact", "log_artifacts")
_STREAMS = ("log_artifact_from_stream", "log_artifact_from_async_stream")
_STAGED = "_publish_staged_artifact"
_PAST = ("create_multipart_upload", "complete_multipart_upload", "create_presigned_upload_url")
_HELP = "upload through the server: MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false"


def serve(policy: GuardPolicy | None = None) -> None:
    """Guard this process as a server, until it ends.

    Args:
        policy: What is stored.
    """
    from mlflow.store.artifact import artifact_repo, local_artifact_repo
    from mlflow.store.artifact import artifact_repository_registry as registry

    from .install import classes_below

    chosen = policy or GuardPolicy()
    local = local_artifact_repo.LocalArtifactRepository
    _PATCHES.put(local, _STAGED, lambda one: _published(one, chosen))
    for one in classes_below(artifact_repo.ArtifactRepository):
        _guard(one, chosen)
    for mixin in ("MultipartUploadMixin", "PresignedUploadMixin"):
        base = getattr(artifact_repo, mixin, None)
        for one in classes_below(base) if base is not None else ():
            _guard(one, chosen)
    _PATCHES.put(
        registry.ArtifactRepositoryRegistry,
        "get_artifact_repository",
        lambda one: _from_registry(one, chosen),
    )
    _LOG.info("this server scans what it stores (fail on %s)", chosen.fail_on)


def stop() -> None:
    """End the guard of this process."""
    _PATCHES.undo()


def _guard(one: type, policy: GuardPolicy) -> None:
    """Replace what a class has of its own, unless that was done."""
    ways: dict[str, Callable[[Any], Any]] = dict.fromkeys(_PAST, _refused)
    if _STAGED not in vars(one):  # a stream that is not put into a file first cannot be scanned
        ways |= dict.fromkeys(_STREAMS, _refused)
    ways |= dict.fromkeys(_IN, partial(_stored, policy=policy))
    for name, make in ways.items():
        if not is_ours(vars(one).get(name)):
            _PATCHES.put(one, name, make)


def _from_registry(original: Any, policy: GuardPolicy) -> Any:
    """Wrap the registry: classes of other plugins may be loaded after this one."""

    @wraps(original)
    def get_artifact_repository(self: Any, *args: Any, **kwargs: Any) -> Any:
        repository = original(self, *args, **kwargs)
        for one in reversed(type(repository).__mro__[:-1]):
            _guard(one, policy)
        return repository

    return get_artifact_repository


def _published(original: Any, policy: GuardPolicy) -> Any:
    """Wrap the step in which a file that was streamed here gets its name."""

    @wraps(original)
    def _publish_staged_artifact(
        self: Any, temp_file_path: Any, destination_file_path: Any, *args: Any, **kwargs: Any
    ) -> Any:
        path, place = os.fspath(temp_file_path), os.fspath(destination_file_path)
        watch = Watch(path, wait=not is_small(path))
        _check_file(self, path, place, policy)
        if watch.changed():
            raise _denied(_moved(_named(self, place)))
        return original(self, temp_file_path, destination_file_path, *args, **kwargs)

    return _publish_staged_artifact


def _stored(original: Any, policy: GuardPolicy) -> Any:
    """Wrap the methods that store what the server has in a temporary file."""

    @wraps(original)
    def store(self: Any, local: Any, artifact_path: Any = None, **kwargs: Any) -> Any:
        path = os.fspath(local)
        watch = Watch(path, wait=not is_small(path))
        if os.path.isdir(path):
            _judge(lambda: _INSPECTOR.inspect(path, artifact_path or "", policy.limits), policy)
        else:
            top = getattr(self, "artifact_dir", "") or os.path.dirname(path)
            place = os.path.join(top, artifact_path or "", os.path.basename(path))
            _check_file(self, path, place, policy)
        try:
            return original(self, local, artifact_path, **kwargs)
        finally:
            if changed := watch.changed():
                withdraw(self, watch.top, watch.files(changed), artifact_path)
                raise _denied(_moved(shown(changed[0], watch.top, artifact_path or "")))

    return ours(store)


def _check_file(repository: Any, path: str, place: str, policy: GuardPolicy) -> None:
    name = _named(repository, place)
    _judge(lambda: _INSPECTOR.inspect_as(path, place, name, policy.limits), policy)


def _named(repository: Any, place: str) -> str:
    top = getattr(repository, "artifact_dir", "") or os.path.dirname(place)
    return os.path.relpath(place, top).replace(os.sep, "/")


def _moved(name: str) -> Objection:
    return Objection("coverage.changed", printable(name), "it changed while it was stored", "")


def _judge(inspect: Callable[[], Inspection], policy: GuardPolicy) -> None:
    try:
        inspection = inspect()
    except Exception as error:  # whatever is wrong with us, nothing may be stored for it
        inspection = crashed("the upload", error)
    objection = next(policy.objections(inspection), None)
    if objection is not None:
        _LOG.warning("refused %s: %s", objection.artifact, objection.rule)
        raise _denied(objection)


def _denied(one: Objection) -> Exception:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

    text = f"sentinel: {one.artifact}: not stored: {one.rule}: {one.text}"
    error: Exception = MlflowException(text, error_code=PERMISSION_DENIED)
    return error


def _refused(original: Any) -> Any:
    @wraps(original)
    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        from mlflow.exceptions import MlflowException
        from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

        text = f"sentinel: an upload that leaves no file here cannot be scanned; {_HELP}"
        raise MlflowException(text, error_code=PERMISSION_DENIED)

    return ours(refuse)
