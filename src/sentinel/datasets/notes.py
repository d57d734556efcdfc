"""Collecting what is noted of a file: bounded, with counts and the first places."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ..findings import Gap
from ..rules.dataset_notes import DatasetFacts, Note

MOST_PLACES = 20
"""Rows and lines that are told of one kind of thing."""

_PER_KIND = 50


class Place(NamedTuple):
    """Where something was seen.

    Attributes:
        row: 1-based row, or 0.
        line: 1-based line, or 0.
        column: Name of the column, or empty.
    """

    row: int = 0
    line: int = 0
    column: str = ""


class Notes:
    """All notes of one file, and what was not examined of it.

    Attributes:
        gaps: What was not examined.
    """

    def __init__(self) -> None:
        self._items: list[Note] = []
        self._counts: Counter[str] = Counter()
        self.gaps: list[Gap] = []

    def add(self, note: Note) -> None:
        """Keep a note, fifty of a kind at most."""
        self._counts[note.kind] += 1
        if self._counts[note.kind] <= _PER_KIND:
            self._items.append(note)

    def facts(self) -> DatasetFacts:
        """Return what the rules judge."""
        return DatasetFacts(tuple(self._items))


class Tally:
    """Counts one kind of thing and keeps the first places of it."""

    __slots__ = ("evidence", "number", "places")

    def __init__(self) -> None:
        self.number = 0
        self.places: list[Place] = []
        self.evidence: dict[str, None] = {}

    def add(self, place: Place | None = None, evidence: str = "", number: int = 1) -> None:
        """Count ``number`` more; the place and the evidence are kept while there is room."""
        self.number += number
        if place is not None and len(self.places) < MOST_PLACES:
            self.places.append(place)
        if evidence and len(self.evidence) < MOST_PLACES:
            self.evidence[evidence] = None

    def note(self, kind: str, text: str, total: int = 0, member: str = "") -> Note:
        """Return what was counted as one note.

        Args:
            kind: See ``Note``.
            text: What was seen, in words.
            total: Of how many.
            member: See ``Note``.
        """
        first = self.places[0] if self.places else Place()
        rows = tuple(dict.fromkeys(place.row for place in self.places if place.row))
        return Note(
            kind, text, ", ".join(self.evidence)[:300], self.number, total, rows,
            first.line or None, None, first.column, member,
        )  # fmt: skip
