"""``Model.log``: what is to be known of a model before it is saved, and what is left of it after.

The model arrives as an argument of its flavour. Where a watermark key is configured a marked copy
is saved in its place; the model in memory is never written to.
"""

from __future__ import annotations

import logging
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

from ..._version import __version__
from ...rules import RULES_VERSION
from ..blocked import SentinelBlocked
from .active import ACTIVE, HERE, Logging

_LOG = logging.getLogger("sentinel.mlflow")


def guarded_log(original: Any) -> Any:
    """Wrap the class method that every flavour logs a model with."""
    function = original.__func__
    parameters = signature(function)

    @wraps(function)
    def log(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if not ACTIVE.guards or HERE.quiet:
            return function(cls, *args, **kwargs)
        if args:
            kwargs = _by_name(parameters, cls, args, kwargs)
        call = Logging(str(kwargs.get("registered_model_name") or ""))
        HERE.logging.append(call)
        try:
            if any(guard.policy.watermark_key is not None for guard in ACTIVE.guards):
                from . import marking

                kwargs = marking.marked(call, kwargs)
            kwargs["metadata"] = _metadata(kwargs.get("metadata"), call)
            return function(cls, **kwargs)
        except SentinelBlocked:
            _clean()
            raise
        finally:
            try:
                if call.withheld is not None:  # nothing was uploaded after it
                    call.withheld()
            finally:
                HERE.logging.pop()

    return classmethod(log)


def _by_name(
    parameters: Signature, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a call by name; raises TypeError as the call would."""
    given = dict(parameters.bind(cls, *args, **kwargs).arguments)
    given.pop(next(iter(parameters.parameters)))
    for one in parameters.parameters.values():
        if one.kind is Parameter.VAR_KEYWORD:
            given |= given.pop(one.name, {})
    return given


def _metadata(given: Any, call: Logging) -> dict[str, Any]:
    """Return the metadata of a model with ours: what is known before it is saved."""
    ours: dict[str, Any] = {
        "version": __version__,
        "rules_version": RULES_VERSION,
        "policies": sorted({guard.policy.digest() for guard in ACTIVE.guards}),
    }
    if call.marked:
        ours["watermark"] = dict(call.marked)
    return {**(given or {}), "sentinel": ours}


def _clean() -> None:
    """Delete the entry of the model that was just blocked, where a guard is to."""
    if not any(guard.cleanup for guard in ACTIVE.guards):
        return
    try:
        import mlflow

        model = mlflow.get_logged_model(mlflow.last_logged_model().model_id)
        if model.tags.get("sentinel.verdict") == "blocked":
            mlflow.MlflowClient().delete_logged_model(model.model_id)
    except Exception as error:  # MLflow 2 has no such entries
        _LOG.warning("the entry of the blocked model was not deleted: %s", error)
