"""``metadata["sentinel"]``: what an artifact held when it was logged, by SHA-256.

wandb's own digests are MD5 or XXH128, which do not tell two files apart that somebody made to
agree. Whoever may edit the artifact's metadata may edit these too; only a signature is proof.

The digests of many files are a file of the artifact (``sums``), whose own digest the metadata has.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..inspection import Inspection
from . import sums
from .digests import algorithm, digest_of
from .listing import ListLost, listed
from .sealing import Sealed, Stage

KEY = "sentinel"
VERSION = 1
MOST_FILES = 2_000
"""Beyond this many files the metadata would be larger than a server may take."""
LIST = "sentinel.sha256"

_LOG = logging.getLogger("sentinel.wandb")


def describe(
    artifact: Any, taken: Sequence[tuple[Any, Sealed]], found: Inspection, stage: Stage
) -> tuple[Sealed, ...]:
    """Write what an artifact holds into its metadata.

    Args:
        artifact: The artifact, which is about to be logged.
        taken: Its files.
        found: What the scan says.
        stage: Where the list of digests is put if there is one.

    Returns:
        The list, which is a file of the artifact now, or nothing.
    """
    digests = {str(entry.path): sealed.sha256 for entry, sealed in taken}
    others = _inherited(artifact, digests)
    name = _withdrawn(artifact, digests)
    about: dict[str, Any] = {"v": VERSION, "verdict": found.verdict.value}
    if len(others) > MOST_FILES or artifact.incremental or artifact.distributed_id:
        about["partial"] = True  # it has or will have other files, of which nothing is known
    elif others:
        about["others"] = others
    made: tuple[Sealed, ...] = ()
    if len(digests) <= MOST_FILES:
        about["sha256"] = digests
    elif len(data := sums.written(digests)) <= sums.MOST_BYTES:
        sealed = _add_list(artifact, data, stage, name)
        about |= {"files": len(digests), "list": {"path": name, "sha256": sealed.sha256}}
        made = (sealed,)
    else:  # more than is read back
        about |= {"files": len(digests), "partial": True}
    try:
        artifact.metadata = {**(artifact.metadata or {}), KEY: about}
    except ValueError as error:  # there is no room for one more key
        _LOG.warning("artifact %r carries no digests: %s", artifact.name, error)
    return made


def prepare(artifact: Any) -> None:
    """Fetch the list of an artifact's digests before any of its files is fetched.

    Raises:
        ListLost: It cannot be had, or is not the one that was logged.
    """
    about = _about(artifact)
    if about is not None and "list" in about:
        listed(artifact, about["list"])


def difference(artifact: Any, entry: Any, sealed: Sealed) -> str:
    """Return in what a file differs from what an artifact's metadata says of it, or "".

    Args:
        artifact: The artifact.
        entry: The file's entry in its manifest.
        sealed: The file.

    Raises:
        ListLost: The list of digests cannot be had.
    """
    if (getattr(artifact, "metadata", None) or {}).get(KEY) is None:
        return ""  # no guard wrote any
    about, path = _about(artifact) or {}, str(entry.path)
    wanted = _known(artifact, about, path)
    if wanted is not None:
        return "" if wanted == sealed.sha256 else "SHA-256 in the metadata"
    others = about.get("others")
    pinned = others.get(path) if isinstance(others, dict) else None
    if pinned is not None:
        return "" if pinned == entry.digest else "digest in the metadata"
    if about.get("partial") is True:
        return ""
    return "place in the metadata's list of digests"


def _about(artifact: Any) -> dict[str, Any] | None:
    about = (getattr(artifact, "metadata", None) or {}).get(KEY)
    return about if isinstance(about, dict) else None


def _named(about: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return path and SHA-256 of the list that metadata names."""
    named = (about or {}).get("list")
    path, digest = (named.get("path"), named.get("sha256")) if isinstance(named, dict) else ("", "")
    return (path, digest) if isinstance(path, str) and isinstance(digest, str) else ("", "")


def _known(artifact: Any, about: Mapping[str, Any], path: str) -> str | None:
    if "list" not in about:
        given = about.get("sha256")
        found = given.get(path) if isinstance(given, dict) else None
        return found if isinstance(found, str) else None
    name, digest = _named(about)
    return digest if path == name else listed(artifact, about["list"]).get(path)


def _inherited(artifact: Any, digests: dict[str, str]) -> dict[str, str]:
    """Add what is known of the files that a draft has from an artifact that was logged before.

    Returns:
        wandb's digests of those of which no SHA-256 is known, and of references, by path.
    """
    about = _about(artifact) or {}
    name, others = _named(about)[0], {}
    for path, entry in artifact.manifest.entries.items():
        if str(path) in digests or str(path) == name:
            continue
        try:
            known = None if entry.ref is not None else _known(artifact, about, str(path))
        except ListLost as error:
            _LOG.warning("artifact %r inherits no digests: %s", artifact.name, error.message)
            about, known = {}, None
        if known is None:
            others[str(path)] = str(entry.digest)
        else:
            digests[str(path)] = known
    return others


def _withdrawn(artifact: Any, digests: dict[str, str]) -> str:
    """Take an earlier list of ours out of an artifact, and return the name for the next.

    A file of that name that is not the list is the user's, and stays.
    """
    name, digest = _named(_about(artifact))
    entry = artifact.manifest.entries.get(name)
    ours = entry is not None and entry.ref is None and not entry.local_path
    if entry is not None and (ours or digests.get(name) == digest):
        artifact.manifest.remove_entry(entry)
        digests.pop(name, None)
        return name
    stem, end = os.path.splitext(LIST)
    # Each part of an artifact that several processes log has a list of its own.
    name = f"{stem}-{os.urandom(4).hex()}{end}" if artifact.distributed_id else LIST
    while name in artifact.manifest.entries:
        name = f"{stem}-{os.urandom(4).hex()}{end}"
    return name


def _add_list(artifact: Any, data: bytes, stage: Stage, name: str) -> Sealed:
    from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry

    sealed = stage.write(data, name)
    artifact.manifest.add_entry(
        ArtifactManifestEntry(
            path=name, digest=digest_of(artifact, sealed), size=sealed.size,
            local_path=sealed.path, skip_cache=True, extra=algorithm(artifact),
        )
    )  # fmt: skip
    return sealed
