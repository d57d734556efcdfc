"""The table of what is replaced in MLflow, in both of its majors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import wraps
from typing import Any

from .active import ACTIVE
from .late import Watcher
from .patches import Patches, is_ours
from .reads import guarded_download
from .writes import guarded_write

_PATCHES = Patches()
_FLUENT = "mlflow.tracking._model_registry.fluent"
_MODEL = "mlflow.models.model"
_LATE = (_MODEL, _FLUENT, "mlflow.tracking._model_registry.client")
_METHODS = {
    "log_artifact": guarded_write("local_file"),
    "log_artifacts": guarded_write("local_dir"),
    "download_artifacts": guarded_download,
}


def install() -> None:
    """Replace the methods of every repository there is, and of those to come.

    Raises:
        ImportError: This MLflow has not what is to be replaced. Nothing is, then.
    """
    try:
        _install()
    except BaseException as error:
        uninstall()
        if isinstance(error, AttributeError):
            raise ImportError(f"this MLflow cannot be guarded: {error}") from error
        raise


def _install() -> None:
    from mlflow.store.artifact import artifact_repo
    from mlflow.store.artifact import artifact_repository_registry as registry

    base = artifact_repo.ArtifactRepository
    for one in classes_below(base):
        _patch_repository(one)
    _PATCHES.put(base, "_log_artifact_async", _in_background)
    _need(registry.ArtifactRepositoryRegistry, "get_artifact_repository", _from_registry)
    if not all(name in sys.modules for name in _LATE):
        if _importing():
            Watcher({name for name in _LATE if name not in sys.modules}, _arrived).watch()
        else:
            _import()
    for name in _LATE:
        if name in sys.modules:
            install_late(sys.modules[name])


def _importing() -> bool:
    """Return whether MLflow is still in the middle of its own import."""
    return bool(getattr(sys.modules["mlflow"].__spec__, "_initializing", False))


def _import() -> None:
    import mlflow.models.model
    import mlflow.tracking._model_registry.client
    import mlflow.tracking._model_registry.fluent  # noqa: F401


def _arrived(module: Any) -> None:
    if ACTIVE.guards:
        install_late(module)


def install_late(module: Any) -> None:
    """Replace what a module of MLflow has, which may be imported after a guard was opened."""
    from . import models, registering

    if module.__name__ == _MODEL:
        _need(module.Model, "log", models.guarded_log)
        _PATCHES.put(module.Model, "_log_v2", models.guarded_log)
    elif module.__name__ == _FLUENT:
        _PATCHES.put(module, "_register_model", registering.guarded_registration)
    else:
        client = module.ModelRegistryClient
        _PATCHES.put(client, "create_registered_model", registering.noted_creation)
        _need(client, "create_model_version", registering.guarded_version)
        _need(client, "copy_model_version", registering.guarded_copy)


def _need(owner: Any, name: str, make: Any) -> None:
    """Replace what there must be: a guard that leaves a way open is none."""
    if name not in vars(owner):
        raise ImportError(f"this MLflow cannot be guarded: {owner.__name__} has no {name}")
    _PATCHES.put(owner, name, make)


def uninstall() -> None:
    """Put everything back."""
    _PATCHES.undo()


def patched() -> list[tuple[Any, str]]:
    """Return what is replaced at present, as pairs of object and name."""
    return [(one.owner, one.name) for one in _PATCHES.made]


def classes_below(base: type) -> Iterator[type]:
    """Yield a class and all classes below it that exist at present."""
    seen = {base}
    pending = [base]
    while pending:
        one = pending.pop()
        yield one
        children: list[type] = type.__subclasses__(one)
        fresh = set(children) - seen
        seen |= fresh
        pending += fresh


def _patch_repository(one: type) -> None:
    for name, make in _METHODS.items():
        method = vars(one).get(name)
        if method is not None and not is_ours(method):
            _PATCHES.put(one, name, make)


def _from_registry(original: Any) -> Any:
    @wraps(original)
    def get_artifact_repository(self: Any, *args: Any, **kwargs: Any) -> Any:
        repository = original(self, *args, **kwargs)
        with ACTIVE.held() as guards:
            for one in reversed(type(repository).__mro__[:-1]) if guards else ():
                _patch_repository(one)
        return repository

    return get_artifact_repository


def _in_background(original: Any) -> Any:
    @wraps(original)
    def _log_artifact_async(self: Any, *args: Any, **kwargs: Any) -> Any:
        if ACTIVE.guards:
            ACTIVE.in_background(self)
        return original(self, *args, **kwargs)

    return _log_artifact_async
