"""Lines of a table split by pyarrow; imported only for large tables, where it is installed."""

from __future__ import annotations

import codecs
from functools import lru_cache
from typing import Any

from ..cells import Lines
from .arrow_columns import joined
from .rows import MOST_COLUMNS


def split_by_arrow(data: bytes, delimiter: bytes) -> list[Lines] | None:
    """Split lines at delimiters; see ``csv_split.Splitter``."""
    import pyarrow as pa
    from pyarrow import compute, csv

    width = data.count(delimiter, 0, data.find(b"\n") % (len(data) + 1)) + 1
    if not 1 < width <= MOST_COLUMNS or data.startswith(codecs.BOM_UTF8) or data.endswith(b"\n"):
        return None
    names, convert = _columns(width)
    how = csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names)
    try:
        table = csv.read_csv(
            pa.BufferReader(data), read_options=how, convert_options=convert,
            parse_options=_parse(delimiter.decode()),
        )  # fmt: skip
    except pa.ArrowException:
        return None
    cells = [column.combine_chunks() for column in table.columns]
    full = [bool(compute.min(compute.binary_length(column)).as_py()) for column in cells]
    if not any(full) and b"\n\n" in data:
        return None  # an empty line is taken for a row of empty cells
    count = len(cells[0])
    return [Lines(joined(column), count, is_full=is_full)
            for column, is_full in zip(cells, full, strict=True)]  # fmt: skip


@lru_cache(maxsize=64)
def _columns(width: int) -> tuple[list[str], Any]:
    import pyarrow as pa
    from pyarrow import csv

    names = [str(number) for number in range(width)]
    types = dict.fromkeys(names, pa.binary())
    options = csv.ConvertOptions(
        column_types=types, strings_can_be_null=False, null_values=[], check_utf8=False
    )
    return names, options


@lru_cache(maxsize=8)
def _parse(delimiter: str) -> Any:
    from pyarrow import csv

    return csv.ParseOptions(
        delimiter=delimiter, quote_char=False, double_quote=False, escape_char=False,
        newlines_in_values=False, ignore_empty_lines=False,
    )  # fmt: skip
