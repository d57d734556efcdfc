"""Columns of Arrow as text: strings, whole numbers and dates, also of nested columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Batch
from .arrow_columns import ArrowNumbers, ArrowStrings
from .rows import MOST_COLUMNS

_DEEPEST = 32


class ArrowTable:
    """Turns record batches into batches of columns.

    Args:
        path: See ``Place.path``.
    """

    def __init__(self, path: str = "") -> None:
        self._path = path
        self._index: dict[str, int] = {}
        self._numbers: set[str] = set()
        self.left_out = False
        """True when there were more columns than are told apart."""

    def batch(self, batch: Any, first: int) -> Batch | None:
        """Return the text of a record batch, or None when it has none.

        Args:
            batch: A ``pyarrow.RecordBatch``.
            first: 1-based number of its first row.
        """
        columns: dict[int, Sequence[str]] = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            for path, leaf in _leaves(name, column, 0):
                index = self._place(path)
                cells = self._cells(path, leaf) if index is not None else None
                if index is not None and cells is not None:
                    known = columns.get(index)
                    columns[index] = cells if known is None else [*known, *cells]
        if not columns:
            return None
        found = [columns.get(index, []) for index in range(len(self._index))]
        return Batch(self._path, tuple(self._index), found, first)

    def _place(self, path: str) -> int | None:
        if path not in self._index:
            if len(self._index) >= MOST_COLUMNS:
                self.left_out = True
                return None
            self._index[path] = len(self._index)
        return self._index[path]

    def _cells(self, path: str, leaf: Any) -> Sequence[str] | None:
        """Return the values of a column as text, or None for one that holds none."""
        import pyarrow as pa
        from pyarrow import types

        kind = leaf.type
        if _is_string(kind):
            return ArrowStrings(leaf)
        if _is_bytes(kind):
            return [_text(value) for value in leaf.to_pylist()]
        if types.is_floating(kind):
            # pandas makes whole numbers floating where one of them is missing
            if path in self._numbers:
                return None
            try:
                leaf = leaf.cast(pa.int64())
            except pa.ArrowException:
                self._numbers.add(path)
                return None
        elif types.is_timestamp(kind):
            leaf = leaf.cast(pa.timestamp(kind.unit)).cast(pa.date32(), safe=False)
        elif not (types.is_integer(kind) or types.is_date(kind) or types.is_decimal(kind)):
            return None
        return ArrowNumbers(leaf)


def _is_string(kind: Any) -> bool:
    from pyarrow import types

    view = getattr(types, "is_string_view", None)
    return bool(types.is_string(kind) or types.is_large_string(kind) or (view and view(kind)))


def _is_bytes(kind: Any) -> bool:
    from pyarrow import types

    view = getattr(types, "is_binary_view", None)
    known = types.is_binary(kind) or types.is_large_binary(kind)
    return bool(known or types.is_fixed_size_binary(kind) or (view and view(kind)))


def _text(value: bytes | None) -> str:
    from .pickled import text_of_bytes

    return text_of_bytes(value).decode("utf-8", "replace") if value else ""


def _leaves(path: str, column: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the columns without parts that a column is made of, and their paths."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if depth > _DEEPEST:
        return
    if isinstance(kind, pa.BaseExtensionType):
        yield from _leaves(path, column.storage, depth + 1)
    elif types.is_dictionary(kind):
        yield from _leaves(path, column.dictionary_decode(), depth + 1)
    elif types.is_struct(kind):
        for index, part in enumerate(column.flatten()):
            yield from _leaves(f"{path}.{kind.field(index).name}", part, depth + 1)
    elif types.is_map(kind):
        yield from _leaves(f"{path}[].key", column.keys, depth + 1)
        yield from _leaves(f"{path}[]", column.items, depth + 1)
    elif types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        yield from _leaves(f"{path}[]", column.flatten(), depth + 1)
    elif hasattr(types, "is_run_end_encoded") and types.is_run_end_encoded(kind):
        import pyarrow.compute as pc

        yield from _leaves(path, pc.run_end_decode(column), depth + 1)
    else:
        yield path, column
