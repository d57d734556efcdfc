"""Uploads: what is to be logged is scanned before the first byte of it leaves.

The upload reads it again. What has changed by then does not stay in the store.

Only the outermost upload of a thread is looked at: one repository hands over to another.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from ..unchanged import Watch
from . import deliver
from .active import ACTIVE, HERE
from .after import unchanged
from .checks import check
from .target import target_of


def guarded_write(keyword: str) -> Callable[[Any], Any]:
    """Return what wraps a method of a repository that uploads.

    Args:
        keyword: Name of its argument with the local path.
    """

    def make(original: Any) -> Any:
        @wraps(original)
        def write(self: Any, *args: Any, **kwargs: Any) -> Any:
            if not ACTIVE.guards or HERE.writing or HERE.quiet:
                return original(self, *args, **kwargs)
            local = os.fspath(args[0] if args else kwargs[keyword])
            below = args[1] if len(args) > 1 else kwargs.get("artifact_path")
            place = target_of(self).at(below)
            HERE.writing += 1
            hashing = None
            try:
                name = place.path if keyword == "local_dir" else _joined(place.path, local)
                watch = Watch(local)
                passed = check("log", local, name, place)
                hashing = deliver.prepare(passed, local, place, watch)
                try:
                    result = original(self, *args, **kwargs)
                except Exception:  # what was uploaded until then is there
                    unchanged(passed, watch, hashing, self, place, name, below)
                    raise
                passed = unchanged(passed, watch, hashing, self, place, name, below)
                deliver.finish(passed, self, hashing, place, below, local)
                return result
            finally:
                HERE.writing -= 1
                if hashing is not None:
                    hashing.end()

        write._sentinel = True  # type: ignore[attr-defined]
        return write

    return make


def _joined(path: str, local: str) -> str:
    name = os.path.basename(local.rstrip(os.sep))
    return f"{path}/{name}" if path else name
