"""Tensors at known offsets of a file, read by pieces, and patched in a copy of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...errors import ReadError, TrustError, UsageError
from ...readers.file import FileReader
from ..files import opened
from .store import FLOATS, Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COPIED = 1 << 20
_SIGNED = (".sig", ".sigstore", ".sigstore.json", ".intoto.jsonl", ".sig.json")


class FileStore:
    """The tensors of a file.

    Args:
        reader: The file that is read.
        tensors: Its tensors.
        offsets: Where in the file the first byte of each is, by name.
        target: Descriptor of the copy that is written to; -1 when nothing is.
    """

    def __init__(
        self,
        reader: FileReader,
        tensors: tuple[Tensor, ...],
        offsets: Mapping[str, int],
        target: int = -1,
    ) -> None:
        self.reader = reader
        self.tensors = tensors
        self.offsets = offsets
        self.target = target

    def read(self, tensor: Tensor, start: int, count: int) -> NDArray[Any]:
        """Return elements. Raises ReadError when the file has shrunk."""
        import numpy as np

        kind = np.dtype(FLOATS[tensor.dtype])
        offset = self.offsets[tensor.name] + start * kind.itemsize
        data = self.reader.pread(offset, count * kind.itemsize)
        if len(data) != count * kind.itemsize:
            raise ReadError(f"tensor {tensor.name[:120]!r} ends early", "get the file again")
        return np.frombuffer(data, kind)

    def write(self, tensor: Tensor, start: int, values: NDArray[Any]) -> None:
        """Replace elements in the copy. Raises ReadError when the disk takes no more."""
        data = memoryview(values.tobytes())
        offset = self.offsets[tensor.name] + start * values.itemsize
        while data:
            try:
                done = os.pwrite(self.target, data, offset)
            except OSError as error:
                raise ReadError(f"the copy cannot be written: {error.strerror}") from None
            data, offset = data[done:], offset + done


def open_model(path: str) -> FileReader:
    """Open a model file that is to be marked or verified; links are not followed.

    Raises:
        UsageError: It cannot be opened, or is no regular file.
    """
    descriptor, status = opened(path)
    return FileReader(descriptor, path, status)


class JoinedStore:
    """The tensors of several files as those of one model.

    Args:
        stores: The files; no two may have a tensor of one name.
    """

    def __init__(self, stores: Sequence[FileStore]) -> None:
        self._homes = {tensor.name: store for store in stores for tensor in store.tensors}
        self.tensors = tuple(
            tensor._replace(place=(f"{number} {tensor.place[0]}", *tensor.place[1:]))
            for number, store in enumerate(stores)
            for tensor in store.tensors
        )

    def read(self, tensor: Tensor, start: int, count: int) -> NDArray[Any]:
        """Return elements, from the file that has the tensor."""
        return self._homes[tensor.name].read(tensor, start, count)

    def write(self, tensor: Tensor, start: int, values: NDArray[Any]) -> None:
        """Replace elements, in the copy of the file that has the tensor."""
        self._homes[tensor.name].write(tensor, start, values)


@contextmanager
def copied(reader: FileReader, out: str) -> Iterator[str]:
    """Copy a file to a temporary one that becomes ``out`` when all went well, and is gone if not.

    Raises:
        UsageError: ``out`` exists, or cannot be made.
        ReadError: The file shrank.
    """
    if os.path.lexists(out):
        raise UsageError(f"{out}: exists; nothing is overwritten")
    folder = os.path.dirname(out) or "."
    temporary = os.path.join(folder, f".{os.path.basename(out)}.{secrets.token_hex(6)}")
    try:
        copy_bytes(reader, temporary)
        yield temporary
        try:
            os.link(temporary, out)  # fails if somebody made it meanwhile
        except FileExistsError:
            raise UsageError(f"{out}: exists; nothing is overwritten") from None
        except OSError:  # a file system without links
            os.replace(temporary, out)
            return
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def copy_bytes(reader: FileReader, path: str) -> None:
    """Write all bytes of an open file to a new one.

    What is copied is what was opened, whatever its name leads to by now.

    Raises:
        UsageError: It cannot be made.
        ReadError: The file shrank.
    """
    try:
        with open(path, "xb") as target:
            for offset in range(0, reader.size, _COPIED):
                target.write(reader.pread(offset, _COPIED))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def refuse_signed(*folders: str) -> None:
    """Raise TrustError when one of the folders carries a signature: a mark would break it."""
    for folder in folders:
        for name in _names(folder):
            if name.endswith(_SIGNED):
                raise TrustError(
                    "signed", f"{folder or '.'}: carries a signature ({name})",
                    "mark first, then sign what was marked",
                )  # fmt: skip


def _names(folder: str) -> list[str]:
    found: list[str] = []
    for place in (folder or ".", os.path.join(folder, ".sentinel")):
        try:
            with os.scandir(place) as entries:
                found += [entry.name for entry in entries]
        except OSError:
            continue
    return sorted(found)
