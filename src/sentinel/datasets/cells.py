"""What a cell of a table would do in a spreadsheet, and where the links of a text lead.

Formulas: OWASP, "CSV Injection"; the functions that fetch or start something are those of Excel,
LibreOffice and Google Sheets. A sign in front of a number or a word is no formula.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..rules.dataset_notes import Note
from .notes import Notes, Place, Tally

_REACHING = (
    "hyperlink|webservice|filterxml|encodeurl|importxml|importdata|importhtml|importfeed"
    "|importrange|image|googlefinance|googletranslate|call|register(?:\\.id)?|exec|dde|rtd|run"
)
_FORMULA = re.compile(
    r"\x00[\s\"']*(?P<mark>[=+@-])[\s+=@-]*(?:(?P<call>[A-Za-z_][A-Za-z0-9._]{0,60})(?P<gap>\s?)\("
    r"|(?P<dde>[A-Za-z][\w.]{0,60}\|[^\x00\n]{0,1000}?![A-Za-z0-9])|(?P<value>[\d.(\"'{]))"
)
_PREFIX = r"(?:_xlfn\.|_xlws\.|com\.microsoft\.|org\.libreoffice\.)?"
_FETCHES = re.compile(rf"{_PREFIX}(?:{_REACHING})\Z", re.IGNORECASE)
_EXCHANGE = r"[A-Za-z][\w.]{0,60}\|'[^'\n]{0,1000}'!\$?[A-Za-z]"
_EXCHANGES = re.compile(_EXCHANGE)
_NESTED = re.compile(
    rf"(?<![\w.]){_PREFIX}(?:{_REACHING})\s*\(|{_EXCHANGE}|'(?:file:|https?:|\\\\)",
    re.IGNORECASE,
)
_LONGEST = 8192  # characters of a formula in Excel
_WORKSHEET = frozenset((
    "sum", "average", "if", "count", "counta", "max", "min", "concatenate", "concat", "indirect",
    "index", "match", "vlookup", "hlookup", "lookup", "round", "abs", "and", "or", "not", "char",
    "code", "left", "right", "mid", "len", "text", "value", "now", "today", "rand", "cell",
    "info", "sumif", "countif", "iferror", "substitute",
))  # fmt: skip
_URL = re.compile(r"(?<![\w.])(?:https?|ftp|s3|gs|hf)://([^\s/\"'<>\\?#,]{1,253})", re.IGNORECASE)
_ODD = re.compile(r"(?<!\w)(?:(?:javascript|vbscript):\s*[\w.]+\s*\(|data:text/html)", re.I)
_METADATA = frozenset(("169.254.169.254", "metadata.google.internal", "100.100.100.200"))
_MOST_HOSTS = 10_000
_MOST_LINKS = 1_000_000
_SHOWN = 5


class Formulas:
    """Looks for cells that a spreadsheet would run."""

    def __init__(self) -> None:
        self.reaching = Tally()
        self.plain = Tally()

    def feed(self, cells: Sequence[str], first: int, line: int, column: str) -> None:
        """Look at cells of one column.

        Args:
            cells: The cells.
            first: 1-based row of the first; 0 when rows are not known.
            line: Line of the first, each cell on one of its own; 0 when not known.
            column: Name of the column.
        """
        text = "\0" + "\0".join(cells)
        if not any(mark in text for mark in ("(", "|", "'file:", "'http", "'\\\\")):
            return
        row, counted = first - 1, 0
        for match in _FORMULA.finditer(text):
            verdict = _judge(text, match)
            if not verdict:
                continue
            row += text.count("\0", counted, match.start() + 1)
            counted = match.start() + 1
            place = Place(row, line + row - first if line else 0, column)
            place = place if first else Place(0, 0, column)
            (self.reaching if verdict == "reaching" else self.plain).add(place, _shape(match))

    def report(self, notes: Notes, total: int) -> None:
        """Note what was found among ``total`` rows."""
        if self.reaching.number:
            says = "cells are formulas that fetch, link or start something in a spreadsheet"
            notes.add(self.reaching.note("formula-reaches", says, total))
        if self.plain.number:
            notes.add(self.plain.note("formula", "cells are formulas to a spreadsheet", total))


def _judge(text: str, match: re.Match[str]) -> str:
    call = match["call"]
    if match["dde"]:
        return "reaching"
    start, is_equal = match.start("mark") + 1, match["mark"] == "="
    if call is not None:
        if match["gap"] and not is_equal:
            return ""
        if _FETCHES.match(call):
            return "reaching"
        if not is_equal and call.lower() not in _WORKSHEET:
            return ""  # "-foo(bar)" is what people write; "=foo(bar)" is not
        start = match.end()
    end = text.find("\0", start, start + _LONGEST)
    rest = text[start : end if end >= 0 else start + _LONGEST]
    if call is None:  # a sum, a text or a sheet elsewhere, and what comes behind it
        return "reaching" if (_NESTED if is_equal else _EXCHANGES).search(rest) else ""
    return "reaching" if _NESTED.search(rest) else "plain"


def _shape(match: re.Match[str]) -> str:
    if match["call"]:
        return f"{match['mark']}{match['call']}(…)"
    return f"{match['mark']}…|…!…" if match["dde"] else f"{match['mark']}…"


class Links:
    """Counts the addresses in a text by host."""

    def __init__(self) -> None:
        self._hosts: Counter[str] = Counter()
        self._links = 0
        self._odd = Tally()
        self._inner = Tally()

    def feed(self, text: str, place: Place) -> None:
        """Look at a piece of text that begins at ``place``."""
        if "://" in text and self._links < _MOST_LINKS:
            for match in _URL.finditer(text):
                self._links += 1
                host = match[1].rpartition("@")[2].lower()
                name = host.partition(":")[0]
                if host in self._hosts or len(self._hosts) < _MOST_HOSTS:
                    self._hosts[host] += 1
                if name in _METADATA:
                    self._inner.add(_at(text, match, place), host)
        if ":" in text:
            for match in _ODD.finditer(text):
                self._odd.add(_at(text, match, place), match[0].partition(":")[0] + ":")

    def report(self, notes: Notes) -> None:
        """Note what was found."""
        if self._links:
            shown = ", ".join(f"{host} ({n})" for host, n in self._hosts.most_common(_SHOWN))
            says = f"{self._links} links to {len(self._hosts)} hosts; what they give may change"
            notes.add(Note("links", says, shown, self._links))
        if self._odd.number:
            says = "links that run script of their own when they are followed"
            notes.add(self._odd.note("links-run", says))
        if self._inner.number:
            says = "links to the address where clouds keep the credentials of a machine"
            notes.add(self._inner.note("links-inner", says))


def _at(text: str, match: re.Match[str], place: Place) -> Place:
    line = place.line + text.count("\n", 0, match.start()) if place.line else 0
    return place._replace(line=line)
