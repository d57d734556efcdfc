"""Walking and opening the files of a model through descriptors, so that no link is ever followed.

Each step is taken from the descriptor of the directory above with ``O_NOFOLLOW``: a directory that
is exchanged for a link between the listing and the opening is refused, not followed. Where the
system has no such calls (Windows), paths are used and links are looked for first.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from ..errors import TrustError, UsageError

_FOLLOW_NOT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
FILE = os.O_RDONLY | _FOLLOW_NOT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
DIRECTORY = os.O_RDONLY | _FOLLOW_NOT | getattr(os, "O_DIRECTORY", 0)
_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd

_COMMIT = re.compile(r"[0-9a-f]{40}")
_MOST_FILES = 200_000
_DEEPEST = 64


class Entry(NamedTuple):
    """A file as it was listed.

    Attributes:
        name: Relative to the tree, with slashes.
        size: In bytes.
        state: Device, inode, size, and times of content and of the entry itself.
    """

    name: str
    size: int
    state: tuple[int, int, int, int, int]


class Listing(NamedTuple):
    """What is in a tree: its files, and its directories without files; both sorted."""

    entries: tuple[Entry, ...]
    empty: tuple[str, ...]


class Tree:
    """An open directory, or a single file.

    Attributes:
        path: Where it is.
        single: Whether it is a single file.
    """

    def __init__(self, path: str, top: int, *, single: bool) -> None:
        self.path = path
        self.single = single
        self._top = top

    def listing(self) -> Listing:
        """Return what is there. Raises TrustError for links, devices and names that are no text."""
        files: list[Entry] = []
        empty: list[str] = []
        try:
            if self.single:
                name = os.path.basename(os.path.abspath(self.path))
                return Listing((_entry(_text(name), os.stat(self.path)),), ())
            self._walk(self._top, "", 0, files, empty)
        except OSError as error:
            raise failed(self.path, error) from None
        return Listing(tuple(sorted(files)), tuple(sorted(empty)))

    def _walk(self, at: int, prefix: str, depth: int, files: list[Entry], empty: list[str]) -> bool:
        """List one directory and those below it; return whether any file is there."""
        if depth > _DEEPEST:
            raise TrustError("too-many-files", f"{self.path}: nested more than {_DEEPEST} deep")
        before = len(files)
        with os.scandir(at if _BY_DESCRIPTOR else os.path.join(self.path, prefix)) as found:
            names = [_text(entry.name) for entry in islice(found, _MOST_FILES + 1)]
        for leaf in names:
            name = f"{prefix}{leaf}"
            status = self._stat(at, leaf, name)
            if stat.S_ISDIR(status.st_mode):
                with self._below(at, leaf, name) as below:
                    if not self._walk(below, f"{name}/", depth + 1, files, empty):
                        empty.append(name)
            else:
                files.append(_entry(name, status))
            if len(files) + len(empty) > _MOST_FILES:
                raise TrustError("too-many-files", f"{self.path}: more than {_MOST_FILES} files")
        return len(files) > before

    def _stat(self, at: int, leaf: str, name: str) -> os.stat_result:
        try:
            if _BY_DESCRIPTOR:
                status = os.stat(leaf, dir_fd=at, follow_symlinks=False)
            else:
                status = os.lstat(os.path.join(self.path, name))
        except OSError as error:
            raise failed(name, error) from None
        if stat.S_ISLNK(status.st_mode):
            status = self._follow(at, leaf, name)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise TrustError("special-file", f"{name}: neither a file nor a directory")
        return status

    def _follow(self, at: int, leaf: str, name: str) -> os.stat_result:
        """Return the state of the file that a link leads to; here, none is followed."""
        raise link_error(name)

    def blob_of(self, entry: Entry) -> str:
        """Return the digest that a file is stored under; empty where files bear their names."""
        return ""

    @contextmanager
    def _below(self, at: int, leaf: str, name: str) -> Iterator[int]:
        if not _BY_DESCRIPTOR:
            yield -1
            return
        try:
            descriptor = os.open(leaf, DIRECTORY, dir_fd=at)
        except OSError as error:
            raise failed(name, error) from None
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def open(self, entry: Entry) -> Iterator[int]:
        """Give a descriptor of a file while it is the one that was listed.

        Raises:
            TrustError: It cannot be opened, or is another one before or after its use.
        """
        descriptor = self._open(entry.name)
        try:
            self._same(descriptor, entry)
            yield descriptor
            self._same(descriptor, entry)
        except OSError as error:
            raise failed(entry.name, error) from None
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        if self.single:
            os.lseek(self._top, 0, os.SEEK_SET)  # the two share their place in the file
            return os.dup(self._top)
        *above, leaf = name.split("/")
        opened: list[int] = []
        try:
            if not _BY_DESCRIPTOR:
                return os.open(os.path.join(self.path, name), FILE)
            at = self._top
            for part in above:
                at = os.open(part, DIRECTORY, dir_fd=at)
                opened.append(at)
            return os.open(leaf, FILE, dir_fd=at)
        except OSError as error:
            raise failed(name, error) from None
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _same(self, descriptor: int, entry: Entry) -> None:
        if _state(os.fstat(descriptor)) != entry.state:
            message = f"{entry.name}: changed while it was read"
            raise TrustError("file-changed", message, "try again")


@contextmanager
def open_tree(path: str | os.PathLike[str]) -> Iterator[Tree]:
    """Open a directory or a file; the path itself may lead over links, which the user named.

    Raises:
        TrustError: It is neither, or may not be read.
        UsageError: There is nothing at that path.
    """
    name = os.fsdecode(path)
    try:
        status = os.stat(name)
    except (OSError, ValueError) as error:
        raise UsageError(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    single = stat.S_ISREG(status.st_mode)
    if not single and not stat.S_ISDIR(status.st_mode):
        raise TrustError("special-file", f"{name}: neither a file nor a directory")
    descriptor = _top(name, single=single)
    try:
        blobs = "" if single else hf_blobs(name)
        if blobs:
            from .hf_cache import Snapshot

            with Snapshot(name, descriptor, blobs) as snapshot:
                yield snapshot
        else:
            yield Tree(name, descriptor, single=single)
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def hf_blobs(path: str) -> str:
    """Return where the blobs of a Hugging Face snapshot are; empty when it is not one.

    The download cache keeps files as ``blobs/<digest>``, and ``snapshots/<commit>`` has links.
    """
    above, commit = os.path.split(os.path.realpath(path))
    repository, snapshots = os.path.split(above)
    blobs = os.path.join(repository, "blobs")
    if snapshots == "snapshots" and _COMMIT.fullmatch(commit) and _BY_DESCRIPTOR:
        return blobs if os.path.isdir(blobs) and not os.path.islink(blobs) else ""
    return ""


def _top(name: str, *, single: bool) -> int:
    if not single and not _BY_DESCRIPTOR:
        return -1
    flags = (FILE if single else DIRECTORY) & ~getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(name, flags)
    except OSError as error:
        raise failed(name, error) from None


def _entry(name: str, status: os.stat_result) -> Entry:
    return Entry(name, status.st_size, _state(status))


def _state(status: os.stat_result) -> tuple[int, int, int, int, int]:
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return (status.st_dev, status.st_ino, status.st_size, *times)


def _text(name: str) -> str:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise TrustError("name-invalid", f"{name!r}: the name is not Unicode") from None
    return name


def link_error(name: str) -> TrustError:
    """Return the error for a link where a file must be."""
    return TrustError(
        "symlink",
        f"{name}: a link; what it leads to would not be signed",
        "put the file itself there",
    )


def failed(name: str, error: OSError) -> TrustError:
    """Return the error for a file that could not be opened."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return link_error(name)
    if error.errno == errno.ENOENT:
        return TrustError("file-changed", f"{name}: gone while it was read", "try again")
    return TrustError("unreadable", f"{name}: {error.strerror or error}")
