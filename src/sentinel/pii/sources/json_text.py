"""JSON, one document or one a line: as text, and its values by the key they stand under."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from ...artifacts import Artifact
from ...limits import KIB, MIB, Budget
from ..model import Batch, Piece, Text
from . import Sampling
from .json_scan import Names, values
from .text import lines, unescape

_DOCUMENT = MIB
"""Bytes of one document whose values are told by key."""

_LINES = 8 * MIB
"""The same for a document a line."""

_LONGEST = 64 * KIB
_MOST_BRACKETS = 500
_BY_LINE = re.compile(rb"\s*[\[{][^\r\n]*[\]}][ \t]*\r?\n\s*[\[{]")
_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines", ".ldjson")

Cells = dict[str, tuple[list[str], list[int]]]
"""Values and their lines, by path of keys."""


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the text of a JSON file and, of its beginning, the values as columns.

    A column is named after the keys that lead to it (``messages[].content``). Every batch fills
    one column alone, the others have no cells; names are added at the end as they are met.
    """
    columns = _Columns()
    by_line = artifact.leaf.lower().endswith(_SUFFIXES)
    head, base = b"", 0
    for number, piece in enumerate(lines(artifact, budget, sampling)):
        if not isinstance(piece, Text):
            yield piece
            continue
        yield piece._replace(data=readable(piece.data))
        by_line = by_line or (not number and _BY_LINE.match(piece.data) is not None)
        if by_line and piece.offset < _LINES:
            yield from columns.batches(_by_line(piece, columns.names))
        elif not by_line and len(head) < _DOCUMENT:
            base = piece.offset if not number else base
            known = len(head) - (piece.offset - base)
            if known >= 0:  # else a window further on
                head += piece.data[known : known + _DOCUMENT - len(head)]
    if head:
        yield from columns.batches(document(head, columns.names))


def readable(data: bytes) -> bytes:
    """Return JSON with the escapes of printable characters resolved and those of blanks blank."""
    data = unescape(data)
    if b"\\" not in data:
        return data
    return data.replace(b"\\n", b"  ").replace(b"\\t", b"  ").replace(b"\\r", b"  ")


class _Columns:
    """The columns of one file, in the order in which they were met."""

    def __init__(self) -> None:
        self.names = Names()
        self._index: dict[str, int] = {}
        self._rows: list[int] = []

    def batches(self, cells: Cells) -> Iterator[Batch]:
        """Yield one batch for each column that has cells."""
        for path in cells:
            if path not in self._index:
                self._index[path] = len(self._rows)
                self._rows.append(0)
        names = tuple(self._index)
        for path, (column, at) in cells.items():
            index = self._index[path]
            columns: list[list[str]] = [[]] * len(names)
            columns[index] = column
            yield Batch("", names, columns, self._rows[index] + 1, at)
            self._rows[index] += len(column)


def document(data: bytes, names: Names, line: int = 1) -> Cells:
    """Return the values of a text by path."""
    cells: Cells = {}
    for value in values(data, names, line):
        _add(cells, value.path, value.text, value.line)
    return cells


def _add(cells: Cells, path: str, text: str, line: int) -> None:
    if 0 < len(text) <= _LONGEST:
        known = cells.get(path)
        if known is None:
            known = cells[path] = ([], [])
        known[0].append(text)
        known[1].append(line)


def _nothing(_: str) -> None:
    """Drop a number that is no whole one."""


_DECODER = json.JSONDecoder(
    strict=False, parse_int=str, parse_float=_nothing, parse_constant=_nothing
)


def _by_line(piece: Text, names: Names) -> Cells:
    cells: Cells = {}
    for number, record in enumerate(piece.data.split(b"\n"), piece.line):
        if not record.strip():
            continue
        for path, text in _record(record, names):
            _add(cells, path, text, number if piece.line else 0)
    return cells


def _record(record: bytes, names: Names) -> Iterable[tuple[str, str]]:
    """Return the values of one line, quickly where it is sound and not too deep."""
    if record.count(b"[") + record.count(b"{") <= _MOST_BRACKETS:
        try:
            return _walk(_DECODER.decode(record.decode("utf-8", "replace").strip()), names)
        except (ValueError, RecursionError):
            pass
    return ((value.path, value.text) for value in values(record, names))


def _walk(root: object, names: Names) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, object]] = [("", root)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, str):
                    yield names.child(path, key), inner
                elif inner is not None and inner is not True and inner is not False:
                    waiting.append((names.child(path, key), inner))
        elif isinstance(value, list):
            below = f"{path}[]"
            waiting.extend((below, inner) for inner in reversed(value))
