"""What to say of a path that does not exist and reads like something else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from ..errors import UsageError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PATTERN = re.compile(r"[*?\[]")


def check(paths: Iterable[str]) -> None:
    """Refuse paths that do not exist where there is something better to say than that.

    Raises:
        UsageError: One of them reads like an address, a pattern or standard input.
    """
    for path in paths:
        if not os.path.lexists(path) and (hint := hint_for(path)):
            raise UsageError(f"{path!r} does not exist", hint)


def hint_for(path: str) -> str:
    """Return what to do about a path that does not exist, as far as its spelling tells."""
    if path == "-":
        return "standard input is not read: save it to a file and name that"
    if _ADDRESS.match(path):
        return "nothing is fetched: download it, and name the file or folder"
    if path.startswith("~"):
        return "the shell did not replace ~: write the path in full"
    if _PATTERN.search(path):
        return "no file fits, or quotes kept the shell from replacing it; a folder can be named too"
    return ""
