"""A reader over a local file, safe against files that shrink while they are read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from ..errors import ReadError
from ..limits import MIB
from .base import ReadStats

_WHOLE = 64 * MIB
_MOST_BESIDE = 10_000
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class FileReader:
    """Reads a regular file through one descriptor.

    Everything goes through ``pread`` on the descriptor and nothing is mapped, so a file that
    shrinks under the scan gives a ReadError rather than a bus error that would end the process.

    Args:
        descriptor: An open descriptor of a regular file; owned by the reader from here on.
        name: Name for error messages.
        status: Of the descriptor, where it is known already.
    """

    __slots__ = ("_descriptor", "_identity", "_name", "_size", "_stats")

    def __init__(self, descriptor: int, name: str, status: os.stat_result | None = None) -> None:
        status = os.fstat(descriptor) if status is None else status
        self._descriptor = descriptor
        self._name = name
        self._size = status.st_size
        self._identity = (status.st_size, status.st_mtime_ns)
        self._stats = ReadStats()

    @property
    def size(self) -> int:
        """Size of the file when it was opened."""
        return self._size

    @property
    def stats(self) -> ReadStats:
        """What was asked for so far."""
        return self._stats

    def pread(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``.

        Raises:
            ReadError: The file has shrunk or cannot be read.
        """
        room = self._size - offset
        if offset < 0 or length <= 0 or room <= 0:
            return b""
        if length > room:
            length = room
        self._stats.count(length)
        data = self._pread_once(offset, length)
        if len(data) == length:
            return data
        parts = [data]  # one system call gives at most about 2 GiB
        got = len(data)
        while got < length:
            data = self._pread_once(offset + got, length - got)
            if not data:
                raise ReadError(f"{self._name}: the file shrank while it was read", "scan it again")
            parts.append(data)
            got += len(data)
        return b"".join(parts)

    def _pread_once(self, offset: int, length: int) -> bytes:
        try:
            return os.pread(self._descriptor, length, offset)
        except OSError as error:
            raise ReadError(f"{self._name}: {error.strerror or error}") from error

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Do nothing: the page cache knows better."""

    def view(self) -> bytes | None:
        """Return the content as bytes, or None when it is larger than 64 MiB."""
        return self.pread(0, self._size) if self._size <= _WHOLE else None

    def changed(self) -> bool:
        """Return True when the file's size or time differs from when it was opened."""
        status = os.fstat(self._descriptor)
        return (status.st_size, status.st_mtime_ns) != self._identity

    @property
    def directory(self) -> str:
        """Name of the directory that the file was opened in."""
        return os.path.dirname(self._name)

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> FileReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@lru_cache(maxsize=256)
def names_in(directory: str, up: int = 0) -> frozenset[str]:
    """Return the names in a directory, the first 10,000; none when it cannot be read.

    Args:
        directory: The directory; empty for the current one.
        up: How many directories above it is meant.
    """
    try:
        with os.scandir(os.path.join(directory or os.curdir, *[os.pardir] * up)) as found:
            return frozenset(entry.name for entry in islice(found, _MOST_BESIDE))
    except OSError:
        return frozenset()


def is_beside(directory: str, name: str) -> bool:
    """Return True for the plain name of a regular file in a directory, which is no link.

    Args:
        directory: The directory; empty for the current one.
        name: A name out of a file: no path, and nothing that another system takes for one.
    """
    if set(name) & set("/\\:\0") or name in ("", os.curdir, os.pardir):
        return False
    try:
        return stat.S_ISREG(os.lstat(os.path.join(directory or os.curdir, name)).st_mode)
    except (OSError, ValueError):
        return False


def open_file(path: str | os.PathLike[str]) -> FileReader:
    """Open a regular file for reading, following links, never blocking on a pipe or device.

    Args:
        path: The file.

    Returns:
        A reader to be closed by the caller.

    Raises:
        ReadError: There is no such file, it may not be read, or it is not a regular file.
    """
    name = os.fsdecode(path)
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENODEV):
            raise ReadError(f"{name}: not a regular file") from error
        hint = "check its permissions" if isinstance(error, PermissionError) else ""
        raise ReadError(f"{name}: {error.strerror or error}", hint) from error
    except ValueError as error:
        raise ReadError(f"{name!r}: {error}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ReadError(f"{name}: not a regular file")
    return FileReader(descriptor, name, status)
