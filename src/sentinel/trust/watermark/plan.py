"""Which tensors bear the mark, and with what numbers: decided from names and shapes alone.

Blind verification makes the same plan from the model in question, so nothing here may depend on the
weights.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...errors import TrustError
from .code import CODE_BITS
from .record import NotMarked, Part, Record
from .store import FLOATS, Tensor

BUDGET = 0.005
"""The most that a mark may change, as RMS over RMS."""
LEAST_CHIPS = 64
LEAST_LENGTH = 10
_LEAST_DELTA, _MOST_DELTA = 1e-6, 2.0
_MOST_CHIPS = 1 << 20
_FEW, _MANY = 384, 1024
_DOUBLINGS = 4.0
_RUNG = 0.95
RUNGS = 16


class Plan(NamedTuple):
    """The numbers of one mark.

    Attributes:
        length: Weights per chip, L.
        parts: The tensors that bear chips, in the order of their chips.
        weights: Weights of the tensors that could bear chips, n.
    """

    length: int
    parts: tuple[Part, ...]
    weights: int

    @property
    def chips(self) -> int:
        """Chips in all, M."""
        return sum(part.chips for part in self.parts)

    @property
    def delta(self) -> float:
        """The step that uses the whole budget of distortion, in units of a tensor's RMS."""
        return delta_for(self.length)


def delta_for(length: int) -> float:
    """Return the largest step whose mark stays within the budget on dense weights.

    A shift is uniform within a step, so that the distortion is delta / sqrt(12 L).
    """
    return min(_MOST_DELTA, BUDGET * math.sqrt(12.0 * length))


def ladder(delta: float) -> tuple[float, ...]:
    """Return the steps that embedding chooses from, the widest first.

    Zeros stay zero, so that the other weights of their chip move more; what the draw of the shifts
    comes to varies too. A narrower step then keeps the distortion within the budget.
    """
    return tuple(delta * _RUNG**rung for rung in range(RUNGS))


def plan(tensors: Iterable[Tensor], what: str) -> Plan:
    """Return the plan for a model.

    Args:
        tensors: All of its tensors.
        what: Name of the model for messages.

    Raises:
        NotMarked: It has no float tensors of two or more axes, or too few weights in them.
    """
    found = eligible(tensors)
    if not found:
        raise NotMarked(
            "dtype", f"{what}: no float tensor with two or more axes to mark",
            "mark the float master before it is quantised",
        )  # fmt: skip
    weights = sum(tensor.size for tensor in found)
    length = _length(found, weights)
    if length < LEAST_LENGTH:
        raise NotMarked(
            "capacity", f"{what}: {weights} weights are too few to mark",
            f"about {LEAST_CHIPS * LEAST_LENGTH} are needed",
        )  # fmt: skip
    return Plan(length, tuple(_parts(found, length)), weights)


def eligible(tensors: Iterable[Tensor]) -> list[Tensor]:
    """Return the float tensors of two or more axes by name; of tied ones the first."""
    found: list[Tensor] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for tensor in sorted(tensors):
        if tensor.dtype not in FLOATS or len(tensor.shape) < 2 or not tensor.size:
            continue
        area, start, length = tensor.place
        if _take(taken.setdefault(area, []), start, start + length):
            found.append(tensor)
    return found


def _take(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Add a span to disjoint ones in order; say no when it shares bytes with one of them."""
    place = bisect.bisect_left(spans, (start, end))
    before_overlaps = place > 0 and spans[place - 1][1] > start
    if before_overlaps or (place < len(spans) and spans[place][0] < end):
        return False
    spans.insert(place, (start, end))
    return True


def of_record(record: Record) -> Plan:
    """Return the plan that a record tells.

    Raises:
        TrustError: It is of another scheme, or its numbers do not fit each other.
    """
    numbers = record.parameters
    length, delta = int(numbers.get("L", 0)), numbers.get("delta", 0.0)
    laid = Plan(length, record.parts, int(numbers.get("n", 0)))
    fits = all(0 < part.chips * length <= math.prod(part.shape) for part in laid.parts)
    named = len({part.name for part in laid.parts}) == len(laid.parts)
    if (
        record.scheme != "stdm-1"
        or not (fits and named and laid.chips == numbers.get("M"))
        or not (0 < laid.chips <= _MOST_CHIPS and _LEAST_DELTA <= delta <= _MOST_DELTA)
    ):
        raise TrustError(
            "watermark-record", "the record is not of a mark in float tensors, or was altered",
            "give the record that embed wrote",
        )  # fmt: skip
    return laid


def _length(tensors: Sequence[Tensor], weights: int) -> int:
    """Return the length of chips: as many as are aimed at, or as few as must be."""
    scale = math.log2(max(1.0, weights / 2e6)) / _DOUBLINGS
    target = _FEW + (_MANY - _FEW) * min(1.0, scale)
    length = int(weights / target)
    while length >= LEAST_LENGTH and _count(tensors, length) < CODE_BITS:
        length = length * 9 // 10
    if length >= LEAST_LENGTH:
        return length
    return LEAST_LENGTH if _count(tensors, LEAST_LENGTH) >= LEAST_CHIPS else 0


def _count(tensors: Sequence[Tensor], length: int) -> int:
    return sum(tensor.size // length for tensor in tensors)


def _parts(tensors: Sequence[Tensor], length: int) -> Iterable[Part]:
    for tensor in tensors:
        if tensor.size >= length:
            yield Part(tensor.name, tensor.shape, tensor.size // length)
