"""Checkpoints of ``torch.save``: storages are patched in a copy of the archive.

Nothing is unpickled. A tensor can be marked when its elements lie in a row in a storage that the
archive holds as it is. The checksums of the archive follow what is patched.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

from ...formats.torch_storages import ITEM_SIZES
from ...readers.file import FileReader
from . import tensor_files
from .embed import Marked
from .file_store import FileStore
from .keys import WatermarkKeyProvider
from .kinds import Job
from .record import NotMarked
from .store import Tensor
from .torch_pickle import TorchTensor, tensors_of
from .verify import Request, Verification
from .zip_members import Member, content, members_of, update_checksum

_TYPES = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
}  # fmt: skip
_MOST_PICKLE = 64 << 20
_CODE = ("constants.pkl", "bytecode.pkl")


def matches(head: bytes, size: int) -> bool:
    """Return True for the first bytes of a zip archive."""
    return head[:4] == b"PK\x03\x04"


def open_store(reader: FileReader, path: str) -> FileStore:
    """Return the tensors of a checkpoint.

    Raises:
        NotMarked: It is TorchScript, or another kind of archive than ``torch.save`` writes.
        TrustError: It is broken, or holds more than tensors.
    """
    members = members_of(reader, path)
    root = _root(members, path)
    if b"big" in content(reader, members.get(f"{root}byteorder"), 16):
        raise NotMarked("byte-order", f"{path}: was written on a big-endian machine")
    found = tensors_of(content(reader, members[f"{root}data.pkl"], _MOST_PICKLE), path)
    tensors, offsets = [], {}
    for name, one in found.items():
        member = members.get(f"{root}data/{one.storage.key}")
        tensor = _tensor(name, one, member)
        if tensor is not None and member is not None:
            tensors.append(tensor)
            offsets[name] = member.start + tensor.place[1]
    return FileStore(reader, tuple(tensors), offsets)


def _tensor(name: str, one: TorchTensor, member: Member | None) -> Tensor | None:
    """Return a tensor that can be read where it lies, else None."""
    dtype, size = _TYPES.get(one.storage.kind), ITEM_SIZES.get(one.storage.kind, 1)
    if dtype is None or member is None or not _in_a_row(one):
        return None
    entry = member.entry
    whole = entry.file_size == one.storage.numel * size == entry.compress_size
    tensor = Tensor(name, dtype, one.shape, ("", 0, 0))
    length = tensor.size * size
    fits = one.offset * size + length <= entry.file_size
    if entry.compress_type or not whole or not fits:
        return None
    return tensor._replace(place=(one.storage.key, one.offset * size, length))


def _in_a_row(one: TorchTensor) -> bool:
    due = 1
    for extent, stride in zip(reversed(one.shape), reversed(one.strides), strict=True):
        if extent != 1 and stride != due:
            return False
        due *= extent
    return True


def _root(members: dict[str, Member], path: str) -> str:
    roots = [name.removesuffix("data.pkl") for name in members if name.endswith("/data.pkl")]
    roots = [root for root in roots if root.count("/") == 1]
    if len(roots) != 1:
        raise NotMarked("unsupported-kind", f"{path}: is no checkpoint of torch.save")
    if any(name.removeprefix(roots[0]).startswith(("code/", *_CODE)) for name in members):
        raise NotMarked(
            "torchscript", f"{path}: is a program (TorchScript), not weights alone",
            "mark the state dict it was made of",
        )  # fmt: skip
    return roots[0]


def finish(store: FileStore) -> None:
    """Bring the checksums of the copy up to date: in the directory, and before or behind the data.

    Raises:
        ReadError: The copy cannot be written.
    """
    source = FileReader(os.dup(store.target), "the copy")
    touched = {tensor.place[0] for tensor in store.tensors}
    members = members_of(source, "the copy")
    root = _root(members, "the copy")
    for name, member in members.items():
        if name.startswith(f"{root}data/") and name.removeprefix(f"{root}data/") in touched:
            update_checksum(store.target, source, member)


def embed_file(path: str, out: str, job: Job) -> Marked:
    """Write a marked copy. Raises as ``tensor_files.embed_file`` does."""
    return tensor_files.embed_file(path, out, job, open_store, finish)


def verify_file(path: str, provider: WatermarkKeyProvider, request: Request) -> Verification:
    """Look for the mark of a key. Raises as ``tensor_files.verify_file`` does."""
    return tensor_files.verify_file(path, provider, request, open_store)


def opened(path: str) -> AbstractContextManager[FileStore]:
    """Open the tensors of a file. Raises as ``open_store`` does."""
    return tensor_files.opened(path, open_store)
