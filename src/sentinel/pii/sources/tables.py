"""Tables within text: pipe tables of Markdown, tables of HTML, rows of SQL dumps.

They are told in addition to the text, which is searched all the same: a date of birth or a name
says what it is by the header of its column alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from ...artifacts import Artifact
from ..model import Piece, Text
from .found_tables import FoundTables

_PROSE = (
    ".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc", ".qmd", ".rmd",
)  # fmt: skip
_HTML = (".html", ".htm", ".xhtml", ".shtml")
_SQL = (".sql", ".ddl", ".dml", ".psql", ".pgsql", ".mysql", ".dump", ".dmp")
_CODE_HEAD = re.compile(rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?<(?:!doctype html|html|table)\b", re.I)
_DUMP = re.compile(
    rb"-- (?:PostgreSQL database|MySQL|MariaDB|phpMyAdmin SQL|Adminer)\b|\APRAGMA foreign_keys"
    rb"|^(?:INSERT INTO|CREATE TABLE|COPY [\w.\"]+ \()",
    re.MULTILINE,
)
_HEAD = 4096


class Reader(Protocol):
    """What finds tables of one kind in a text that comes in parts."""

    def feed(self, data: bytes, line: int, path: str) -> Iterator[Piece]:
        """Yield the rows of the next part.

        Args:
            data: It.
            line: Line of its first byte; 0 for none.
            path: See ``Place.path``.
        """
        ...

    def end(self) -> Iterator[Piece]:
        """Yield what is left; what comes then is another text."""
        ...


class Tables:
    """Finds the tables of a file's texts.

    Args:
        artifact: The file; its name tells which kinds there may be.
        both: Whether there may be pipes and HTML whatever the name.
    """

    def __init__(self, artifact: Artifact, *, both: bool = False) -> None:
        self._leaf = artifact.leaf.lower()
        self._found = FoundTables(artifact.location())
        self._readers: list[Reader] | None = None
        self._both = both
        self._behind = 0
        self._path = ""

    def feed(self, text: Text) -> Iterator[Piece]:
        """Yield the rows of tables in a text, as it was read: with its escapes.

        A text that follows the one before goes on with it, also where it begins with its end.
        """
        if self._readers is None:
            self._readers = self._make(text.data[:_HEAD])
        if not self._readers:
            return
        known = self._behind - text.offset
        if text.path != self._path or not 0 <= known <= len(text.data):
            yield from self._end()
            known = 0
        self._path, self._behind = text.path, text.offset + len(text.data)
        for reader in self._readers:
            yield from reader.feed(text.data[known:], text.line, text.path)

    def end(self) -> Iterator[Piece]:
        """Yield what is left when all was read."""
        yield from self._end()
        yield from self._found.gaps()

    def _end(self) -> Iterator[Piece]:
        for reader in self._readers or ():
            yield from reader.end()
        yield from self._found.flush()

    def _make(self, head: bytes) -> list[Reader]:
        readers: list[Reader] = []
        is_prose = self._both or self._leaf.endswith(_PROSE) or "." not in self._leaf
        if is_prose:
            from .pipe_tables import PipeTables

            readers.append(PipeTables(self._found))
        if is_prose or self._leaf.endswith(_HTML) or _CODE_HEAD.match(head):
            from .html_tables import HtmlTables

            readers.append(HtmlTables(self._found))
        if not self._both and (self._leaf.endswith(_SQL) or _DUMP.search(head)):
            from .sql_rows import SqlRows

            readers.append(SqlRows(self._found))
        return readers
