"""HDF5's heaps: names of old groups, strings of any length, the links of large groups."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import ParseError
from .btree import Records, read_records
from .bytes import Cursor, Store, encoded_size

_MOST_OBJECTS = 1_000_000
_MOST_ROWS = 64


class LocalHeap:
    """The names of an old group, or of the files of a dataset.

    Args:
        store: The file.
        address: Address of the heap.

    Raises:
        ParseError: There is none.
    """

    def __init__(self, store: Store, address: int) -> None:
        head = store.signed(address, 8 + 2 * store.length_size + store.offset_size, b"HEAP")
        head.take(4)
        size = head.length()
        head.length()
        self._data = store.read(head.address(), size).data

    def name(self, offset: int) -> str:
        """Return the text at an offset of the heap."""
        if offset >= len(self._data):
            raise ParseError("a name outside of its heap")
        end = self._data.find(b"\0", offset)
        raw = self._data[offset : end if end >= 0 else len(self._data)]
        return raw.decode("utf-8", "backslashreplace")


class GlobalHeaps:
    """Strings and sequences of any length; each collection is looked through once.

    Args:
        store: The file.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, dict[int, tuple[int, int]]] = {}
        self._objects = 0

    def find(self, address: int, index: int) -> tuple[int, int]:
        """Return ``(offset in the file, length)`` of an object.

        Raises:
            ParseError: There is no such object.
        """
        if address not in self._known:
            self._known[address] = {}
            self._known[address] = self._collection(address)
        found = self._known[address].get(index)
        if found is None:
            raise ParseError("a value that is not in its heap")
        return found

    def _collection(self, address: int) -> dict[int, tuple[int, int]]:
        store = self._store
        head = store.signed(address, 8 + store.length_size, b"GCOL")
        head.take(4)
        end = address + head.length()
        at, step = address + 8 + store.length_size, 8 + store.length_size
        found: dict[int, tuple[int, int]] = {}
        while at + step <= end and self._objects < _MOST_OBJECTS:
            item = store.read(at, step)
            index = item.number(2)
            item.take(6)
            size = item.length()
            if not index:
                break
            self._objects += 1
            found[index] = (store.base + at + step, size)
            at += step + (size + 7) // 8 * 8
        return found


class _Shape(NamedTuple):
    width: int
    start: int
    largest: int
    offset_bytes: int
    rows: int
    root: int


class FractalHeap:
    """The heap of links and attributes that did not fit their object's header.

    Args:
        store: The file.
        address: Address of its header.

    Raises:
        ParseError: There is none, or it is compressed.
    """

    def __init__(self, store: Store, address: int) -> None:
        size = 22 + 12 * store.length_size + 3 * store.offset_size
        head = store.signed(address, size, b"FRHP")
        head.take(1)
        self._store = store
        self._id_length, filters = head.number(2), head.number(2)
        head.take(1)
        largest_object = head.number(4)
        head.length()
        self._huge_index = head.address()
        head.length()
        head.address()
        for _ in range(8):
            head.length()
        width, start, largest = head.number(2), head.length(), head.length()
        bits = head.number(2)
        head.take(2)
        root, rows = head.address(), head.number(2)
        if filters:
            raise ParseError("a compressed heap is not read")
        if not width or not start or width & (width - 1) or start & (start - 1) or bits > 64:
            raise ParseError("a heap of impossible sizes")
        self._shape = _Shape(width, start, largest, (bits + 7) // 8, rows, root)
        block = (largest.bit_length() + 6) // 8
        self._length_bytes = min(max(1, block), encoded_size(largest_object))
        self._huge: dict[int, tuple[int, int]] | None = None

    def find(self, identity: bytes) -> Cursor:
        """Return a cursor over the object that a heap ID stands for."""
        if not identity:
            raise ParseError("an empty heap ID")
        kind = identity[0] >> 4 & 3
        if kind == 0:
            return self._managed(identity)
        if kind == 1:
            return self._huge_object(identity)
        if kind == 2:
            length = (identity[0] & 15) + 1
            store = self._store
            return Cursor(identity[1 : 1 + length], store.offset_size, store.length_size)
        raise ParseError("a heap ID of an unknown kind")

    def _managed(self, identity: bytes) -> Cursor:
        split = 1 + self._shape.offset_bytes
        offset = int.from_bytes(identity[1:split], "little")
        length = int.from_bytes(identity[split : split + self._length_bytes], "little")
        shape = self._shape
        if not shape.rows:
            return self._store.read(shape.root + offset, length)
        address, within = self._block(shape.root, shape.rows, offset)
        return self._store.read(address + within, length)

    def _block(self, address: int, rows: int, offset: int) -> tuple[int, int]:
        """Return the address of the direct block that holds an offset, and the offset within."""
        shape, store = self._shape, self._store
        direct_rows = max(0, shape.largest.bit_length() - shape.start.bit_length()) + 2
        for _ in range(_MOST_ROWS):
            head = 5 + store.offset_size + shape.offset_bytes
            row, size = 0, shape.start
            while offset >= shape.width * size:
                offset -= shape.width * size
                row += 1
                size = shape.start << max(0, row - 1)
                if row >= rows:
                    raise ParseError("a heap ID outside of its heap")
            column, offset = divmod(offset, size)
            entry = head + (row * shape.width + column) * store.offset_size
            store.signed(address, 4, b"FHIB")
            address = store.read(address + entry, store.offset_size).address()
            if row < direct_rows:
                return address, offset
            rows = size.bit_length() - (shape.start * shape.width).bit_length() + 1
        raise ParseError("a heap of too many rows")

    def _huge_object(self, identity: bytes) -> Cursor:
        store = self._store
        if self._id_length - 1 >= store.offset_size + store.length_size:
            cursor = Cursor(identity[1:], store.offset_size, store.length_size)
            return store.read(cursor.address(), cursor.length())
        if self._huge is None:
            self._huge = _huge_objects(read_records(store, self._huge_index))
        number = int.from_bytes(identity[1 : 1 + store.length_size], "little")
        found = self._huge.get(number)
        if found is None:
            raise ParseError("an object that is not in its heap")
        return store.read(*found)


def _huge_objects(records: Records) -> dict[int, tuple[int, int]]:
    found = {}
    if records.type != 1:
        raise ParseError("compressed objects of a heap are not read")
    for record in records.each:
        address, length = record.address(), record.length()
        found[record.length()] = (address, length)
    return found
