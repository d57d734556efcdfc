"""Rows that are there more than once, exactly or but for case, blanks and punctuation.

Digests are Python's own hashes of 64 bits, whose key is drawn anew in each process: nobody can make
rows that collide. Their number is bounded; what comes later is compared with those before.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from ..rules.dataset_notes import Note
from .notes import Notes, Place, Tally

_MOST_CLUSTERS = 100_000
_FOLD = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))
_DROP = bytes(code for code in range(128) if not chr(code).isalnum())
_LONG = 24
"""Bytes of a normalised text from which its repeats say something."""


class Seen:
    """Digests of rows, as many as there is room for.

    Args:
        most: Digests that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.digests: set[int] = set()
        self.rows = 0
        self.tally = Tally()
        self.unseen = 0

    def feed(self, rows: Iterable[Hashable], first: int) -> None:
        """Take in rows, the first of which has the number ``first``."""
        found = [hash(row) for row in rows]
        self.rows += len(found)
        if len(self.digests) + len(found) > self._most:
            self.unseen += len(found)
            for number, digest in enumerate(found, first):
                if digest in self.digests:
                    self.tally.add(Place(number))
            return
        fresh = set(found)
        if len(fresh) == len(found) and self.digests.isdisjoint(fresh):
            self.digests |= fresh
            return
        for number, digest in enumerate(found, first):
            if digest in self.digests:
                self.tally.add(Place(number))
            self.digests.add(digest)

    def report(self, notes: Notes) -> None:
        """Note how many rows repeat one above them."""
        if self.tally.number:
            text = f"{self.tally.number} of {self.rows} rows repeat a row above them"
            notes.add(self.tally.note("repeats", text, self.rows))


def folded(text: str) -> int:
    """Return the digest of a text without case, blanks and punctuation; 0 for too short a one."""
    data = text.encode("utf-8", "surrogatepass").translate(_FOLD, _DROP)
    return hash(data) if len(data) >= _LONG else 0


class Texts:
    """Folded texts and the label that each came with first.

    Args:
        most: Texts that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._labels: dict[int, int] = {}
        self._clusters: dict[int, int] = {}
        self._first: dict[int, int] = {}
        self.rows = 0
        self.unseen = 0
        self.repeats = 0
        self.conflicts = Tally()

    def feed(self, texts: Sequence[str], labels: Sequence[str] | None, first: int) -> None:
        """Take in texts and, where there are any, their labels.

        Args:
            texts: One a row.
            labels: As many.
            first: Number of the first row.
        """
        self.rows += len(texts)
        known = self._labels
        of = [0] * len(texts) if labels is None else [hash(label) for label in labels]
        for number, (text, label) in enumerate(zip(texts, of, strict=True), first):
            key = folded(text)
            if not key:
                continue
            before = known.get(key)
            if before is None:
                if len(known) < self._most:
                    known[key] = label
                else:
                    self.unseen += 1
                continue
            self._repeat(key, number)
            if before != label:
                self.conflicts.add(Place(number))

    def digests(self) -> frozenset[int]:
        """Return the digests of the texts."""
        return frozenset(self._labels)

    def _repeat(self, key: int, number: int) -> None:
        self.repeats += 1
        if key in self._clusters:
            self._clusters[key] += 1
        elif len(self._clusters) < _MOST_CLUSTERS:
            self._clusters[key] = 2
            self._first[key] = number

    def report(self, notes: Notes, *, alone: bool) -> None:
        """Note repeats and contradictions.

        Args:
            notes: Takes them.
            alone: Whether the table has nothing but text, label and numbers of rows, so that
                nothing else can tell two rows of one text apart.
        """
        if self._clusters:
            key, count = max(self._clusters.items(), key=lambda item: item[1])
            says = f"{self.repeats} of {self.rows} texts repeat one above them but for case, "
            says += f"blanks and punctuation; one is there {count} times"
            many = count >= max(20, self.rows // 100)
            # Of a handful of long values each is a category, and meant to recur.
            several = len(self._labels) >= max(20, self.rows // 50)
            kind = "floods" if many and several else "near-repeats"
            rows = (self._first[key],)
            notes.add(Note(kind, says, "", self.repeats, self.rows, rows))
        if self.conflicts.number:
            says = f"{self.conflicts.number} of {self.rows} texts bear another label than the same "
            says += "text above them"
            kind = "conflicts-alone" if alone else "conflicts"
            notes.add(self.conflicts.note(kind, says, self.rows))
