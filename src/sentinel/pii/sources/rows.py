"""Rows of cells, of whatever file, made into batches of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from ...limits import KIB
from ..model import Batch, Piece, Text
from .csv_dialect import has_header

MOST_COLUMNS = 4096
"""Columns that are told apart; what stands further right is read as text."""

_LONGEST_NAME = 200
_JUDGED = 200
_PREAMBLE = 10
_PADDING = 64 * KIB

Row = list[str]
"""The cells of one row."""


class RowTable:
    """Turns rows into batches of columns.

    Args:
        path: See ``Place.path``.
        names: Names of the columns where they are known; else the first row may hold them.
        delimiter: What is put between cells that are yielded as text.
    """

    def __init__(
        self, path: str = "", names: Sequence[str] | None = None, delimiter: str = ","
    ) -> None:
        self._path = path
        self._delimiter = delimiter
        self._names = None if names is None else _short(names)
        self._count = 0

    @property
    def begun(self) -> bool:
        """True when the header was looked for."""
        return self._names is not None

    def pieces(self, rows: list[Row], places: list[int] | None = None) -> Iterator[Piece]:
        """Yield what some rows come to.

        Args:
            rows: Their cells; changed.
            places: Their lines, where they have some; changed.
        """
        places = [] if places is None else places
        if self._names is None and rows:
            yield from self._begin(rows, places)
        for index, row in enumerate(rows):
            if len(row) > MOST_COLUMNS:
                yield self._text(row[MOST_COLUMNS:], places, index)
                del row[MOST_COLUMNS:]
        for start, end in _groups(rows):
            columns = list(zip_longest(*rows[start:end], fillvalue=""))
            yield self.batch(columns, places[start:end])

    def _begin(self, rows: list[Row], places: list[int]) -> Iterator[Text]:
        """Take the header, and what stands in front of it, away from the first rows."""
        start = _first_row(rows)
        header = has_header(rows[start : start + _JUDGED])
        names = rows[start] if header else []
        self._names = _short(names)
        end = start + header
        for index in range(end):
            yield self._text(rows[index], places, index)
        del rows[:end]
        del places[:end]

    def _text(self, cells: Row, places: list[int], index: int) -> Text:
        data = self._delimiter.join(cells).encode("utf-8", "replace")
        return Text(data, self._path, line=places[index] if places else 0)

    def batch(self, columns: Sequence[Sequence[str]], places: Sequence[int]) -> Batch:
        """Return columns as the next batch."""
        names = self._names or ()
        names += ("",) * (len(columns) - len(names))
        first, self._count = self._count + 1, self._count + len(columns[0])
        return Batch(self._path, names, columns, first, places)


def _short(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip()[:_LONGEST_NAME] for name in names[:MOST_COLUMNS])


def _first_row(rows: list[Row]) -> int:
    """Return the index of the first row of the table itself, behind titles and remarks."""
    widths = Counter(map(len, rows[:_JUDGED]))
    usual = widths.most_common(1)[0][0]
    return next((n for n, row in enumerate(rows[:_PREAMBLE]) if len(row) == usual), 0)


def _groups(rows: list[Row]) -> Iterator[tuple[int, int]]:
    """Yield ranges of rows that can be made equally long at little cost."""
    if not rows:
        return
    start = width = cells = 0
    if len(set(map(len, rows))) > 1:
        for index, row in enumerate(rows):
            width, cells = max(width, len(row)), cells + len(row)
            if (index - start + 1) * width > 8 * cells + _PADDING:
                yield start, index
                start, width, cells = index, len(row), len(row)
    yield start, len(rows)
