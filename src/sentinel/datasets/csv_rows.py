"""Tables of text: their rows, and the rows that do not fit."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import NamedTuple

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import MIB, Budget
from ..pii.sources.csv_dialect import delimiter_of, has_header
from .chunks import Chunk, chunks
from .look import TextWatch
from .notes import Notes, Place, Tally
from .options import Options
from .table import TableWatch

_ROWS = 4096
_SNIFFED = 65_536
_LONGEST_CELL = 2 * MIB
_MOST_BREAKS = 100
_MOST_COLUMNS = 16_384

Row = list[str]


class _Part(NamedTuple):
    rows: list[Row]
    line: int
    broken: str


def watch_csv(artifact: Artifact, budget: Budget, options: Options, notes: Notes) -> TableWatch:
    """Look at a table of text.

    Returns:
        What its rows have shown, reported to ``notes`` already.

    Raises:
        ParseError: It is no text.
        ReadError: It cannot be read.
        LimitExceeded: Out of time.
    """
    text = TextWatch()
    table = TableWatch(options, artifact.location())
    before = csv.field_size_limit(_LONGEST_CELL)  # the module has one limit for all
    try:
        _Rows(artifact, table, notes).run(
            _watched(chunks(artifact, budget, notes, options.sampling), text)
        )
    finally:  # what was seen before an error still counts
        csv.field_size_limit(before)
        text.report(notes, artifact.location())
        table.finish(notes, budget)
    return table


def _watched(found: Iterator[Chunk], text: TextWatch) -> Iterator[Chunk]:
    for chunk in found:
        text.feed(chunk.text, Place(0, chunk.line))
        yield chunk


class _Rows:
    """Reads rows, evens them out and hands them on as columns."""

    def __init__(self, artifact: Artifact, table: TableWatch, notes: Notes) -> None:
        self._artifact = artifact
        self._table = table
        self._notes = notes
        self._width = 0
        self._ragged = Tally()
        self._widths: Counter[int] = Counter()
        self._broken = Tally()

    def run(self, found: Iterator[Chunk]) -> None:
        first = next(found, None)
        if first is None:
            return
        sample = first.text[:_SNIFFED]
        delimiter = delimiter_of(sample, self._artifact.leaf)
        try:
            for part in _parts(first, found, delimiter):
                self._take(part)
                if self._broken.number > _MOST_BREAKS:
                    detail = "no more rows could be told apart"
                    self._notes.gaps.append(Gap("malformed", self._artifact.location(), detail))
                    break
        finally:
            self._report()

    def _take(self, part: _Part) -> None:
        if part.broken:
            self._broken.add(Place(0, part.line), part.broken)
        rows, line = part.rows, part.line
        if not self._width and rows:
            rows, line = self._begin(rows, line)
        if not rows:
            return
        even = [row for row in rows if row] if [] in rows else rows
        line = line if len(even) == len(rows) else 0
        if set(map(len, even)) != {self._width}:
            even = [self._evened(row, number, line) for number, row in enumerate(even)]
        if even:
            self._table.seen.feed(map(tuple, even), self._table.rows + 1)
            self._table.feed(list(zip(*even, strict=True)), line)

    def _begin(self, rows: list[Row], line: int) -> tuple[list[Row], int]:
        """Find header and width; return what stands below the header."""
        widths = Counter(len(row) for row in rows[:200] if row)
        if not widths:
            return [], line
        width = self._width = min(widths.most_common(1)[0][0], _MOST_COLUMNS)
        start = next((n for n, row in enumerate(rows[:10]) if len(row) == width), 0)
        below = rows[start:]
        if has_header(below[:200]):
            names, below = below[0], below[1:]
            start += 1
        else:
            names = [""] * width
        fit = [row for row in below[:500] if len(row) == width]
        self._table.begin(names, list(zip(*fit, strict=True)))
        return below, line + start if line else 0

    def _evened(self, row: Row, number: int, line: int) -> Row:
        width = self._width
        if len(row) == width:
            return row
        place = Place(self._table.rows + number + 1, line + number if line else 0)
        self._ragged.add(place)
        self._widths[len(row)] += 1
        if len(row) > width:
            self._table.extra(row[width:], place)
            return row[:width]
        return row + [""] * (width - len(row))

    def _report(self) -> None:
        if self._ragged.number:
            total = self._table.rows
            shown = ", ".join(f"{n} rows of {width}" for width, n in self._widths.most_common(5))
            says = f"{self._ragged.number} of {total} rows have not {self._width} cells"
            note = self._ragged.note("ragged", says, total)
            self._notes.add(note._replace(evidence=shown))
        if self._broken.number:
            says = f"{self._broken.number} places where rows cannot be told apart"
            self._notes.add(self._broken.note("broken-rows", says))


def _parts(first: Chunk, rest: Iterator[Chunk], delimiter: str) -> Iterator[_Part]:
    """Yield rows, some thousands at a time, and the line of the first where it is sure."""
    feed = _Lines(first, rest)
    strings = feed.strings()
    reader = csv.reader(strings, delimiter=delimiter)
    while True:
        rows: list[Row] = []
        line, read, broken = feed.line, reader.line_num, ""
        try:
            rows.extend(islice(reader, _ROWS))  # what was read before an error stays
        except csv.Error as error:
            broken = str(error)
        # Cells with line ends in them shift all that follows.
        sure = line and reader.line_num - read == len(rows)
        if rows or broken:
            yield _Part(rows, line if sure or not rows else 0, broken)
        if broken:
            reader = csv.reader(strings, delimiter=delimiter)
        elif not rows:
            return


class _Lines:
    """Hands lines to the reader of rows, and knows where it stands."""

    def __init__(self, first: Chunk, rest: Iterator[Chunk]) -> None:
        self._first = first
        self._rest = rest
        self.line = first.line

    def strings(self) -> Iterator[str]:
        """Yield all lines."""
        chunk: Chunk | None = self._first
        while chunk is not None:
            known = self.line = chunk.line
            for text in StringIO(chunk.text, newline=""):
                if known:
                    self.line += 1
                yield text
            chunk = next(self._rest, None)
