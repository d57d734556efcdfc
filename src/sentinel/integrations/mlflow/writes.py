"""Uploads: what is to be logged is scanned before the first byte of it leaves.

The upload reads it again. What has changed by then does not stay in the store.

Only the outermost upload of a thread is looked at: one repository hands over to another.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, NamedTuple

from ..blocked import SentinelBlocked
from ..unchanged import Watch
from . import deliver
from .active import ACTIVE, HERE
from .after import unchanged
from .checks import check
from .patches import ours
from .small import copied
from .target import Target, target_of


class _Upload(NamedTuple):
    """A call: the method and its repository, the path to upload, and what comes after it."""

    original: Any
    repository: Any
    below: Any
    more: tuple[Any, ...]
    options: dict[str, Any]
    place: Target
    name: str

    def run(self, local: Any) -> Any:
        """Upload what is at a path."""
        return self.original(self.repository, local, *self.more, **self.options)


def guarded_write(keyword: str) -> Callable[[Any], Any]:
    """Return what wraps a method of a repository that uploads.

    Args:
        keyword: Name of its argument with the local path.
    """

    def make(original: Any) -> Any:
        first, second = _names(original, keyword)

        @wraps(original)
        def write(self: Any, *args: Any, **kwargs: Any) -> Any:
            if not ACTIVE.guards or HERE.writing or HERE.quiet or not (args or first in kwargs):
                return original(self, *args, **kwargs)
            given = args[0] if args else kwargs.pop(first)
            below = args[1] if len(args) > 1 else kwargs.get(second)
            local, place = os.fspath(given), target_of(self).at(below)
            name = place.path if keyword == "local_dir" else _joined(place.path, local)
            upload = _Upload(original, self, below, args[1:], kwargs, place, name)
            HERE.writing += 1
            try:
                if not _is_there(local):
                    return _missing(upload, local, folder=keyword == "local_dir")
                if keyword == "local_dir":
                    return _guarded(upload, local, given)
                with copied(local) as copy:
                    return _guarded(upload, copy or local, copy or given, local if copy else "")
            finally:
                HERE.writing -= 1

        return ours(write)

    return make


def _guarded(upload: _Upload, local: str, given: Any, stands_for: str = "") -> Any:
    place, hashing = upload.place, None
    watch = Watch(local, wait=not stands_for)
    try:
        passed = check("log", local, upload.name, place, stands_for=stands_for)
        hashing = deliver.prepare(passed, local, place, watch)
        after = (watch, hashing, upload.repository, place, upload.name, upload.below)
        try:
            result = upload.run(given)
        except Exception:  # what was uploaded until then is there
            unchanged(passed, *after)
            raise
        except BaseException:
            _interrupted(passed, *after)
            raise
        passed = unchanged(passed, *after)
        deliver.finish(passed, upload.repository, hashing, place, upload.below, local)
        return result
    finally:
        if hashing is not None:
            hashing.end()


def _is_there(local: str) -> bool:
    try:
        os.stat(local)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        pass  # the scan says what is wrong with it
    return True


def _missing(upload: _Upload, local: str, *, folder: bool) -> Any:
    """Do what MLflow does about what is not there, which differs for directories.

    It is not asked about the path itself, where something may have appeared by then.
    """
    if not folder:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), local)
    with tempfile.TemporaryDirectory(prefix="sentinel-") as temporary:
        return upload.run(os.path.join(temporary, os.path.basename(local.rstrip(os.sep))))


def _interrupted(*after: Any) -> None:
    """Remove what changed, and let the interruption be what is raised."""
    try:
        unchanged(*after)
    except SentinelBlocked as error:
        error.acknowledge()


def _names(original: Any, keyword: str) -> tuple[str, str]:
    """Return what a method calls the path and the place below: a plugin's may have other names."""
    try:
        names = [one.name for one in signature(original).parameters.values()
                 if one.kind is one.POSITIONAL_OR_KEYWORD][1:3]  # fmt: skip
    except (TypeError, ValueError):
        names = []
    return names[0] if names else keyword, names[1] if len(names) > 1 else "artifact_path"


def _joined(path: str, local: str) -> str:
    name = os.path.basename(local.rstrip(os.sep))
    return f"{path}/{name}" if path else name
