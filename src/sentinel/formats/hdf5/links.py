"""The names within an HDF5 group, old and new, compact and dense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import LimitExceeded, ParseError
from .btree import leaves_of_group, read_records
from .bytes import Cursor, Store, text_of
from .heaps import FractalHeap, LocalHeap
from .objects import LINK, LINK_INFO, SYMBOLS, Message

_LINK_RECORD = 5
_NAMES = 1_000_000


class Name(NamedTuple):
    """One name in a group.

    Attributes:
        name: The name.
        kind: ``hard``, ``soft``, ``external`` or ``user``.
        address: Address of the object, for a hard link.
        file: File that an external link names.
        target: Path that a soft or external link leads to.
    """

    name: str
    kind: str
    address: int = -1
    file: str = ""
    target: str = ""


def names_in(store: Store, messages: list[Message]) -> Iterator[Name]:
    """Yield the names that the messages of a group's header give.

    Raises:
        ParseError: Something in the group is not what it should be.
        LimitExceeded: It has more names than are read.
    """
    for message in messages:
        if message.type == SYMBOLS:
            yield from _old_group(store, message.body.address(), message.body.address())
        elif message.type == LINK:
            yield _link(message.body)
        elif message.type == LINK_INFO:
            yield from _dense(store, message.body)


def _old_group(store: Store, tree: int, heap_address: int) -> Iterator[Name]:
    heap = LocalHeap(store, heap_address)
    seen: set[int] = set()
    count = 0
    for node in leaves_of_group(store, tree):
        if node in seen:
            continue
        seen.add(node)
        head = store.signed(node, 8, b"SNOD")
        head.take(2)
        number = head.number(2)
        count += number
        if count > _NAMES:
            raise LimitExceeded(f"a group of more than {_NAMES} names")
        body = store.read(node + 8, number * (24 + 2 * store.offset_size))
        for _ in range(number):
            yield _symbol(body, heap)


def _symbol(cursor: Cursor, heap: LocalHeap) -> Name:
    name = heap.name(cursor.number(cursor.offset_size))
    address, cached = cursor.address(), cursor.number(4)
    cursor.take(4)
    scratch = cursor.sub(16)
    if cached == 2:
        return Name(name, "soft", target=heap.name(scratch.number(4)))
    return Name(name, "hard", address)


def _dense(store: Store, cursor: Cursor) -> Iterator[Name]:
    cursor.take(1)
    cursor.take(8 if cursor.number(1) & 1 else 0)
    heap_address, tree = cursor.address(), cursor.address()
    if heap_address < 0:
        return
    heap = FractalHeap(store, heap_address)
    records = read_records(store, tree)
    if records.type != _LINK_RECORD:
        raise ParseError("a group's tree is of another kind")
    for record in records.each:
        record.take(4)
        yield _link(heap.find(record.take(record.left)))


def _link(cursor: Cursor) -> Name:
    if cursor.number(1) != 1:
        raise ParseError("a link of an unknown version")
    flags = cursor.number(1)
    kind = cursor.number(1) if flags & 8 else 0
    cursor.take((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = text_of(cursor.take(cursor.number(1 << (flags & 3))))
    if kind == 0:
        return Name(name, "hard", cursor.address())
    value = cursor.sub(cursor.number(2))
    if kind == 1:
        return Name(name, "soft", target=text_of(value.data))
    if kind != 64:
        return Name(name, "user", target=f"link class {kind}")
    value.take(1)
    file, _, rest = value.data[1:].partition(b"\0")
    return Name(name, "external", file=text_of(file), target=text_of(rest.partition(b"\0")[0]))
