"""What ``sentinel.datasets`` notes of a dataset, for the rules of the 20xx family to judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Note(NamedTuple):
    """One thing that was seen in a dataset.

    Attributes:
        kind: A stable word; the rules say which they judge.
        text: What was seen, in words.
        evidence: A name or a shape; never a value that could be somebody's.
        number: Rows, cells or bytes it is about.
        total: Of how many.
        rows: The first rows it was seen in, 1-based, the header not counted.
        line: The first line, 1-based, or None.
        offset: Where in the file or member, or None.
        column: Name of the column.
        member: Path of the member within the file.
    """

    kind: str
    text: str
    evidence: str = ""
    number: int = 0
    total: int = 0
    rows: tuple[int, ...] = ()
    line: int | None = None
    offset: int | None = None
    column: str = ""
    member: str = ""

    @property
    def share(self) -> float:
        """The part that ``number`` is of ``total``; 0 where there is none."""
        return self.number / self.total if self.total else 0.0


class DatasetFacts(NamedTuple):
    """All that was noted of one file, or of a folder as a whole."""

    notes: tuple[Note, ...]

    def of(self, *kinds: str) -> Iterator[Note]:
        """Yield the notes of some kinds."""
        return (note for note in self.notes if note.kind in kinds)
