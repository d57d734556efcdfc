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
from .csv_split import Splitter, arrow_splitter, split
from .rows import Row, RowTable
from .text import lines, unescape

_LONGEST_FIELD = 2 * MIB
_SNIFFED = 64 * KIB
_PART = 256 * KIB  # cells of so much fit into a processor's cache
_LARGE = 96 * MIB


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of a table, a batch for about each MiB.

    The header is yielded as text too, and so is what no reader of tables could take: cells of more
    than 2 MiB, and cells right of the last column that is told apart.
    """
    feed = _Feed(lines(artifact, budget, sampling))
    if feed.fetch():
        before = csv.field_size_limit(_LONGEST_FIELD)  # the module has one limit for all
        try:
            fast = arrow_splitter() if _read_size(artifact, sampling) >= _LARGE else None
            yield from _rows(feed, delimiter_of(feed.sample(), artifact.leaf), fast)
        finally:
            csv.field_size_limit(before)
    yield from feed.passed


def _read_size(artifact: Artifact, sampling: Sampling) -> int:
    """Return about how many bytes are read."""
    size = artifact.reader.size
    if sampling.full or size <= sampling.over:
        return size
    return sampling.head + sampling.windows * sampling.window


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

    def part(self, size: int = _PART) -> bytes:
        """Return the first lines of the piece that is ready, about so many bytes of them."""
        data = self.piece.data
        end = data.rfind(b"\n", 0, size) + 1 if len(data) > size + size // 4 else 0
        return data[:end] if end else data

    def take(self, size: int, rows: int | None = None) -> Text:
        """Take the first bytes of the piece that is ready; what is behind them is ready then.

        Args:
            size: Bytes.
            rows: Lines among them where their number is known.
        """
        piece, self._next = self.piece, None
        if size == len(piece.data):
            return piece
        data = piece.data[:size]
        line = piece.line + (data.count(b"\n") if rows is None else rows) if piece.line else 0
        rest = piece.data[size:]
        self._next = piece._replace(data=rest, offset=piece.offset + size, line=line)
        return piece._replace(data=data)

    def strings(self) -> Iterator[str]:
        """Yield the lines of one part, and of the next while a row goes on."""
        while self.fetch():
            text = self.take(len(self.part()))
            self.texts.append(text)
            yield from StringIO(text.data.decode("utf-8", "replace"), newline="")
            if self.reader is None or self.reader.line_num == self.done:
                return


def _rows(feed: _Feed, delimiter: str, fast: Splitter | None) -> Iterator[Piece]:
    table = RowTable(delimiter=delimiter)
    size = _PART if fast is None else MIB
    while feed.fetch():
        feed.texts.clear()
        line = feed.piece.line
        if table.begun:
            part = feed.part(size)
            columns = split(_valid(part), delimiter.encode(), fast)
            if columns is not None:
                count = len(columns[0])
                feed.take(len(part), count)
                yield table.batch(columns, range(line, line + count) if line else ())
                continue
        rows: list[Row] = []
        places: list[int] = []
        try:
            _read_rows(feed, delimiter, rows, places)
        except csv.Error:
            yield from feed.texts
        yield from table.pieces(rows, places if line else [])


def _valid(data: bytes) -> bytes:
    """Return text whose broken bytes, if there are any, are replaced."""
    return data if data.isascii() else data.decode("utf-8", "replace").encode()


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
