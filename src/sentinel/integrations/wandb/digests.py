"""wandb's digests of files, computed again: MD5, or XXH128 where an entry says so."""

from __future__ import annotations

from typing import Any

from .sealing import Sealed


def agrees(entry: Any, sealed: Sealed) -> bool:
    """Return whether a file is the one that an entry of a manifest speaks of.

    Args:
        entry: The entry; its digest may be one of these two or, for a reference, anything.
        sealed: The file.
    """
    if entry.extra.get("alg") == "XXH128":
        from wandb.sdk.lib.hashutil import xxh128_file_b64

        return bool(entry.digest == xxh128_file_b64(sealed.path))
    return bool(entry.digest == sealed.md5)


def algorithm(artifact: Any) -> dict[str, str]:
    """Return what entries of an artifact say of their digests: nothing where they are MD5."""
    name = str(getattr(getattr(artifact, "digest_algorithm", None), "name", ""))
    return {"alg": "XXH128"} if name == "MANIFEST_XXH128" else {}


def digest_of(artifact: Any, sealed: Sealed) -> str:
    """Return wandb's digest of a file that is to be one of an artifact's."""
    if algorithm(artifact):
        from wandb.sdk.lib.hashutil import xxh128_file_b64

        return str(xxh128_file_b64(sealed.path))
    return sealed.md5
