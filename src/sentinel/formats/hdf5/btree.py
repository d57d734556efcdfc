"""HDF5's trees: the old one of groups and chunks, and the newer one of large objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import LimitExceeded, ParseError
from .bytes import Cursor, Store, encoded_size

_MOST_NODES = 200_000
_DEEPEST = 32


def leaves_of_group(store: Store, address: int) -> Iterator[int]:
    """Yield the addresses of the symbol nodes of an old group.

    Raises:
        ParseError: A node is not one.
        LimitExceeded: There are more nodes than are read.
    """
    for _, child in _walk(store, address, 0, store.length_size):
        yield child


def chunks_of(store: Store, address: int, rank: int) -> Iterator[tuple[int, int, int]]:
    """Yield ``(address, bytes, filter mask)`` of the chunks below an old tree.

    Args:
        store: The file.
        address: Address of the tree.
        rank: Dimensions as the layout counts them, one more than the dataset has.
    """
    for key, child in _walk(store, address, 1, 8 + 8 * rank):
        yield child, int.from_bytes(key[:4], "little"), int.from_bytes(key[4:8], "little")


def _walk(store: Store, address: int, kind: int, key_size: int) -> Iterator[tuple[bytes, int]]:
    pending, seen = [address], {address}
    while pending:
        node = pending.pop()
        size = 8 + 2 * store.offset_size
        head = store.signed(node, size, b"TREE")
        found, level, used = head.number(1), head.number(1), head.number(2)
        if found != kind:
            raise ParseError("a tree of another kind")
        body = store.read(node + size, used * (key_size + store.offset_size))
        entries = [(body.take(key_size), body.address()) for _ in range(used)]
        if not level:
            yield from entries
            continue
        fresh = [child for _, child in entries if child not in seen]
        seen.update(fresh)
        pending += reversed(fresh)
        if len(seen) > _MOST_NODES:
            raise LimitExceeded(f"a tree of more than {_MOST_NODES} nodes")


class Records(NamedTuple):
    """The records of a newer tree: their type and a cursor over each."""

    type: int
    each: Iterator[Cursor]


class _Tree(NamedTuple):
    type: int
    node_size: int
    record_size: int
    depth: int
    root: int
    used: int


def read_records(store: Store, address: int) -> Records:
    """Return the records of a newer tree, in no order that matters.

    Raises:
        ParseError: There is none.
    """
    head = store.signed(address, 18 + store.offset_size + store.length_size, b"BTHD")
    head.take(1)
    kind, node_size, record_size = head.number(1), head.number(4), head.number(2)
    depth = head.number(2)
    head.take(2)
    root, count = head.address(), head.number(2)
    tree = _Tree(kind, node_size, record_size, depth, root, count)
    if depth > _DEEPEST or not record_size or node_size < record_size + 10:
        raise ParseError("a tree of impossible sizes")
    return Records(kind, iter(()) if root < 0 else _records(store, tree))


def _records(store: Store, tree: _Tree) -> Iterator[Cursor]:
    counts, totals = _widths(store, tree)
    pending, seen = [(tree.root, tree.used, tree.depth)], {tree.root}
    while pending:
        address, count, depth = pending.pop()
        pointer = store.offset_size + counts + totals[depth] if depth else 0
        length = 6 + count * tree.record_size + (count + 1) * pointer
        node = store.signed(address, length, b"BTIN" if depth else b"BTLF")
        node.take(2)
        for _ in range(count):
            yield node.sub(tree.record_size)
        for _ in range(count + 1 if depth else 0):
            child, below = node.address(), node.number(counts)
            node.take(totals[depth])
            if child not in seen:
                seen.add(child)
                pending.append((child, below, depth - 1))
        if len(seen) > _MOST_NODES:
            raise LimitExceeded(f"a tree of more than {_MOST_NODES} nodes")


def _widths(store: Store, tree: _Tree) -> tuple[int, list[int]]:
    """Return the bytes of a child's count, and of its total by the depth of the node above."""
    most = (tree.node_size - 10) // tree.record_size
    counts = encoded_size(most)
    totals, below, width = [0], most, 0
    for _ in range(tree.depth):
        totals.append(width)
        pointer = store.offset_size + counts + width
        fits = max(0, (tree.node_size - 10 - pointer) // (tree.record_size + pointer))
        below = (fits + 1) * below + fits
        width = encoded_size(below)
    return counts, totals
