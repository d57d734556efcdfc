"""Which formats belong together, for those who want to look at one kind of file only."""

from __future__ import annotations

PICKLES = frozenset({"pickle", "torch", "torch-shard", "torch-tar", "npy", "zfile"})
"""Formats that are pickles or keep pickles within themselves."""

CARRIERS = frozenset(
    {"zip", "tar", "gzip", "bzip2", "xz", "lzma", "zlib", "zstd", "lz4", "7z", "rar"}
)
"""Formats that pack any file: a joblib pickle is often a compressed stream, ``.npz`` is a zip."""
