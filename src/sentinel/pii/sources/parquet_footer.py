"""The footer of a Parquet file: row groups, their sizes, least and greatest values.

Read here since pyarrow ends the process where a footer's columns are broken and one asks about
them. Source: the Parquet format specification (``parquet.thrift``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import SentinelError
from ...formats.thrift import Thrift, Value
from ...limits import MIB
from ...readers.base import Reader

_MOST = 64 * MIB
_BYTE_ARRAY = 6
_DICTIONARIES = frozenset((2, 8))
_LONGEST = 4096


class Chunk(NamedTuple):
    """A column of strings in one row group.

    Attributes:
        path: Its name, parts joined by dots.
        least: Its least value; None where the footer does not tell.
        greatest: Its greatest value.
        is_repeating: Whether values may be written once for many rows.
    """

    path: str
    least: bytes | None
    greatest: bytes | None
    is_repeating: bool


class RowGroup(NamedTuple):
    """A row group as the footer describes it.

    Attributes:
        rows: Rows that it claims.
        size: Bytes that it claims to hold, decompressed.
        chunks: Its columns of strings and bytes.
    """

    rows: int
    size: int
    chunks: tuple[Chunk, ...]


def row_groups(reader: Reader) -> tuple[RowGroup, ...]:
    """Return the row groups of a file; none where the footer is broken or too large."""
    end = reader.pread(max(reader.size - 8, 0), 8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != b"PAR1" or not 0 < length <= min(reader.size - 8, _MOST):
        return ()
    try:
        footer = Thrift(reader.pread(reader.size - 8 - length, length)).struct()
    except SentinelError:
        return ()
    return tuple(map(_group, _structs(footer.get(4))))


def _group(group: dict[int, Value]) -> RowGroup:
    chunks = tuple(_chunks(group.get(1)))
    return RowGroup(max(_number(group.get(3)), 0), max(_number(group.get(2)), 0), chunks)


def _chunks(columns: Value | None) -> Iterator[Chunk]:
    for column in _structs(columns):
        for known in _structs([column.get(3, 0)]):
            if known.get(1) == _BYTE_ARRAY:
                yield _chunk(known)


def _chunk(known: dict[int, Value]) -> Chunk:
    path = known.get(3)
    parts = path if isinstance(path, list) else []
    name = b".".join(part for part in parts if isinstance(part, bytes))
    encodings = known.get(2)
    repeats = isinstance(encodings, list) and not _DICTIONARIES.isdisjoint(
        one for one in encodings if isinstance(one, int)
    )
    least, greatest = None, None
    for values in _structs([known.get(12, 0)]):
        least = _bytes(values.get(6, values.get(2)))
        greatest = _bytes(values.get(5, values.get(1)))
    return Chunk(name.decode("utf-8", "replace"), least, greatest, repeats or 11 in known)


def _structs(value: Value | None) -> Iterator[dict[int, Value]]:
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict):
            yield one


def _number(value: Value | None) -> int:
    return value if isinstance(value, int) else 0


def _bytes(value: Value | None) -> bytes | None:
    return value[:_LONGEST] if isinstance(value, bytes) else None
