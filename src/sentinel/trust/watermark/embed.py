"""Puts the mark into a store of tensors: survey, choose the step, move, check."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .anchors import Anchors
from .code import CODE_BITS, encode
from .detect import MARKED_LOG10, Evidence, score
from .keys import WatermarkKeyProvider, commit
from .plan import BUDGET, LEAST_CHIPS, Plan, ladder, plan
from .record import NotMarked, Record
from .stdm import Projections, apply, cost, project, shifts, too_sparse
from .store import Store, Tensor
from .streams import KeyStreams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEME = "stdm-1"


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark that was put in.

    Attributes:
        record: What the owner keeps beside the key.
        anchors: The owner's notes for the anchored detector; None for a mark in thresholds.
    """

    record: Record
    anchors: Anchors | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What embedding knows of a tensor before it changes it."""

    tensor: Tensor
    found: Projections
    dithers: NDArray[np.float64]
    bits: NDArray[np.uint8]


def embed_store(
    store: Store,
    provider: WatermarkKeyProvider,
    identity: int,
    *,
    context: str = "",
    what: str = "the model",
    written: Callable[[], Store],
) -> Marked:
    """Mark a store of tensors.

    Args:
        store: The tensors; what is written to it goes to a copy, and is not what it reads.
        provider: Gives the key.
        identity: The payload, 64 bits.
        context: What the key is derived for: a model, a recipient; empty for the default key.
        what: Name of the model for messages.
        written: Opens what was written, for the check.

    Raises:
        NotMarked: It cannot be marked, or the mark is not there afterwards.
    """
    import numpy as np

    laid = plan(store.tensors, what)
    key = provider.derive(context.encode("utf-8", "surrogatepass"))
    streams = KeyStreams(key)
    surveys = _survey(store, streams, laid, identity)
    if sum(int((~too_sparse(one.found, laid.length)).sum()) for one in surveys) < LEAST_CHIPS:
        raise NotMarked("capacity", f"{what}: nearly all of its weights are zeros or no numbers")
    delta, moves, distortion = _moved(store, streams, surveys, laid, what)
    values = np.concatenate([one.found.values for one in surveys])
    anchors = Anchors(values.astype(np.float32), np.concatenate(moves).astype(np.float32))
    committed = commit(key)
    record = Record(
        scheme=SCHEME,
        key_id=committed.key_id,
        salt=committed.salt.hex(),
        commitment=committed.digest.hex(),
        context=context,
        identity=f"{identity:016x}",
        parameters={"L": laid.length, "M": laid.chips, "delta": delta, "n": laid.weights},
        parts=laid.parts,
        distortion=distortion,
        anchors_sha256=anchors.sha256,
    )
    _check(written(), streams, laid, record, what)
    return Marked(record, anchors)


def _survey(store: Store, streams: KeyStreams, laid: Plan, identity: int) -> list[_Survey]:
    bits = encode(identity)[places(streams, laid)]
    tensors = {tensor.name: tensor for tensor in store.tensors}
    found, first = [], 0
    for part in laid.parts:
        tensor = tensors[part.name]
        what = project(store, tensor, part.name, streams, laid.length, part.chips, spaced=True)
        mine = bits[first : first + part.chips]
        found.append(_Survey(tensor, what, streams.dithers(part.name, part.chips), mine))
        first += part.chips
    return found


def places(streams: KeyStreams, laid: Plan) -> NDArray[np.int64]:
    """Return which code bit each chip of a plan bears: all of them equally often, in keyed order"""
    return streams.order(laid.chips) % CODE_BITS


def _moved(
    store: Store, streams: KeyStreams, surveys: list[_Survey], laid: Plan, what: str
) -> tuple[float, list[NDArray[np.float64]], float]:
    """Move the chips by the widest step that stays within the budget.

    Returns:
        The step; the moves of each tensor's chips, NaN for those that were left alone; and the
        distortion as it came out, rounding included.
    """
    import numpy as np

    energy = sum(one.found.energy for one in surveys)
    most = BUDGET**2 * energy
    for delta in ladder(laid.delta):
        moves = [_moves(one, laid.length, delta) for one in surveys]
        finite = [np.nan_to_num(move) for move in moves]
        pairs = list(zip(surveys, finite, strict=True))
        if sum(cost(one.found, move, laid.length) for one, move in pairs) > most:
            continue
        spent = sum(
            apply(store, one.tensor, streams, laid.length, one.found, move) for one, move in pairs
        )
        if spent <= most:
            return delta, moves, math.sqrt(spent / energy)
    raise NotMarked("budget", f"{what}: cannot be marked within {BUDGET:.1%} of change")


def _moves(one: _Survey, length: int, delta: float) -> NDArray[np.float64]:
    import numpy as np

    found = shifts(one.found.values, one.dithers, one.bits, delta)
    return np.where(too_sparse(one.found, length), np.nan, found)


def gather(store: Store, tensors: dict[str, Tensor], streams: KeyStreams, laid: Plan) -> Evidence:
    """Return what a model's chips say.

    Args:
        store: The model.
        tensors: Its tensors by the names of the plan's parts; those that are missing say nothing.
        streams: The keyed numbers.
        laid: The plan.
    """
    import numpy as np

    values, dithers = [np.empty(0)], [np.empty(0)]
    for part in laid.parts:
        tensor = tensors.get(part.name)
        dithers.append(streams.dithers(part.name, part.chips))
        if tensor is None:
            values.append(np.full(part.chips, np.nan))
        else:
            found = project(store, tensor, part.name, streams, laid.length, part.chips)
            values.append(found.values)
    joined = np.concatenate(values), np.concatenate(dithers)
    return Evidence(*joined, places(streams, laid))


def _check(store: Store, streams: KeyStreams, laid: Plan, record: Record, what: str) -> None:
    tensors = {tensor.name: tensor for tensor in store.tensors}
    evidence = gather(store, tensors, streams, laid)
    found = score(evidence, record.parameters["delta"], [int(record.identity, 16)], None)
    if found.log10_p > MARKED_LOG10:
        raise NotMarked("self-check", f"{what}: the mark is not there after it was put in")
