"""Tables of HTML as a flat run of tags: nothing is built, and depth is bounded.

What stands in comments is a table here too, so that nothing can be hidden in one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ..model import Batch
from .found_tables import LONGEST, FoundTables
from .html_grid import Grid

_TABLE = re.compile(rb"<[tT][aA][bB][lL][eE](?=[\s>])")
_TOKEN = re.compile(
    rb"<(/?)(table|tr|th|td|script|style)(?=[\s>/])([^<>]{0,4096}+)>", re.IGNORECASE
)
_EDGE = re.compile(rb"<(/?)([tT][aA][bB][lL][eE])(?=[\s>/])([^<>]{0,4096}+)>")
_BREAK = re.compile(rb"<(?:br|/?p|/?div|/?li)\b[^<>]*+>", re.IGNORECASE)
_MARKUP = re.compile(rb"<[^<>]*+>")
_SPAN = re.compile(rb"\b(col|row)span\s{0,9}+=\s{0,9}+[\"']?(\d{1,4})", re.IGNORECASE)
_MUTE = (b"script", b"style")
_DEPTH = 8
_CUT = 4200  # of a tag that the end of a part may have cut


class HtmlTables:
    """Finds tables of HTML; see ``tables.Reader``.

    Args:
        found: Takes them.
    """

    def __init__(self, found: FoundTables) -> None:
        self._found = found
        self._start("")

    def _start(self, path: str) -> None:
        self._path = path
        self._open: list[Grid] = []
        self._deeper = 0
        self._mute = b""
        self._cell: list[bytes] | None = None
        self._outer: list[tuple[list[bytes] | None, int]] = []
        self._size = 0
        self._rest = b""

    def feed(self, data: bytes, line: int, path: str) -> Iterator[Batch]:
        """See ``tables.Reader``."""
        self._path = path
        if self._rest:
            line = line - self._rest.count(b"\n") if line else 0
            data, self._rest = self._rest + data, b""
        at = counted = 0
        while at < len(data):
            if not self._open:
                table = _TABLE.search(data, at)
                if table is None:
                    at = len(data)
                    break
                at = table.start()
            is_dull = bool(self._open) and self._open[-1].is_dull
            token = (_EDGE if is_dull else _TOKEN).search(data, at)
            if token is None:
                break
            self._text(data[at : token.start()])
            shift = data.count(b"\n", counted, token.start())
            line, counted = line + shift if line else 0, token.start()
            at = token.end()
            yield from self._token(token, line)
        self._keep(data, at)

    def _keep(self, data: bytes, at: int) -> None:
        """Keep the end of a part, where it may be half a tag, for the next."""
        cut = data.rfind(b"<", max(0, len(data) - _CUT))
        if cut < (at if self._open else 0) or data.find(b">", cut) >= 0:
            cut = len(data)
        if self._open:
            self._text(data[at:cut])
        self._rest = data[cut:]

    def _text(self, data: bytes) -> None:
        """Take the text in front of a tag."""
        if self._cell is not None and not self._mute and data and self._size <= LONGEST:
            self._size += len(data)
            self._cell.append(data)

    def _token(self, token: re.Match[bytes], line: int) -> Iterator[Batch]:
        slash, name, rest = token[1], token[2].lower(), token[3]
        if self._mute:
            if self._mute == name and slash:
                self._mute = b""
            return
        if name in _MUTE:
            self._mute = b"" if slash or rest.endswith(b"/") else name
        elif name == b"table":
            if slash:
                yield from self._end_table()
            else:
                self._begin_table()
        elif self._open and not self._deeper:
            self._end_cell()
            grid = self._open[-1]
            if name == b"tr":
                yield from grid.end_row()
                if not slash:
                    grid.begin_row(line)
            elif not slash:
                spans = {kind.lower(): int(count) for kind, count in _SPAN.findall(rest)}
                grid.begin_cell(name == b"th", spans.get(b"col", 1), spans.get(b"row", 1), line)
                self._cell, self._size = [], 0

    def _begin_table(self) -> None:
        if len(self._open) >= _DEPTH:
            self._deeper += 1
            return
        self._outer.append((self._cell, self._size))
        self._cell = None
        self._open.append(Grid(self._found, self._path))

    def _end_table(self) -> Iterator[Batch]:
        if self._deeper:
            self._deeper -= 1
        elif self._open:
            self._end_cell()
            yield from self._open.pop().close()
            self._cell, self._size = self._outer.pop()

    def _end_cell(self) -> None:
        if self._cell is not None and self._open:
            data, self._cell = b"".join(self._cell), None
            self._open[-1].end_cell(plain(data) if len(data) <= LONGEST else "")

    def end(self) -> Iterator[Batch]:
        """See ``tables.Reader``."""
        while self._open:
            self._deeper = 0
            yield from self._end_table()
        self._start("")


def plain(data: bytes) -> str:
    """Return the text of a cell: without tags, entities resolved, blanks single."""
    if b"<" in data:
        data = _MARKUP.sub(b"", _BREAK.sub(b" ", data))
    text = data.decode("utf-8", "replace")
    return " ".join((html.unescape(text) if "&" in text else text).split())
