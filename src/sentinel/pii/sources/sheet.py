"""Worksheets of Excel documents (ECMA-376, SpreadsheetML), row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from ...limits import MIB, Budget
from ..model import Piece, Text
from .rows import Row, RowTable
from .xml_text import Blocks, attributes, events, plain

_MOST_SHARED = 64 * MIB
_MOST_CELLS = 100_000
_MOST_ROWS = 4000
_WIDEST = 16_384
_REFERENCE = re.compile(rb"\A([A-Za-z]{1,3})[0-9]*\Z")
_DATES = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_DATE_CODE = re.compile(rb"[yY]{2}|[dD]+[^\w]+[mM]|[mM]+[^\w]+[dD]")
_EPOCH = datetime(1899, 12, 30)  # so that day 61 is the first of March 1900
_LAST_DAY = 2_958_465


def shared_strings(blocks: Blocks, into: list[str]) -> Iterator[bytes]:
    """Read the strings that cells refer to.

    Args:
        blocks: The part that holds them.
        into: Where they go.

    Yields:
        Strings beyond 64 MiB, which are not kept, as text.
    """
    parts: list[bytes] = []
    size = 0
    inside = False
    for event in events(blocks):
        if event.name == b"t":
            inside = not event.closes
        elif not event.name:
            if inside:
                parts.append(event.data)
        elif event.name == b"si" and event.closes:
            text = plain(b"".join(parts))
            parts.clear()
            size += len(text)
            if size <= _MOST_SHARED:
                into.append(text)
            else:
                yield text.encode("utf-8", "replace") + b"\n"
    if parts:
        yield plain(b"".join(parts)).encode("utf-8", "replace")


def date_styles(blocks: Blocks) -> frozenset[bytes]:
    """Return the numbers of the cell styles that show a date."""
    codes: set[int] = set(_DATES)
    found: set[bytes] = set()
    count, inside = 0, False
    for event in events(blocks):
        if event.name == b"cellXfs":
            inside = not event.closes
        elif event.closes or event.name not in (b"numFmt", b"xf"):
            continue
        elif event.name == b"numFmt":
            known = attributes(event.data)
            if _DATE_CODE.search(known.get(b"formatCode", b"")):
                codes.add(_number(known.get(b"numFmtId", b"")))
        elif inside:
            if _number(attributes(event.data).get(b"numFmtId", b"")) in codes:
                found.add(b"%d" % count)
            count += 1
    return frozenset(found)


def _number(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 10 else -1


class Sheet:
    """Reads one worksheet.

    Args:
        path: Its name within the document.
        shared: The strings that cells refer to.
        dates: Styles that show a date.
    """

    def __init__(self, path: str, shared: list[str], dates: frozenset[bytes]) -> None:
        self._path = path
        self._shared = shared
        self._dates = dates
        self._table = RowTable(path, delimiter="\t")
        self._row: Row = []
        self._kind = b""
        self._parts: dict[bytes, list[bytes]] = {}
        self._at = 0

    def read(self, blocks: Blocks, budget: Budget) -> Iterator[Piece]:
        """Yield the rows as batches, and formulas that hold text as text.

        Args:
            blocks: The worksheet.
            budget: Gives the time.
        """
        rows: list[Row] = []
        cells = 0
        part = b""
        for event in events(blocks):
            if not event.name:
                if part:
                    self._parts.setdefault(part, []).append(event.data)
            elif event.name in (b"v", b"t", b"f", b"oddHeader", b"oddFooter"):
                part = b"" if event.closes else event.name
            elif event.name == b"c":
                if event.closes:
                    yield from self._end_cell()
                else:
                    self._begin_cell(attributes(event.data))
            elif event.name == b"row" and event.closes and self._row:
                rows.append(self._row)
                cells += len(self._row)
                self._row = []
                if cells > _MOST_CELLS or len(rows) > _MOST_ROWS:
                    budget.check_time()
                    yield from self._table.pieces(rows)
                    rows, cells = [], 0
        yield from self._end_cell()  # what stands outside of cells, or breaks off in one
        yield from self._table.pieces([*rows, self._row] if self._row else rows)

    def _begin_cell(self, known: dict[bytes, bytes]) -> None:
        self._kind = known.get(b"t", b"n")
        if self._kind == b"n" and known.get(b"s") in self._dates:
            self._kind = b"date"
        self._parts = {}
        reference = _REFERENCE.match(known.get(b"r", b""))
        self._at = len(self._row) if reference is None else _column(reference[1])

    def _end_cell(self) -> Iterator[Text]:
        text = self._value()
        if text:
            if len(self._row) <= self._at:
                self._row.extend([""] * (self._at - len(self._row)))
                self._row.append(text)
            else:
                self._row[self._at] = (
                    text if not self._row[self._at] else (f"{self._row[self._at]} {text}")
                )
        formula = plain(b"".join(self._parts.get(b"f", ())))
        for part in (b"oddHeader", b"oddFooter"):
            formula += plain(b"".join(self._parts.get(part, ())))
        if '"' in formula or "@" in formula:
            yield Text(formula.encode("utf-8", "replace"), self._path, line=0)
        self._parts = {}
        self._at = len(self._row)

    def _value(self) -> str:
        raw = b"".join(self._parts.get(b"v", ()) or self._parts.get(b"t", ()))
        if self._kind == b"s":
            index = _number(raw.strip())
            return self._shared[index] if 0 <= index < len(self._shared) else ""
        text = plain(raw)
        if self._kind == b"date":
            return _date(text)
        return _whole(text) if self._kind == b"n" and "E" in text else text


def _column(letters: bytes) -> int:
    """Return the place of a column, counted from 0 and never beyond the last one there can be."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return min(number, _WIDEST) - 1


def _whole(text: str) -> str:
    """Return a whole number without an exponent (``4.1111E+15``)."""
    try:
        value = float(text)
    except ValueError:
        return text
    return str(int(value)) if value.is_integer() and abs(value) < 1e17 else text


def _date(text: str) -> str:
    try:
        days = float(text)
    except ValueError:
        return text
    if not 0 <= days <= _LAST_DAY:
        return text
    return (_EPOCH + timedelta(days=days)).date().isoformat()
