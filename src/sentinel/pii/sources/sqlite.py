"""SQLite databases: every table, opened so that nothing in the file can act.

The schema is the file's author's: views, triggers, virtual tables and functions are never touched,
an authorizer refuses everything but reading, and a clock interrupts what takes too long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from urllib.parse import quote

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, UnsupportedError
from ...findings import Gap
from ...limits import MIB, Budget
from ...readers import FileReader
from ..model import Piece, Skipped, Text
from . import Sampling
from .pickled import text_of_bytes
from .rows import Row, RowTable

_IN_MEMORY = 64 * MIB
_LONGEST_VALUE = 64 * MIB
_LONGEST_CELL = 64 * 1024
_MOST_TABLES = 10_000
_ROWS = 2000
_BATCH = MIB
_SAMPLED = 100_000
_STEPS = 20_000
_ERRORS = (sqlite3.Error, OverflowError, MemoryError, ValueError)
_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ))
_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, MIB),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 2),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
)
_PRAGMAS = ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0")
_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' OR sql IS NOT NULL"


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of all tables and the schema's text.

    Of a database that is sampled the first 100,000 rows of each table are read.
    """
    connection = _open(artifact)
    try:
        connection.text_factory = _text
        for limit, value in _LIMITS:
            connection.setlimit(limit, value)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(_Clock(budget), _STEPS)
        sampled = not sampling.full and artifact.reader.size > sampling.over
        names, virtual = yield from _schema(connection)
        for name in names:
            try:
                for piece in _table(artifact, connection, name, sampled):
                    # What a full-text index keeps beside its texts is no value.
                    if not (isinstance(piece, Gap) and name.startswith(virtual)):
                        yield piece
            except _ERRORS as error:
                budget.check_time()
                detail = f"a table cannot be read ({_kind(error)})"
                yield Gap("malformed", artifact.location(), detail, "get the file again")
    except _ERRORS as error:
        budget.check_time()
        raise ParseError(f"SQLite: malformed ({_kind(error)})") from error
    finally:
        connection.close()


class _Clock:
    """Interrupts a statement when the time is up."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def __call__(self) -> int:
        try:
            self._budget.check_time()
        except LimitExceeded:
            return 1
        return 0


def _kind(error: BaseException) -> str:
    """Return what went wrong in a word; the message itself may quote the file."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second == "count":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _open(artifact: Artifact) -> sqlite3.Connection:
    """Open a database for reading, in memory where it is small enough.

    Raises:
        UnsupportedError: It is large and no file of its own, or cannot be held in memory here.
        ParseError: It cannot be opened.
    """
    data = artifact.reader.pread(0, _IN_MEMORY) if artifact.reader.size <= _IN_MEMORY else None
    try:
        if data is not None and hasattr(sqlite3.Connection, "deserialize"):
            connection = sqlite3.connect(":memory:", isolation_level=None)
            # A database in memory has no write-ahead log, whatever the header says of one.
            connection.deserialize(data[:18] + b"\1\1" + data[20:])
            return connection
        if artifact.parent is None and isinstance(artifact.reader, FileReader):
            place = f"file:{quote(artifact.name)}?mode=ro&immutable=1"
            return sqlite3.connect(place, uri=True, isolation_level=None)
    except _ERRORS as error:
        raise ParseError(f"SQLite: malformed ({_kind(error)})") from error
    raise UnsupportedError(
        f"a database of more than {_IN_MEMORY // MIB} MiB within another file",
        "unpack it and scan the file",
    )


def _schema(
    connection: sqlite3.Connection,
) -> Generator[Piece, None, tuple[list[str], tuple[str, ...]]]:
    """Yield the schema; return the tables to read, and how those of virtual tables begin."""
    names: list[str] = []
    virtual: list[str] = []
    statements: list[str] = []
    for name, statement in connection.execute(_TABLES).fetchmany(_MOST_TABLES):
        if isinstance(statement, str):
            statements.append(statement)
        words = str(statement).split(None, 2)[:2]
        if [word.upper() for word in words] == ["CREATE", "TABLE"] and isinstance(name, str):
            names.append(name)
        elif words[1:] and words[1].upper() == "VIRTUAL":
            virtual.append(f"{name}_")
    if statements:
        yield Text("\n".join(statements).encode("utf-8", "replace"), "schema", line=0)
    return names, tuple(virtual)


def _table(
    artifact: Artifact, connection: sqlite3.Connection, name: str, sampled: bool
) -> Iterator[Piece]:
    quoted = '"' + name.replace('"', '""') + '"'
    cursor = connection.execute(f"SELECT * FROM {quoted}")
    table = RowTable(name, [column[0] for column in cursor.description])
    rows: list[Row] = []
    size = count = hidden = 0
    for record in cursor:
        count += 1
        row = []
        for value in record:
            cell, blob = _cell(value)
            hidden += blob
            if len(cell) > _LONGEST_CELL:
                yield Text(cell.encode("utf-8", "replace"), name, line=0)
                cell = ""
            size += len(cell)
            row.append(cell)
        rows.append(row)
        if len(rows) >= _ROWS or size > _BATCH:
            yield from table.pieces(rows)
            rows, size = [], 0
        if sampled and count >= _SAMPLED:
            break
    yield from table.pieces(rows)
    if hidden:
        detail = f"{hidden} binary values of one table are not read"
        yield Gap("unsupported", artifact.location(), detail)
    if sampled and count >= _SAMPLED:
        total = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]
        yield Skipped(name, count, int(total), "rows")


def _cell(value: object) -> tuple[str, bool]:
    """Return a value as text, and whether it is binary data that has none."""
    if isinstance(value, str):
        return value, False
    if isinstance(value, int):
        return str(value), False
    if isinstance(value, bytes):
        text = text_of_bytes(value)
        return text.decode("utf-8", "replace"), bool(value) and not text
    return "", False
