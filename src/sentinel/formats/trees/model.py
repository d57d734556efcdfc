"""What a model of trees says, and the checks that all of them share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from ...artifacts import Artifact
from ...readers import SubRangeReader
from .. import Member
from ..archive.anomalies import Anomaly, AnomalyLog

MOST = 64 << 20
"""Bytes of text, or of one array, that are read."""


class TreeModel(NamedTuple):
    """What a file of trees says.

    Attributes:
        title: The library.
        version: Version of the format or library, as the file gives it.
        trees: Number of trees read.
        features: Number of features, as the file gives it; -1 where it does not.
        objective: Name of the objective; empty where there is none.
        problems: What an ordinary writer does not do. Kinds: ``outside`` (an index leads out of its
            array), ``cycle`` (a node has two parents), ``length`` (arrays of one tree differ),
            ``count`` (of trees), ``infinite`` (no finite number), ``kind`` (no number at all),
            ``behind`` (bytes behind the end).
        texts: ``(key, text)`` of names, attributes and parameters.
    """

    title: str
    version: str
    trees: int
    features: int
    objective: str
    problems: tuple[Anomaly, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


def behind(artifact: Artifact, length: int, log: AnomalyLog) -> tuple[Member, ...]:
    """Note the last bytes of a file that belong to no model, and return them as a member.

    Args:
        artifact: The file.
        length: How many bytes they are; 0 for none.
        log: Takes the note.
    """
    if length <= 0:
        return ()
    start = artifact.reader.size - length
    log.add("behind", f"{length} bytes behind the end", start)
    window = partial(SubRangeReader, artifact.reader, start, length)
    return (Member(start, f"bytes@{start}", window, guess=True),)


def within(
    values: Sequence[int], low: int, high: int, what: str, log: AnomalyLog, at: int = 0
) -> bool:
    """Note it unless all of ``values`` are whole numbers from ``low`` up to below ``high``.

    Args:
        values: The numbers.
        low: Least that is allowed.
        high: One past the greatest.
        what: What they are, in words.
        log: Takes the note.
        at: Offset in the file.

    Returns:
        Whether they are.
    """
    if not all_of(values, (int,)):
        log.add("kind", f"{what} are no whole numbers", at)
        return False
    if not len(values):
        return True
    least, most = min(values), max(values)
    if least >= low and most < high:
        return True
    wrong = least if least < low else most
    log.add("outside", f"{what}: {wrong} is not in {low} to {high - 1}", at)
    return False


def all_of(values: Sequence[object], kinds: tuple[type, ...]) -> bool:
    """Return True when the values are of these very types (no bool for an int)."""
    code = getattr(values, "typecode", "")
    if code:
        return float in kinds if code in "fd" else int in kinds
    return set(map(type, values)) <= set(kinds)


def finite(values: Sequence[float], what: str, log: AnomalyLog, at: int = 0) -> None:
    """Note numbers that are infinite or none, and values that are no numbers."""
    if not all_of(values, (int, float)):
        log.add("kind", f"{what} are no numbers", at)
        return
    if not len(values):
        return
    try:
        total = math.fsum(values)
    except (OverflowError, ValueError):
        total = math.inf
    if not math.isfinite(total) and not all(map(_finite, values)):
        log.add("infinite", f"{what} hold a number that is not finite", at)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def tree_shape(
    left: Sequence[int], right: Sequence[int], what: str, log: AnomalyLog, at: int = 0
) -> bool:
    """Check that children stay within a tree and that no node has two parents.

    Node 0 is the root, and no child. A tree in which every node has one parent at most cannot be
    walked in a circle from there.

    Args:
        left: Left child of each node; -1 for a leaf.
        right: Right child, likewise.
        what: The tree, in words.
        log: Takes the notes.
        at: Offset in the file.

    Returns:
        Whether the tree can be walked.
    """
    count = len(left)
    good = within(left, -1, count, f"children in {what}", log, at)
    good = within(right, -1, count, f"children in {what}", log, at) and good
    if not good:
        return False
    children = [child for side in (left, right) for child in side if child >= 0]
    if 0 in children or len(set(children)) != len(children):
        log.add("cycle", f"a node of {what} has two parents, or is above the root", at)
        return False
    return True
