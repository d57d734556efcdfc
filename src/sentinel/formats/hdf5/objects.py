"""HDF5's object headers: the messages that describe a group, a dataset or a type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import LimitExceeded, ParseError
from .bytes import Cursor, Store

DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL, LAYOUT = 0x01, 0x02, 0x03, 0x06, 0x07, 0x08
FILTERS, ATTRIBUTE, CONTINUATION, SYMBOLS, DRIVER, ATTRIBUTE_INFO = (
    0x0B,
    0x0C,
    0x10,
    0x11,
    0x14,
    0x15,
)
_SHARED = 2
_MOST_MESSAGES = 100_000
_MOST_BLOCKS = 10_000


class Message(NamedTuple):
    """One message of an object header.

    Attributes:
        type: Its number.
        shared: True when the body only says where the message really is.
        body: Its bytes.
    """

    type: int
    shared: bool
    body: Cursor


class _Block(NamedTuple):
    cursor: Cursor
    version: int
    ordered: bool


def read_messages(store: Store, address: int) -> Iterator[Message]:
    """Yield the messages of an object header, its continuation blocks included.

    Raises:
        ParseError: There is no object header at that address.
        LimitExceeded: It has more blocks or messages than are read.
    """
    block = _first(store, address)
    pending, seen, count = [block], {address}, 0
    while pending:
        block = pending.pop()
        for message in _in_block(block):
            count += 1
            if count > _MOST_MESSAGES or len(seen) > _MOST_BLOCKS:
                raise LimitExceeded("an HDF5 object with more messages than are read")
            if message.type == CONTINUATION:
                start, length = message.body.address(), message.body.length()
                if start not in seen:
                    seen.add(start)
                    pending.append(_continued(store, block, start, length))
            elif message.type:
                yield message


def _first(store: Store, address: int) -> _Block:
    head = store.upto(address, 16)
    if head.data[:4] == b"OHDR":
        return _second_version(store, address)
    if head.number(1) != 1:
        raise ParseError(f"no object header at address {address}")
    head.take(7)
    size = head.number(4)
    return _Block(store.upto(address + 16, size), 1, False)


def _second_version(store: Store, address: int) -> _Block:
    head = store.upto(address, 34)
    head.take(4)
    version, flags = head.number(1), head.number(1)
    if version != 2:
        raise ParseError(f"object header version {version} is not known")
    head.take((16 if flags & 32 else 0) + (4 if flags & 16 else 0))
    size = head.number(1 << (flags & 3))
    return _Block(store.read(address + head.position, size), 2, bool(flags & 4))


def _continued(store: Store, block: _Block, start: int, length: int) -> _Block:
    if block.version == 1:
        return _Block(store.read(start, length), 1, False)
    cursor = store.signed(start, length, b"OCHK")
    return _Block(cursor.sub(max(0, length - 8)), 2, block.ordered)


def _in_block(block: _Block) -> Iterator[Message]:
    cursor = block.cursor
    head = 8 if block.version == 1 else 6 if block.ordered else 4
    while cursor.left >= head:
        if block.version == 1:
            kind, size, flags = cursor.number(2), cursor.number(2), cursor.number(1)
        else:
            kind, size, flags = cursor.number(1), cursor.number(2), cursor.number(1)
        cursor.take(3 if block.version == 1 else 2 if block.ordered else 0)
        yield Message(kind, bool(flags & _SHARED), cursor.sub(size))


def resolve(store: Store, message: Message) -> Cursor:
    """Return the body of a message, wherever it is kept.

    Raises:
        ParseError: It is kept where this reader does not look.
    """
    return shared_body(store, message.body, message.type) if message.shared else message.body


def shared_body(store: Store, cursor: Cursor, kind: int) -> Cursor:
    """Return the body that a shared message stands for: that of a committed datatype.

    Raises:
        ParseError: It is not there, or in the file's table of shared messages.
    """
    version, where = cursor.number(1), cursor.number(1)
    if version == 3 and where == 1:
        raise ParseError("a message in the file's table of shared messages is not followed")
    if version == 1:
        cursor.take(6)
    address = cursor.address()
    for message in read_messages(store, address):
        if message.type == kind and not message.shared:
            return message.body
    raise ParseError("a shared message that is not there")
