"""Counts what speaks to a model, by column of a table or over a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..rules.dataset_notes import Note
from .instructions import Hit, hits, may_have
from .notes import Notes, Place, Tally

_FORMAT = 0.2
"""Share of the cells of a column from which what is in them is its format or its subject."""
_LEAST_OF_FORMAT = 5
_MOST_COLUMNS = 1000
_SHORTEST = 6
"""Characters of the shortest control token."""
_SAYS = {
    "hidden": "text that people do not see gives orders to a model",
    "plain": "texts give orders to a model",
    "token": "texts hold control tokens of a model's chat format",
}


class _Column(NamedTuple):
    tallies: dict[str, Tally]
    counts: dict[str, int]


class Orders:
    """What speaks to a model in the cells of a table."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}

    def feed(
        self, cells: Sequence[str], column: str, first: int = 0, line: int = 0,
        rows: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Look at cells of one column.

        Args:
            cells: The cells.
            column: Name of the column.
            first: 1-based row of the first; 0 when rows are not known.
            line: Line of the first, each cell on one of its own; 0 when not known.
            rows: The row of each, where they are not one after the other.
        """
        known = self._columns.get(column)
        if known is None:
            if len(self._columns) >= _MOST_COLUMNS:
                column = "others"
            fresh = _Column({kind: Tally() for kind in _SAYS}, {"cells": 0, "quoted": 0})
            known = self._columns.setdefault(column, fresh)
        known.counts["cells"] += len(cells) - cells.count("")
        if max(map(len, cells), default=0) < _SHORTEST or not may_have("\0".join(cells)):
            return
        for number, cell in enumerate(cells):
            if cell and may_have(cell):
                row = rows[number] if rows else first + number if first else 0
                place = Place(row, line + number if line else 0, column)
                _count(known, list(hits(cell)), place)

    def report(self, notes: Notes) -> None:
        """Note what was found."""
        for name, column in self._columns.items():
            for note in _told(column):
                notes.add(note._replace(column=name))


def _told(column: _Column) -> Iterator[Note]:
    total = column.counts["cells"]
    for kind, tally in column.tallies.items():
        many = tally.number >= max(_LEAST_OF_FORMAT, _FORMAT * total)
        says = f"{tally.number} of {total} {_SAYS[kind]}"
        if many and kind != "hidden":
            says += "; they are its format or its subject"
            yield tally.note("orders-usual", says, total)
        elif tally.number:
            yield tally.note(f"orders-{kind}", says, total)
    quoted = column.counts["quoted"]
    if quoted:
        says = f"{quoted} of {total} texts quote orders to a model or are about them"
        yield Note("orders-quoted", says, "", quoted, total)


def _count(known: _Column, found: list[Hit], place: Place) -> None:
    """Count a cell once for each kind."""
    kinds = {hit.kind: hit for hit in reversed(found)}
    for kind, hit in kinds.items():
        if kind in known.tallies:
            known.tallies[kind].add(place, hit.shown)
    known.counts["quoted"] += set(kinds) == {"quoted"}


class Spoken:
    """What speaks to a model in a document; its control tokens are no matter of this."""

    def __init__(self) -> None:
        self._tallies = {kind: Tally() for kind in ("hidden", "plain")}

    def feed(self, text: str, place: Place) -> None:
        """Look at a piece of text that begins at ``place``."""
        if not may_have(text):
            return
        for hit in hits(text):
            if hit.kind in self._tallies:
                line = place.line + text.count("\n", 0, hit.start) if place.line else 0
                self._tallies[hit.kind].add(place._replace(line=line), hit.shown)

    def report(self, notes: Notes) -> None:
        """Note what was found."""
        for kind, tally in self._tallies.items():
            if tally.number:
                says = {"hidden": "parts of the text that people do not see give orders to a model",
                        "plain": "places in the text give orders to a model"}[kind]  # fmt: skip
                notes.add(tally.note(f"orders-{kind}", f"{tally.number} {says}"))
