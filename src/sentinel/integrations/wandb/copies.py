"""Which copies of ours are as they were made, so that nothing need be hashed a second time."""

from __future__ import annotations

import os
from typing import NamedTuple

from .sealing import Sealed

_MOST = 10_000


class _Look(NamedTuple):
    """What changes with a file: who writes to it cannot set the time of change of its inode.

    That time steps by some milliseconds. Who writes within the step in which the copy was made must
    know its random name by then, and is not told apart.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    mode: int
    names: int


class Copies:
    """Copies that wait to be logged, and how they looked when they were made."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Sealed, _Look]] = {}

    def note(self, sealed: Sealed) -> None:
        """Remember a copy that was just made."""
        if os.name != "posix":  # elsewhere the time of change is that of creation
            return
        self._known[sealed.path] = sealed, _look(sealed.path)
        while len(self._known) > _MOST:
            self._known.pop(next(iter(self._known)), None)

    def untouched(self, path: str) -> Sealed | None:
        """Return what is known of a copy; None where it may have been written to."""
        found = self._known.get(path)
        try:
            return found[0] if found is not None and found[1] == _look(path) else None
        except OSError:
            return None


def _look(path: str) -> _Look:
    now = os.lstat(path)
    return _Look(
        now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_mode,
        now.st_nlink,
    )  # fmt: skip
