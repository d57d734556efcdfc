"""What damage left of marks, measured on a few models at this version's default numbers.

What a chip bears depends on the step of its lattice, so that the model with the nearest step says
most about another; it promises nothing for it.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Damage(NamedTuple):
    """What was done to a marked model.

    Attributes:
        title: In words.
        share: Share of the chips, or of the nodes that are left, that still match.
        left: Share of them that is left.
        expected: Whether that follows from the scheme, and was not measured.
    """

    title: str
    share: float
    left: float = 1.0
    expected: bool = False


class Measured(NamedTuple):
    """One model that was marked and damaged.

    Attributes:
        model: In words.
        delta: Step of the mark; 0 for marks in thresholds.
        when: Day of the measurement.
        damages: What was done.
    """

    model: str
    delta: float
    when: str
    damages: tuple[Damage, ...]


_TITLES = (
    "float16", "int8 per channel", "int4 in groups of 128", "noise of 5 %", "noise of 10 %",
    "noise of 20 %", "noise of 40 %", "smallest 30 % pruned", "smallest 50 % pruned",
    "smallest 70 % pruned", "average, half marked", "average, a quarter marked",
)  # fmt: skip


def _rows(*shares: float) -> tuple[Damage, ...]:
    found = [Damage(title, share) for title, share in zip(_TITLES, shares, strict=True)]
    return (*found, Damage("hidden units permuted", 0.5, expected=True))


TENSORS: tuple[Measured, ...] = (
    Measured(
        "a perceptron, 4.7 thousand weights", 0.057, "2026-11-25",
        _rows(1, 0.995, 0.520, 0.503, 0.510, 0.472, 0.515, 0.499, 0.554, 0.533, 1, 0.642),
    ),
    Measured(
        "a network for digits, 0.35 million weights", 0.496, "2026-11-25",
        _rows(1, 1, 0.802, 0.984, 0.812, 0.548, 0.488, 0.689, 0.501, 0.446, 1, 0.632),
    ),
    Measured(
        "a speech encoder, 1.4 million weights", 1.0, "2026-11-25",
        _rows(1, 1, 0.914, 1, 0.992, 0.820, 0.548, 0.992, 0.755, 0.559, 1, 0.671),
    ),
    Measured(
        "a reader of captchas, 13.5 million weights", 2.0, "2026-11-23",
        _rows(1, 1, 0.998, 1, 1, 0.982, 0.820, 1, 0.977, 0.800, 1, 0.638),
    ),
)  # fmt: skip
"""Float tensors, by step."""

TREES = Measured(
    "a forest of 30 trees", 0.0, "2026-11-25",
    (
        Damage("saved and loaded", 1.0),
        Damage("half of the trees dropped", 1.0, 0.5),
        Damage("thresholds rounded", 0.0),
        Damage("exported in float32", 0.0, expected=True),
    ),
)  # fmt: skip
BOOSTERS = Measured(
    "a booster of 10 rounds", 0.0, "2026-11-25",
    (
        Damage("saved and loaded", 1.0),
        Damage("half of the rounds dropped", 1.0, 0.5),
        Damage("last bits cleared", 0.5, expected=True),
    ),
)  # fmt: skip


def nearest(scheme: str, delta: float) -> Measured:
    """Return the measurements of the model most like one that is marked.

    Args:
        scheme: The scheme of the mark.
        delta: Its step; of no account for marks in thresholds.
    """
    if scheme == "tree-threshold-1":
        return TREES
    if scheme == "xgb-threshold-1":
        return BOOSTERS
    return min(TENSORS, key=lambda one: abs(math.log(one.delta / max(delta, 1e-9))))
