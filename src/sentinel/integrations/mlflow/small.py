"""Small files are uploaded from a copy, which is what was scanned.

What is logged with ``log_text`` and its like was written a moment ago. To wait until a change to it
must show would take longer than all else; a copy in a folder of our own takes no time, and whoever
writes to the file meanwhile does not write to the copy.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ...formats.dependency_names import kind_of
from ...limits import MIB

LARGEST = MIB


@contextmanager
def copied(path: str) -> Iterator[str]:
    """Yield a copy of a small file under its own name; an empty text for anything else.

    Args:
        path: What is to be uploaded.
    """
    data = None if kind_of(path) else _content(path)  # a list of packages may name another one
    folder = _written(os.path.basename(path), data, path) if data is not None else ""
    try:
        yield os.path.join(folder, os.path.basename(path)) if folder else ""
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _content(path: str) -> bytes | None:
    if not is_small(path):
        return None
    try:
        with open(path, "rb", opener=_opened) as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= LARGEST else None


def is_small(path: str) -> bool:
    """Return whether a path leads to a file that is quickly read."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # it may be a pipe by now


def _written(name: str, data: bytes, source: str) -> str:
    """Write a copy with the times of its source; return its folder, empty if there is no room."""
    folder = ""
    try:
        folder = tempfile.mkdtemp(prefix="sentinel-")
        path = os.path.join(folder, name)
        with open(path, "xb") as file:
            file.write(data)
        shutil.copymode(source, path)
        found = os.stat(source)
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        return ""
    return folder
