"""Digests of local files, taken only where something is bound to the content of a file."""

from __future__ import annotations

import hashlib

from .errors import ReadError
from .limits import MIB
from .readers import open_file


def sha256_of(path: str) -> str:
    """Return the SHA-256 of a regular file in hexadecimal; empty when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open_file(path) as reader:
            for offset in range(0, reader.size, MIB):
                digest.update(reader.pread(offset, MIB))
    except ReadError:
        return ""
    return digest.hexdigest()
