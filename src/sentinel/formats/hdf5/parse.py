"""Reads an HDF5 file: the superblock, then every object that the root group leads to.

Raw numbers are never read. Text and bytes that other programs act upon are: the configuration that
Keras keeps in an attribute, the pickles of PyTables in attributes and in datasets of bytes. They
become members, as windows on the file. Source: the HDF5 File Format Specification, version 3.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...artifacts import Artifact
from ...errors import ParseError
from ...findings import Gap
from ...limits import Budget
from ...readers import SubRangeReader
from ...readers.file import is_beside
from .. import Member, Parsed
from .bytes import Cursor, Store
from .model import Hdf5File, Link
from .walk import Walk

MAGIC = b"\x89HDF\r\n\x1a\n"
_DRIVERS = (b"NCSAmult", b"NCSAfami")
_SIZES = (2, 4, 8)
_KEYS = 1 << 40


def looks_like_hdf5(artifact: Artifact, head: bytes) -> bool:
    """Return True when there is a superblock at one of the places where HDF5 looks for it.

    Args:
        artifact: The content.
        head: Its first few kilobytes.
    """
    return find_superblock(artifact) >= 0


def find_superblock(artifact: Artifact) -> int:
    """Return the offset of the superblock: 0, 512, or a doubling of it; -1 when there is none."""
    offset = 0
    while offset < artifact.reader.size:
        if artifact.reader.pread(offset, len(MAGIC)) == MAGIC:
            return offset
        offset = offset * 2 or 512
    return -1


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the structure of an HDF5 file.

    Returns:
        An ``Hdf5File``; configurations, pickles and other files in its attributes and datasets,
        its user block and what lies behind its end as members; a gap for what was not read.

    Raises:
        ParseError: There is no superblock, or its sizes or the root group are not possible.
        ReadError: The file cannot be read.
    """
    offset = find_superblock(artifact)
    if offset < 0:
        raise ParseError("no HDF5 superblock")
    version = artifact.reader.pread(offset + 8, 1)[:1].hex() or "-1"
    if version not in ("00", "01", "02", "03"):
        raise ParseError("an HDF5 superblock of an unknown version")
    store, cursor = _store(artifact, offset, int(version, 16))
    end, root, driver = _roots(cursor, int(version, 16), store)
    walk = Walk(artifact, store, budget)
    walk.run(root)
    size = artifact.reader.size
    trailing = (end, size - end) if offset < end < size else None
    user_block = any(artifact.reader.pread(0, min(offset, 65536)))
    model = Hdf5File(
        int(version, 16), offset, walk.objects, tuple(_placed(artifact, walk.links)),
        tuple(walk.datasets), tuple(walk.attributes), user_block, trailing,
    )  # fmt: skip
    gaps = walk.gaps + _file_gaps(artifact, driver, end)
    return Parsed(model, [*_around(artifact, model), *walk.members], tuple(gaps))


def _placed(artifact: Artifact, links: list[Link]) -> Iterator[Link]:
    """Yield the links, with whether the files of external ones lie beside the file."""
    directory: str | None = getattr(artifact.reader, "directory", None)
    for link in links:
        near = directory is not None and bool(link.file) and is_beside(directory, link.file)
        yield link._replace(beside=True) if near else link


def _store(artifact: Artifact, offset: int, version: int) -> tuple[Store, Cursor]:
    at = offset + (13 if version < 2 else 9)
    sizes = artifact.reader.pread(at, 2)
    if len(sizes) < 2 or sizes[0] not in _SIZES or sizes[1] not in _SIZES:
        raise ParseError("an HDF5 superblock with impossible sizes of numbers")
    store = Store(artifact.reader, offset, sizes[0], sizes[1])
    return store, store.upto(0, 24 + 4 + 6 * 8 + 24)


def _roots(cursor: Cursor, version: int, store: Store) -> tuple[int, int, bytes]:
    """Return the end of the file, the root group, and the name of the driver if there is one."""
    driver = b""
    cursor.take((12, 24, 28)[0 if version >= 2 else version + 1])
    base = max(0, cursor.address())
    cursor.address()
    end = store.base + cursor.address() - base
    if version < 2:
        block = cursor.address()
        cursor.address()
        if block >= 0:
            driver = store.upto(block, 16).data[8:16]
    return end, cursor.address(), driver


def _file_gaps(artifact: Artifact, driver: bytes, end: int) -> list[Gap]:
    gaps = []
    if driver in _DRIVERS:
        detail = "the file is one part of several; the others were not read"
        gaps.append(Gap("unsupported", artifact.location(), detail))
    if end > artifact.reader.size:
        missing = end - artifact.reader.size
        detail = f"{missing} bytes are missing at the end"
        hint = "get the file again from its source"
        gaps.append(Gap("truncated", artifact.location(), detail, hint))
    return gaps


def _around(artifact: Artifact, model: Hdf5File) -> list[Member]:
    ranges = [(0, model.offset)] if model.user_block else []
    ranges += [model.trailing] if model.trailing else []
    return [
        Member(
            _KEYS + start,
            f"bytes@{start}",
            partial(SubRangeReader, artifact.reader, start, length),
            guess=True,
        )
        for start, length in ranges
    ]
