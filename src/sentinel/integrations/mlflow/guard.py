"""``MLflowGuard``: the context manager, the decorator, and the guard of a whole process."""

from __future__ import annotations

import atexit
import inspect
import logging
import sys
from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import UsageError
from ..blocked import SentinelBlocked
from ..inspection import Inspection
from ..policy import GuardPolicy, Objection
from .active import ACTIVE

if TYPE_CHECKING:
    from types import TracebackType

    from .checks import Passed
    from .target import Target

Function = TypeVar("Function", bound=Callable[..., Any])
ON_BLOCK = ("raise", "warn", "quarantine")
_LOG = logging.getLogger("sentinel.mlflow")


class MLflowGuard:
    """Scans what MLflow logs, loads and registers, and stops what must not pass.

    It holds for the process: for all threads, and for uploads in the background until the guard
    ends. It can be entered more than once, and decorates functions.

    Args:
        policy: What is let through; the default blocks findings of high severity or worse, and
            whatever could not be examined in full.
        on_block: ``raise`` SentinelBlocked; ``quarantine`` to keep a copy of what is blocked as
            well; ``warn`` to tag it and let it through.
        cleanup: Whether the entry of a logged model that was blocked is deleted. It stays by
            default, marked as failed, and is the evidence.
        fail_closed: Whether what could not be scanned is blocked: a crash of the scanner, a limit,
            a file that cannot be read. When not, it passes and is tagged ``unscanned``.
        quiet: Whether the line at the end is left out.

    Raises:
        ImportError: MLflow is not installed.
        UsageError: There is no such ``on_block``.
    """

    def __init__(
        self,
        policy: GuardPolicy | None = None,
        *,
        on_block: str = "raise",
        cleanup: bool = False,
        fail_closed: bool = True,
        quiet: bool = False,
    ) -> None:
        if on_block not in ON_BLOCK:
            raise UsageError(f"on_block is one of {', '.join(ON_BLOCK)}, not {on_block!r}")
        if not _installed():
            raise ImportError(
                "MLflowGuard needs mlflow, which is not installed: "
                "pip install 'sentinel-mlsecops[mlflow]'"
            )
        self.policy = policy or GuardPolicy()
        self.on_block = on_block
        self.cleanup = cleanup
        self.fail_closed = fail_closed
        self.blocks: list[SentinelBlocked] = []
        self._quiet = quiet
        self._counts = {"checked": 0, "warned": 0, "unscanned": 0}
        self._reports: list[str] = []
        self._starts: list[int] = []
        self._lock = Lock()

    def __enter__(self) -> MLflowGuard:
        from .install import install

        ACTIVE.enter(self, install)
        self._starts.append(len(self.blocks))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from .install import uninstall

        try:
            ACTIVE.flush()
        finally:
            ACTIVE.leave(self, uninstall)
            start = self._starts.pop()
            if not self._starts:
                self.tell()
        pending = [one for one in self.blocks[start:] if not one.acknowledged]
        for one in pending:
            one.acknowledge()
        if error is None and pending:
            raise pending[0]

    def __call__(self, function: Function) -> Function:
        """Guard every call of a function, or of a coroutine function."""
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def guarded(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)
        else:

            @wraps(function)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    def objections(self, inspection: Inspection) -> list[Objection]:
        """Return why something may not pass; nothing when it may."""
        found = list(self.policy.objections(inspection))
        if self.fail_closed:
            return found
        return [one for one in found if not one.rule.startswith("coverage.")]

    def note_passed(self, action: str, place: Target, passed: Passed) -> None:
        """Count what passed, and say what passed with a warning."""
        with self._lock:
            self._counts["checked"] += 1
            if passed.status in self._counts:
                self._counts[passed.status] += 1
        for one in passed.objections[:1]:
            _LOG.warning("%s (%s): %s: %s", one.artifact, place, one.rule, one.text)

    def note_blocked(self, error: SentinelBlocked) -> None:
        """Remember a block, to raise it at the end should somebody swallow it."""
        with self._lock:
            self._counts["checked"] += 1
            self.blocks.append(error)
        _LOG.error("%s", error.message)

    def note_report(self, where: str) -> None:
        """Remember where a report was logged."""
        with self._lock:
            self._reports.append(where)

    def summary(self) -> str:
        """Return what happened so far in one line."""
        counts = self._counts
        parts = [f"{counts['checked']} checked", f"{len(self.blocks)} blocked"]
        parts += [f"{counts[key]} {key}" for key in ("warned", "unscanned") if counts[key]]
        text = f"sentinel: MLflow: {', '.join(parts)}"
        return f"{text}; report: {self._reports[-1]}" if self._reports else text

    def tell(self) -> None:
        """Write the summary to standard error, where anything was checked."""
        if self._counts["checked"] and not self._quiet:
            try:
                sys.stderr.write(f"{self.summary()}\n")
            except (OSError, ValueError, AttributeError):  # no place to write to
                pass


def _installed() -> bool:
    try:
        return "mlflow" in sys.modules or find_spec("mlflow") is not None
    except (ImportError, ValueError):
        return False


_PROCESS: list[MLflowGuard] = []


def enable(policy: GuardPolicy | None = None, **options: Any) -> MLflowGuard:
    """Guard the process from here on; what ``MLflowGuard`` takes can be given.

    Returns:
        The guard in force; the one there is when it is called again.
    """
    if not _PROCESS:
        guard = MLflowGuard(policy, **options)
        guard.__enter__()
        _PROCESS.append(guard)
        atexit.register(_at_exit, guard)
    return _PROCESS[0]


def disable() -> None:
    """End the guard of the process. Raises SentinelBlocked for a block that was swallowed."""
    while _PROCESS:
        guard = _PROCESS.pop()
        atexit.unregister(_at_exit)
        guard.__exit__(None, None, None)


def _at_exit(guard: MLflowGuard) -> None:
    """Let the uploads in the background end, guarded, and say what happened."""
    ACTIVE.flush()
    guard.tell()
