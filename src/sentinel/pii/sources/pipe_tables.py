"""Pipe tables of Markdown: a line of names, a line of dashes, rows until a line without a bar."""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Iterator

from ..model import Batch
from .found_tables import FoundTables, Rows, telling
from .rows import MOST_COLUMNS, Row

_LONGEST = 64 * 1024
_HINT = re.compile(rb"\|[ \t]{0,80}+[-:]")
_DASHES = re.compile(rb"\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+(?:\|[ \t]*+)?")
_BAR = re.compile(rb"(?<!\\)\|")
_LINK = re.compile(r"!?\[([^\[\]]{0,500}+)\]\([^()\s]{0,500}+\)")
_TAG = re.compile(r"<[^<>]{0,500}+>")
_DIGIT = re.compile(r"\d")


class PipeTables:
    """Finds pipe tables; see ``tables.Reader``.

    Args:
        found: Takes them.
    """

    def __init__(self, found: FoundTables) -> None:
        self._found = found
        self._rows: Rows | None = None
        self._columns: list[int] = []
        self._last = b""

    def feed(self, data: bytes, line: int, path: str) -> Iterator[Batch]:
        """See ``tables.Reader``."""
        at = counted = 0
        while True:
            if self._rows is not None:
                shift = data.count(b"\n", counted, at)
                line, counted = line + shift if line else 0, at
                at = yield from self._read(data, at, line)
            if at >= len(data):
                break
            hint = _HINT.search(data, at)
            if hint is None:
                break
            start = data.rfind(b"\n", at, hint.start()) + 1 or at
            end = data.find(b"\n", hint.end())
            end = len(data) if end < 0 else end
            self._open(self._before(data, start), data[start:end], path)
            at = min(end + 1, len(data))
        tail = data[-_LONGEST:].removesuffix(b"\n")
        self._last = tail[tail.rfind(b"\n") + 1 :] if data.endswith(b"\n") else b""

    def end(self) -> Iterator[Batch]:
        """See ``tables.Reader``."""
        self._rows, self._last = None, b""
        yield from ()

    def _before(self, data: bytes, start: int) -> bytes:
        """Return the line in front of a place where a line begins."""
        if not start:
            return self._last
        begin = data.rfind(b"\n", max(0, start - 1 - _LONGEST), start - 1) + 1
        return data[begin : start - 1] if start - begin <= _LONGEST else b""

    def _open(self, header: bytes, dashes: bytes, path: str) -> None:
        if b"|" not in header or len(dashes) > _LONGEST:
            return
        dashes = dashes.strip(b" \t>\r")
        if _DASHES.fullmatch(dashes) is None:
            return
        names = [_plain(cell) for cell in _cells(header)]
        if len(names) != len(_cells(dashes)) or len(names) > MOST_COLUMNS:
            return
        self._columns = telling(names)
        if self._columns:
            chosen = [names[n] for n in self._columns]
            self._rows = self._found.open(path, chosen, header=names)

    def _read(self, data: bytes, at: int, line: int) -> Generator[Batch, None, int]:
        """Yield rows from ``at`` on; return where the table ends, or the text."""
        assert self._rows is not None
        size = len(data)
        while at < size:
            end = data.find(b"\n", at)
            end = size if end < 0 else end
            if data.find(b"|", at, end) < 0:
                self._rows = None
                return at
            if end - at <= _LONGEST:
                yield from self._rows.add(self._row(data[at:end]), line)
            at, line = end + 1, line + 1 if line else 0
        return at

    def _row(self, data: bytes) -> Row:
        cells = _cells(data)
        return [_plain(cells[n]) if n < len(cells) else "" for n in self._columns]


def _cells(row: bytes) -> list[bytes]:
    """Return the cells of a row, without the bars at its ends."""
    row = row.strip(b" \t>\r")
    row = row.removeprefix(b"|")
    cells = _BAR.split(row) if b"\\|" in row else row.split(b"|")
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return cells


def _plain(cell: bytes) -> str:
    """Return the text of a cell without marks of emphasis, links and tags.

    Code stays marked as such: what is named by it is a parameter, no person.
    """
    text = cell.strip().decode("utf-8", "replace")
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "<" in text:
        text = _TAG.sub(" ", text).strip()
    if "&" in text:
        text = html.unescape(text)
    text = text.strip("*_ ")
    if text.startswith("`") and _DIGIT.search(text):
        text = text.strip("` ")
    return text.replace("\\|", "|")
