"""Rows of SQL dumps: INSERT with its columns or those of CREATE TABLE, and COPY of PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from ...limits import KIB, MIB
from ..model import Batch
from .found_tables import FoundTables, Rows
from .rows import MOST_COLUMNS, Row
from .sql_values import BLANK, COMMENT, Values, unescaped

_LONGEST_ROW = 2 * MIB
_LONGEST_HEAD = 64 * KIB
_MOST_KNOWN = 100_000
_S = rb"\s{1,99}+"
_O = rb"\s{0,99}+"
_PART = rb"(?:`[^`\n]{1,200}+`|\"[^\"\n]{1,200}+\"|\[[^\]\n]{1,200}+\]|[\w$\x80-\xff]{1,200}+)"
_NAME = rb"(" + _PART + rb"(?:" + _O + rb"\." + _O + _PART + rb"){0,3}+)" + _O
_WORDS = rb"(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OR" + _S + rb"\w{1,20}+)" + _S + rb")*+"
_QUOTED = rb"`[^`]*+`|\"[^\"]*+\"|'(?:[^'\\]++|\\[\s\S])*+'"
_START = re.compile(
    rb"\b(?:(?:INSERT|REPLACE)" + _S + _WORDS + rb"(?:INTO" + _S + rb")?" + _NAME
    + rb"|COPY" + _S + _NAME
    + rb"|CREATE" + _S + rb"(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED)" + _S + rb"){0,2}+"
    + rb"TABLE" + _S + rb"(?:IF" + _S + rb"NOT" + _S + rb"EXISTS" + _S + rb")?" + _NAME
    + rb"(?=\())",
    re.IGNORECASE,
)  # fmt: skip
_IN_QUOTES = rb"`[^`()]*+`|\"[^\"()]*+\""  # so that no other statement is passed over
_COLUMNS = rb"(?:\(((?:[^()'\"`;]++|" + _IN_QUOTES + rb")*+)\))?" + _O
_VALUES = re.compile(
    _COLUMNS + rb"(?:OVERRIDING" + _S + rb"\w{4,6}+" + _S + rb"VALUE" + _S + rb")?VALUES?" + _O
    + rb"(?=\()", re.IGNORECASE,
)  # fmt: skip
_STDIN = re.compile(_COLUMNS + rb"FROM" + _S + rb"stdin([^\n;]{0,200}+);[ \t\r]*+\n", re.IGNORECASE)
_CREATE = re.compile(rb"[^()'\"`,/-]++|" + _QUOTED + rb"|[(),]|" + COMMENT + rb"|[\s\S]")
_COLUMN = re.compile(rb"(" + _PART + rb")(?=\s|\Z)")
_CONSTRAINT = re.compile(
    rb"(?:primary|foreign)\s++key\b|(?:constraint|exclude|like)\s|period\s++for\b|check\s*+\("
    rb"|(?:unique|key|index|fulltext|spatial)\b[^(]{0,400}\((?!\s*+\d)", re.IGNORECASE,
)  # fmt: skip
_BACKQUOTED = re.compile(rb"(?:INSERT|REPLACE)[^(`]{1,60}`", re.IGNORECASE)
_STANDARD = re.compile(rb"-- PostgreSQL|standard_conforming_strings|PRAGMA foreign_keys")
_MYSQL = re.compile(rb"-- (?:MySQL|MariaDB|phpMyAdmin)|ENGINE=\w|/\*!40\d\d\d ")

Reading = Generator[Batch, None, int]
"""Yields rows; returns the place up to which the text was read."""


class SqlRows:
    """Finds the rows of SQL; see ``tables.Reader``.

    Args:
        found: Takes them.
    """

    def __init__(self, found: FoundTables) -> None:
        self._found = found
        self._known: dict[bytes, list[str]] = {}
        self._room = _MOST_KNOWN
        self._dialect = ""
        self._values = Values("")
        self._reset()

    def _reset(self) -> None:
        self._rest = b""
        self._state = ""  # what the text at hand is: nothing special, values, lines, more of a line
        self._next: tuple[str, str, list[str]] | None = None
        self._rows: Rows | None = None
        self._width = 0

    def feed(self, data: bytes, line: int, path: str) -> Iterator[Batch]:
        """See ``tables.Reader``."""
        if self._rest:
            line = line - self._rest.count(b"\n") if line else 0
            data, self._rest = self._rest + data, b""
        self._learn(data)
        self._line, self._counted = line, 0
        at = 0
        while at < len(data):
            state = self._state
            if state == "values":
                after = yield from self._tuples(data, at)
            elif state:
                after = yield from self._lines(data, at)
            else:
                after = self._statement(data, at, path)
            if after == at and state == self._state:
                break
            at = after
        self._at(data, at)
        self._rest, self._counted = data[at:], 0

    def end(self) -> Iterator[Batch]:
        """See ``tables.Reader``."""
        if self._state == "lines" and self._rest:
            yield from self._lines(self._rest + b"\n", 0)
        self._reset()

    def _close(self) -> None:
        self._rows, self._next, self._state = None, None, ""

    def _learn(self, data: bytes) -> None:
        """Find out the dialect where that is not known."""
        if not self._dialect:
            head = data[: 16 * KIB]
            standard, mysql = _STANDARD.search(head), _MYSQL.search(head)
            if standard or mysql:
                self._dialect = "standard" if standard else "mysql"
                self._values = Values(self._dialect)

    def _at(self, data: bytes, at: int) -> int:
        """Return the line of a place; places ascend."""
        if self._line:
            self._line += data.count(b"\n", self._counted, at)
            self._counted = at
        return self._line

    def _statement(self, data: bytes, at: int, path: str) -> int:
        """Look for the next statement; return the place behind its head."""
        start = _START.search(data, at)
        if start is None:
            return max(at, len(data) - 512) if len(data) - at > 512 else at
        self._at(data, start.start())
        if start[3] is not None:
            end = self._create(data, start.end(), start[3])
        else:
            end = self._open(data, start, path)
        if not end:
            cut = len(data) - start.start() < _LONGEST_HEAD
            return start.start() if cut and _is_cut(data, start.end()) else start.end()
        return end

    def _open(self, data: bytes, start: re.Match[bytes], path: str) -> int:
        """Begin with the rows of a statement; return 0 where there are none."""
        table = start[1] or start[2]
        head = (_VALUES if start[1] else _STDIN).match(data, start.end())
        if head is None or head.end() - start.end() > _LONGEST_HEAD:
            return 0
        names = _names(head[1]) if head[1] else self._known.get(_key(table), [])
        if len(names) > MOST_COLUMNS or (start[2] and b"csv" in head[2].lower()):
            return 0
        self._next = path, _key(table).decode("utf-8", "replace"), names
        self._state = "values" if start[1] else "lines"
        self._width = len(names) if head[1] else 0
        if self._dialect == "" and _BACKQUOTED.match(data, start.start(), start.end()):
            self._dialect, self._values = "mysql", Values("mysql")
        return head.end()

    def _create(self, data: bytes, at: int, table: bytes) -> int:
        """Note the columns of a table; return 0 where its end is not in sight."""
        names, depth, begin = [], 0, at + 1
        for token in _CREATE.finditer(data, at, at + _LONGEST_HEAD):
            mark = token[0]
            depth += (mark == b"(") - (mark == b")")
            if depth == 0 or (depth == 1 and mark == b","):
                blank = BLANK.match(data, begin, token.start())
                begin = blank.end() if blank else begin
                column = _COLUMN.match(data, begin, token.start())
                if column and not _CONSTRAINT.match(data, begin, token.start()):
                    names.append(_bare(column[1]).decode("utf-8", "replace"))
                begin = token.end()
            if depth == 0:
                self._room -= len(names) + 1
                if self._room > 0 and len(names) <= MOST_COLUMNS:
                    self._known[_key(table)] = names
                return token.end()
        return min(len(data), at + _LONGEST_HEAD) if len(data) - at >= _LONGEST_HEAD else 0

    def _tuples(self, data: bytes, at: int) -> Reading:
        """Yield rows in brackets."""
        while True:
            begin = _behind_blanks(data, at)
            if data[begin : begin + 1] == b",":
                begin = _behind_blanks(data, begin + 1)
            if begin >= len(data):
                return at
            if data[begin : begin + 1] != b"(":
                self._close()
                return begin
            cells, end = self._values.row(data, begin + 1)
            if cells is None:
                if end >= len(data) and len(data) - begin <= _LONGEST_ROW:
                    return begin
                self._close()
                return end
            yield from self._add(cells, self._at(data, begin))
            at = end

    def _add(self, cells: Row, line: int) -> Iterator[Batch]:
        """Take a row where it fits the columns; those of CREATE TABLE may be others."""
        if self._rows is None and self._next is not None:
            path, table, names = self._next
            self._next = None
            if len(names) != len(cells) and not self._width:
                names = []
            self._width = len(names)
            self._rows = self._found.open(path, names, table)
        if self._rows is not None and self._width in (0, len(cells)):
            yield from self._rows.add(cells[:MOST_COLUMNS], line)

    def _lines(self, data: bytes, at: int) -> Reading:
        """Yield rows with tabs, a line each."""
        while at < len(data):
            end = data.find(b"\n", at)
            if end < 0:
                if len(data) - at <= _LONGEST_ROW:
                    return at
                self._state = "more"
                return len(data)
            row = data[at:end].removesuffix(b"\r").split(b"\t")
            is_more, self._state = self._state == "more", "lines"
            if row == [b"\\."] or (not is_more and self._width and len(row) != self._width):
                self._close()
                return end + 1 if row == [b"\\."] else at
            if not is_more:
                yield from self._add([unescaped(cell) for cell in row], self._at(data, at))
            at = end + 1
        return at


def _behind_blanks(data: bytes, at: int) -> int:
    blank = BLANK.match(data, at)
    return blank.end() if blank else at


def _is_cut(data: bytes, at: int) -> bool:
    """Return True when a statement may go on behind the end of the text: it has no end in it."""
    return data.find(b";", at) < 0


def _names(data: bytes) -> list[str]:
    found = re.findall(_PART, data)
    return [_bare(name).decode("utf-8", "replace") for name in found]


def _bare(name: bytes) -> bytes:
    return name[1:-1] if name[:1] in b'`"[' else name


def _key(name: bytes) -> bytes:
    """Return the last part of a table's name, without quotes."""
    parts = re.findall(_PART, name)
    return _bare(parts[-1]).lower()
