"""Is the mark there? The blind and the anchored statistic, and what they entitle to say.

Blind: every chip's phase is uniform for a key that has nothing to do with the weights, whatever
they are, since its dither is. A chip then matches with probability 1/2 exactly, independently of
the others, and the number of matches is binomial. Anchored: the shifts are uniform and independent
of the weights in question, so that z is sub-Gaussian and exp(-z²/2) bounds its tail.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from .anchors import Anchors
from .code import CODE_BITS, decode, encode_many
from .statistics import log10_adjusted, log10_binomial_tail, log10_gaussian_bound
from .stdm import shifts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MARKED_LOG10 = -12.0
"""Verdicts of ``marked`` are at or below this, after the correction for all that was tried."""
OWNERSHIP_LOG10 = -64.0 * math.log10(2.0)
"""Below this nobody finds a key that fits by trying keys."""
_NOTHING_LOG10 = -3.0
_AT_ONCE = 256


class MarkVerdict(StrEnum):
    """What a verification says."""

    MARKED = "marked"
    NOT_MARKED = "not_marked"
    INCONCLUSIVE = "inconclusive"


class Evidence(NamedTuple):
    """What a model's chips say under one key and one way of naming its tensors.

    Attributes:
        values: Projection of each chip; NaN for those that are not there.
        dithers: Dither of each chip.
        places: The code bit that each chip bears.
    """

    values: NDArray[np.float64]
    dithers: NDArray[np.float64]
    places: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """The statistics of one hypothesis, before any correction.

    Attributes:
        log10_p: The smaller of the two p-values.
        detector: Which one it is of: ``blind`` or ``anchored``.
        matches: Chips that agree.
        chips: Chips there are.
        z: The anchored statistic, or None without anchors.
        identity: The payload in question, or None when none could be decoded.
        delta: The step.
    """

    log10_p: float
    detector: str
    matches: int
    chips: int
    z: float | None
    identity: int | None
    delta: float


def score(
    evidence: Evidence, delta: float, identities: Sequence[int], anchors: Anchors | None
) -> Score:
    """Return the score of the best identity; of the decoded one when none is given.

    Args:
        evidence: What the chips say.
        delta: Step of the lattice.
        identities: Payloads to test.
        anchors: Where the projections were before they were moved.
    """
    import numpy as np

    there = np.isfinite(evidence.values)
    phases = np.where(there, evidence.values, 0.0) / delta - evidence.dithers
    phases -= np.floor(phases)
    if not identities:
        identities = _decoded(phases, there, evidence.places)
    if not identities:
        return Score(0.0, "blind", 0, int(there.sum()), None, None, delta)
    found = (phases >= 0.25) & (phases < 0.75)
    matches = _matches(identities, evidence.places, found, there)
    best = identities[int(matches.argmax())]
    blind = _blind(int(matches.max()), int(there.sum()), best, delta)
    if anchors is None:
        return blind
    codes = encode_many(identities)
    z = [anchored(evidence, delta, code[evidence.places], anchors) for code in codes]
    place = int(np.argmax(z))
    bound = log10_gaussian_bound(z[place])
    if bound < blind.log10_p:
        chosen = _blind(int(matches[place]), blind.chips, identities[place], delta)
        return replace(chosen, log10_p=bound, detector="anchored", z=z[place])
    return replace(blind, z=z[int(matches.argmax())])


def _blind(matches: int, chips: int, identity: int, delta: float) -> Score:
    tail = log10_binomial_tail(chips, matches)
    return Score(tail, "blind", matches, chips, None, identity, delta)


def _matches(
    identities: Sequence[int],
    places: NDArray[np.int64],
    found: NDArray[np.bool_],
    there: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return how many chips agree with each identity."""
    import numpy as np

    counts = []
    for start in range(0, len(identities), _AT_ONCE):
        codes = encode_many(identities[start : start + _AT_ONCE])
        counts.append(((codes[:, places] == found) & there).sum(axis=1))
    return np.concatenate(counts)


def _decoded(
    phases: NDArray[np.float64], there: NDArray[np.bool_], places: NDArray[np.int64]
) -> tuple[int, ...]:
    import numpy as np

    soft = np.where(there, np.cos(2.0 * np.pi * phases), 0.0)
    found = decode(np.bincount(places, soft, CODE_BITS))
    return () if found is None else (found,)


def anchored(evidence: Evidence, delta: float, bits: NDArray[np.uint8], anchors: Anchors) -> float:
    """Return the anchored statistic z.

    Shifts are worked out again from the anchors and the key; those on file only say which chips
    were moved at all.
    """
    import numpy as np

    before = anchors.before.astype(np.float64)
    there = np.isfinite(evidence.values) & np.isfinite(before) & np.isfinite(anchors.shift)
    due = shifts(before[there], evidence.dithers[there], bits[there], delta)
    moved = evidence.values[there] - before[there]
    with np.errstate(all="ignore"):
        spread = math.sqrt(float(np.square(moved).sum()) * delta**2 / 12.0)
        total = float((moved * due).sum())
    return total / spread if 0 < spread < math.inf and math.isfinite(total) else 0.0


def hypotheses_per_delta(identities: Sequence[int], anchors: Anchors | None) -> int:
    """Return how many hypotheses ``score`` tries: detectors times payloads.

    A decoded payload is the best of all 2^64, so it counts as all of them.
    """
    return (len(identities) or 1 << 64) * (1 if anchors is None else 2)


def verdict(log10_p: float, hypotheses: int) -> tuple[MarkVerdict, float]:
    """Return the verdict for the best of a number of hypotheses, and its corrected p-value."""
    adjusted = log10_adjusted(log10_p, hypotheses)
    if adjusted <= MARKED_LOG10:
        return MarkVerdict.MARKED, adjusted
    if adjusted > _NOTHING_LOG10:
        return MarkVerdict.NOT_MARKED, adjusted
    return MarkVerdict.INCONCLUSIVE, adjusted
