"""The lossless mark in thresholds that are compared with float32 numbers: 16 bits for each node.

A tree of scikit-learn keeps its thresholds in float64 and casts what it is asked to float32 before
it compares. Between a float32 number f and the next one all thresholds decide alike, for every
input there is: which of them stands there can say something. The lower half of that gap is used,
so that a program which rounds thresholds to the nearest float32 number gets f as well.

A node is told by its feature and f, not by its place, so that trees may be dropped and reordered.
It proves nothing and anybody removes it, without loss, by rounding: it is for tracing copies.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, cast

from .detect import Score
from .prf import addresses, blocks
from .secret import Secret
from .statistics import log10_binomial_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

SCHEME = "tree-threshold-1"
BITS = 16
CODES = 1 << BITS
LEAST_NODES = 8
_SLOTS = 4
_STEPS = float(CODES * 2)
_NO_CODE = CODES


class Sites(NamedTuple):
    """Where thresholds are, to the last float32 number.

    Attributes:
        features: The feature each node asks for.
        floors: The greatest float32 number not above each threshold.
        codes: Which of the 65,536 places above it the threshold takes; 65,536 for none of them.
    """

    features: NDArray[np.int64]
    floors: NDArray[np.float32]
    codes: NDArray[np.int64]


def sites(features: NDArray[np.int64], thresholds: NDArray[np.float64]) -> Sites:
    """Return where thresholds are. All must be ``usable``."""
    import numpy as np

    floors = _floors(thresholds)
    steps = (thresholds - floors.astype(np.float64)) / _gaps(floors) * _STEPS
    fits = (steps == np.floor(steps)) & (steps < CODES)
    codes = np.where(fits, steps, _NO_CODE).astype(np.int64)
    return Sites(features.astype(np.int64), floors, codes)


def usable(thresholds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which thresholds lie between two finite float32 numbers."""
    import numpy as np

    most = float(np.finfo(np.float32).max)
    return cast("NDArray[np.bool_]", (thresholds >= -most) & (thresholds < most))


def marked(found: Sites, key: Secret, identity: int) -> NDArray[np.float64]:
    """Return the thresholds that bear the mark; each decides as the one it stands for.

    Args:
        found: Where the thresholds are.
        key: The key of this model.
        identity: The payload, 64 bits.
    """
    import numpy as np

    slots, words = _keyed(found, key)
    codes = words ^ _symbols(identity)[slots]
    return found.floors.astype(np.float64) + _gaps(found.floors) * (codes / _STEPS)


def distinct(found: Sites) -> Sites:
    """Return each pair of feature and floor once, with the code that most of its nodes bear.

    Nodes that share a pair share their keyed number: for an exact law each may count once.
    """
    import numpy as np

    raw = np.stack([found.features, _ordinal(found.floors), found.codes], axis=1)
    rows, counts = np.unique(raw, axis=0, return_counts=True)
    order = np.lexsort((-counts, rows[:, 1], rows[:, 0]))
    rows = rows[order]
    first: NDArray[np.bool_] = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:, :2] != rows[:-1, :2]).any(axis=1)
    rows = rows[first]
    floors = rows[:, 1].astype(np.uint32).view(np.float32)
    return Sites(rows[:, 0], floors, rows[:, 2])


def score(found: Sites, key: Secret, identities: Sequence[int]) -> Score:
    """Return the score of the best payload; of the decoded one when none is given.

    Args:
        found: Distinct sites of the model in question.
        key: The key that is tested.
        identities: Payloads to test.
    """
    slots, words = _keyed(found, key)
    decoded = () if identities else _decoded(found, slots, words)
    nodes = len(found.codes)
    if not identities and not decoded:
        return Score(0.0, "threshold", 0, nodes, None, None, 0.0)
    tried = identities or decoded
    matches = [int((found.codes == words ^ _symbols(one)[slots]).sum()) for one in tried]
    best = max(range(len(matches)), key=matches.__getitem__)
    tail = log10_binomial_tail(nodes, matches[best], 1.0 / CODES)
    return Score(tail, "threshold", matches[best], nodes, None, tried[best], 0.0)


def _keyed(found: Sites, key: Secret) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which part of the payload each node bears, and the word that hides it."""
    import numpy as np

    raw = blocks(key, SCHEME, addresses(found.features, found.floors))
    slots = raw[:, 0].astype(np.int64) % _SLOTS
    return slots, raw[:, 2:4].copy().view("<u2").reshape(-1).astype(np.int64)


def _symbols(identity: int) -> NDArray[np.int64]:
    import numpy as np

    return np.array([identity >> BITS * slot & (CODES - 1) for slot in range(_SLOTS)], np.int64)


def _decoded(found: Sites, slots: NDArray[np.int64], words: NDArray[np.int64]) -> tuple[int, ...]:
    """Return the payload that most nodes bear; () when a part of it is borne by no two nodes."""
    import numpy as np

    there = found.codes < _NO_CODE
    identity = 0
    for slot in range(_SLOTS):
        mine = there & (slots == slot)
        counts = np.bincount(found.codes[mine] ^ words[mine], minlength=CODES)
        if counts.max() < 2:
            return ()
        identity |= int(counts.argmax()) << BITS * slot
    return (identity,)


def _floors(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    import numpy as np

    nearest = thresholds.astype(np.float32)
    with np.errstate(over="ignore"):
        below = np.nextafter(nearest, np.float32(-math.inf))
    floors = np.where(nearest.astype(np.float64) > thresholds, below, nearest)
    return floors.astype(np.float32) + np.float32(0)  # one zero, not two


def _gaps(floors: NDArray[np.float32]) -> NDArray[np.float64]:
    import numpy as np

    above = np.nextafter(floors, np.float32(math.inf)).astype(np.float64)
    return cast("NDArray[np.float64]", above - floors.astype(np.float64))


def _ordinal(floors: NDArray[np.float32]) -> NDArray[np.int64]:
    import numpy as np

    return np.ascontiguousarray(floors).view(np.uint32).astype(np.int64)
