"""Where a path that a model file names would lead from the model's folder."""

from __future__ import annotations

import re

from .archive_paths import deception, escape

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DEVICES = ("/proc/", "/dev/", "/sys/")


def leads_out(location: str) -> str:
    """Return how a location leads out of the folder of its model, or an empty string.

    Args:
        location: A path as the file spells it.
    """
    if not location:
        return ""
    if "*/_ORT_MEM_ADDR_/*" in location:
        return "stands for an address in the memory of the process"
    if location.startswith(_DEVICES):
        return "names a file of the operating system's kernel"
    how = escape(location)
    if how:
        return how
    if "\0" in location:
        return "holds a NUL, at which some readers cut it"
    if _URL.match(location):
        return "is a URL"
    if location.startswith(("~", "$", "%")):
        return "names a folder of the user"
    strange = deception(location)
    return f"holds {strange}" if strange else ""
