"""Which guards are open in this process, and what they hold for.

A guard that was opened for a run holds for all runs of the process, unless it says otherwise:
frameworks and ``Artifact.save`` open runs of their own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .copies import Copies

if TYPE_CHECKING:
    from .guard import WandbGuard


@dataclass(eq=False, slots=True)
class Opening:
    """One guard that is open.

    Attributes:
        guard: The guard.
        stream: Id of the run it was opened for; None while there is none.
    """

    guard: WandbGuard
    stream: str | None = None


class Openings:
    """All that is open. The hooks are in place while anything is."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._open: list[Opening] = []
        self.folders: dict[str, str] = {}
        self.copies = Copies()

    def enter(self, guard: WandbGuard, install: Callable[[], None]) -> Opening:
        """Open a guard; the hooks are installed for the first."""
        opening = Opening(guard)
        with self._lock:
            if not self._open:
                install()
            self._open.append(opening)
        return opening

    def leave(self, opening: Opening, uninstall: Callable[[], None]) -> None:
        """Close one; the hooks are removed after the last. Closing twice does nothing."""
        with self._lock:
            if opening not in self._open:
                return
            self._open.remove(opening)
            if not self._open:
                uninstall()
                self.folders.clear()

    def guard_for(self, stream: str | None) -> WandbGuard | None:
        """Return the guard that holds for a run, or for what belongs to no run (None)."""
        with self._lock:
            for one in self._open:
                if one.stream == stream:
                    return one.guard
            for one in self._open:
                if stream is None or one.stream is None or one.guard.all_runs:
                    return one.guard
        return None

    def opening_of(self, stream: str) -> Opening | None:
        """Return what was opened for a run."""
        with self._lock:
            return next((one for one in self._open if one.stream == stream), None)

    def __iter__(self) -> Iterator[Opening]:
        with self._lock:
            return iter(list(self._open))

    def forked(self) -> None:
        """Start afresh with locks that no thread of the parent holds."""
        self._lock = threading.RLock()
        for one in self._open:
            one.guard.forked()


OPEN = Openings()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=OPEN.forked)
