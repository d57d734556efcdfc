"""Tables of text: comma, tab, semicolon or bar between the cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Protocol

from ...artifacts import Artifact
from ...limits import KIB, MIB, Budget
from ..model import Piece, Text
from . import Sampling
from .csv_dialect import delimiter_of
from .rows import MOST_COLUMNS, Row, RowTable
from .text import lines, unescape

_LONGEST_FIELD = 2 * MIB
_SNIFFED = 64 * KIB


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
    table = RowTable(delimiter=delimiter)
    while feed.fetch():
        feed.texts.clear()
        line = feed.piece.line
        if table.begun:
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
    """Return the columns of rows that all have the same number of cells, whole cells quoted or not.

    Several times as fast as a reader that takes one character after another. Returns None for any
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
    columns = [first, *(cells[index::width] for index in range(1, width))]
    return _unquoted(columns) if '"' in text else columns


def _unquoted(columns: list[list[str]]) -> list[list[str]] | None:
    """Return columns without the quotes around cells, or None when others are among them."""
    found = []
    for column in columns:
        joined = "\n".join(column)
        quotes = joined.count('"')
        if quotes:
            opened = f"\n{joined}\n".replace('\n"', "\n")
            closed = opened.replace('"\n', "\n")
            if opened.count('"') * 2 != quotes or '"' in closed:
                return None
            column = closed[1:-1].split("\n")
        found.append(column)
    return found


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
