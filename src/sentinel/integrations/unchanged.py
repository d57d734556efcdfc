"""Noticing that something changed after it was scanned, without reading or copying it again.

Whoever uploads reads a second time what was scanned before. What is on disk is therefore looked at
before the scan and after the upload: device, inode, size and times of every file and directory. A
change shows in the time of the entry, which no program sets, unless both fall into one tick of the
clock; so what is as young as that is waited for, and what stays young is known by its digest too.

Not noticed: a directory above what was scanned that is exchanged for another and put back.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..digests import sha256_of
from ..errors import ReadError
from .inspection import MOST_FILES, State, entries_below, state_of

_TICK = 12_000_000  # nanoseconds: no kernel stamps files less often than a hundred times a second
_SECOND = 1_000_000_000
_ROUNDS = 3


class _Look(NamedTuple):
    """What tells a file or a directory from a later one in its place."""

    state: State
    digest: str


class Watch:
    """What a file or directory was like before its scan.

    Args:
        top: The path; what it leads to need not exist.
        wait: Whether to wait for the clock. Not for a small file in a folder of our own: its digest
            is taken before and after, which tells all but a change that is undone at once.
    """

    def __init__(self, top: str, *, wait: bool = True) -> None:
        self.top = os.path.abspath(top)
        self._link = _link(self.top)
        if wait:
            _let_age(self.top)
        self._known = {path: _look(path) for path in _below(self.top)}

    def files(self, under: Iterable[str] | None = None) -> set[str]:
        """Return files that were there, or are there now.

        Args:
            under: Only these, and those directly in these directories; None for all.
        """
        paths = {path for path in (*self._known, *_below(self.top)) if not os.path.isdir(path)}
        if under is None:
            return paths
        some = set(under)
        return {path for path in paths if path in some or os.path.dirname(path) in some}

    def accept(self, *files: str) -> None:
        """Take files that we wrote, or could not, and the directories they are in, as they are."""
        for file in files:
            path = os.path.abspath(file)
            above = [path]
            while path != self.top and os.path.dirname(path) != path:
                path = os.path.dirname(path)
                above.append(path)
            self._known |= {one: _look(one) for one in above if os.path.exists(one)}

    def changed(self) -> list[str]:
        """Return what changed, appeared or vanished since, sorted; files before directories."""
        now = set(_below(self.top))
        found = [path for path in {*now, *self._known} if not self._same(path, now)]
        if self._link != _link(self.top):
            found.append(self.top)
        return sorted(found, key=lambda path: (os.path.isdir(path), path))

    def _same(self, path: str, now: set[str]) -> bool:
        known = self._known.get(path)
        if known is None or path not in now or known.state != state_of(path):
            return False
        return not known.digest or known.digest == _digest(path)


def _below(top: str) -> Iterator[str]:
    for count, (path, _) in enumerate(entries_below(top)):
        if count == MOST_FILES:  # the scan says that there are too many
            return
        yield path


def _look(path: str) -> _Look:
    now = time.time_ns()
    state = state_of(path)
    changed = state[4]
    # Some file systems know no fractions of a second; some have a clock that is ahead of this one.
    young = changed > now - _TICK or (changed % _SECOND == 0 and changed > now - 3 * _SECOND)
    return _Look(state, _digest(path) if young else "")


def _let_age(top: str) -> None:
    """Wait until the next change of anything must show, where this clock can tell."""
    for _ in range(_ROUNDS):
        newest = max((state_of(path)[4] for path in _below(top)), default=0)
        left = newest + _TICK - time.time_ns()
        if not 0 <= left <= _TICK:
            return
        time.sleep((left + 1_000_000) / _SECOND)


def _digest(path: str) -> str:
    """Return the digest of a file; an empty text for all else."""
    try:
        return sha256_of(path) if stat.S_ISREG(os.stat(path).st_mode) else ""
    except (OSError, ReadError):
        return ""


def _link(path: str) -> State:
    return state_of(path, follow=False) if os.path.islink(path) else (0, 0, 0, 0, 0)
