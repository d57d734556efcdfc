"""Tables of text: comma, tab, semicolon or bar between the cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import zip_longest
from typing import Protocol

from ...artifacts import Artifact
from ...limits import KIB, MIB, Budget
from ..model import Batch, Piece, Text
from . import Sampling
from .csv_dialect import delimiter_of, has_header
from .text import lines, unescape

MOST_COLUMNS = 4096
"""Columns that are told apart; what stands further right is read as text."""

_LONGEST_FIELD = 2 * MIB
_LONGEST_NAME = 200
_SNIFFED = 64 * KIB
_JUDGED = 200
_PREAMBLE = 10
_PADDING = 64 * KIB

Row = list[str]


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of a table, a batch for about each MiB.

    The header is yielded as text too, and so is what no reader of tables could take: cells of more
    than 2 MiB, and cells right of the last column that is told apart.
    """
    feed = _Feed(lines(artifact, budget, sampling))
    if feed.fetch():
        before = csv.field_size_limit(_LONGEST_FIELD)  # the module has one limit for all
        try:
            yield from _rows(feed, delimiter_of(feed.sample(), artifact.leaf))
        finally:
            csv.field_size_limit(before)
    yield from feed.passed


class _Reader(Protocol):
    """What ``csv.reader`` returns."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[Row]: ...

    def __next__(self) -> Row: ...


class _Feed:
    """Hands text to the reader of rows, a piece at a time.

    Attributes:
        passed: What is no text, to be passed on.
        texts: Pieces that hold the rows being read.
        reader: Who reads them.
        done: Lines in front of the row that is being read.
    """

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self._next: Text | None = None
        self.passed: list[Piece] = []
        self.texts: list[Text] = []
        self.reader: _Reader | None = None
        self.done = 0

    def fetch(self) -> bool:
        """Make the next piece ready; return False when there is none."""
        while self._next is None:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            if isinstance(piece, Text):
                self._next = piece._replace(data=unescape(piece.data))
            else:
                self.passed.append(piece)
        return True

    @property
    def piece(self) -> Text:
        """The piece that is ready."""
        assert self._next is not None
        return self._next

    def sample(self) -> str:
        """Return the first lines of the piece that is ready."""
        data = self.piece.data[:_SNIFFED]
        return data[: data.rfind(b"\n") + 1 or len(data)].decode("utf-8", "replace")

    def take(self) -> str:
        """Return the text of the piece that is ready; another may be made ready then."""
        piece, self._next = self.piece, None
        self.texts.append(piece)
        return piece.data.decode("utf-8", "replace")

    def strings(self) -> Iterator[str]:
        """Yield the lines of one piece, and of the next while a row goes on."""
        while self.fetch():
            yield from StringIO(self.take(), newline="")
            if self.reader is None or self.reader.line_num == self.done:
                return


def _rows(feed: _Feed, delimiter: str) -> Iterator[Piece]:
    table = _Table(delimiter)
    while feed.fetch():
        feed.texts.clear()
        line = feed.piece.line
        if table.begun and b'"' not in feed.piece.data:
            columns = split(feed.piece.data.decode("utf-8", "replace"), delimiter)
            if columns is not None:
                feed.take()
                yield table.batch(columns, range(line, line + len(columns[0])) if line else ())
                continue
        rows: list[Row] = []
        places: list[int] = []
        try:
            _read_rows(feed, delimiter, rows, places)
        except csv.Error:
            yield from feed.texts
        yield from table.pieces(rows, places if line else [])


def split(text: str, delimiter: str) -> list[list[str]] | None:
    """Return the columns of rows that all have the same number of cells, none of them quoted.

    Many times as fast as a reader that takes one character after another. Returns None for any
    other text.
    """
    text = text.replace("\r\n", "\n").removesuffix("\n")
    count = text.count("\n") + 1
    cells = text.replace("\n", delimiter + "\n").split(delimiter)
    width, over = divmod(len(cells), count)
    if over or width > MOST_COLUMNS or "\r" in text:
        return None
    # A line end stands at the start of a cell, so all of them may stand in the first column only.
    first = "".join(cells[::width]).split("\n")
    if len(first) != count or (width == 1 and "" in first):
        return None
    return [first, *(cells[index::width] for index in range(1, width))]


def _read_rows(feed: _Feed, delimiter: str, rows: list[Row], places: list[int]) -> None:
    """Read the rows that begin in the piece that is ready, and the lines they begin in."""
    feed.reader, feed.done = None, 0
    shift = feed.piece.line
    reader = csv.reader(feed.strings(), delimiter=delimiter, skipinitialspace=True)
    feed.reader = reader
    for row in reader:
        if row:
            rows.append(row)
            places.append(feed.done + shift)
        feed.done = reader.line_num


class _Table:
    """Turns rows into batches of columns.

    Args:
        delimiter: What stands between cells.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._names: tuple[str, ...] | None = None
        self._count = 0

    @property
    def begun(self) -> bool:
        """True when the header was looked for."""
        return self._names is not None

    def pieces(self, rows: list[Row], places: list[int]) -> Iterator[Piece]:
        """Yield what some rows come to.

        Args:
            rows: Their cells.
            places: Their lines, or nothing.
        """
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
        self._names = tuple(name.strip()[:_LONGEST_NAME] for name in names[:MOST_COLUMNS])
        end = start + header
        for index in range(end):
            yield self._text(rows[index], places, index)
        del rows[:end]
        del places[:end]

    def _text(self, cells: Row, places: list[int], index: int) -> Text:
        data = self._delimiter.join(cells).encode("utf-8", "replace")
        return Text(data, line=places[index] if places else 0)

    def batch(self, columns: Sequence[Sequence[str]], places: Sequence[int]) -> Batch:
        """Return columns as the next batch."""
        names = self._names or ()
        names += ("",) * (len(columns) - len(names))
        first, self._count = self._count + 1, self._count + len(columns[0])
        return Batch("", names, columns, first, places)


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
