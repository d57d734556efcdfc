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
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from typing import NamedTuple, Protocol

from ...errors import ReadError
from ...limits import MIB

_BLOCK = 4 * MIB


class Digest(Protocol):
    """What computes a digest."""

    def update(self, data: bytes, /) -> None:
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

    def take(self, source: str, name: str) -> Sealed:
        """Copy a file to the place that its name gives it among the others.

        Args:
            source: The file.
            name: Its name, with ``/`` between its parts.

        Raises:
            ReadError: It cannot be copied, or is no file.
        """
        try:
            target = self._place(name)
            if os.path.dirname(os.path.abspath(source)) == self.parent and _is_sole(source):
                os.rename(source, target)
                return seal(target)
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
    incoming = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(incoming, "rb", buffering=0) as reader:
        if not stat.S_ISREG(os.fstat(incoming).st_mode):
            raise OSError(f"{source} is not a file")
        outgoing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(outgoing, "wb", buffering=0) as writer:
            return _sealed(target, reader, writer, mode)


def seal(path: str) -> Sealed:
    """Return the digests of a file.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb", buffering=0) as reader:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is not a file")
        return _sealed(path, reader)


def _sealed(path: str, reader: FileIO, writer: FileIO | None = None, mode: int = 0) -> Sealed:
    """Hash a file to its end, and copy it where there is a place to copy it to."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with ThreadPoolExecutor(1) as beside:  # the two digests at a time: both let other threads run
        while block := reader.read(_BLOCK):
            other = _begin(beside, md5, block)
            sha256.update(block)
            if other is not None:
                other.result()
            if writer is not None:
                _write(writer, block)
            size += len(block)
    if writer is not None:
        os.chmod(path, mode)
    return Sealed(path, sha256.hexdigest(), _text(md5.digest()), size)


def _begin(beside: ThreadPoolExecutor, digest: Digest, block: bytes) -> Future[None] | None:
    """Hash a block in another thread where that is worth its while."""
    if len(block) == _BLOCK:
        try:
            return beside.submit(digest.update, block)
        except RuntimeError:  # the interpreter is about to end
            pass
    digest.update(block)
    return None


def _write(writer: FileIO, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[writer.write(view) :]


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
