"""Where the values of an HDF5 dataset are: in the file, in chunks, in other files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import ParseError
from .bytes import Cursor, Store
from .heaps import GlobalHeaps, LocalHeap
from .model import Filter, Source

_SOURCES = 10_000
_FILTERS = 32
_ARRAYS = {3: ("fixed array", 1), 4: ("extensible array", 5)}


class Layout(NamedTuple):
    """Where a dataset's values are.

    Attributes:
        kind: ``compact``, ``contiguous``, ``chunked``, ``virtual``, or ``unknown``.
        offset: Offset of the values, of a compact or contiguous dataset; -1 when there are none.
        length: Their bytes.
        indexed: Kind of index of the chunks; a number when it is not followed here.
        address: Address of the index, of the chunk, or of the global heap of a virtual dataset.
        rank: Dimensions of a chunk as the layout counts them.
        number: Object number in that heap.
    """

    kind: str
    offset: int = -1
    length: int = 0
    indexed: str = ""
    address: int = -1
    rank: int = 0
    number: int = 0


def read_layout(store: Store, cursor: Cursor) -> Layout:
    """Return what a layout message says.

    Raises:
        ParseError: Its version is not known.
    """
    version = cursor.number(1)
    if version in (1, 2):
        return _old_layout(store, cursor)
    if version not in (3, 4, 5):
        raise ParseError(f"layout version {version} is not known")
    kind = cursor.number(1)
    if kind == 0:
        length = cursor.number(2)
        return Layout("compact", cursor.at, min(length, cursor.left))
    if kind == 1:
        address, length = cursor.address(), cursor.length()
        return Layout("contiguous", store.base + address if address >= 0 else -1, length)
    if kind == 2:
        return _old_chunks(cursor) if version == 3 else _chunks(cursor)
    if kind == 3:
        return Layout("virtual", address=cursor.address(), number=cursor.number(4))
    raise ParseError(f"layout class {kind} is not known")


def _old_layout(store: Store, cursor: Cursor) -> Layout:
    rank, kind = cursor.number(1), cursor.number(1)
    cursor.take(5)
    if kind == 0:
        cursor.take(4 * rank)
        length = cursor.number(4)
        return Layout("compact", cursor.at, min(length, cursor.left))
    address = cursor.address()
    if kind == 1:
        length = 1
        for _ in range(rank):
            length *= cursor.number(4)
        return Layout("contiguous", store.base + address if address >= 0 else -1, length)
    return Layout("chunked", indexed="tree", address=address, rank=rank)


def _old_chunks(cursor: Cursor) -> Layout:
    rank = cursor.number(1)
    return Layout("chunked", indexed="tree", address=cursor.address(), rank=rank)


def _chunks(cursor: Cursor) -> Layout:
    flags, rank, width = cursor.number(1), cursor.number(1), cursor.number(1)
    extent = 1
    for _ in range(rank):
        extent *= cursor.number(width)
    index = cursor.number(1)
    if index == 1:
        filtered = bool(flags & 2)
        length = cursor.length() if filtered else extent
        cursor.take(4 if filtered else 0)
        return Layout(
            "chunked", indexed="single", address=cursor.address(), length=length, rank=rank
        )
    if index == 2:
        return Layout("chunked", indexed="implicit", address=cursor.address(), length=extent)
    if index in _ARRAYS:
        kind, parameters = _ARRAYS[index]
        cursor.take(parameters)
        return Layout("chunked", indexed=kind, address=cursor.address(), length=extent)
    return Layout("chunked", indexed=f"index {index}")


def read_filters(cursor: Cursor) -> tuple[Filter, ...]:
    """Return the filters of a pipeline message.

    Raises:
        ParseError: There are more than HDF5 allows, or the message ends early.
    """
    version, count = cursor.number(1), cursor.number(1)
    if count > _FILTERS or version not in (1, 2):
        raise ParseError(f"a pipeline of {count} filters, version {version}")
    cursor.take(6 if version == 1 else 0)
    return tuple(_filter(cursor, version) for _ in range(count))


def _filter(cursor: Cursor, version: int) -> Filter:
    number = cursor.number(2)
    length = cursor.number(2) if version == 1 or number >= 256 else 0
    cursor.take(2)
    values = cursor.number(2)
    padded = (length + 7) // 8 * 8 if version == 1 else length
    name = cursor.take(padded).partition(b"\0")[0].decode("utf-8", "backslashreplace")
    cursor.take(4 * values + (4 if version == 1 and values & 1 else 0))
    return Filter(number, name)


def read_external(store: Store, cursor: Cursor) -> tuple[Source, ...]:
    """Return the files that an external storage message names.

    Raises:
        ParseError: It names more than are read, or its heap is not there.
    """
    cursor.take(4)
    cursor.take(2)
    used = cursor.number(2)
    if used > _SOURCES:
        raise ParseError(f"external storage in {used} files")
    heap = LocalHeap(store, cursor.address())
    found = []
    for _ in range(used):
        found.append(Source(heap.name(cursor.length()), ""))
        cursor.take(2 * store.length_size)
    return tuple(found)


def read_virtual(store: Store, heaps: GlobalHeaps, layout: Layout) -> tuple[Source, ...]:
    """Return the datasets that a virtual dataset is put together from.

    Raises:
        ParseError: The list is not there or cannot be followed.
    """
    if layout.address < 0:
        return ()
    offset, length = heaps.find(layout.address, layout.number)
    cursor = store.read(offset - store.base, length)
    version = cursor.number(1)
    count = cursor.length()
    if version > 1 or count > _SOURCES:
        raise ParseError(f"a virtual dataset of {count} sources, version {version}")
    return tuple(_sources(cursor, count, version))


def _sources(cursor: Cursor, count: int, version: int) -> Iterator[Source]:
    files: list[str] = []
    paths: list[str] = []
    for _ in range(count):
        flags = cursor.number(1) if version else 0
        file = "." if flags & 4 else _shared(cursor, flags & 1, files)
        path = _shared(cursor, flags & 2, paths)
        files.append(file)
        paths.append(path)
        _selection(cursor)
        _selection(cursor)
        yield Source(file, path)


def _shared(cursor: Cursor, flag: int, known: list[str]) -> str:
    if not flag:
        return cursor.name()
    index = cursor.length()
    if index >= len(known):
        raise ParseError("a virtual dataset refers to a name that is not there")
    return known[index]


def _selection(cursor: Cursor) -> None:
    """Step over a selection of a dataset's elements."""
    kind, version = cursor.number(4), cursor.number(4)
    if kind in (0, 3) or (kind in (1, 2) and version == 1):
        cursor.take(4)
        cursor.take(cursor.number(4))
    elif kind == 2 and version == 2:
        cursor.take(1)
        cursor.take(cursor.number(4))
    elif kind == 2 and version == 3:
        flags, size, rank = cursor.number(1), cursor.number(1), cursor.number(4)
        blocks = 2 if flags & 1 else cursor.number(size)
        cursor.take(blocks * 2 * rank * size)
    else:
        raise ParseError(f"a selection of kind {kind}, version {version} is not known")
