"""Modules of MLflow that are imported after the process's guard was opened.

The entry point is loaded in the middle of MLflow's own import, when the module of ``Model`` cannot
be imported yet; it is patched when it has been.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Watcher(MetaPathFinder):
    """Finds nothing itself: asks the other finders, and tells when a module has been imported.

    Args:
        names: The modules to wait for.
        ready: Called with each of them.
    """

    def __init__(self, names: set[str], ready: Callable[[Any], None]) -> None:
        self._waiting = set(names)
        self._ready = ready

    def watch(self) -> None:
        """Begin to wait."""
        if self._waiting:
            sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders have; None for what is not waited for."""
        if name not in self._waiting:
            return None
        self._waiting.discard(name)
        if not self._waiting:
            sys.meta_path.remove(self)
        for finder in [one for one in sys.meta_path if one is not self]:
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                self._tell_after(spec.loader)
                return spec
        return None

    def _tell_after(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._ready(module)

        loader.exec_module = exec_module
