"""Tables that the rules look things up in: data and the one function that reads it."""

from __future__ import annotations

import os


def read(name: str) -> bytes:
    """Return the bytes of a table.

    Args:
        name: Its path within this folder, with ``/`` between the parts.
    """
    with open(os.path.join(os.path.dirname(__file__), *name.split("/")), "rb") as table:
        return table.read()
