"""The list of an artifact's digests, fetched: it counts for nothing before its own digest is right.

Only lists that agree with their digest are kept, by that digest, so that one fetch serves all files
of an artifact.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from typing import Any

from ...errors import ParseError, SentinelError
from . import sums
from .apart import apart

_MOST_KEPT = 4
_KEPT: dict[str, Mapping[str, str]] = {}
_LOCK = threading.RLock()


class ListLost(SentinelError):
    """A list of digests that cannot be had, or is not the one that was logged."""


def listed(artifact: Any, named: Any) -> Mapping[str, str]:
    """Return the digests of a list by path.

    Args:
        artifact: The artifact it is a file of.
        named: What the artifact's metadata says of it: its path and SHA-256.

    Raises:
        ListLost: It is missing, too large, or another.
    """
    path = named.get("path") if isinstance(named, dict) else None
    digest = named.get("sha256") if isinstance(named, dict) else None
    if not isinstance(path, str) or not isinstance(digest, str):
        raise ListLost("the metadata names no list of digests as a guard does")
    with _LOCK:
        if digest not in _KEPT:
            found = _read(_fetch(artifact, path), path, digest)
            while len(_KEPT) >= _MOST_KEPT:
                del _KEPT[next(iter(_KEPT))]
            _KEPT[digest] = found
        return _KEPT[digest]


def _fetch(artifact: Any, path: str) -> str:
    """Fetch the list into wandb's cache and return where it is."""
    entry = artifact.manifest.entries.get(path)
    if entry is None or entry.ref is not None:
        raise ListLost(f"the list of digests {path!r} is missing from the artifact")
    if (entry.size or 0) > sums.MOST_BYTES:
        raise ListLost(f"the list of digests {path!r} is larger than any is read")
    policy = artifact.manifest.storage_policy
    try:
        with apart(within=False):
            return str(policy.load_file(artifact, entry))
    except Exception as error:  # of the network, of the server's answers, of the disk
        raise ListLost(f"the list of digests {path!r} cannot be fetched: {error}") from error


def _read(kept: str, path: str, digest: str) -> Mapping[str, str]:
    try:
        with open(kept, "rb") as file:
            data = file.read(sums.MOST_BYTES + 1)
        if len(data) > sums.MOST_BYTES or hashlib.sha256(data).hexdigest() != digest:
            os.unlink(kept)  # the next download gets it anew
            raise ListLost(f"the list of digests {path!r} is not the one that was logged")
        return sums.read(data)
    except (OSError, ParseError) as error:
        raise ListLost(f"the list of digests {path!r} cannot be read: {error}") from error


def _forked() -> None:
    global _LOCK
    _LOCK = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
