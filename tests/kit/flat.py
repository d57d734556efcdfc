"""Writes FlatBuffers after the page on their internals: tables, vectors, strings and numbers."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

Fields = Mapping[int, Any]
"""A table: field number to a number after its width (``(4, 7)``), text, bytes, table or list."""


class Longs(list[int]):
    """A vector of numbers of eight bytes."""


class _Builder:
    def __init__(self) -> None:
        self.data = bytearray()

    def align(self, width: int = 8) -> None:
        self.data += bytes(-len(self.data) % width)

    def number(self, value: int, width: int) -> None:
        self.data += (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")

    def point(self, at: int, to: int) -> None:
        """Set the offset at a place to what lies at another."""
        self.data[at : at + 4] = struct.pack("<I", to - at)

    def held(self, value: Any) -> int:
        """Write what is held by an offset; return where."""
        if isinstance(value, Mapping):
            return self.table(value)
        self.align()
        if isinstance(value, Longs):
            self.data += bytes(4)  # the numbers are aligned, not their count
            self.number(len(value), 4)
            for item in value:
                self.number(item, 8)
            return len(self.data) - 8 * len(value) - 4
        at = len(self.data)
        if isinstance(value, str | bytes):
            raw = value.encode() if isinstance(value, str) else value
            self.number(len(raw), 4)
            self.data += raw + b"\0"
            return at
        self.number(len(value), 4)
        for item in value:
            self.number(item if isinstance(item, int) else 0, 4)
        for place, item in enumerate(value):
            if not isinstance(item, int):
                self.point(at + 4 + 4 * place, self.held(item))
        return at

    def table(self, fields: Fields) -> int:
        """Write a table after its layout; return where it starts."""
        self.align()
        layout = len(self.data)
        count = max(fields, default=-1) + 1
        self.number(4 + 2 * count, 2)
        self.number(8 + 8 * len(fields), 2)
        places = {number: 8 + 8 * place for place, number in enumerate(fields)}
        for number in range(count):
            self.number(places.get(number, 0), 2)
        self.align()
        start = len(self.data)
        self.number(start - layout, 8)
        for value in fields.values():
            numeric = isinstance(value, tuple)
            self.number(value[1] if numeric else 0, 8)
        for number, value in fields.items():
            if not isinstance(value, tuple):
                self.point(start + places[number], self.held(value))
        return start


def flat(root: Fields, identifier: bytes = b"") -> bytes:
    """Return a file with a root table."""
    builder = _Builder()
    builder.data += bytes(4) + identifier.ljust(4, b"\0")
    builder.point(0, builder.table(root))
    return bytes(builder.data)


def lite(codes: list[Fields], graphs: list[Fields], buffers: list[Fields] | None = None) -> bytes:
    """Return a TensorFlow Lite file."""
    held = [{}] if buffers is None else buffers
    return flat({0: (4, 3), 1: codes, 2: graphs, 3: "kit", 4: held}, b"TFL3")


def lite_graph(*operators: Fields, buffer: int = 0) -> Fields:
    """Return a graph of two tensors."""
    tensors = [{0: [1, 4], 2: (4, buffer), 3: name} for name in ("x", "y")]
    return {0: tensors, 1: [0], 2: [1], 3: list(operators)}


def lite_operator(kind: int = 0, **more: Any) -> Fields:
    """Return a use of an operator from the first tensor to the second."""
    fields = {0: (4, kind), 1: more.pop("inputs", [0]), 2: [1]}
    return fields | {int(number.removeprefix("f")): value for number, value in more.items()}


def custom(name: str) -> Fields:
    """Return a custom operator."""
    return {0: (1, 32), 1: name, 3: (4, 32)}


RELU: Fields = {0: (1, 19), 3: (4, 19)}
"""A built-in operator."""
