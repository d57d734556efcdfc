"""Copies of files that nobody else writes to, so that what is uploaded is what was scanned.

wandb uploads by path, some time after it was told to. A copy of our own lies in wandb's folder for
files that wait for their upload, whence wandb removes it when it is done.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ...errors import ReadError
from ...limits import KIB, MIB

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BLOCK = 256 * KIB
_SPAN = 64 * MIB
_LARGE = 2 * MIB
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


class Digest(Protocol):
    """What computes a digest."""

    def update(self, data: Buffer, /) -> None:
        """Take more bytes."""


class Sealed(NamedTuple):
    """A file of our own.

    Attributes:
        path: Where it is.
        sha256: Its digest, as hex digits.
        md5: Another, in base64 as wandb writes it.
        size: Its size in bytes.
    """

    path: str
    sha256: str
    md5: str
    size: int


class Stage:
    """A folder of sealed files.

    Args:
        parent: Where it is made. Files that lie directly in there are wandb's own copies, which
            are moved instead of copied.
    """

    def __init__(self, parent: str) -> None:
        self.parent = os.path.abspath(parent)
        self.root = tempfile.mkdtemp(prefix="sentinel-", dir=parent)
        self._count = 0

    def take(self, source: str, name: str, known: Sealed | None = None) -> Sealed:
        """Copy a file to the place that its name gives it among the others.

        Args:
            source: The file.
            name: Its name, with ``/`` between its parts.
            known: Its digests, where it is a copy of ours that nobody touched.

        Raises:
            ReadError: It cannot be copied, or is no file.
        """
        try:
            target = self._place(name)
            if os.path.dirname(os.path.abspath(source)) == self.parent and _is_sole(source):
                os.rename(source, target)
                return seal(target) if known is None else known._replace(path=target)
            return copy(source, target)
        except OSError as error:
            raise ReadError(f"{name}: {error.strerror or error}") from error

    def write(self, data: bytes, name: str) -> Sealed:
        """Put a file of our own among the others.

        Raises:
            OSError: It cannot be written.
        """
        target = self._place(name)
        with open(target, "xb") as file:
            file.write(data)
        os.chmod(target, 0o400)
        return seal(target)

    def _place(self, name: str) -> str:
        parts = name.replace("\\", "/").split("/")
        target = os.path.join(self.root, *parts)
        try:
            if not all(parts) or any(part in (".", "..") for part in parts):
                raise OSError("not a plain name")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.lexists(target):
                return target
        except OSError:
            pass
        self._count += 1  # a name that is no path, or a file where another name needs a folder
        aside = os.path.join(self.root, f".{self._count}")
        os.makedirs(aside)
        return os.path.join(aside, os.path.basename(parts[-1]) or "file")

    def remove(self) -> None:
        """Remove the folder and what is left in it."""
        shutil.rmtree(self.root, ignore_errors=True)


def _is_sole(path: str) -> bool:
    """Return whether a file is no link and has no other name, by which it could be changed."""
    found = os.lstat(path)
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def prune(root: str) -> None:
    """Remove a folder and the folders in it as far as no file is left in them."""
    for top, _, _ in os.walk(root, topdown=False):
        try:
            os.rmdir(top)
        except OSError:
            continue


def copy(source: str, target: str, mode: int = 0o400) -> Sealed:
    """Copy a file to a path where there is none, and return what was copied.

    Raises:
        OSError: It cannot be read or written, or is no file.
    """
    incoming = os.open(source, os.O_RDONLY | _NO_WAIT)
    with os.fdopen(incoming, "rb", buffering=0) as reader:
        _check_regular(incoming, source)
        outgoing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(outgoing, "wb", buffering=0) as writer:
            _copied(reader, writer)
    os.chmod(target, mode)
    return seal(target)


def seal(path: str) -> Sealed:
    """Return the digests of a file.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with _beside(os.lstat(path).st_size) as beside:
        other = beside.submit(_hash, path, md5) if beside is not None else None
        size = _hash(path, sha256)
        if (_hash(path, md5) if other is None else other.result()) != size:
            raise OSError(f"{path} changes while it is read")
    return Sealed(path, sha256.hexdigest(), _text(md5.digest()), size)


@contextmanager
def _beside(size: int) -> Iterator[ThreadPoolExecutor | None]:
    """Give another thread for a large file: digests let other threads run."""
    if size < _LARGE:
        yield None
        return
    with ThreadPoolExecutor(1) as beside:
        try:
            beside.submit(int).result()
        except RuntimeError:  # the interpreter is about to end, and starts no more
            yield None
        else:
            yield beside


def _hash(path: str, digest: Digest) -> int:
    """Hash a file to its end and return its size."""
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
    size, block = 0, memoryview(bytearray(_BLOCK))
    with os.fdopen(descriptor, "rb", buffering=0) as reader:
        _check_regular(descriptor, path)
        while count := reader.readinto(block):
            digest.update(block[:count])
            size += count
    return size


def _check_regular(descriptor: int, path: str) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(f"{path} is not a file")


def _copied(reader: FileIO, writer: FileIO) -> None:
    """Copy to the end of a file; where the system can share what they have in common, it does."""
    if hasattr(os, "copy_file_range"):
        try:
            while os.copy_file_range(reader.fileno(), writer.fileno(), _SPAN):
                pass
        except OSError:  # not between these two; the rest is copied as anywhere
            pass
    while block := reader.read(_BLOCK):
        view = memoryview(block)
        while view:
            view = view[writer.write(view) :]


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
