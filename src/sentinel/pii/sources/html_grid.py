"""The cells of one table of HTML: spans filled in, and which of them are names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..model import Batch
from .csv_dialect import has_header
from .found_tables import FoundTables, Rows, telling, types_of
from .rows import MOST_COLUMNS, Row

_JUDGED = 200
_MOST_CELLS = 50_000
_MOST_HEADERS = 4
_MOST_ACROSS = 32
_MOST_SPANNED = 1_000  # cells of a table that are there by those above
_WIDEST_RECORD = 6


class _Line(NamedTuple):
    """A row.

    Attributes:
        cells: Its texts.
        heads: Which of them are headers.
        line: Its line; 0 for none.
    """

    cells: Row
    heads: list[bool]
    line: int


class Grid:
    """Takes the cells of a table one by one.

    Args:
        found: Takes the table.
        path: Path of the text that it is in.
    """

    def __init__(self, found: FoundTables, path: str) -> None:
        self._found = found
        self._path = path
        self._waiting: list[_Line] | None = []
        self._count = 0
        self._row: _Line | None = None
        self._span = (1, 1)
        self._down: dict[int, tuple[int, str, bool]] = {}
        self._room = _MOST_SPANNED
        self._columns: list[int] = []
        self._rows: Rows | None = None

    @property
    def is_dull(self) -> bool:
        """True when it is known that the table holds nothing to look at."""
        return self._waiting is None and self._rows is None

    def begin_row(self, line: int) -> None:
        """Begin a row."""
        self._row = _Line([], [], line)
        self._fill()

    def begin_cell(self, is_head: bool, across: int, down: int, line: int) -> None:
        """Begin a cell that spans so many columns and rows; a row too where there is none."""
        if self._row is None:
            self.begin_row(line)
        assert self._row is not None
        self._span = (max(across, 1), max(down, 1))
        if len(self._row.cells) < MOST_COLUMNS:
            self._row.heads.append(is_head)

    def end_cell(self, text: str) -> None:
        """End the cell that was begun."""
        row = self._row
        if row is None or len(row.cells) >= MOST_COLUMNS:
            return
        across, down = self._span
        at = len(row.cells)
        across = min(across, _MOST_ACROSS, MOST_COLUMNS - at)
        row.cells.extend([text] + [""] * (across - 1))
        row.heads.extend([row.heads[-1]] * (across - 1))
        if down > 1:
            below = (down - 1, text, row.heads[-1])
            self._down.update(dict.fromkeys(range(at, at + across), below))
        self._fill()

    def _fill(self) -> None:
        """Put down what cells of the rows above span, while that is little."""
        row = self._row
        while self._down and row is not None and len(row.cells) in self._down:
            left, text, is_head = self._down.pop(len(row.cells))
            if left > 1 and self._room > 0:
                self._down[len(row.cells)] = (left - 1, text, is_head)
            self._room -= 1
            row.cells.append(text)
            row.heads.append(is_head)

    def end_row(self) -> Iterator[Batch]:
        """End the row, where there is one."""
        row, self._row = self._row, None
        if row is None or not row.cells:
            return
        if self._waiting is None:
            yield from self._add(row)
            return
        if self._waiting and _is_header(self._waiting[0]) and not all(row.heads):
            yield from self._decide()  # the names are known
            yield from self._add(row)
            return
        self._waiting.append(row)
        self._count += len(row.cells)
        if len(self._waiting) >= _JUDGED or self._count > _MOST_CELLS:
            yield from self._decide()

    def close(self) -> Iterator[Batch]:
        """End the table."""
        yield from self.end_row()
        if self._waiting is not None:
            yield from self._decide()

    def _add(self, row: _Line) -> Iterator[Batch]:
        if self._rows is not None and not all(row.heads):
            cells = row.cells
            chosen = [cells[n] if n < len(cells) else "" for n in self._columns]
            yield from self._rows.add(chosen, row.line)

    def _decide(self) -> Iterator[Batch]:
        """Find out what the names are, when enough rows or all were seen."""
        rows, self._waiting = self._waiting or [], None
        if _is_record(rows):
            yield from self._records(rows)
            return
        count, names = _header(rows)
        self._columns = telling(names)
        if self._columns:
            chosen = [names[n] for n in self._columns]
            self._rows = self._found.open(self._path, chosen, header=names)
            for row in rows[count:]:
                yield from self._add(row)

    def _records(self, rows: list[_Line]) -> Iterator[Batch]:
        """Yield the columns behind names that stand one below the other."""
        names = [row.cells[0].rstrip(": ") for row in rows][:MOST_COLUMNS]
        chosen = telling(names)
        table = self._found.open(self._path, [names[n] for n in chosen], header=names)
        if table is None or not chosen:
            return
        for index, at in enumerate(chosen):
            for cell in rows[at].cells[1:]:  # a row each, for each has a line of its own
                cells = [""] * len(chosen)
                cells[index] = cell
                yield from table.add(cells, rows[at].line)


def _is_header(row: _Line) -> bool:
    return len(row.cells) > 1 and all(row.heads)


def _header(rows: Sequence[_Line]) -> tuple[int, list[str]]:
    """Return how many rows are names, and the lowest name of each column."""
    count = 0
    while count < min(len(rows), _MOST_HEADERS) and all(rows[count].heads):
        count += 1
    if not count:
        named = has_header([row.cells for row in rows[:_JUDGED]])
        return (1, rows[0].cells) if named else (0, [])
    width = max(len(row.cells) for row in rows[:count])
    names = [""] * width
    for row in rows[:count]:
        for index, cell in enumerate(row.cells):
            names[index] = cell or names[index]
    return count, names


def _is_record(rows: Sequence[_Line]) -> bool:
    """Return True when names stand in the first column, the values of one or a few beside them."""
    if not rows or max(len(row.cells) for row in rows) > _WIDEST_RECORD:
        return False
    if _is_header(rows[0]):
        return False
    below = sum(bool(types_of(row.cells[0].rstrip(": "))) for row in rows)
    return below > 1 and below > sum(bool(types_of(cell)) for cell in rows[0].cells)
