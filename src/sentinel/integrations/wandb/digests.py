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
