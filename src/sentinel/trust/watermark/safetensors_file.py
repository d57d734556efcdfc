"""safetensors files: where their tensors are. Header and size stay as they are when one is marked.

Format: https://github.com/huggingface/safetensors (README, "Format").
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import Any

from ...errors import TrustError
from ...formats.safetensors import BITS, MOST_HEADER
from ...readers.file import FileReader
from ..strict_json import loads
from . import tensor_files
from .embed import Marked
from .file_store import FileStore
from .keys import WatermarkKeyProvider
from .kinds import Job
from .store import Tensor
from .verify import Request, Verification

_MOST_AXES = 64


def matches(head: bytes, size: int) -> bool:
    """Return True for the first bytes of a safetensors file of a size."""
    length = int.from_bytes(head[:8], "little")
    return len(head) >= 10 and length <= size - 8 and head[8:9] == b"{"


def open_store(reader: FileReader, path: str) -> FileStore:
    """Return the tensors of a file.

    Raises:
        TrustError: Its header is not one that all readers read alike.
    """
    length = int.from_bytes(reader.pread(0, 8), "little")
    if not 2 <= length <= min(MOST_HEADER, reader.size - 8):
        raise _bad(path, f"a header of {length} bytes")
    header = loads(reader.pread(8, length), what=path, limit=MOST_HEADER)
    if not isinstance(header, dict):
        raise _bad(path, "the header is no object")
    start = 8 + length
    header.pop("__metadata__", None)
    found = [_tensor(name, entry, reader.size - start, path) for name, entry in header.items()]
    _check_areas(found, path)
    offsets = {tensor.name: start + tensor.place[1] for tensor in found}
    return FileStore(reader, tuple(found), offsets)


def _tensor(name: str, entry: Any, room: int, path: str) -> Tensor:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _bad(path, f"{name[:120]!r} is not described by dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        raise _bad(path, f"shape or offsets of {name[:120]!r} are no sizes")
    begin, end = offsets
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _bad(path, f"{name[:120]!r} has a type that is not known")
    if not begin <= end <= room or math.prod(shape) * BITS[dtype] != 8 * (end - begin):
        raise _bad(path, f"{name[:120]!r} does not fit its place")
    return Tensor(name, dtype, tuple(shape), ("file", begin, end - begin))


def _are_sizes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MOST_AXES
        and all(type(item) is int and 0 <= item < 2**48 for item in value)
    )


def _check_areas(tensors: list[Tensor], path: str) -> None:
    end = 0
    for tensor in sorted(tensors, key=lambda one: one.place[1:]):
        if tensor.place[1] < end:
            raise _bad(path, f"{tensor.name[:120]!r} shares bytes with another tensor")
        end = tensor.place[1] + tensor.place[2]


def _bad(path: str, why: str) -> TrustError:
    return TrustError("model-malformed", f"{path}: {why}", "sentinel scan says more")


def embed_file(path: str, out: str, job: Job) -> Marked:
    """Write a marked copy. Raises as ``tensor_files.embed_file`` does."""
    return tensor_files.embed_file(path, out, job, open_store)


def verify_file(path: str, provider: WatermarkKeyProvider, request: Request) -> Verification:
    """Look for the mark of a key. Raises as ``tensor_files.verify_file`` does."""
    return tensor_files.verify_file(path, provider, request, open_store)


def opened(path: str) -> AbstractContextManager[FileStore]:
    """Open the tensors of a file. Raises as ``open_store`` does."""
    return tensor_files.opened(path, open_store)
