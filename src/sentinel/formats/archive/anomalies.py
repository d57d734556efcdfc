"""What an ordinary writer of containers does not do, and a bounded list of it."""

# Not `from __future__ import annotations`: NamedTuple would compile each of them, at a cost.

from collections import Counter
from typing import NamedTuple

_PER_KIND = 100


class Anomaly(NamedTuple):
    """Something about a container that an ordinary writer does not do.

    Attributes:
        kind: A stable word; the readers' modules list theirs.
        detail: What was seen, in words.
        offset: Where in the container.
        entry: Name of the member concerned, or empty.
    """

    kind: str
    detail: str
    offset: int
    entry: str = ""


class AnomalyLog:
    """Collects anomalies, at most a hundred of a kind, and counts the rest."""

    __slots__ = ("_counts", "_items")

    def __init__(self) -> None:
        self._items: list[Anomaly] = []
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, detail: str, offset: int, entry: str = "") -> None:
        """Note one; ``offset`` is where in the container."""
        self._counts[kind] += 1
        if self._counts[kind] <= _PER_KIND:
            self._items.append(Anomaly(kind, detail, offset, entry))

    def close(self) -> tuple[Anomaly, ...]:
        """Return all that was kept, with one line for each kind that had more."""
        more = [
            Anomaly(kind, f"and {count - _PER_KIND} more like it", 0)
            for kind, count in self._counts.items()
            if count > _PER_KIND
        ]
        return (*self._items, *more)
