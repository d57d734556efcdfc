"""The registry: a version is made of what was scanned, or not at all.

No byte moves when a model is registered, and MLflow registers what has failed or has no files.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from functools import wraps
from typing import TYPE_CHECKING, Any

from ..blocked import SentinelBlocked
from ..policy import Objection
from . import tags
from .active import ACTIVE, HERE
from .checks import check, refuse
from .target import Target, target_of

if TYPE_CHECKING:
    from .checks import Passed

_LOG = logging.getLogger("sentinel.mlflow")
_MODEL_ID = re.compile(r"models:/+(m-[0-9a-f]{32})/?")
_LOG_AGAIN = "log the model again under the guard"
_PROMPT, _NO_SOURCE = "mlflow.prompt.is_prompt", ("dummy-source", "prompt-template")


def guarded_version(original: Any) -> Any:
    """Wrap the client's method that makes a version of a registered model."""

    @wraps(original)
    def create_model_version(self: Any, name: str, source: str, *args: Any, **kwargs: Any) -> Any:
        if not ACTIVE.guards or HERE.quiet:
            return original(self, name, source, *args, **kwargs)
        given = list(args)
        told = (given[1] if len(given) > 1 else kwargs.get("tags")) or {}
        if _is_prompt(str(source), told):
            return original(self, name, source, *args, **kwargs)
        found = _verify(str(source), kwargs.get("model_id"), f"{name}")
        if len(given) > 1:  # name, source, run_id, tags
            given[1] = {**(given[1] or {}), **found}
        else:
            kwargs["tags"] = {**(kwargs.get("tags") or {}), **found}
        return original(self, name, source, *given, **kwargs)

    return create_model_version


def _is_prompt(source: str, given: dict[str, Any]) -> bool:
    """Return whether a version is a prompt of MLflow's: a tag with its text, and no files."""
    return given.get(_PROMPT) == "true" and source in _NO_SOURCE and not os.path.lexists(source)


def guarded_copy(original: Any) -> Any:
    """Wrap the client's method that copies a version."""

    @wraps(original)
    def copy_model_version(self: Any, src_mv: Any, *args: Any, **kwargs: Any) -> Any:
        if ACTIVE.guards and not HERE.quiet:
            if src_mv.tags.get(tags.VERDICT) == tags.BLOCKED:
                _object(str(src_mv.source), "it was blocked before", "blocked")
            _verify(str(src_mv.source), getattr(src_mv, "model_id", None), src_mv.name)
        return original(self, src_mv, *args, **kwargs)

    return copy_model_version


def noted_creation(original: Any) -> Any:
    """Wrap the client's method that makes a registered model."""

    @wraps(original)
    def create_registered_model(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        found = original(self, name, *args, **kwargs)
        if HERE.made is not None:
            HERE.made.append(name)
        return found

    return create_registered_model


def guarded_registration(original: Any) -> Any:
    """Wrap the function that makes the registered model and then its version."""

    @wraps(original)
    def _register_model(*args: Any, **kwargs: Any) -> Any:
        if not ACTIVE.guards or HERE.quiet:
            return original(*args, **kwargs)
        before, HERE.made = HERE.made, []
        try:
            return original(*args, **kwargs)
        except SentinelBlocked:
            for name in HERE.made or ():
                _delete_empty(name)
            raise
        finally:
            HERE.made = before

    return _register_model


def _delete_empty(name: str) -> None:
    from mlflow import MlflowClient

    try:
        client = MlflowClient()
        if not client.search_model_versions(f"name = '{name}'"):
            client.delete_registered_model(name)
    except Exception as error:
        _LOG.warning("the empty registered model %s was not deleted: %s", name, error)


def _verify(source: str, model_id: str | None, name: str) -> dict[str, str]:
    """Return the tags of a version; raises SentinelBlocked when there must be none."""
    if not model_id and (found := _MODEL_ID.fullmatch(source)):
        model_id = found[1]
    for call in reversed(HERE.logging):
        same = call.model_id == model_id if model_id else call.run_id and call.run_id in source
        if call.clean and same:
            return dict(call.tags)
    warned = _verify_entry(model_id, source) if model_id else False
    passed, also = _scan(source)
    found_tags = tags.summary(passed.inspection.reports)
    found_tags[tags.VERDICT] = "warned" if warned else also or passed.status
    found_tags |= tags.looked_up(passed)
    return found_tags


def _verify_entry(model_id: str, source: str) -> bool:
    """Return whether there is something against a logged model that is only warned of."""
    from mlflow import MlflowClient

    model = MlflowClient().get_logged_model(model_id)
    warned = model.tags.get(tags.VERDICT) == tags.BLOCKED
    if warned:
        _object(source, "it was blocked when it was logged", "blocked")
    status = str(getattr(model.status, "value", model.status))
    if status != "READY":
        _object(source, f"its status is {status}, not READY", "status")
    return warned or status != "READY"


def _scan(source: str) -> tuple[Passed, str]:
    """Bring what a version would be made of, look at it, and remove the copy.

    Returns:
        What the scan says, and what is to be told instead when nothing was there to scan:
        ``warned`` or ``unscanned``.
    """
    with tempfile.TemporaryDirectory(prefix="sentinel-", ignore_cleanup_errors=True) as temporary:
        place, folder, instead = _brought(source, temporary)
        if not instead and not os.path.isfile(os.path.join(folder, "MLmodel")):
            instead = _object(source, "there is no MLmodel among its files", "empty")
        return check("register", folder, "", place), instead


def _brought(source: str, temporary: str) -> tuple[Target, str, str]:
    """Return where files come from, where they are now, and what is told of none."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    place = Target(source)
    HERE.quiet += 1
    try:
        repository = get_artifact_repository(source)
        place = target_of(repository)._replace(uri=source)
        return place, _local_path(source) or repository.download_artifacts("", temporary), ""
    except Exception as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
    finally:
        HERE.quiet -= 1
    return place, temporary, _object(source, f"its files cannot be had: {why}", "unreadable")


def _local_path(source: str) -> str:
    from mlflow.utils.file_utils import local_file_uri_to_path

    local = source.startswith(("/", "file:")) and "://" not in source.replace("file://", "", 1)
    path = local_file_uri_to_path(source) if local else ""
    return path if path and os.path.isdir(path) else ""


def _object(source: str, why: str, reason: str) -> str:
    """Raise SentinelBlocked, unless every open guard merely warns; return what is told then."""
    guards = list(dict.fromkeys(ACTIVE.guards))
    if reason == "unreadable":
        strict = [one for one in guards if one.fail_closed and one.policy.incomplete == "block"]
    else:
        strict = guards
    one = Objection(f"registry.{reason}", source, why, _LOG_AGAIN)
    if any(guard.on_block != "warn" for guard in strict):
        raise refuse("register", Target(source), [one], strict)
    _LOG.warning("%s: %s", source, why)
    return "warned" if strict else "unscanned"
