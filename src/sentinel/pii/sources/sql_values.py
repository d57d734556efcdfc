r"""The values of one row of SQL: strings of each dialect, numbers, calls; NULL and blobs are empty.

``'it''s'`` is the same in all of them. A backslash before a quote is a part of the string in
PostgreSQL and SQLite and an escape in MySQL and in ``E''``: where a file does not tell, it is an
end when what follows looks like the next value.
"""

from __future__ import annotations

import re

from .rows import Row

_PREFIX = rb"(?:_\w{1,20}\s{0,9}+|[NnBbXx]|[Uu]&)?"
_STANDARD = rb"[^']++|''"
_MYSQL = rb"[^'\\]++|''|\\[\s\S]"
_EITHER = rb"[^'\\]++|''|\\(?!'\s{0,9}+[,)]\s{0,9}+(?:[,;('\dNne-]|\Z))[\s\S]|\\"
_CAST = rb"(?:::[\w \[\]\".]{1,60})?"
COMMENT = rb"--[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"
"""Pattern of a comment, which may lack its end: nothing is looked through twice for it."""

_BLANK = rb"(?:\s++|" + COMMENT + rb")*+"
_BLOB = re.compile(r"0[xX][0-9a-fA-F]{20,}|\\x[0-9a-fA-F]*")
_ESCAPE = re.compile(rb"\\([\s\S])")
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"0": b" ", b"b": b" ", b"Z": b" "}
_EMPTY = frozenset(("null", "default", "none"))

BLANK = re.compile(_BLANK)
"""Blanks and comments."""


def _value(string: bytes) -> re.Pattern[bytes]:
    """Return what matches a plain value, and the mark behind it.

    Args:
        string: What may be in a string.
    """
    return re.compile(
        _BLANK
        + rb"(?:(" + _PREFIX + rb")'((?:" + string + rb")*+)'(?!')" + _CAST
        + rb"|([eE])'((?:" + _MYSQL + rb")*+)'(?!')" + _CAST
        + rb'|"((?:[^"\\]++|""|\\[\s\S])*+)"(?!")'
        + rb"|([^\s'\"(),;$/]++(?:[ ](?!--)[^\s'\"(),;$/]++){0,9}+)?" + rb")"
        + _BLANK
        + rb"([,)])"
    )  # fmt: skip


_TOKEN = re.compile(
    rb"'(?:[^'\\]++|''|\\[\s\S])*+'|\"(?:[^\"]++|\"\")*+\"|[(),;]|" + COMMENT
    + rb"|[^'\"(),;/-]++|[\s\S]"
)  # fmt: skip
_FIRST = re.compile(rb"'((?:[^'\\]++|''|\\[\s\S])*+)'")


class Values:
    """Reads rows of values.

    Args:
        dialect: ``mysql``, ``standard``, or empty where it is not known.
    """

    def __init__(self, dialect: str) -> None:
        string = {"mysql": _MYSQL, "standard": _STANDARD}.get(dialect, _EITHER)
        self._value = _value(string)
        self._escaped = dialect != "standard"

    def row(self, data: bytes, at: int) -> tuple[Row | None, int]:
        """Return the values of a row and the place behind it; None for a row that is broken there.

        A row that does not end is broken at the end of the text.

        Args:
            data: The text.
            at: Place behind the opening bracket.
        """
        cells: Row = []
        match = self._value.match
        while True:
            found = match(data, at)
            if found is None:
                cell, at = _expression(data, at)
                if cell is None:
                    return None, at
                is_last = data[at - 1 : at] == b")"
            else:
                cell, at = self._cell(found), found.end()
                is_last = found[7] == b")"
            cells.append(cell)
            if is_last:
                return cells, at

    def _cell(self, found: re.Match[bytes]) -> str:
        raw = found[2]
        if raw is not None:
            if found[1][:1] in (b"X", b"x"):
                return ""
            return _string(raw, self._escaped)
        if found[4] is not None:
            return _string(found[4], True)
        if found[5] is not None:
            return _string(found[5].replace(b'""', b'"'), self._escaped)
        text = (found[6] or b"").decode("utf-8", "replace")
        return "" if text.lower() in _EMPTY or _BLOB.fullmatch(text) else text


def _string(raw: bytes, escaped: bool) -> str:
    if b"'" in raw:
        raw = raw.replace(b"''", b"'")
    if b"\\" in raw:
        if raw.startswith(b"\\x"):
            return ""
        if escaped:
            raw = _ESCAPE.sub(_resolved, raw)
    return raw.decode("utf-8", "replace")


def _resolved(found: re.Match[bytes]) -> bytes:
    return _CONTROLS.get(found[1], found[1])


def _expression(data: bytes, at: int) -> tuple[str | None, int]:
    """Return the first string of a call or other expression, and the place behind its mark.

    See ``Values.row`` for what is broken.
    """
    depth, first = 0, ""
    for token in _TOKEN.finditer(data, at):
        mark = token[0]
        if mark == b"(":
            depth += 1
        elif mark in (b")", b","):
            if not depth:
                return first, token.end()
            depth -= mark == b")"
        elif mark == b";":
            return None, token.end()
        elif mark in (b"'", b'"'):
            break
        elif mark.startswith(b"'") and not first:
            first = _string(mark[1:-1], True)
    return None, len(data)


def unescaped(cell: bytes) -> str:
    r"""Return a cell of ``COPY``: ``\N`` is no value, ``\t`` and such are resolved."""
    if b"\\" not in cell:
        return cell.decode("utf-8", "replace")
    return "" if cell == b"\\N" else _string(cell, True)
