"""Finds the files to scan: what the user named, and what lies below it.

Links to files are followed, but a file that is also met under its own name is scanned once;
links to directories are followed unless they lead to a place already walked or above it. Only
``.git`` directories are left out.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .errors import UsageError
from .findings import Gap, Location
from .formats import FORMATS

_SUFFIXES = tuple({suffix for entry in FORMATS for suffix in entry.suffixes})
_Identity = tuple[int, int]


class Target(NamedTuple):
    """A file to scan, or something that cannot be.

    Attributes:
        path: Its name, as the user gave it or joined to a directory the user gave.
        named: Whether the user named it rather than a directory above it.
        gap: Why it cannot be scanned; None when it can.
    """

    path: str
    named: bool = False
    gap: Gap | None = None


def walk(paths: Sequence[str], skip: Callable[[str], bool] | None = None) -> Iterator[Target]:
    """Return the files to scan.

    Args:
        paths: Files and directories. Files named here are always scanned.
        skip: Says whether something below a named directory is left out.

    Raises:
        UsageError: One of ``paths`` does not exist; nothing has been scanned by then.
    """
    for path in paths:
        _must_exist(path)
    return _Walker(skip).walk(paths)


def _must_exist(path: str) -> None:
    try:
        os.lstat(path)
    except ValueError as error:
        raise UsageError(f"{path!r} is no path: {error}") from error
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise UsageError(f"{path!r} does not exist") from error


class _Walker:
    def __init__(self, skip: Callable[[str], bool] | None) -> None:
        self._skip = skip
        self._directories: set[_Identity] = set()
        self._above: set[_Identity] = set()
        self._named: set[str] = set()
        self._files: list[str] = []
        self._links: list[str] = []

    def walk(self, paths: Sequence[str]) -> Iterator[Target]:
        trees: list[str] = []
        for path in paths:
            yield from self._name(path, trees)
        for tree in trees:
            self._note_parents(tree)
        for tree in trees:
            yield from self._tree("" if tree == "." else tree)
        while self._links:  # real names first, so that a file is known by its own
            links, self._links = self._links, []
            yield from self._follow(links)

    def _name(self, path: str, trees: list[str]) -> Iterator[Target]:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            yield _unreadable(path, error, named=True)
            return
        if stat.S_ISDIR(mode):
            trees.append(path)
            return
        absolute = os.path.abspath(path)
        if absolute in self._named:
            return
        self._named.add(absolute)
        if stat.S_ISREG(mode):
            self._files.append(path)
            yield Target(path, named=True)
        else:
            yield _special(path, mode, named=True)

    def _note_parents(self, tree: str) -> None:
        path = os.path.realpath(tree)
        while (parent := os.path.dirname(path)) != path:
            path = parent
            try:
                self._above.add(_identity(os.stat(path)))
            except OSError:
                return

    def _tree(self, top: str) -> Iterator[Target]:
        pending = [top]
        while pending:
            directory = pending.pop()
            try:
                entries = self._entries(directory)
            except OSError as error:
                yield _unreadable(directory or ".", error)
                continue
            below: list[str] = []
            for entry in entries:
                yield from self._entry(entry, entry.path if directory else entry.name, below)
            pending += reversed(below)

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        identity = _identity(os.stat(directory or "."))
        if identity in self._directories:
            return []
        self._directories.add(identity)
        with os.scandir(directory or ".") as found:
            return sorted(found, key=_name_of)

    def _entry(self, entry: os.DirEntry[str], path: str, below: list[str]) -> tuple[Target, ...]:
        if self._skip is not None and self._skip(path):
            return ()
        try:
            if entry.is_file(follow_symlinks=False):
                return self._file(path)
            if entry.is_symlink():
                self._links.append(path)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name != ".git":
                    below.append(path)
            elif _is_model(path):
                return (_special(path, entry.stat(follow_symlinks=False).st_mode),)
        except OSError as error:
            return (_unreadable(path, error),)
        return ()

    def _file(self, path: str) -> tuple[Target, ...]:
        if self._named and os.path.abspath(path) in self._named:
            return ()
        self._files.append(path)
        return (Target(path),)

    def _follow(self, links: list[str]) -> Iterator[Target]:
        seen: dict[_Identity, str] = {}
        for path in self._files:
            try:
                seen[_identity(os.stat(path))] = path
            except OSError:
                continue
        for link in links:
            try:
                status = os.stat(link)
            except OSError as error:
                if _is_model(link):
                    yield _unreadable(link, error)
                continue
            yield from self._link(link, status, seen)

    def _link(
        self, link: str, status: os.stat_result, seen: dict[_Identity, str]
    ) -> Iterator[Target]:
        identity = _identity(status)
        if stat.S_ISDIR(status.st_mode):
            if identity not in self._above and os.path.basename(link) != ".git":
                yield from self._tree(link)
        elif stat.S_ISREG(status.st_mode):
            known = seen.get(identity)
            # A name can decide what a file is read as, so another suffix is another file.
            if known is None or _suffix(known) != _suffix(link):
                seen[identity] = link
                yield from self._file(link)
        elif _is_model(link):
            yield _special(link, status.st_mode)


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _is_model(path: str) -> bool:
    return path.lower().endswith(_SUFFIXES)


def _unreadable(path: str, error: OSError, *, named: bool = False) -> Target:
    detail, hint = error.strerror or str(error), "check its permissions"
    if error.errno == errno.ENOENT:
        detail, hint = "a link to something that does not exist", "check where it leads"
    return Target(path, named, Gap("unreadable", Location(path), detail, hint))


def _special(path: str, mode: int, *, named: bool = False) -> Target:
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    kind = kinds.get(stat.S_IFMT(mode), "a device")
    hint = "save what it gives to a file and scan that"
    return Target(path, named, Gap("special-file", Location(path), f"{kind}, not a file", hint))
