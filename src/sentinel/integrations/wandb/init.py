"""``wandb.init`` with the keyword ``sentinel_guard``."""

from __future__ import annotations

import atexit
import inspect
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from ..mlflow.patches import Patches
from .guard import WandbGuard
from .opened import OPEN, Opening

VARIABLE = "SENTINEL_WANDB_GUARD"
KEYWORD = "sentinel_guard"
_HOLDERS = ("wandb.sdk.wandb_init", "wandb.sdk", "wandb")
_PATCHES = Patches()


def install() -> None:
    """Teach ``wandb.init`` the keyword, wherever wandb keeps it. Doing it twice does nothing.

    Raises:
        ImportError: wandb is not installed.
    """
    if _PATCHES.made:
        return
    import wandb.sdk.wandb_init

    ours = _guarded(wandb.sdk.wandb_init.init)
    for name in _HOLDERS:
        _PATCHES.put(sys.modules[name], "init", lambda _: ours)


def uninstall() -> None:
    """Close every guard and put back all that was replaced."""
    from .install import remove

    for opening in OPEN:
        OPEN.leave(opening, remove)
    _PATCHES.undo()


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def init(*args: Any, sentinel_guard: bool | WandbGuard | None = None, **kwargs: Any) -> Any:
        guard = _chosen(sentinel_guard)
        if guard is None:
            return original(*args, **kwargs)
        opening = guard.opened()
        try:
            run = original(*args, **kwargs)
            _bind(opening, run)
        except BaseException:
            guard.closed(opening)
            raise
        return run

    init.__signature__ = _signature(original)  # type: ignore[attr-defined]
    return init


def _signature(original: Callable[..., Any]) -> inspect.Signature:
    keyword = inspect.Parameter(
        KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation="bool | sentinel.integrations.WandbGuard | None",
    )
    before = inspect.signature(original)
    parameters = list(before.parameters.values())
    at = len(parameters)
    if parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD:
        at -= 1
    return before.replace(parameters=[*parameters[:at], keyword, *parameters[at:]])


def _chosen(given: bool | WandbGuard | None) -> WandbGuard | None:
    if given is None:
        wanted = os.environ.get(VARIABLE, "").strip().lower()
        given = wanted in ("1", "true", "yes", "on")
    if isinstance(given, WandbGuard):
        return given
    if not isinstance(given, bool):
        raise TypeError(f"{KEYWORD} is True, False or a WandbGuard, not {type(given).__name__}")
    return WandbGuard() if given else None


def _bind(opening: Opening, run: Any) -> None:
    """Let a guard hold until its run ends."""
    stream = str(run.id)
    known = OPEN.opening_of(stream)
    # A run that uploads nothing never ends, and one that was given back has its guard.
    if getattr(run, "disabled", False) or (known is not None and known.guard is opening.guard):
        opening.guard.closed(opening)
        return
    from wandb.sdk.wandb_run import TeardownHook, TeardownStage

    from .telling import tell

    opening.stream = stream
    guard, process = opening.guard, os.getpid()

    def ending() -> None:
        atexit.unregister(ending)
        if os.getpid() == process:
            tell(guard, run)

    # A run that nobody finishes ends without its hooks.
    atexit.register(ending)
    early = TeardownHook(ending, TeardownStage.EARLY)
    late = TeardownHook(lambda: guard.closed(opening), TeardownStage.LATE)
    run._teardown_hooks += [early, late]
