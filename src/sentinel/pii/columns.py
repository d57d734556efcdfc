"""Tables: cells are searched as text, and a sample of each column is kept to be judged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import partial

from .cells import Cells, Listed
from .column_facts import Column, Found, Seen
from .judging import CREDITED, ColumnJudge
from .model import Batch, Likelihood
from .text import Hit, Quota, TextEngine

MOST_COLUMNS = 10_000
_MANY = 20_000
_FEW = 20
_SAMPLE = 300
_EACH = 60
_LONGEST = 512
_TELLING = b"@0123456789"
_GLANCE = 256
_NUMERIC = b"0123456789.eE+-, \n\t\r"


class Table:
    """Judges one table, batch by batch.

    Args:
        engine: Searches the cells' text.
        judge: Knows the types.
        least: Lowest likelihood that counts in a quota.
    """

    def __init__(
        self, engine: TextEngine, judge: ColumnJudge, least: Likelihood = Likelihood.LIKELY
    ) -> None:
        self._engine = engine
        self._judge = judge
        self._least = least
        self._hits = 0
        self._columns: list[Column] = []
        self._told: set[tuple[str, str]] = set()

    def add(self, batch: Batch) -> None:
        """Take in some rows."""
        while len(self._columns) < min(len(batch.columns), MOST_COLUMNS):
            index = len(self._columns)
            name = batch.names[index] if index < len(batch.names) else ""
            types = self._judge.aliases.types(name) if name else ()
            quota = Quota(least=self._least)
            self._columns.append(Column(self._shown(name) or f"#{index + 1}", types, quota))
        for column, given in zip(self._columns, batch.columns, strict=False):
            cells = given if isinstance(given, Cells) else Listed(given)
            column.rows += len(cells)
            if not cells.is_empty:
                self._cells(column, cells, batch)

    def _shown(self, name: str) -> str:
        """Return a column's name as it may be told: a row taken for a header may hold values."""
        data = name.encode("utf-8", "replace")
        if not any(byte in data for byte in _TELLING) or not self._engine.scan(data[:512]):
            return name
        return ""

    def _cells(self, column: Column, cells: Cells, batch: Batch) -> None:
        column.filled += cells.filled
        self._keep_sample(column, cells, batch)
        if cells.is_number:
            return
        data = cells.text
        if not data[:_GLANCE].translate(None, _NUMERIC) and not data.translate(None, _NUMERIC):
            return
        if self._hits > _MANY and not column.is_hurried:
            column.quota, column.is_hurried = Quota(_FEW, self._least), True
        hits = self._engine.scan(data, column.quota)
        if hits:
            self._hits += len(hits)
            self._note(column, cells, batch, hits)

    def _keep_sample(self, column: Column, cells: Cells, batch: Batch) -> None:
        room = min(_SAMPLE - len(column.sample), _EACH if column.sample else _SAMPLE)
        if room <= 0:
            return
        chosen = cells.pick(1 if not column.sample else max(1, len(cells) // _EACH), room)
        column.sample += [cell[:_LONGEST] for _, cell in chosen]
        first, lines = batch.first, batch.lines
        if len(lines) < len(cells):
            column.places += [(first + index, 0) for index, _ in chosen]
        else:
            column.places += [(first + index, lines[index]) for index, _ in chosen]

    def _note(self, column: Column, cells: Cells, batch: Batch, hits: list[Hit]) -> None:
        data = cells.text
        starts = _Starts(cells)
        before = column.rows - len(cells)
        for hit in hits:
            index, begin, end = starts.cell(hit.start)
            column.searched[hit.rule.id] = before + index + 1
            inside = data[begin:end].strip()
            value = data[hit.start : hit.end]
            likely = hit.likelihood >= Likelihood.LIKELY
            key = (hit.rule.type, len(inside) <= len(value) + 2, likely)
            seen = column.seen.setdefault(key, Seen())
            seen.add(hit, value.decode("utf-8", "replace"), _place(batch, index))

    def finish(self) -> Iterator[Found]:
        """Yield what the columns hold, at any likelihood."""
        found: list[Found] = []
        for column in self._columns:
            if column.filled:
                found += map(partial(_extrapolated, column), self._judge.judge(column))
        told = (one for one in found if one.likelihood >= self._least or one.rule == CREDITED)
        self._told = {(one.column, one.type) for one in told}
        yield from found
        yield from self._judge.positions(self._columns, found)

    def spent(self) -> list[str]:
        """Return the ids of rules of which there may be more, in columns that are not told of."""
        types = {rule.id: rule.type for rule in self._engine.catalog.rules}
        names = ((column.name, rule) for column in self._columns for rule in column.quota.spent())
        return sorted({rule for name, rule in names if (name, types[rule]) not in self._told})

    @property
    def is_cut(self) -> bool:
        """True when there were more columns than are looked at."""
        return len(self._columns) >= MOST_COLUMNS


class _Starts:
    """Finds the cell of an offset in joined cells."""

    def __init__(self, cells: Cells) -> None:
        self._data = cells.text
        self._ends = cells.ends()
        self._at = 0
        self._index = 0

    def cell(self, offset: int) -> tuple[int, int, int]:
        """Return the index of the cell at ``offset``, its start and its end; offsets ascend."""
        if not self._ends:
            self._index += self._data.count(b"\n", self._at, offset)
            self._at = offset
            end = self._data.find(b"\n", offset)
            begin = self._data.rfind(b"\n", 0, offset) + 1
            return self._index, begin, len(self._data) if end < 0 else end
        index = bisect_right(self._ends, offset)
        return index, self._ends[index - 1] if index else 0, self._ends[index] - 1


def _extrapolated(column: Column, found: Found) -> Found:
    """Return what was found with its count as it must be in all rows, where not all were searched.

    A thousand matches are enough to tell of a column.
    """
    if found.rule not in column.quota.spent():
        return found
    return found._replace(count=found.count * column.rows // column.searched[found.rule])


def _place(batch: Batch, index: int) -> tuple[int, int]:
    return batch.first + index, batch.lines[index] if index < len(batch.lines) else 0
