"""Tables, judged by the column: the header says what it may be, the values whether it is.

A value alone is weak evidence: one number in ten passes Luhn's check. A column of them is strong:
twelve in a row by chance is one in a million million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from .checks import validators
from .headers import Aliases
from .model import Batch, InfoType, Likelihood, Rule
from .people import are_people
from .text import Hit, Quota, TextEngine

MOST_COLUMNS = 10_000
_SAMPLE = 300
_EACH = 60
_MORE = 15
_MOST_VALUES = 1_000
_WITH_HEADER = 0.2
_WITHOUT_HEADER = 0.7
_BY_CHECKSUM = 0.95
_ENOUGH = 12
_WEAK_ODDS = 0.02
_TELLING = b"@0123456789"
_NUMERIC = b"0123456789.eE+-, \n\t\r"


class Found(NamedTuple):
    """What a column holds of one type.

    Attributes:
        column: The column's name.
        type: Name of the info type.
        rule: Id of the rule, or ``column``.
        likelihood: How likely.
        values: Values, the first one first; the caller hashes them and forgets them.
        row: Row of the first.
        line: Its line; 0 for none.
        count: Values it stands for, estimated where the column has more than 300.
        rows: Rows read.
        more: Further rows.
    """

    column: str
    type: str
    rule: str
    likelihood: Likelihood
    values: tuple[str, ...]
    row: int
    line: int
    count: int  # type: ignore[assignment]  # tuple.count goes unused
    rows: int
    more: tuple[int, ...]


class _Seen:
    """Hits of one type within a column's cells."""

    __slots__ = ("best", "count", "likelihood", "more", "place", "rule", "values")

    def __init__(self) -> None:
        self.likelihood = Likelihood.VERY_UNLIKELY
        self.count = 0
        self.more: list[int] = []
        self.values: list[str] = []

    def add(self, hit: Hit, value: str, place: tuple[int, int]) -> None:
        self.count += 1
        if hit.likelihood > self.likelihood:
            self.likelihood, self.rule, self.place, self.best = (
                hit.likelihood,
                hit.rule,
                place,
                value,
            )
        elif len(self.more) < _MORE:
            self.more.append(place[0])
        if len(self.values) < _MOST_VALUES:
            self.values.append(value)


class _Column:
    __slots__ = ("filled", "name", "places", "rows", "sample", "seen", "types")

    def __init__(self, name: str, types: tuple[str, ...]) -> None:
        self.name = name
        self.types = types
        self.rows = 0
        self.filled = 0
        self.sample: list[str] = []
        self.places: list[tuple[int, int]] = []
        self.seen: dict[tuple[str, bool], _Seen] = {}


class Table:
    """Judges one table, batch by batch.

    Args:
        engine: Searches the cells' text.
        judge: Knows the types.
        quota: Counts matches over the file.
    """

    def __init__(self, engine: TextEngine, judge: ColumnJudge, quota: Quota) -> None:
        self._engine = engine
        self._judge = judge
        self._quota = quota
        self._columns: list[_Column] = []

    def add(self, batch: Batch) -> None:
        """Take in some rows."""
        while len(self._columns) < min(len(batch.columns), MOST_COLUMNS):
            index = len(self._columns)
            name = batch.names[index] if index < len(batch.names) else ""
            types = self._judge.aliases.types(name) if name else ()
            self._columns.append(_Column(self._shown(name) or f"#{index + 1}", types))
        for column, cells in zip(self._columns, batch.columns, strict=False):
            self._cells(column, cells, batch)

    def _shown(self, name: str) -> str:
        """Return a column's name as it may be told: a row taken for a header may hold values."""
        data = name.encode("utf-8", "replace")
        if not any(byte in data for byte in _TELLING) or not self._engine.scan(data[:512]):
            return name
        return ""

    def _cells(self, column: _Column, cells: Sequence[str], batch: Batch) -> None:
        column.rows += len(cells)
        filled = len(cells) - cells.count("")
        if not filled:
            return
        column.filled += filled
        self._keep_sample(column, cells, batch)
        data = "\n".join(cells).encode("utf-8", "replace")
        if not data.translate(None, _NUMERIC):
            return
        hits = self._engine.scan(data, self._quota)
        if hits:
            self._note(column, cells, batch, data, hits)

    def _keep_sample(self, column: _Column, cells: Sequence[str], batch: Batch) -> None:
        room = min(_SAMPLE - len(column.sample), _EACH if column.sample else _SAMPLE)
        step = 1 if not column.sample else max(1, len(cells) // _EACH)
        for index in range(0, len(cells), step):
            if room <= 0:
                return
            if cells[index]:
                column.sample.append(cells[index][:512])
                column.places.append(_place(batch, index))
                room -= 1

    def _note(
        self, column: _Column, cells: Sequence[str], batch: Batch, data: bytes, hits: list[Hit]
    ) -> None:
        starts = _Starts(cells, data)
        for hit in hits:
            index, begin, end = starts.cell(hit.start)
            inside = data[begin:end].strip()
            value = data[hit.start : hit.end]
            key = (hit.rule.type, len(inside) <= len(value) + 2)
            seen = column.seen.setdefault(key, _Seen())
            seen.add(hit, value.decode("utf-8", "replace"), _place(batch, index))

    def finish(self) -> Iterator[Found]:
        """Yield what the columns hold, at any likelihood."""
        for column in self._columns:
            if column.filled:
                yield from self._judge.judge(column)

    @property
    def is_cut(self) -> bool:
        """True when there were more columns than are looked at."""
        return len(self._columns) >= MOST_COLUMNS


class _Starts:
    """Finds the cell of an offset in joined cells."""

    def __init__(self, cells: Sequence[str], data: bytes) -> None:
        self._data = data
        self._plain = data.count(b"\n") == len(cells) - 1
        self._ends: list[int] = []
        if not self._plain:
            position = 0
            for cell in cells:
                position += len(cell.encode("utf-8", "replace")) + 1
                self._ends.append(position)
        self._at = 0
        self._index = 0

    def cell(self, offset: int) -> tuple[int, int, int]:
        """Return the index of the cell at ``offset``, its start and its end; offsets ascend."""
        if self._plain:
            self._index += self._data.count(b"\n", self._at, offset)
            self._at = offset
            end = self._data.find(b"\n", offset)
            begin = self._data.rfind(b"\n", 0, offset) + 1
            return self._index, begin, len(self._data) if end < 0 else end
        from bisect import bisect_right

        index = bisect_right(self._ends, offset)
        return index, self._ends[index - 1] if index else 0, self._ends[index] - 1


def _place(batch: Batch, index: int) -> tuple[int, int]:
    return batch.first + index, batch.lines[index] if index < len(batch.lines) else 0


class _Cell(NamedTuple):
    """A rule as it is tried on whole cells."""

    rule: Rule
    odds: float


class ColumnJudge:
    """Decides what a column is.

    Args:
        engine: Has the catalogue and compiles its patterns.
        types: The types that are wanted.
    """

    def __init__(self, engine: TextEngine, types: dict[str, InfoType]) -> None:
        self._engine = engine
        self.aliases = Aliases({name: entry.headers for name, entry in types.items()})
        self._rules: dict[str, list[_Cell]] = {}
        for rule in engine.catalog.rules:
            if rule.type in types:
                odds = validators()[rule.validator].odds if rule.validator else 1.0
                self._rules.setdefault(rule.type, []).append(_Cell(rule, odds))
        self._bare = [cell for cells in self._rules.values() for cell in cells if _tells(cell)]
        self._shapes = engine.whole([cell.rule for cell in self._bare])

    def judge(self, column: _Column) -> Iterator[Found]:
        """Yield what a column holds."""
        types = {found.type: found for found in self._by_header(column)}
        if not types:
            types = {found.type: found for found in self._by_values(column)}
        if len(types) > 1:
            # ``WANDB_API_KEY`` ends with ``API_KEY``, and the longer name says more.
            types.pop("GENERIC_SECRET", None)
        yield from types.values()
        for (name, whole), seen in column.seen.items():
            known = types.get(name)
            if known is not None and known.count >= seen.count:
                continue
            if whole and self._is_chance(seen, column):
                continue
            values = (seen.best, *seen.values)
            yield Found(
                column.name, name, seen.rule.id, seen.likelihood, values, *seen.place,
                seen.count, column.rows, tuple(seen.more),
            )  # fmt: skip

    def _by_header(self, column: _Column) -> Iterator[Found]:
        for name in column.types:
            if name == "PERSON":
                if are_people(column.sample) and (len(column.sample) > 4 or _is_explicit(column)):
                    yield self._found(column, name, Likelihood.VERY_LIKELY, column.sample, 0)
                continue
            passing = self._passing(name, column.sample)
            rate = len(passing) / len(column.sample)
            chance = min((cell.odds for cell in self._rules.get(name, ())), default=1.0)
            least = _WITH_HEADER if chance == 1.0 else max(_WITH_HEADER, 3 * chance)
            if rate >= least:
                yield self._found(column, name, Likelihood.VERY_LIKELY, passing, passing[0])

    def _by_values(self, column: _Column) -> Iterator[Found]:
        best: dict[str, tuple[float, _Cell]] = {}
        for cell in self._likely(column.sample):
            rate = self._rate(cell, column.sample)
            if rate > best.get(cell.rule.type, (0.0, cell))[0]:
                best[cell.rule.type] = (rate, cell)
        for name, (rate, cell) in best.items():
            strong = cell.rule.likelihood >= Likelihood.LIKELY and rate >= _WITHOUT_HEADER
            if strong or self._is_proof(rate, cell, column.sample):
                passing = self._passing(name, column.sample)
                yield self._found(column, name, Likelihood.LIKELY, passing, passing[0])

    def _likely(self, sample: list[str]) -> list[_Cell]:
        """Return the rules that fit the shape of most of the first values."""
        counts: Counter[int] = Counter()
        first = sample[:_ENOUGH]
        for value in first:
            counts.update(self._shapes(value.strip().encode("utf-8", "replace")))
        return [self._bare[index] for index, count in counts.items() if 2 * count > len(first)]

    @staticmethod
    def _is_proof(rate: float, cell: _Cell, sample: list[str]) -> bool:
        """Return True when the check digits agree too often for chance."""
        distinct = len(set(sample))
        return rate >= _BY_CHECKSUM and cell.odds <= 0.2 and distinct >= _ENOUGH

    def _rate(self, cell: _Cell, sample: list[str]) -> float:
        """Return the share of values a rule passes; 0 as soon as it must be below 0.7."""
        failed, most = 0, (1 - _WITHOUT_HEADER) * len(sample)
        for value in sample:
            if not self._fits(cell.rule, value):
                failed += 1
                if failed > most:
                    return 0.0
        return 1 - failed / len(sample)

    def _passing(self, name: str, sample: list[str]) -> list[int]:
        rules = self._rules.get(name, ())
        return [
            index
            for index, value in enumerate(sample)
            if any(self._fits(cell.rule, value) for cell in rules)
        ]

    def _fits(self, rule: Rule, value: str) -> bool:
        text = value.strip()
        match = self._engine.core(rule).fullmatch(text.encode("utf-8", "replace"))
        if match is None:
            return False
        if not rule.validator:
            return True
        if "value" in match.re.groupindex:
            text = match["value"].decode("utf-8", "replace")
        return validators()[rule.validator].check(text)

    @staticmethod
    def _is_chance(seen: _Seen, column: _Column) -> bool:
        """Return True for bare numbers whose check digit agrees about as often as by chance."""
        rule = seen.rule
        odds = validators()[rule.validator].odds if rule.validator else 1.0
        if odds < _WEAK_ODDS or not seen.best.isdigit():
            return False
        return seen.count < _WITH_HEADER * column.filled

    def _found(
        self, column: _Column, name: str, likelihood: Likelihood, passing: Sequence[object], at: int
    ) -> Found:
        row, line = column.places[at]
        share = len(passing) / len(column.sample)
        count = max(1, round(share * column.filled))
        rows = [column.places[i][0] for i in passing if isinstance(i, int)]
        more = tuple(islice((one for one in rows if one != row), _MORE))
        others = [
            value for key, seen in column.seen.items() if key[0] == name for value in seen.values
        ]
        values = (column.sample[at], *column.sample, *others)
        return Found(
            column.name, name, "column", likelihood, values, row, line, count, column.rows, more
        )


def _tells(cell: _Cell) -> bool:
    """Return True for a rule that can tell a column without its header."""
    return cell.odds <= 0.2 or (
        cell.rule.likelihood >= Likelihood.LIKELY and cell.rule.where == "text"
    )


def _is_explicit(column: _Column) -> bool:
    from .headers import words

    return len(words(column.name)) > 1
