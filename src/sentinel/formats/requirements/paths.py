"""Where a path that a list of packages names would lead from the folder of the list."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z]:\Z")


def leads_out(path: str) -> str:
    """Return how a path leads out of its folder, or an empty text.

    Args:
        path: The path as it is spelled.
    """
    if path.startswith(("\\\\", "//")):
        return "names a network share"
    if path.startswith(("/", "\\")):
        return "is absolute"
    if _DRIVE.match(path):
        return "names a drive"
    if path.startswith("~") or "${" in path or path.startswith(("$", "%")):
        return "names a folder of the user"
    if "\0" in path:
        return "holds a NUL"
    level = 0
    for part in re.split(r"[\\/]", path):
        level += -1 if part == ".." else 0 if part in ("", ".") else 1
        if level < 0:
            return "climbs with '..'"
    return ""
