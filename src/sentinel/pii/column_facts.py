"""What is known of a column while a table is read, and what was found in it."""

from __future__ import annotations

from typing import NamedTuple

from .model import Likelihood
from .text import Hit, Quota

MOST_ROWS = 15
"""Further rows that are told of a column."""

_MOST_VALUES = 1_000


class Found(NamedTuple):
    """What a column holds of one type.

    Attributes:
        column: The column's name.
        type: Name of the info type.
        rule: Id of the rule, or ``column``.
        likelihood: How likely.
        values: Values, the first one first; the caller hashes them and forgets them.
        row: Row of the first.
        line: Its line; 0 for none.
        count: Values it stands for, estimated where the column has more than 300.
        rows: Rows read.
        more: Further rows.
    """

    column: str
    type: str
    rule: str
    likelihood: Likelihood
    values: tuple[str, ...]
    row: int
    line: int
    count: int  # type: ignore[assignment]  # tuple.count goes unused
    rows: int
    more: tuple[int, ...]


class Seen:
    """Hits of one type within a column's cells."""

    __slots__ = ("best", "count", "likelihood", "more", "place", "rule", "values")

    def __init__(self) -> None:
        self.likelihood = Likelihood.VERY_UNLIKELY
        self.count = 0
        self.more: list[int] = []
        self.values: list[str] = []

    @classmethod
    def merged(cls, parts: list[Seen]) -> Seen:
        """Return one that stands for several."""
        best = max(parts, key=lambda seen: seen.likelihood)
        for other in parts:
            if other is not best:
                best.count += other.count
                best.more = sorted({*best.more, other.place[0], *other.more})[:MOST_ROWS]
                best.values = [*best.values, *other.values][:_MOST_VALUES]
        return best

    def add(self, hit: Hit, value: str, place: tuple[int, int]) -> None:
        """Note a hit with its value, and the row and line of its cell."""
        self.count += 1
        if hit.likelihood > self.likelihood:
            self.likelihood, self.rule, self.place, self.best = (
                hit.likelihood,
                hit.rule,
                place,
                value,
            )
        elif len(self.more) < MOST_ROWS:
            self.more.append(place[0])
        if len(self.values) < _MOST_VALUES:
            self.values.append(value)


class Column:
    """A column while its table is read.

    Args:
        name: Its name, or its number where that cannot be told.
        types: Info types that its header stands for.
        quota: Counts its matches.
    """

    __slots__ = (
        "filled", "is_hurried", "name", "places", "quota", "rows", "sample", "searched", "seen",
        "types",
    )  # fmt: skip

    def __init__(self, name: str, types: tuple[str, ...], quota: Quota | None = None) -> None:
        self.name = name
        self.types = types
        self.quota = quota or Quota()
        self.is_hurried = False
        self.searched: dict[str, int] = {}
        self.rows = 0
        self.filled = 0
        self.sample: list[str] = []
        self.places: list[tuple[int, int]] = []
        self.seen: dict[tuple[str, bool, bool], Seen] = {}
