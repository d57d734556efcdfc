"""Bytes that nobody else can change: copied once, hashed on the way, then scanned and loaded.

A path can name other bytes a moment later, and a file can be written to while it is read. So a file
is opened once, without following a link, and copied into memory that is sealed against writing
(``memfd_create``, Linux) or, where there is none or the file is larger than 4 GiB, into a file in a
directory that only this user may enter. Everything after that looks at the copy.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import mmap
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator

from ...errors import ReadError, TrustError
from ...limits import GIB, MIB
from ...readers.file import FileReader

_CHUNK = 8 * MIB
_IN_MEMORY = 4 * GIB
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class Held:
    """A private copy of a file.

    Args:
        descriptor: Where the copy is; owned from here on.
        name: What the user called the file.
        digest: SHA-256 of the copy, hexadecimal.
        folder: A directory to remove in the end; empty for none.

    Attributes:
        name: As given.
        digest: As given.
        size: Bytes.
        sealed: Whether the kernel refuses all changes, even by this process.
    """

    def __init__(self, descriptor: int, name: str, digest: str, folder: str = "") -> None:
        self.name = name
        self.digest = digest
        self.size = os.fstat(descriptor).st_size
        self.sealed = not folder
        self._descriptor = descriptor
        self._folder = folder

    @property
    def descriptor(self) -> int:
        """Where the copy is open for reading; good until it is closed."""
        return self._descriptor

    @property
    def path(self) -> str:
        """A path of the copy, for libraries that open files; good until it is closed."""
        if self._folder:
            return os.path.join(self._folder, "copy")
        return f"/proc/self/fd/{self._descriptor}"

    def reader(self) -> FileReader:
        """Return a reader over the copy that bears the file's own name; the caller closes it."""
        return FileReader(os.dup(self._descriptor), self.name)

    def view(self) -> memoryview:
        """Return the bytes, mapped; they stay for as long as the view does."""
        if not self.size:
            return memoryview(b"")
        return memoryview(mmap.mmap(self._descriptor, self.size, access=mmap.ACCESS_READ))

    def close(self) -> None:
        """Give the copy back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def hold(path: str | os.PathLike[str], limit: int) -> Held:
    """Copy a file to where nobody else can change it.

    Args:
        path: The file.
        limit: Most bytes that are taken.

    Returns:
        The copy; the caller closes it.

    Raises:
        ReadError: There is no such file, or it cannot be read.
        TrustError: It is a link (``symlink``), no regular file (``special-file``), or larger than
            the limit (``too-large``).
    """
    name = os.fsdecode(path)
    source = _open(name)
    try:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode):
            raise TrustError("special-file", f"{name}: not a regular file")
        if status.st_size > limit:
            raise _too_large(name, limit)
        return keep(_chunks(source, name), name, limit, status.st_size)
    finally:
        os.close(source)


def keep(chunks: Iterator[bytes], name: str, limit: int, expected: int) -> Held:
    """Keep bytes where nobody else can change them.

    Args:
        chunks: The bytes, piece by piece.
        name: What to call them.
        limit: Most bytes that are taken.
        expected: About how many there will be; decides where they go.

    Raises:
        TrustError: There are more than the limit (``too-large``).
        ReadError: There is no room for them.
    """
    descriptor, folder = _place(expected)
    try:
        digest = _copy(chunks, descriptor, name, limit)
        if folder:
            descriptor = _reopened(descriptor, folder)
        else:
            _seal(descriptor)
        return Held(descriptor, name, digest, folder)
    except BaseException:
        os.close(descriptor)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _open(name: str) -> int:
    try:
        return os.open(name, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise TrustError(
                "symlink", f"{name}: a symbolic link", "give the path of the file itself"
            ) from error
        raise ReadError(f"{name}: {error.strerror or error}") from error
    except ValueError as error:
        raise ReadError(f"{name!r}: {error}") from error


def _chunks(source: int, name: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(source, _CHUNK)
        except OSError as error:
            raise ReadError(f"{name}: {error.strerror or error}") from error
        if not chunk:
            return
        yield chunk


def _place(expected: int) -> tuple[int, str]:
    """Return a descriptor to write to, and the private directory it is in, if it is in one."""
    create: Callable[[str, int], int] | None = getattr(os, "memfd_create", None)
    if create is not None and expected <= _IN_MEMORY and sys.platform == "linux":
        with contextlib.suppress(OSError):
            return create("sentinel", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), ""
    folder = tempfile.mkdtemp(prefix="sentinel-")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(os.path.join(folder, "copy"), flags, 0o600), folder


def _copy(chunks: Iterator[bytes], descriptor: int, name: str, limit: int) -> str:
    digest = hashlib.sha256()
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limit:
            raise _too_large(name, limit)
        digest.update(chunk)
        rest = memoryview(chunk)
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except OSError as error:
                raise ReadError(f"{name}: no room for a private copy: {error.strerror}") from error
    return digest.hexdigest()


def _seal(descriptor: int) -> None:
    import fcntl

    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)


def _reopened(descriptor: int, folder: str) -> int:
    """Return a descriptor of the copy that cannot be written through."""
    path = os.path.join(folder, "copy")
    os.chmod(path, 0o400)
    reading = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    os.close(descriptor)
    return reading


def _too_large(name: str, limit: int) -> TrustError:
    return TrustError("too-large", f"{name}: more than {limit} bytes", "raise max_size to load it")
