"""Which tensor is which, when names are not what they were: every way that is tried is counted.

What is planned depends on names and shapes alone, never on the weights or the key, so that the
number of hypotheses is known before the first of them is tested.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .record import Part
from .store import FLOATS, Tensor

_MOST_IN_GROUP = 8
_MOST_PAIRS = 256


@dataclass(frozen=True, slots=True)
class Mapping:
    """One way, or a family of ways, to tell the tensors.

    Attributes:
        how: ``names``, ``shapes``, or ``pairs`` for the best of all ways within groups of a shape.
        tensors: The tensor of each part, by the part's name; the first guess for ``pairs``.
        groups: For ``pairs``, the parts and tensors of each shape.
        count: How many ways it stands for.
    """

    how: str
    tensors: dict[str, Tensor]
    groups: tuple[tuple[tuple[Part, ...], tuple[Tensor, ...]], ...] = ()
    count: int = 1


def mappings(
    parts: Sequence[Part], tensors: Sequence[Tensor], *, pairs: bool
) -> tuple[Mapping, ...]:
    """Return the ways to try, the likeliest first.

    Args:
        parts: What bore the mark.
        tensors: The tensors of the model in question.
        pairs: Whether all ways within small groups of one shape may be tried too.
    """
    floats = [one for one in tensors if one.dtype in FLOATS]
    by_name = {one.name: one for one in floats}
    named = {
        part.name: by_name[part.name]
        for part in parts
        if part.name in by_name and by_name[part.name].shape == part.shape
    }
    found = [Mapping("names", named)] if named else []
    if len(named) == len(parts):
        return tuple(found)
    groups = _groups(parts, floats, named)
    ordered = dict(named)
    for mine, theirs in groups:
        ordered.update((part.name, one) for part, one in zip(mine, theirs, strict=False))
    if ordered != named:
        found.append(Mapping("shapes", ordered))
        if pairs and (ways := _ways(groups)) > 1:
            found.append(Mapping("pairs", ordered, groups, ways))
    return tuple(found)


def _groups(
    parts: Iterable[Part], tensors: Iterable[Tensor], named: dict[str, Tensor]
) -> tuple[tuple[tuple[Part, ...], tuple[Tensor, ...]], ...]:
    taken = {one.name for one in named.values()}
    mine: dict[tuple[int, ...], list[Part]] = defaultdict(list)
    theirs: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
    for part in parts:
        if part.name not in named:
            mine[part.shape].append(part)
    for one in tensors:
        if one.name not in taken:
            theirs[one.shape].append(one)
    return tuple(
        (tuple(sorted(group, key=_natural)), tuple(sorted(theirs[shape], key=_natural)))
        for shape, group in mine.items()
        if shape in theirs
    )


def _natural(one: Part | Tensor) -> list[tuple[int, str]]:
    """Order layer 2 before layer 10."""
    pieces = re.split(r"(\d+)", one.name)
    return [(int(text[:18]), "") if text.isdecimal() else (-1, text) for text in pieces]


def _ways(groups: Sequence[tuple[tuple[Part, ...], tuple[Tensor, ...]]]) -> int:
    """Return in how many ways the groups can be told, or 1 when there are too many pairs to try."""
    pairs, ways = 0, 1
    for mine, theirs in groups:
        if max(len(mine), len(theirs)) > _MOST_IN_GROUP:
            return 1
        pairs += len(mine) * len(theirs)
        most, least = max(len(mine), len(theirs)), min(len(mine), len(theirs))
        ways *= math.perm(most, least)
    return ways if pairs <= _MOST_PAIRS else 1
