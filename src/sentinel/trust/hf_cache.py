"""A snapshot in the download cache of Hugging Face, whose files are links into its blobs.

A link is followed only when it leads straight to a blob of the same repository, by a name that is
a digest: the SHA-256 of files in large-file storage, the Git SHA-1 of others. Layout:
https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
"""

from __future__ import annotations

import os
import posixpath
import re

from ..errors import TrustError
from .tree import DIRECTORY, FILE, Entry, Tree, failed

_BLOB = re.compile(r"\.\./\.\./blobs/([0-9a-f]{40}|[0-9a-f]{64})")


class Snapshot(Tree):
    """An open snapshot.

    Args:
        path: The snapshot's directory.
        top: Its descriptor; not closed here.
        blobs: The directory of the blobs.
    """

    def __init__(self, path: str, top: int, blobs: str) -> None:
        super().__init__(path, top, single=False)
        self._links: dict[str, str] = {}
        try:
            self._blobs = os.open(blobs, DIRECTORY)
        except OSError as error:
            raise failed(blobs, error) from None

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._blobs)

    def blob_of(self, entry: Entry) -> str:
        """Return the digest that a file is stored under; empty for one that is no link."""
        return self._links.get(entry.name, "")

    def _follow(self, at: int, leaf: str, name: str) -> os.stat_result:
        try:
            target = os.readlink(leaf, dir_fd=at)
            found = _BLOB.fullmatch(posixpath.normpath(posixpath.join(name, "..", target)))
            if found is None or posixpath.isabs(target):
                raise TrustError("outside-cache", f"{name}: leads to no blob of its repository")
            self._links[name] = found[1]
            return os.stat(found[1], dir_fd=self._blobs, follow_symlinks=False)
        except OSError as error:
            raise failed(name, error) from None

    def _open(self, name: str) -> int:
        blob = self._links.get(name)
        if blob is None:
            return super()._open(name)
        try:
            return os.open(blob, FILE, dir_fd=self._blobs)
        except OSError as error:
            raise failed(name, error) from None
