"""What the splits of a dataset share: rows for testing that are among those for training."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ..rules.dataset_notes import Note
from .near import Match, Sketch, Sketches, between, within
from .notes import Notes

if TYPE_CHECKING:
    from .validate import Seen

SPLIT = re.compile(
    r"(?<![a-z])(train(?:ing)?|tests?|testing|valid(?:ation)?|val|dev|eval|holdout)(?![a-z])", re.I
)
_SPLITS = {"training": "train", "tests": "test", "testing": "test", "validation": "valid",
           "val": "valid", "dev": "valid", "eval": "test", "holdout": "test"}  # fmt: skip
_LISTED = 5
_LEAST_SHARED = 3
_MORE = 2
"""How many times as often texts for testing are like those for training as those like each other,
where that is more than what a draw by chance from repetitive texts gives."""
_LEAST_SHARE = 0.01


class _Split(NamedTuple):
    """The files of one split that have the same columns."""

    name: str
    digests: set[int]
    files: list[tuple[str, Sketches]]


def split_of(path: str) -> str:
    """Return ``train``, ``valid`` or ``test`` where a path names one of them, else nothing."""
    found = SPLIT.findall(path.replace("\\", "/"))
    return _SPLITS.get(found[-1].lower(), found[-1].lower()) if found else ""


def watch_splits(top: str, seen: Sequence[Seen], notes: Notes) -> None:
    """Note what the splits of a folder share.

    Args:
        top: The folder.
        seen: What was kept of its files.
        notes: Takes what is seen.
    """
    tables: defaultdict[tuple[str, ...], dict[str, _Split]] = defaultdict(dict)
    for one in seen:
        path = os.path.relpath(one.path, top)
        split = split_of(path)
        if split and one.digests:
            found = tables[one.names].setdefault(split, _Split(split, set(), []))
            found.digests.update(one.digests)
            found.files.append((path, one.near))
    for splits in tables.values():
        for first, second in combinations(sorted(splits.values()), 2):
            _same(first, second, notes)
            _near(first, second, notes)


def _same(first: _Split, second: _Split, notes: Notes) -> None:
    shared = len(first.digests & second.digests)
    least = min(len(first.digests), len(second.digests))
    if shared >= _LEAST_SHARED:
        says = f"{shared} different rows or texts are both in {first.name} and in {second.name}"
        notes.add(Note("overlap", says, f"{first.name}, {second.name}", shared, least))


def _near(first: _Split, second: _Split, notes: Notes) -> None:
    bound = min(near.bound for split in (first, second) for _, near in split.files)
    mine, theirs = ([(path, near.below(bound)) for path, near in split.files]
                    for split in (first, second))  # fmt: skip
    # The smaller split is held against the larger one.
    if _number(mine) > _number(theirs):
        first, second, mine, theirs = second, first, theirs, mine
    total = _number(mine)
    found = list(between(_items(mine), _items(theirs)))
    if len(found) < _LEAST_SHARED:
        return
    alike = {id(one) for match in within(_items(theirs)) for one in match}
    usual = len(alike) / _number(theirs)
    says = f"{len(found)} of {total} texts of {first.name} are nearly the same as one of "
    says += f"{second.name}; {usual:.1%} of those of {second.name} are like each other"
    if bound < Sketches().bound:
        says += f"; of both about one text in {Sketches().bound // bound} was looked at"
    is_more = len(found) > max(_MORE * usual, _LEAST_SHARE) * total
    kind = "near-overlap" if is_more else "near-overlap-usual"
    rows = tuple(match.one.row for match in found[:20])
    notes.add(Note(kind, says, _shown(found, mine, theirs), len(found), total, rows))


def _number(files: list[tuple[str, Sketches]]) -> int:
    return sum(len(near.items) for _, near in files)


def _items(files: list[tuple[str, Sketches]]) -> Iterable[Sketch]:
    return (one for _, near in files for one in near.items)


def _shown(
    found: list[Match], mine: list[tuple[str, Sketches]], theirs: list[tuple[str, Sketches]]
) -> str:
    of = {id(one): path for path, near in (*mine, *theirs) for one in near.items}
    return ", ".join(
        f"{of[id(one)]} row {one.row} like {of[id(other)]} row {other.row}"
        for one, other in found[:_LISTED]
    )  # fmt: skip
