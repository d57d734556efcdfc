"""Which guards are open, for all threads of the process, and what each thread is in the middle of.

Guards hold for the process: MLflow writes from threads of its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .guard import MLflowGuard


@dataclass(slots=True)
class Logging:
    """A call of ``Model.log`` in progress.

    Attributes:
        name: The name that it is registered under in the same call; empty without one.
        marked: What the watermark came to, as tags; empty before it was tried.
        record: The record of the mark and its anchors, for the owner.
        model_id: The logged model, once its files are written; empty in MLflow 2.
        run_id: The run, likewise.
        clean: Whether its files passed.
        tags: What a version registered in the same call is tagged with.
        reported: Whether a report lies beside it.
        withheld: Tells of a block while the model was read back; None without one.
    """

    name: str = ""
    marked: dict[str, str] = field(default_factory=dict)
    record: Any = None
    model_id: str = ""
    run_id: str = ""
    clean: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    reported: bool = False
    withheld: Callable[[], None] | None = None


class Here(threading.local):
    """What this thread is in the middle of.

    Attributes:
        writing: Uploads within uploads.
        reading: Downloads within downloads.
        in_place: What inner downloads returned that was not copied.
        logging: Calls of ``Model.log``, the innermost last.
        opened: Guards that this thread opened.
        made: Names of registered models that the registration in progress made; None without one.
        quiet: Whether our own calls are in progress, which are not guarded.
    """

    def __init__(self) -> None:
        self.writing = 0
        self.reading = 0
        self.in_place: list[str] = []
        self.logging: list[Logging] = []
        self.opened: list[MLflowGuard] = []
        self.made: list[str] | None = None
        self.quiet = 0


class Active:
    """The open guards and the repositories with uploads in the background."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._guards: tuple[MLflowGuard, ...] = ()
        self._background: dict[int, Any] = {}

    @property
    def guards(self) -> tuple[MLflowGuard, ...]:
        """The open guards; a guard that is open twice is there twice."""
        return self._guards

    def enter(self, guard: MLflowGuard, install: Callable[[], None]) -> None:
        """Open a guard; the first one installs the patches."""
        with self._lock:
            if not self._guards:
                install()
            self._guards = (*self._guards, guard)
        HERE.opened.append(guard)

    def leave(self, guard: MLflowGuard, uninstall: Callable[[], None]) -> None:
        """Close a guard; the last one takes the patches away."""
        with self._lock:
            left = list(self._guards)
            left.remove(guard)
            self._guards = tuple(left)
            if not left:
                uninstall()
        if guard in HERE.opened:
            HERE.opened.remove(guard)

    @contextmanager
    def held(self) -> Iterator[tuple[MLflowGuard, ...]]:
        """Keep the open guards as they are, and yield them, while something is replaced."""
        with self._lock:
            yield self._guards

    def in_background(self, repository: Any) -> None:
        """Note a repository whose queue was given something."""
        with self._lock:
            self._background[id(repository)] = repository

    def flush(self) -> None:
        """Wait for the uploads in the background, while they are still guarded."""
        with self._lock:
            waiting = list(self._background.values())
            self._background.clear()
        for repository in waiting:
            repository.flush_async_logging()

    def concerned(self, objecting: list[MLflowGuard]) -> list[MLflowGuard]:
        """Return the guards that a block is told to: those of this thread, else those objecting."""
        # One that another thread closed is still among those that this one opened.
        mine = [guard for guard in dict.fromkeys(HERE.opened) if guard in self._guards]
        return mine or objecting

    def forked(self) -> None:
        """Begin afresh in the child of a fork, which has none of the threads."""
        self._lock = threading.RLock()
        self._background.clear()
        for guard in self._guards:
            guard.forked()


HERE = Here()
ACTIVE = Active()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ACTIVE.forked)
