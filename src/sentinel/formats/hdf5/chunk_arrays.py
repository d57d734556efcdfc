"""HDF5's newer indexes of chunks: arrays whose length is fixed, or grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import ParseError, UnsupportedError
from .bytes import Cursor, Store

_MOST = 1_000_000
_BLOCKS = 10_000

Place = tuple[int, int, int]
"""``(address, bytes, filter mask)`` of a chunk."""


class _Entries(NamedTuple):
    filtered: bool
    size: int
    extent: int


def fixed_array(store: Store, address: int, extent: int) -> Iterator[Place]:
    """Yield the places of the chunks of a fixed array.

    Args:
        store: The file.
        address: Address of the array's header.
        extent: Bytes of a chunk that went through no filter.

    Raises:
        ParseError: There is no such array, or it is longer than is read.
    """
    head = store.signed(address, 8 + store.length_size + store.offset_size, b"FAHD")
    head.take(1)
    entries = _Entries(head.number(1) == 1, head.number(1), extent)
    page, count, block = head.number(1), head.length(), head.address()
    if count > _MOST or page > 32:
        raise ParseError(f"an array of {count} chunks")
    if block < 0:
        return
    start = block + 6 + store.offset_size
    store.signed(block, 6 + store.offset_size, b"FADB")
    if count <= 1 << page:
        yield from _entries(store.read(start, count * entries.size), count, entries)
        return
    each = 1 << page
    pages = (count + each - 1) // each
    bits = store.read(start, (pages + 7) // 8).data
    start += len(bits) + 4
    for number in range(pages):
        used = min(count - number * each, each)
        if bits[number >> 3] & 0x80 >> (number & 7):  # others were never written
            yield from _entries(store.read(start, used * entries.size), used, entries)
        start += each * entries.size + 4


def _entries(cursor: Cursor, count: int, entries: _Entries) -> Iterator[Place]:
    for _ in range(count):
        entry = cursor.sub(entries.size)
        address = entry.address()
        length, mask = entries.extent, 0
        if entries.filtered:
            length, mask = entry.number(max(0, entry.left - 4)), entry.number(4)
        if address >= 0:
            yield address, length, mask


def extensible_array(store: Store, address: int, extent: int) -> Iterator[Place]:
    """Yield the places of the chunks of an array that grows; arguments and errors as above."""
    head = store.signed(address, 12 + 6 * store.length_size + store.offset_size, b"EAHD")
    head.take(1)
    entries = _Entries(head.number(1) == 1, head.number(1), extent)
    bits, direct, least, pointers, page = (head.number(1) for _ in range(5))
    head.take(6 * store.length_size)
    block = head.address()
    if bits > 64 or not least or pointers not in (2, 4, 8, 16, 32, 64) or page > 32:
        raise ParseError("an array of impossible sizes")
    if block < 0:
        return
    levels = 2 * (pointers.bit_length() - 1)
    blocks = 2 * (pointers - 1)
    more = max(0, 1 + bits - (least.bit_length() - 1) - levels)
    prefix = 6 + store.offset_size
    size = prefix + direct * entries.size + (blocks + more) * store.offset_size
    index = store.signed(block, size, b"EAIB")
    index.take(prefix - 4)
    yield from _entries(index, direct, entries)
    offset_bytes = (bits + 7) // 8
    for level in range(levels):
        for _ in range(1 << level // 2):
            count = least << (level + 1) // 2
            yield from _block(store, index.address(), count, page, offset_bytes, entries)
    for level in range(levels, levels + more):
        yield from _super(store, index.address(), level, least, page, offset_bytes, entries)


def _block(
    store: Store, address: int, count: int, page: int, offset_bytes: int, entries: _Entries
) -> Iterator[Place]:
    if address < 0:
        return
    if count > 1 << page:
        raise UnsupportedError("an array of chunks in pages is not followed")
    start = 6 + store.offset_size + offset_bytes
    cursor = store.signed(address, start + count * entries.size, b"EADB")
    cursor.take(start - 4)
    yield from _entries(cursor, count, entries)


def _super(
    store: Store,
    address: int,
    level: int,
    least: int,
    page: int,
    offset_bytes: int,
    entries: _Entries,
) -> Iterator[Place]:
    if address < 0:
        return
    blocks, count = 1 << level // 2, least << (level + 1) // 2
    if count > 1 << page or blocks > _BLOCKS:
        raise UnsupportedError("an array of chunks in pages is not followed")
    start = 6 + store.offset_size + offset_bytes
    cursor = store.signed(address, start + blocks * store.offset_size, b"EASB")
    cursor.take(start - 4)
    for _ in range(blocks):
        yield from _block(store, cursor.address(), count, page, offset_bytes, entries)
