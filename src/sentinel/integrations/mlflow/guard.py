"""``MLflowGuard``: the context manager, the decorator, and the guard of a whole process."""

from __future__ import annotations

import atexit
import inspect
import logging
import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import UsageError
from ..blocked import SentinelBlocked
from ..inspection import Inspection
from ..policy import GuardPolicy, Objection
from .active import ACTIVE, HERE

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
    ends. It can be entered more than once, and decorates functions. A block that never came as far
    as the user's code, since MLflow or a thread swallowed it, is raised at the end.

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
        self._starts: list[tuple[int, int]] = []  # thread, and blocks there were before
        self._threads: list[int] = []  # of each block; 0 where this guard was not opened in it
        self._lock = Lock()

    def __enter__(self) -> MLflowGuard:
        from .install import install

        ACTIVE.enter(self, install)
        self._starts.append((get_ident(), len(self.blocks)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from .install import uninstall

        try:
            _flush()
        finally:
            ACTIVE.leave(self, uninstall)
            start = self._start()
            if not self._starts:
                self.tell()
        pending = self._swallowed(start)
        for one in pending:
            one.acknowledge()
        if error is None and pending:
            raise pending[0]

    def _start(self) -> int:
        """Return how many blocks there were when this thread entered."""
        mine = [one for one in self._starts if one[0] == get_ident()]
        found = (mine or self._starts)[-1]
        self._starts.remove(found)
        return found[1]

    def _swallowed(self, start: int) -> list[SentinelBlocked]:
        """Return the blocks that nobody knows of, but for those of a thread that is still in."""
        others = {thread for thread, _ in self._starts} - {get_ident()}
        with self._lock:
            blocks = list(zip(self.blocks[start:], self._threads[start:], strict=True))
        return [
            one
            for one, thread in blocks
            if thread not in others and not (one.acknowledged or one.was_seen)
        ]

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
            self._threads.append(get_ident() if self in HERE.opened else 0)
            self.blocks.append(error)
        _LOG.error("%s", error.message)

    def note_report(self, where: str) -> None:
        """Remember where a report was logged."""
        with self._lock:
            if where not in self._reports:
                self._reports.append(where)

    def forked(self) -> None:
        """Begin afresh in the child of a fork: another thread may have held the lock."""
        self._lock = Lock()

    def summary(self) -> str:
        """Return what happened so far in one line."""
        counts = self._counts
        parts = [f"{counts['checked']} checked", f"{len(self.blocks)} blocked"]
        parts += [f"{counts[key]} {key}" for key in ("warned", "unscanned") if counts[key]]
        text = f"sentinel: MLflow: {', '.join(parts)}"
        more = len(self._reports) - 1
        if self._reports:
            text += f"; report: {self._reports[-1]}" + (f" (and {more} more)" if more else "")
        return text

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
        atexit.register(_at_exit, guard, os.getpid())
    return _PROCESS[0]


def disable() -> None:
    """End the guard of the process. Raises SentinelBlocked for a block that was swallowed."""
    while _PROCESS:
        guard = _PROCESS.pop()
        atexit.unregister(_at_exit)
        guard.__exit__(None, None, None)


def _at_exit(guard: MLflowGuard, process: int) -> None:
    """Let the uploads in the background end, guarded, and say what happened."""
    _flush()
    if os.getpid() == process:  # and not a child of it, whose counts are not its own
        guard.tell()


def _flush() -> None:
    try:
        ACTIVE.flush()
    except Exception as error:  # MLflow's, and no reason to lose an error that is on its way
        _LOG.warning("uploads in the background: %s: %s", type(error).__name__, error)
