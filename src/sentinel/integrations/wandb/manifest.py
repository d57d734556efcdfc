"""``metadata["sentinel"]``: what an artifact held when it was logged, by SHA-256.

wandb's own digests are MD5 or XXH128, which do not tell two files apart that somebody made to
agree. Whoever may edit the artifact's metadata may edit these too; only a signature is proof.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ..inspection import Inspection
from .sealing import Sealed

KEY = "sentinel"
VERSION = 1
MOST_FILES = 2_000
"""Beyond this many files the metadata would be larger than a server may take."""

_LOG = logging.getLogger("sentinel.wandb")


def describe(artifact: Any, taken: Sequence[tuple[Any, Sealed]], found: Inspection) -> None:
    """Write what an artifact holds into its metadata.

    Args:
        artifact: The artifact, which is about to be logged.
        taken: Its files.
        found: What the scan says.
    """
    about: dict[str, Any] = {"v": VERSION, "verdict": found.verdict.value}
    if len(taken) <= MOST_FILES:
        about["sha256"] = {str(entry.path): sealed.sha256 for entry, sealed in taken}
    else:
        about["files"] = len(taken)
    try:
        artifact.metadata = {**(artifact.metadata or {}), KEY: about}
    except ValueError as error:  # there is no room for one more key
        _LOG.warning("artifact %r carries no digests: %s", artifact.name, error)


def expected(artifact: Any, path: str) -> str | None:
    """Return the SHA-256 that an artifact's metadata gives for a file.

    Args:
        artifact: The artifact.
        path: The file's path in it.

    Returns:
        Hex digits; "" where the metadata lists digests but not of this file, or is not what a
        guard writes; None where no guard wrote any.
    """
    about = (getattr(artifact, "metadata", None) or {}).get(KEY)
    if about is None or (isinstance(about, dict) and "sha256" not in about and "files" in about):
        return None
    listed = about.get("sha256") if isinstance(about, dict) else None
    found = listed.get(path) if isinstance(listed, dict) else None
    return found if isinstance(found, str) else ""
