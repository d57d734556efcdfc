"""Rows of text that all have the same number of cells, made into columns without making cells.

Two ways give the same columns: splitting at delimiters, and pyarrow's reader, which takes a fifth
off a scan but costs as much to import as it saves on a hundred megabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..cells import Cells, Lines
from .rows import MOST_COLUMNS

Splitter = Callable[[bytes, bytes], "list[Lines] | None"]
"""Takes lines without a line end at the end and a delimiter; returns columns, quotes and all."""


def split(data: bytes, delimiter: bytes, fast: Splitter | None = None) -> list[Cells] | None:
    """Return the columns of rows that all have the same number of cells, whole cells quoted or not.

    Several times as fast as a reader that takes one character after another. Returns None for any
    other text.

    Args:
        data: Whole lines, in valid UTF-8.
        delimiter: One byte.
        fast: What is tried first.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
        if b"\r" in data:
            return None
    data = data.removesuffix(b"\n")
    columns = fast(data, delimiter) if fast is not None else None
    columns = columns or split_plain(data, delimiter)
    if not columns:
        return None
    if b'"' not in data:
        return [*columns]
    texts = [text for column in columns for text in _unquoted(column.text)]
    count = len(columns[0])
    return [Lines(text, count) for text in texts] if len(texts) == len(columns) else None


def split_plain(data: bytes, delimiter: bytes) -> list[Lines] | None:
    """Split lines at delimiters; see ``Splitter``."""
    count = data.count(b"\n") + 1
    # The last cell of a row and the first one of the next are one part.
    parts = data.split(delimiter)
    step, over = divmod(len(parts) - 1, count)
    if over or step >= MOST_COLUMNS:
        return None
    outer = _outer(delimiter.join(parts[::step]), delimiter, count) if step else _only(data)
    if not outer:
        return None
    is_full = step > 1 and all(parts)
    middle = (b"\n".join(parts[index::step]) for index in range(1, step))
    columns = [Lines(text, count, is_full=is_full) for text in middle]
    first, *last = (Lines(text, count) for text in outer)
    return [first, *columns, *last]


def _only(text: bytes) -> list[bytes]:
    """Return the one column of a text without a delimiter; none where there are empty lines."""
    return [] if b"\n\n" in b"\n%b\n" % text else [text]


def _outer(text: bytes, delimiter: bytes, count: int) -> list[bytes]:
    """Return the columns of a text of two; none where a row has more or fewer."""
    cells = text.replace(b"\n", delimiter + b"\n").split(delimiter)
    # A line end stands at the start of a cell, so all of them may stand in the first column only.
    first = b"".join(cells[::2])
    if len(cells) != 2 * count or first.count(b"\n") != count - 1:
        return []
    return [first, b"\n".join(cells[1::2])]


def _unquoted(text: bytes) -> Iterator[bytes]:
    """Yield a column without the quotes around cells; nothing when others are among them."""
    quotes = text.count(b'"')
    if quotes:
        opened = b"\n%b\n" % text
        opened = opened.replace(b'\n"', b"\n")
        closed = opened.replace(b'"\n', b"\n")
        if opened.count(b'"') * 2 != quotes or b'"' in closed:
            return
        text = closed[1:-1]
    yield text


def arrow_splitter() -> Splitter | None:
    """Return a splitter that has pyarrow read the lines; None where it is not installed.

    It is asked for cells as they are: no quotes, escapes, types, missing values or empty lines, so
    that its rows are those of ``split_plain``. What it refuses, that decides on.
    """
    try:
        import pyarrow.csv  # noqa: F401 - what the splitter needs
    except ImportError:
        return None
    from .csv_arrow import split_by_arrow

    return split_by_arrow
