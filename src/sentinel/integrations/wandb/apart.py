"""Keeps downloads apart: ``skip_cache=True`` of one does not change where others are put.

wandb keeps the place of such a download in one attribute that all threads share, and never clears
it: another file may be written over one that was checked already, then or much later.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAME = "_override_cache_path"
_HERE = threading.local()


def overridden() -> property:
    """Return the attribute of ``ArtifactFileCache`` that each thread has of its own."""

    def get(_: Any) -> Any:
        return getattr(_HERE, "path", None)

    def put(self: Any, path: Any) -> None:
        self.__dict__[NAME] = None  # what is there when the guard has gone
        _HERE.path = path

    return property(get, put)


@contextmanager
def apart(*, within: bool = True) -> Iterator[None]:
    """Keep what is downloaded meanwhile from where this thread's last download was put.

    Args:
        within: Whether it may be a step of a download, as the target of a reference is.
    """
    before, outer = getattr(_HERE, "path", None), getattr(_HERE, "busy", False)
    _HERE.busy = True
    if not (within and outer):
        _HERE.path = None
    try:
        yield
    finally:
        _HERE.busy = outer
        _HERE.path = before if outer else None
