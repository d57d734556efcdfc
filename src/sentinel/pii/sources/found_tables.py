"""The tables that were found in one file's text, on their way to be judged by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ...findings import Gap, Location
from ...limits import KIB, MIB
from ..headers import Aliases, words
from ..model import Batch
from .rows import Row, RowTable

MOST_TABLES = 1_000
"""Tables with headers of their own that are told apart."""

LONGEST = 64 * KIB
"""Characters of a cell; what is longer is searched as text alone."""

_MOST = 4 * MIB
_EACH = 60  # bytes of a cell beside its text
_AXES = frozenset({"latitude", "longitude", "lat", "lon", "lng"})
_BARE = frozenset({"name", "names", "person", "persons", "people"})
_PATH = re.compile(r"[^\W_][\w.$ -]{0,99}")


class Rows:
    """Takes the rows of one table.

    Args:
        table: Makes batches of them.
        waiting: Tables that have rows that wait.
    """

    def __init__(self, table: RowTable, waiting: _Waiting) -> None:
        self._table = table
        self._waiting = waiting
        self._rows: list[Row] = []
        self._lines: list[int] = []

    def add(self, row: Row, line: int) -> Iterator[Batch]:
        """Take a row; yield the rows that wait when there are enough, those of other tables too.

        Args:
            row: Its cells.
            line: Its line; 0 for none.
        """
        if not self._rows:
            self._waiting.tables.append(self)
        size = sum(map(len, row))
        if size > LONGEST:
            row = [cell if len(cell) <= LONGEST else "" for cell in row]
        self._rows.append(row)
        self._lines.append(line)
        self._waiting.size += size + _EACH * len(row)
        if self._waiting.size > _MOST:
            yield from self._waiting.flush()

    def flush(self) -> Iterator[Batch]:
        """Yield the rows that wait."""
        rows, lines = self._rows, self._lines
        self._rows, self._lines = [], []
        for piece in self._table.pieces(rows, lines if all(lines) else []):
            if isinstance(piece, Batch):  # any text was searched already
                yield piece


class _Waiting:
    """The tables that have rows that wait, and about how many bytes these are."""

    def __init__(self) -> None:
        self.tables: list[Rows] = []
        self.size = 0

    def flush(self) -> Iterator[Batch]:
        tables, self.tables, self.size = self.tables, [], 0
        for table in tables:
            yield from table.flush()


class FoundTables:
    """The tables of a file. Those of one place, name and header are one table.

    Args:
        location: The file.
    """

    def __init__(self, location: Location) -> None:
        self._location = location
        self._tables: dict[tuple[str, ...], Rows] = {}
        self._waiting = _Waiting()
        self._is_full = False

    def open(
        self, path: str, names: Sequence[str], table: str = "", header: Sequence[str] = ()
    ) -> Rows | None:
        """Return what takes the rows of a table; None when there are too many tables.

        Args:
            path: Path of the text that it is in.
            names: Names of its columns; none where they are not known.
            table: Name of the table; a number is given to one without.
            header: All its names where some columns are left out.
        """
        key = (path, table, *(header or names))
        known = self._tables.get(key)
        if known is None:
            if len(self._tables) >= MOST_TABLES:
                self._is_full = True
                return None
            label = table if _PATH.fullmatch(table) else f"table/{len(self._tables) + 1}"
            made = RowTable(f"{path}/{label}" if path else label, names)
            known = self._tables[key] = Rows(made, self._waiting)
        return known

    def flush(self) -> Iterator[Batch]:
        """Yield all rows that wait."""
        yield from self._waiting.flush()

    def gaps(self) -> Iterator[Gap]:
        """Yield a gap when there were too many tables."""
        if self._is_full:
            detail = f"more than {MOST_TABLES} tables in one text; the others are read as text"
            yield Gap("limit", self._location, detail)


@cache
def _aliases() -> Aliases:
    from ..catalog import catalog

    return Aliases({name: entry.headers for name, entry in catalog().types.items()})


def types_of(name: str) -> tuple[str, ...]:
    """Return the info types that a header stands for."""
    return _aliases().types(name) if 0 < len(name) <= 80 else ()


def telling(names: Sequence[str]) -> list[int]:
    """Return which columns of a document's table are worth a look: none in most.

    Documents are full of tables of names of parameters, and of people who look after something; a
    column that says no more than ``name`` or ``person`` is looked at beside another that tells of
    people alone.

    Args:
        names: The headers.
    """
    types = [types_of(name) for name in names]
    if not any(found and not _is_bare(name) for name, found in zip(names, types, strict=True)):
        return []
    return [
        index for index, name in enumerate(names) if types[index] or name.lower() in _AXES
    ]  # fmt: skip


def _is_bare(name: str) -> bool:
    parts = words(name)
    return len(parts) == 1 and parts[0] in _BARE
