"""Tables that the rules look things up in: data and the functions that read it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmap import mmap


def read(name: str) -> bytes:
    """Return the bytes of a table.

    Args:
        name: Its path within this folder, with ``/`` between the parts.
    """
    with open(_path(name), "rb") as table:
        return table.read()


def mapped(name: str) -> mmap | bytes:
    """Return a large table of which little will be looked at, mapped where that can be done.

    Args:
        name: Its path within this folder, with ``/`` between the parts.
    """
    from mmap import ACCESS_READ, mmap

    with open(_path(name), "rb") as table:
        try:
            return mmap(table.fileno(), 0, access=ACCESS_READ)
        except OSError:  # a file system that maps nothing
            return table.read()


def _path(name: str) -> str:
    return os.path.join(os.path.dirname(__file__), *name.split("/"))
