"""The attributes of an HDF5 object, in its header or in a heap, and where their values are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import ParseError
from .btree import read_records
from .bytes import Cursor, Store, text_of
from .datatype import Datatype, count_of, read_dataspace, read_datatype
from .heaps import FractalHeap, GlobalHeaps
from .objects import ATTRIBUTE, ATTRIBUTE_INFO, DATASPACE, DATATYPE, Message, shared_body

_NAME_RECORD = 8
_MOST_VALUES = 64


class Found(NamedTuple):
    """One attribute as it stands in the file.

    Attributes:
        name: Its name.
        type: Its type.
        shape: Its extents; None when it holds nothing.
        value: Cursor over its bytes.
    """

    name: str
    type: Datatype
    shape: tuple[int, ...] | None
    value: Cursor


def attributes_in(store: Store, messages: list[Message]) -> Iterator[Found | ParseError]:
    """Yield the attributes that the messages of an object give; an error for one that is broken.

    Raises:
        ParseError: The heap they are in cannot be read.
        LimitExceeded: There are more than are read.
    """
    for message in messages:
        if message.type == ATTRIBUTE:
            yield _safely(store, message.body, message.shared)
        elif message.type == ATTRIBUTE_INFO:
            yield from _dense(store, message.body)


def _dense(store: Store, cursor: Cursor) -> Iterator[Found | ParseError]:
    cursor.take(1)
    cursor.take(2 if cursor.number(1) & 1 else 0)
    heap_address, tree = cursor.address(), cursor.address()
    if heap_address < 0:
        return
    heap = FractalHeap(store, heap_address)
    records = read_records(store, tree)
    if records.type != _NAME_RECORD:
        raise ParseError("an object's tree of attributes is of another kind")
    for record in records.each:
        identity = record.take(8)
        if record.number(1) & 2:
            yield ParseError("an attribute in the file's table of shared messages is not followed")
            continue
        try:
            found = heap.find(identity)
        except ParseError as error:
            yield error
        else:
            yield _safely(store, found, False)


def _safely(store: Store, cursor: Cursor, shared: bool) -> Found | ParseError:
    if shared:
        return ParseError("an attribute in the file's table of shared messages is not followed")
    try:
        return _attribute(store, cursor)
    except ParseError as error:
        return error


def _attribute(store: Store, cursor: Cursor) -> Found:
    version, flags = cursor.number(1), cursor.number(1)
    if not 1 <= version <= 3:
        raise ParseError(f"attribute version {version} is not known")
    flags = flags if version > 1 else 0
    sizes = [cursor.number(2) for _ in range(3)]
    if version == 3:
        cursor.take(1)
    name_part, type_part, space_part = (
        cursor.sub(min(cursor.left, (size + 7) // 8 * 8) if version == 1 else size)
        for size in sizes
    )
    name = text_of(name_part.data[: sizes[0]].partition(b"\0")[0])
    if flags & 1:
        type_part = shared_body(store, type_part, DATATYPE)
    if flags & 2:
        space_part = shared_body(store, space_part, DATASPACE)
    return Found(name, read_datatype(type_part), read_dataspace(space_part), cursor)


def byte_ranges(found: Found, heaps: GlobalHeaps) -> Iterator[tuple[int, int]]:
    """Yield ``(offset in the file, length)`` of each value that is text or bytes.

    Values beyond the first 64 of one attribute are left out, which is what its caller says.
    An attribute of numbers has none; one of single bytes is one value.
    """
    kind, count = found.type, count_of(found.shape)
    if kind.kind in ("string", "opaque", "compound", "array"):
        if kind.kind in ("string", "opaque") or kind.holds_bytes:
            for index in range(min(count, _MOST_VALUES)):
                if (index + 1) * kind.size <= found.value.left and found.value.place:
                    yield found.value.at + index * kind.size, kind.size
    elif kind.kind == "vlen" and kind.base is not None:
        yield from sequences(found.value, kind, min(count, _MOST_VALUES), heaps)
    elif kind.size == 1 and found.value.place:
        yield found.value.at, min(count, found.value.left)


def sequences(
    cursor: Cursor, kind: Datatype, count: int, heaps: GlobalHeaps
) -> Iterator[tuple[int, int]]:
    """Yield ``(offset in the file, length)`` of sequences of text or bytes.

    Args:
        cursor: Stands at the first of their places in the heap.
        kind: Their type.
        count: How many there are.
        heaps: Where they are.
    """
    if kind.base is None or not (kind.text or kind.base.size == 1 or kind.base.kind == "string"):
        return
    for _ in range(count):
        if cursor.left < 8 + cursor.offset_size:
            return
        length, address, index = cursor.number(4), cursor.address(), cursor.number(4)
        if length and address > 0 and index:
            offset, size = heaps.find(address, index)
            yield offset, min(size, length * max(1, kind.base.size))
