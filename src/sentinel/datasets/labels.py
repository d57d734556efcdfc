"""What the labels of a table look like: how many of each, and which are there hardly at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..rules.dataset_notes import Note
from .notes import Notes

_MOST = 10_000
_MOST_CLASSES = 200
_LEAST_ROWS = 200
_RARE = 0.0005
_LISTED = 10
_SHORT = 40


class Labels:
    """Counts of labels; of a column with too many values, none."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.rows = 0
        self._first: dict[str, int] = {}
        self._too_many = False

    @property
    def are_classes(self) -> bool:
        """True for a column whose values are few, so that they can be classes."""
        limit = min(_MOST_CLASSES, max(20, self.rows // 20))
        return not self._too_many and 2 <= len(self.counts) <= limit

    def feed(self, labels: Sequence[str], first: int) -> None:
        """Take in the labels of some rows, the first of which has the number ``first``."""
        self.rows += len(labels)
        if self._too_many:
            return
        before = len(self.counts)
        self.counts.update(labels)
        if len(self.counts) > before:
            for label in self.counts.keys() - self._first.keys():
                self._first[label] = first + labels.index(label)
        if len(self.counts) > _MOST:
            self._too_many = True
            self.counts.clear()
            self._first.clear()

    def report(self, notes: Notes, column: str) -> None:
        """Note what is unusual about the labels of a column."""
        if not self.are_classes or self.rows < _LEAST_ROWS:
            return
        self._balance(notes, column)
        self._rare(notes, column)
        self._spelling(notes, column)

    def _balance(self, notes: Notes, column: str) -> None:
        (top, most), *rest = self.counts.most_common()
        least = rest[-1][1]
        if most > 0.95 * self.rows or most > 100 * least:
            says = f"{most} of {self.rows} rows bear the label {_shown(top)}"
            says += f"; the rarest of {len(self.counts)} is there {least} times"
            notes.add(Note("imbalance", says, "", most, self.rows, column=column))

    def _rare(self, notes: Notes, column: str) -> None:
        bound = max(2, int(self.rows * _RARE))
        rare = [(label, n) for label, n in self.counts.items() if n <= bound]
        if rare and len(rare) * 2 < len(self.counts):
            listed = ", ".join(f"{_shown(label)} ({n})" for label, n in rare[:_LISTED])
            rows = tuple(sorted(self._first[label] for label, _ in rare)[:_LISTED])
            says = f"{len(rare)} of {len(self.counts)} labels are there {bound} times or less"
            total = sum(n for _, n in rare)
            notes.add(Note("rare-labels", says, listed, total, self.rows, rows, column=column))

    def _spelling(self, notes: Notes, column: str) -> None:
        spelled: dict[str, list[str]] = {}
        for label in self.counts:
            spelled.setdefault(" ".join(label.casefold().split()), []).append(label)
        for several in (found for found in spelled.values() if len(found) > 1):
            counts = ", ".join(f"{_shown(label)} ({self.counts[label]})" for label in several)
            fewer = sorted(several, key=self.counts.__getitem__)[:-1]
            number = sum(self.counts[label] for label in fewer)
            rows = tuple(self._first[label] for label in fewer[:_LISTED])
            says = "labels that differ in case or blanks alone"
            notes.add(Note("spelling", says, counts, number, self.rows, rows, column=column))


def _shown(label: str) -> str:
    return repr(label if len(label) <= _SHORT else label[:_SHORT] + "…")
