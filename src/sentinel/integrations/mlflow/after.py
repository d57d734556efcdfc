"""After an upload: what is no longer what was scanned does not stay."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..blocked import SentinelBlocked
from ..inspection import moved, shown
from .checks import recheck

if TYPE_CHECKING:
    from ..unchanged import Watch
    from .checks import Passed
    from .provenance import Hashing
    from .target import Target


def unchanged(
    passed: Passed,
    watch: Watch,
    hashing: Hashing | None,
    repository: Any,
    place: Target,
    name: str,
    below: Any,
) -> Passed:
    """Return what passed, when what was uploaded is what was scanned.

    Args:
        passed: What the scan led to.
        watch: What was there before the scan.
        hashing: The digests of a model; None for anything else, which need not go as a whole.
        repository: Where it was uploaded to.
        place: Where that is.
        name: What it is called as an artifact.
        below: The path below the repository that was asked for.

    Raises:
        SentinelBlocked: Something changed; what was stored of it was removed, where that could be.
    """
    if hashing is not None:
        hashing.wait()
    found = watch.changed()
    if not found:
        return passed
    inspection = moved(shown(found[0], watch.top, name) or str(place), found[0], "logged")
    try:
        return recheck(passed, place, inspection)
    except SentinelBlocked as error:
        files = watch.files() if hashing is not None else watch.files(found)
        left = withdraw(repository, watch.top, files, below)
        if left:
            error.hint = f"{error.hint}; not removed from the store: {left}"
        raise


def withdraw(repository: Any, top: str, files: Iterable[str], below: Any) -> str:
    """Remove what was stored of files.

    Args:
        repository: Where they were uploaded to.
        top: What was uploaded, a file or a directory.
        files: Paths of files, in it.
        below: The path below the repository that was asked for.

    Returns:
        Which could not be removed, and why; empty when all are.
    """
    left = ""
    for file in sorted(files):
        name = os.path.basename(file) if file == top else os.path.relpath(file, top)
        stored = "/".join(part for part in (str(below or ""), name.replace(os.sep, "/")) if part)
        try:
            repository.delete_artifacts(stored)
        except Exception as error:  # a store that deletes nothing, or has no such file
            left = left or f"{stored}: {str(error) or type(error).__name__}"
    return left
