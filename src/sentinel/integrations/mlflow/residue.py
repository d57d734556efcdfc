"""What a download wrote, and its removal when it must not stay.

Files that were there before and were not touched stay, and so does what was not copied at all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from typing import Any

from ...digests import sha256_of
from ..blocked import SentinelBlocked
from ..inspection import State, files_below, state_of

_YOUNG = 50_000_000


class Before:
    """What a destination held before a download.

    Args:
        dst_path: The destination that the caller named; None when it named none.
    """

    def __init__(self, dst_path: Any) -> None:
        self._top = os.path.abspath(os.fspath(dst_path)) if dst_path else ""
        self._files: dict[str, tuple[State, str]] = {}
        self._folders: set[str] = set()
        self._at = time.time_ns()
        if self._top and os.path.isdir(self._top):
            self._files = {path: self._known(path) for path, _ in files_below(self._top)}
            self._folders = {folder for folder, _, _ in os.walk(self._top)}

    def written(self, found: Any) -> frozenset[str] | None:
        """Return the files to scan below what was returned; None for all."""
        if not self._top:
            return None
        below = files_below(os.path.abspath(os.fspath(found)))
        return frozenset(path for path, _ in below if self._is_fresh(path))

    def _known(self, path: str) -> tuple[State, str]:
        """Return what tells a file from a later one of its name.

        A change to a file so young that it may not show in its times shows in its content.
        """
        state = state_of(path)
        return state, sha256_of(path) if state[4] > self._at - _YOUNG else ""

    def _is_fresh(self, path: str) -> bool:
        known = self._files.get(path)
        if known is None or known[0] != state_of(path):
            return True
        return bool(known[1]) and known[1] != sha256_of(path)

    def remove(self, error: SentinelBlocked | None, temporary: Any) -> None:
        """Remove what the download wrote.

        Args:
            error: Why; None for a download that failed by itself.
            temporary: What was returned, where it is a fresh copy in a place that MLflow chose.
        """
        if self._top:
            for path, _ in files_below(self._top):
                if self._is_fresh(path):
                    _unlink(path)
            for folder, _, _ in os.walk(self._top, topdown=False):
                if folder not in self._folders:
                    _rmdir(folder)
        elif error is not None and temporary is not None:
            self._remove_copy(os.path.realpath(os.fspath(temporary)))

    def _remove_copy(self, place: str) -> None:
        # A repository that is not known here may return what it stores: only what is new, and in
        # the folder for temporary files, is surely a copy.
        below = os.path.realpath(tempfile.gettempdir()) + os.sep
        if not place.startswith(below) or state_of(place)[4] < self._at - _YOUNG:
            return
        if os.path.isdir(place):
            shutil.rmtree(place, ignore_errors=True)
        else:
            _unlink(place)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _rmdir(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        pass
