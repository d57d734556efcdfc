"""Columns are judged whole: the header says what one may be, the values whether it is.

A value alone is weak evidence: one number in ten passes Luhn's check. A column of them is strong:
twelve in a row by chance is one in a million million.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

from .checks import contexts, validators
from .column_facts import MOST_ROWS, Column, Found, Seen
from .headers import Aliases, words
from .model import InfoType, Likelihood, Rule
from .names import is_full_name
from .people import are_people, is_of_things, names_people
from .text import TextEngine

_WITH_HEADER = 0.2
_WITHOUT_HEADER = 0.7
_BY_CHECKSUM = 0.95
_ENOUGH = 12
_WEAK_ODDS = 0.005
_TELLING_ODDS = 0.2
_SURE = 1e-4
_FEW = 4  # names under a header that says no more than "name"
# Shapes without a check that stand in one column with those of their type that have one.
_BESIDE = frozenset(("crypto-ethereum-lower",))

_POSITION = "GPS_COORDINATE"
_AXES = frozenset((part,) for part in ("latitude", "longitude", "lat", "lon", "lng", "long"))
CREDITED = "credited"
"""Rule of what a column of authors holds: the text of the file tells nothing more of it."""

# Authors of packages, who are named on purpose: lists of parts (CycloneDX, SPDX), metadata.
_CREDITED_TYPES = frozenset(("EMAIL", "PERSON"))
_CREDITS = re.compile(
    r"(?:^|\.)(?:authors|maintainers|contributors)\[\](?:\.(?:name|e-?mail))?$"
    r"|(?:^|\.)(?:components|packages|metadata|dependencies)\b.*\."
    r"(?:author|maintainer|publisher|supplier|originator)s?(?:\[\])?(?:\.(?:name|e-?mail))?$",
    re.IGNORECASE,
)
_OF_PEOPLE = frozenset(("PERSON", "DATE_OF_BIRTH"))


class _Cell(NamedTuple):
    """A rule as it is tried on whole cells."""

    rule: Rule
    odds: float

    @property
    def is_shape(self) -> bool:
        """True for a rule so loose that most of a column must fit it under a telling header."""
        return self.rule.id.endswith("-shape")


class _Shares(NamedTuple):
    """Shares of a column's values that pass the rules of a type.

    Attributes:
        passing: That pass any rule.
        strong: That pass one that needs no cue in a text either.
        proven: That pass one that nothing passes by chance.
        odds: The highest odds of the rules that were needed.
    """

    passing: float
    strong: float
    proven: float
    odds: float


class ColumnJudge:
    """Decides what a column is.

    Args:
        engine: Has the catalogue and compiles its patterns.
        types: The types that are wanted.
    """

    def __init__(self, engine: TextEngine, types: dict[str, InfoType]) -> None:
        self._engine = engine
        self.aliases = Aliases({name: entry.headers for name, entry in types.items()})
        self._rules: dict[str, list[_Cell]] = {}
        for rule in engine.catalog.rules:
            if rule.type in types:
                odds = validators()[rule.validator].odds if rule.validator else 1.0
                self._rules.setdefault(rule.type, []).append(_Cell(rule, odds))
        self._bare = [cell for cells in self._rules.values() for cell in cells if _tells(cell)]

    @cache  # noqa: B019 - there are as many judges as engines, and they live as long
    def _shapes(self) -> Callable[[bytes], list[int]]:
        return self._engine.whole([cell.rule for cell in self._bare])

    def judge(self, column: Column) -> Iterator[Found]:
        """Yield what a column holds, each type once."""
        types = {found.type: found for found in self._by_header(column)}
        if not types:
            types = {found.type: found for found in self._by_values(column)}
        if len(types) > 1:
            # ``WANDB_API_KEY`` ends with ``API_KEY``, and the longer name says more.
            types.pop("GENERIC_SECRET", None)
        for seen in self._in_cells(column):
            name = seen.rule.type
            known = types.get(name)
            if known is None:
                types[name] = self._seen(column, seen)
            elif seen.count > known.count and seen.likelihood >= Likelihood.LIKELY:
                types[name] = known._replace(count=seen.count)
        for found in types.values():
            credited = found.type in _CREDITED_TYPES and _CREDITS.search(found.column)
            if credited:
                found = found._replace(likelihood=Likelihood.POSSIBLE, rule=CREDITED)
            yield found

    def _in_cells(self, column: Column) -> Iterator[Seen]:
        """Yield the hits within cells by type: the likely ones where there are any."""
        kept: dict[str, list[Seen]] = {}
        for (name, whole, _), seen in column.seen.items():
            if whole and (self._is_chance(seen, column) or self._is_lowered(column, seen)):
                continue
            kept.setdefault(name, []).append(seen)
        for those in kept.values():
            likely = [seen for seen in those if seen.likelihood >= Likelihood.LIKELY]
            yield Seen.merged(likely or those)

    @staticmethod
    def _is_lowered(column: Column, seen: Seen) -> bool:
        """Return True where the name of the column says what the value is: ``model``: 6.1.0.22."""
        return _delta(column.name, seen.rule, seen.best) < 0

    @staticmethod
    def _seen(column: Column, seen: Seen) -> Found:
        values = (seen.best, *seen.values)
        return Found(
            column.name, seen.rule.type, seen.rule.id, seen.likelihood, values, *seen.place,
            seen.count, column.rows, tuple(seen.more),
        )  # fmt: skip

    def _by_header(self, column: Column) -> Iterator[Found]:
        for name in column.types:
            if name == "PERSON":
                if self._are_people(column):
                    yield self._found(column, name, Likelihood.VERY_LIKELY, column.sample, 0)
                elif _is_of_things(column.name):
                    found = self._found(column, name, Likelihood.UNLIKELY, column.sample, 0)
                    yield found._replace(rule=CREDITED)  # and not to be told of its text either
                continue
            cells = self._rules.get(name, [])
            passing = self._passing([cell for cell in cells if not cell.is_shape], column.sample)
            rate = len(passing) / len(column.sample)
            chance = min((cell.odds for cell in cells), default=1.0)
            least = _WITH_HEADER if chance == 1.0 else max(_WITH_HEADER, 3 * chance)
            every = self._passing(cells, column.sample) if self._has_shapes(name) else passing
            if rate >= least or len(every) >= _WITHOUT_HEADER * len(column.sample):
                yield self._found(column, name, Likelihood.VERY_LIKELY, every, every[0])

    def _has_shapes(self, name: str) -> bool:
        return any(cell.is_shape for cell in self._rules.get(name, ()))

    @staticmethod
    def _are_people(column: Column) -> bool:
        parts = words(column.name)
        if _is_of_things(column.name) or not are_people(column.sample, parts):
            return False
        enough = len(column.sample) > _FEW or (len(parts) > 1 and names_people(parts))
        return enough or _are_full(column.sample)

    def positions(self, columns: list[Column], found: list[Found]) -> Iterator[Found]:
        """Yield columns of latitudes and longitudes where rows of the table are people."""
        if not any(self._is_of_people(one) for one in found):
            return
        cells = self._rules.get(_POSITION, [])
        known = {one.column for one in found}
        for column in columns:
            if words(column.name)[-1:] not in _AXES or column.name in known or not column.filled:
                continue
            passing = self._passing(cells, column.sample)
            if len(passing) >= _WITHOUT_HEADER * len(column.sample):
                yield self._found(column, _POSITION, Likelihood.LIKELY, passing, passing[0])

    def _is_of_people(self, found: Found) -> bool:
        if found.rule != "column" or found.likelihood < Likelihood.VERY_LIKELY:
            return False
        category = self._engine.catalog.types[found.type].category
        return found.type in _OF_PEOPLE or category in ("government_id", "health")

    def _by_values(self, column: Column) -> Iterator[Found]:
        for name, cells in self._likely(column.sample).items():
            share = self._shares(cells, column.sample)
            if share is not None and self._is_told(share, column.sample):
                if self._is_other(column, cells):
                    continue
                passing = self._passing(self._rules[name], column.sample)
                yield self._found(column, name, Likelihood.LIKELY, passing, passing[0])

    @staticmethod
    def _is_other(column: Column, cells: list[_Cell]) -> bool:
        """Return True when what is around most values, the name in front, speaks against it."""
        rules = [cell.rule for cell in cells if cell.rule.context]
        first = column.sample[:_ENOUGH]
        lowered = [v for v in first if any(_delta(column.name, rule, v) < 0 for rule in rules)]
        return 2 * len(lowered) > len(first)

    def _likely(self, sample: list[str]) -> dict[str, list[_Cell]]:
        """Return the rules of the types whose shapes, together, most of the first values fit."""
        counts: Counter[str] = Counter()
        first = sample[:_ENOUGH]
        for value in first:
            found = self._shapes()(value.strip().encode("utf-8", "replace"))
            if found:
                counts.update({self._bare[index].rule.type for index in found})
        likely = {name for name, count in counts.items() if 2 * count > len(first)}
        rules: dict[str, list[_Cell]] = {}
        for cell in self._bare:
            if cell.rule.type in likely:
                rules.setdefault(cell.rule.type, []).append(cell)
        return rules

    def _shares(self, cells: list[_Cell], sample: list[str]) -> _Shares | None:
        """Return which shares of values the rules pass; None as soon as it must be below 0.7."""
        cells = sorted(cells, key=lambda cell: cell.odds)
        failed, most = 0, (1 - _WITHOUT_HEADER) * len(sample)
        strong = proven = 0
        odds = 0.0
        for value in sample:
            cell = next((cell for cell in cells if self._fits(cell.rule, value)), None)
            if cell is None:
                failed += 1
                if failed > most:
                    return None
                continue
            strong += _is_strong(cell.rule)
            proven += cell.odds <= _SURE
            odds = max(odds, cell.odds)
        size = len(sample)
        return _Shares(1 - failed / size, strong / size, proven / size, odds)

    @staticmethod
    def _is_told(share: _Shares, sample: list[str]) -> bool:
        """Return True when values alone tell the type: by shape, or by more than chance."""
        if share.strong >= _WITHOUT_HEADER:
            return True
        if share.passing < _BY_CHECKSUM or len(set(sample)) < _ENOUGH:
            return False
        return share.odds <= _TELLING_ODDS or share.proven >= _WITH_HEADER

    def _passing(self, cells: list[_Cell], sample: list[str]) -> list[int]:
        return [
            index
            for index, value in enumerate(sample)
            if any(self._fits(cell.rule, value) for cell in cells)
        ]

    def _fits(self, rule: Rule, value: str) -> bool:
        text = value.strip()
        match = self._engine.core(rule).fullmatch(text.encode("utf-8", "replace"))
        if match is None:
            return False
        if not rule.validator:
            return True
        if "value" in match.re.groupindex:
            text = match["value"].decode("utf-8", "replace")
        return validators()[rule.validator].check(text)

    @staticmethod
    def _is_chance(seen: Seen, column: Column) -> bool:
        """Return True for bare numbers whose check digit agrees about as often as by chance."""
        rule = seen.rule
        odds = validators()[rule.validator].odds if rule.validator else 1.0
        if odds < _WEAK_ODDS or not seen.best.isdigit():
            return False
        return seen.count < _WITH_HEADER * column.filled

    def _found(
        self, column: Column, name: str, likelihood: Likelihood, passing: Sequence[object], at: int
    ) -> Found:
        row, line = column.places[at]
        share = len(passing) / len(column.sample)
        count = max(1, round(share * column.filled))
        rows = [column.places[i][0] for i in passing if isinstance(i, int)]
        more = tuple(islice((one for one in rows if one != row), MOST_ROWS))
        others = [
            value for key, seen in column.seen.items() if key[0] == name for value in seen.values
        ]
        values = (column.sample[at], *column.sample, *others)
        return Found(
            column.name, name, "column", likelihood, values, row, line, count, column.rows, more
        )


def _is_of_things(name: str) -> bool:
    """Return True when a column has the names of things, as its name or the key above says."""
    return is_of_things(words(name), words(name.rpartition(".")[0].removesuffix("[]")))


def _are_full(names: Sequence[str]) -> bool:
    """Return True when most of a few names are a given name and a surname."""
    return 2 * sum(map(is_full_name, names)) > len(names)


def _tells(cell: _Cell) -> bool:
    """Return True for a rule that can tell a column without its header."""
    return cell.odds <= _TELLING_ODDS or _is_strong(cell.rule) or cell.rule.id in _BESIDE


def _delta(name: str, rule: Rule, value: str) -> int:
    """Return what the context of a rule says of a value with its column's name in front."""
    if not rule.context:
        return 0
    data = value.strip().encode("utf-8", "replace")
    text = " ".join(words(name)).encode("utf-8", "replace") + b" " + data
    return contexts()[rule.context](text, len(text) - len(data), len(text))


def _is_strong(rule: Rule) -> bool:
    return rule.likelihood >= Likelihood.LIKELY and rule.where == "text"
