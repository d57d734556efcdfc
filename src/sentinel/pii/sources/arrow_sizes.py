"""What Arrow's arrays come to when they are spelled out.

A dictionary, a run or a view says once what stands in many rows: fifty kilobytes of file may be
gigabytes of text. So batches are measured first, and taken in parts that fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...limits import MIB

MOST = 64 * MIB
"""Bytes of a batch that are spelled out at once, where it has more than one row."""

_DEEPEST = 32


def parts(batch: Any) -> Iterator[tuple[int, int, Any]]:
    """Yield a record batch in parts that fit, as ``(rows in front of it, bytes, part)``."""
    size = sum(_size(column, 0) for column in batch.columns)
    half = batch.num_rows // 2
    if size <= MOST or not half:
        yield 0, size, batch
        return
    for at, part in ((0, batch[:half]), (half, batch[half:])):
        for further, bytes_, one in parts(part):
            yield at + further, bytes_, one


def _size(column: Any, depth: int) -> int:
    """Return the bytes of the cells of a column."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if depth > _DEEPEST or not len(column):
        return 0
    if isinstance(kind, pa.BaseExtensionType):
        return _size(column.storage, depth + 1)
    if types.is_dictionary(kind):
        return _repeated(column.dictionary, column.indices, depth)
    if types.is_struct(kind):
        return sum(_size(part, depth + 1) for part in column.flatten())
    if types.is_map(kind):
        return _size(column.keys, depth + 1) + _size(column.items, depth + 1)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _size(column.flatten(), depth + 1)
    if _is_run_ended(kind):
        return _longest(column.values, depth) * len(column)
    if _is_view(kind):
        return _viewed(column)
    return int(column.nbytes)


def _repeated(values: Any, indexes: Any, depth: int) -> int:
    """Return the bytes of values, each as often as its index occurs."""
    import pyarrow.compute as pc

    longest = _longest(values, depth)
    if longest * len(indexes) <= MOST or not _is_text(values.type):
        return longest * len(indexes)
    lengths = pc.binary_length(values).cast("int64")
    return int(pc.sum(lengths.take(indexes)).as_py() or 0) + len(indexes)


def _longest(values: Any, depth: int) -> int:
    """Return the bytes of the longest value, or of all where they are no text."""
    import pyarrow.compute as pc

    if not len(values):
        return 1
    if not _is_text(values.type):
        return 16 + _size(values, depth + 1) // len(values)
    return int(pc.max(pc.binary_length(values)).as_py() or 0) + 1


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind)
                or types.is_large_binary(kind))  # fmt: skip


def _is_run_ended(kind: Any) -> bool:
    from pyarrow import types

    known = getattr(types, "is_run_end_encoded", None)
    return bool(known and known(kind))


def _is_view(kind: Any) -> bool:
    from pyarrow import types

    known = (getattr(types, name, None) for name in ("is_string_view", "is_binary_view"))
    return any(one(kind) for one in known if one)


def _viewed(column: Any) -> int:
    """Return the bytes of an array of views: each of 16 bytes begins with its length."""
    views = memoryview(column.buffers()[1]).cast("i")
    first = 4 * column.offset
    return sum(max(size, 0) + 1 for size in views[first : first + 4 * len(column) : 4])
