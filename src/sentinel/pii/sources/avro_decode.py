"""Decoding of Avro's binary encoding into columns of text, within bounds."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import LimitExceeded, ParseError

_DEEPEST = 64
_MOST_COLUMNS = 4096
_LONGEST_NAME = 100
_MOST_EMPTY = 1_000_000
_FIXED = {"null": 0, "boolean": 1, "float": 4, "double": 8}

Cells = dict[str, list[str]]
Step = Callable[["Decoder", bytes, int, str, int], int]
"""Takes ``(decoder, data, position, path, depth)``; returns the position behind the value."""


def long_at(data: bytes, at: int) -> tuple[int, int]:
    """Return a zigzag number and the position behind it.

    Raises:
        ParseError: It ends nowhere, or has more than 64 bits.
    """
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ParseError("Avro: a malformed number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


class Decoder:
    """Decodes records one after another.

    Args:
        step: What ``compiled`` made of the schema.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._cells: Cells = {}
        self._empty = 0

    def records(self, data: bytes, at: int, count: int) -> int:
        """Decode some records; return the position behind them.

        Raises:
            ParseError: They are malformed.
            LimitExceeded: They are nested too deeply, or there are too many that take no bytes.
        """
        for _ in range(count):
            before = at
            at = self._step(self, data, at, "", 0)
            if at == before:
                self.spend_empty()
        return at

    def taken(self) -> Cells:
        """Return what was gathered since the last call, by path."""
        cells, self._cells = self._cells, {}
        return cells

    def add(self, path: str, text: str) -> None:
        """Take in a value."""
        known = self._cells.get(path)
        if known is not None:
            known.append(text)
        elif len(self._cells) < _MOST_COLUMNS:
            self._cells[path] = [text]

    def spend_empty(self) -> None:
        """Count a value that takes no bytes."""
        self._empty += 1
        if self._empty > _MOST_EMPTY:
            raise LimitExceeded(f"more than {_MOST_EMPTY} Avro values that take no bytes")


def compiled(schema: object) -> Step:
    """Return what decodes values of a schema.

    Raises:
        ParseError: It is no schema.
    """
    return _compile(schema, {}, 0)


def _compile(schema: object, named: dict[str, Step], depth: int) -> Step:
    if depth > _DEEPEST:
        raise ParseError("Avro: a schema nested too deeply")
    if isinstance(schema, list):
        return _union([_compile(one, named, depth + 1) for one in schema])
    if isinstance(schema, str):
        return _plain(schema, named)
    if not isinstance(schema, dict):
        raise ParseError("Avro: a malformed schema")
    kind = schema.get("type")
    if kind in ("record", "error"):
        return _record(schema, named, depth)
    if kind == "array":
        return _blocks(_compile(schema.get("items"), named, depth + 1), keyed=False)
    if kind == "map":
        return _blocks(_compile(schema.get("values"), named, depth + 1), keyed=True)
    if kind in ("enum", "fixed"):
        step = _enum if kind == "enum" else _skip(_size(schema.get("size")))
        named[_name(schema)] = step
        return step
    return _compile(kind, named, depth + 1)


def _name(schema: dict[str, object]) -> str:
    return str(schema.get("name", "")).rpartition(".")[2]


def _size(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ParseError("Avro: a malformed schema")
    return value


def _plain(kind: str, named: dict[str, Step]) -> Step:
    if kind in _FIXED:
        return _skip(_FIXED[kind])
    if kind in ("int", "long"):
        return _number
    if kind == "string":
        return _string
    if kind == "bytes":
        return _bytes
    step = named.get(kind.rpartition(".")[2])
    if step is None:
        raise ParseError("Avro: a type that the schema does not define")
    return step


def _skip(size: int) -> Step:
    def step(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
        if at + size > len(data):
            raise ParseError("Avro: a block ends within a value")
        return at + size

    return step


def _number(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
    value, at = long_at(data, at)
    decoder.add(path, str(value))
    return at


def _enum(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
    return long_at(data, at)[1]


def _raw(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = long_at(data, at)
    if not 0 <= length <= len(data) - at:
        raise ParseError("Avro: a block ends within a value")
    return data[at : at + length], at + length


def _string(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
    raw, at = _raw(data, at)
    decoder.add(path, raw.decode("utf-8", "replace"))
    return at


def _bytes(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
    from .pickled import text_of_bytes

    raw, at = _raw(data, at)
    decoder.add(path, text_of_bytes(raw).decode("utf-8", "replace"))
    return at


def _union(steps: list[Step]) -> Step:
    def step(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
        index, at = long_at(data, at)
        if not 0 <= index < len(steps):
            raise ParseError("Avro: a union without that branch")
        return steps[index](decoder, data, at, path, depth)

    return step


def _record(schema: dict[str, object], named: dict[str, Step], depth: int) -> Step:
    parts: list[tuple[str, Step]] = []

    def step(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
        if depth > _DEEPEST:
            raise LimitExceeded(f"Avro records nested deeper than {_DEEPEST}")
        for name, part in parts:
            before = at
            at = part(decoder, data, at, f"{path}.{name}" if path else name, depth + 1)
            if at == before:
                decoder.spend_empty()
        return at

    named[_name(schema)] = step  # before its fields: a record may hold others of its kind
    fields = schema.get("fields")
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        raise ParseError("Avro: a malformed schema")
    for field in fields:
        short = str(field.get("name", ""))[:_LONGEST_NAME]
        parts.append((short, _compile(field.get("type"), named, depth + 1)))
    return step


def _blocks(item: Step, *, keyed: bool) -> Step:
    def step(decoder: Decoder, data: bytes, at: int, path: str, depth: int) -> int:
        if depth > _DEEPEST:
            raise LimitExceeded(f"Avro values nested deeper than {_DEEPEST}")
        while True:
            count, at = long_at(data, at)
            if not count:
                return at
            if count < 0:
                _, at = long_at(data, at)
            for _ in range(abs(count)):
                before = at
                if keyed:
                    at = _string(decoder, data, at, f"{path}[].key", depth)
                at = item(decoder, data, at, f"{path}[]", depth + 1)
                if at == before:
                    decoder.spend_empty()

    return step
