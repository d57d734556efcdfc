"""What a model consists of: every file, by name and digest, with nothing left out.

The walk is strict. A link is refused, since what it leads to can be changed without the model;
so is whatever is neither file nor directory, and a file that changes while it is read. Nothing is
left out by its name, ``.git`` neither.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeVar

from ..errors import TrustError
from ..limits import MIB
from ..readers import FileReader
from . import strict_json
from .tree import Entry, Tree, open_tree

SIGNATURE = "model.sig"
"""Where the signature of a model is, inside its directory."""
ATTESTATIONS = ".sentinel/attestations.intoto.jsonl"
"""Where the attestations about a model are, inside its directory."""
OWN_FILES = (SIGNATURE, ATTESTATIONS)
"""What cannot be signed with the model, because it holds the signatures."""
GIT = (".git", ".gitattributes", ".github", ".gitignore")
"""What the reference implementation of Model Signing leaves out of what it signs."""
GIT_FORMS = (*GIT, *(f"{one}/" for one in GIT))
"""The same, as files or as directories."""

_BUFFER = MIB
_THREADS = 4
_CODE = re.compile(
    r"\.(?:py[cdowxz]?|ipynb|whl|egg|so(?:\.[0-9.]+)?|dll|dylib|exe|com|msi|sh|bash|bat|cmd|ps1|vbs"
    r"|m?js|jar|class|pl|rb|lua|r|jl|pth)"
)

T = TypeVar("T")


class FileDigest(NamedTuple):
    """One file of a model.

    Attributes:
        name: Its name relative to the model, with slashes.
        sha256: Digest of its bytes in lower-case hexadecimal.
        size: Its size in bytes.
    """

    name: str
    sha256: str
    size: int


class _Manifest(NamedTuple):
    files: tuple[FileDigest, ...]
    empty_directories: tuple[str, ...] = ()
    single: bool = False
    ignored: tuple[str, ...] = ()


class Manifest(_Manifest):
    """Every file of a model.

    Attributes:
        files: Sorted by name.
        empty_directories: Names of directories without any file, which no digest covers.
        single: Whether the model is one file rather than a directory.
        ignored: Names of files that were left out, as they were asked to be.
    """

    @cached_property
    def digest(self) -> str:
        """SHA-256 over names and digests: it changes with a file's name as with its content."""
        pairs = [[one.name, one.sha256] for one in self.files]
        return hashlib.sha256(strict_json.canonical(pairs)).hexdigest()

    def by_name(self) -> dict[str, FileDigest]:
        """Return the files by their names."""
        return {one.name: one for one in self.files}


def manifest_of(path: str | os.PathLike[str], *, ignore: Iterable[str] = ()) -> Manifest:
    """Hash every file of a model.

    Args:
        path: A directory, or a single file, whose name is then its base name.
        ignore: Names relative to the model that are left out: a file, or with a slash at
            its end all below a directory.

    Returns:
        Names, digests and sizes.

    Raises:
        TrustError: A link, a device, a name that is no text, an ignored model file, or a file that
            changed meanwhile.
        UsageError: There is nothing at that path.
    """
    return _manifest(path, tuple(ignore), _hash_only)


def scan_and_hash(
    path: str | os.PathLike[str],
    scanner: Callable[[str, FileReader], T],
    *,
    ignore: Iterable[str] = (),
) -> tuple[Manifest, dict[str, T]]:
    """Hash every file of a model and scan it through the same descriptor.

    What is scanned is what is hashed: the file is opened once, and its state before the hash is
    compared with that after the scan.

    Args:
        path: A directory or a single file.
        scanner: Called with each file's path and a reader of its bytes; must not close it. A scan
            is ``lambda name, reader: Scanner().scan_artifact(Artifact(name, reader))``.
        ignore: As for ``manifest_of``.

    Returns:
        The manifest, and what the scanner returned by the name of the file.

    Raises:
        TrustError: As for ``manifest_of``.
        UsageError: There is nothing at that path.
    """
    results: dict[str, T] = {}
    top = os.fsdecode(path)

    def work(tree: Tree, entry: Entry) -> str:
        with tree.open(entry) as descriptor:
            digest = _digest(descriptor, entry, tree.blob_of(entry))
            shown = top if tree.single else os.path.join(top, entry.name)
            results[entry.name] = scanner(shown, FileReader(descriptor, shown))
        return digest

    return _manifest(path, tuple(ignore), work, threads=1), results


def check_name(name: str) -> bool:
    """Return whether a name is one that a file below a model can have."""
    parts = name.split("/")
    return "\0" not in name and not any(part in ("", ".", "..") for part in parts)


def covers(ignore: Iterable[str], name: str) -> bool:
    """Return whether a list of names has a file's name, or that of a directory above it."""
    return any(name == one or name.startswith(f"{one}/") for one in ignore)


def listed(names: Iterable[str], name: str) -> bool:
    """Return whether a list has a file's name, or with a slash at its end a directory above it.

    Nothing can hide below the name of a file.
    """
    return any(name == one or (one.endswith("/") and name.startswith(one)) for one in names)


def count(number: int) -> str:
    """Return a number of files in words."""
    return f"{number} file{'' if number == 1 else 's'}"


def is_model_file(name: str) -> bool:
    """Return whether a name has the ending of a model or of code."""
    from ..formats.identify import by_suffix

    if name.startswith(".git/hooks/") and not name.endswith(".sample"):
        return True  # Git runs it
    leaf = name.lower().rpartition("/")[2]
    at = leaf.find(".so.") if ".so." in leaf else leaf.rfind(".")
    return bool(at >= 0 and _CODE.fullmatch(leaf, at)) or by_suffix(name) is not None


def _manifest(
    path: str | os.PathLike[str],
    ignore: tuple[str, ...],
    work: Callable[[Tree, Entry], str],
    threads: int = _THREADS,
) -> Manifest:
    with open_tree(path) as tree:
        listing = tree.listing()
        entries = tuple(_wanted(listing.entries, ignore))
        digests = _all(tree, entries, work, threads)
        # A file that is added, or changed after its own turn, shows in a second look.
        if tree.listing() != listing:
            raise TrustError(
                "file-changed", f"{os.fsdecode(path)}: changed while it was read", "try again"
            )
    pairs = zip(entries, digests, strict=True)
    files = sorted(FileDigest(entry.name, digest, entry.size) for entry, digest in pairs)
    empty = tuple(name for name in listing.empty if not listed(ignore, f"{name}/"))
    ignored = tuple(one.name for one in listing.entries if listed(ignore, one.name))
    return Manifest(tuple(files), empty, tree.single, ignored)


def _wanted(entries: Iterable[Entry], ignore: tuple[str, ...]) -> Iterator[Entry]:
    for entry in entries:
        if covers(OWN_FILES, entry.name) and entry.name not in OWN_FILES:
            own = "a directory with the name of a signature"
            raise TrustError("unsigned-file", f"{entry.name}: in {own}", "remove it")
        if not listed(ignore, entry.name):
            yield entry
        elif entry.name not in OWN_FILES and is_model_file(entry.name):
            raise TrustError(
                "ignored-model-file",
                f"{entry.name}: a model file or code cannot be left out of what is signed",
            )


def _hash_only(tree: Tree, entry: Entry) -> str:
    with tree.open(entry) as descriptor:
        return _digest(descriptor, entry, tree.blob_of(entry))


def _all(
    tree: Tree, entries: tuple[Entry, ...], work: Callable[[Tree, Entry], str], threads: int
) -> list[str]:
    large = sum(entry.size >= _BUFFER for entry in entries)
    threads = min(threads, large, os.cpu_count() or 1)
    if threads < 2:
        return [work(tree, entry) for entry in entries]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        try:
            return list(pool.map(lambda entry: work(tree, entry), entries))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _digest(descriptor: int, entry: Entry, blob: str) -> str:
    digest = hashlib.sha256()
    git = _git_blob(entry.size) if len(blob) == 40 else None
    for chunk in _chunks(descriptor, entry):
        digest.update(chunk)
        if git is not None:
            git.update(chunk)
    found = digest.hexdigest()
    if blob and blob != (git.hexdigest() if git is not None else found):
        raise TrustError(
            "blob-mismatch",
            f"{entry.name}: the blob {blob[:16]} in the cache is not what its name says",
            "delete it and download the model again",
        )
    return found


def _git_blob(size: int) -> hashlib._Hash:
    """Return the hash that Git names a file's content by."""
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def _chunks(descriptor: int, entry: Entry) -> Iterator[memoryview]:
    view = memoryview(bytearray(min(_BUFFER, entry.size + 1)))
    total = 0
    with open(descriptor, "rb", buffering=0, closefd=False) as stream:
        while total <= entry.size and (count := stream.readinto(view)):
            total += count
            yield view[:count]
    if total != entry.size:
        raise TrustError("file-changed", f"{entry.name}: changed while it was read", "try again")
