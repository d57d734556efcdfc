"""Spread-transform dither modulation: projections of weights, and moving them onto a lattice.

A chip is L weights in a row. Their projection on keyed signs, in units of the tensor's RMS, is
moved to the nearest point of ``delta * (Z + dither + bit / 2)``. Sources: Chen and Wornell 2001
(the modulation); Li, Tondi and Barni 2020, "Spread-Transform Dither Modulation Watermarking of
Deep Neural Network" (its use on weights, there in training).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .rounding import packed, rounded, spacings
from .store import Store, Tensor, to_float
from .streams import KeyStreams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = 1 << 19
"""Weights that are worked on at once."""
_SPARSEST = 4
_QUIETEST, _LOUDEST = 1e-30, 1e30


class Projections(NamedTuple):
    """What the chips of one tensor say.

    Attributes:
        values: Projection of each chip in units of the RMS; NaN where it has none (zeros
            alone), and in tensors of numbers beyond what can be calculated with.
        alive: Weights of each chip that are finite and not zero.
        rms: Root mean square over the whole tensor; 0 when nothing can be done with it.
        energy: Sum of the squares of the tensor.
        spacing: Sum over each chip of the distances to the next number of a 16-bit type; zeros for
            wider types.
    """

    values: NDArray[np.float64]
    alive: NDArray[np.int64]
    rms: float
    energy: float
    spacing: NDArray[np.float64]


class Piece(NamedTuple):
    """A run of elements that lies within one chip, or is a number of whole chips."""

    start: int
    length: int
    chip: int
    chips: int


def pieces(count: int, length: int, chips: int) -> Iterator[Piece]:
    """Yield the runs that cover a tensor; its end, which fills no chip, comes as chips of 0.

    Args:
        count: Elements of the tensor.
        length: Elements of a chip.
        chips: Chips of the tensor.
    """
    step = max(1, CHUNK // length)
    if length <= CHUNK:
        for chip in range(0, chips, step):
            number = min(step, chips - chip)
            yield Piece(chip * length, number * length, chip, number)
    else:
        for chip in range(chips):
            for start in range(0, length, CHUNK):
                yield Piece(chip * length + start, min(CHUNK, length - start), chip, 1)
    for start in range(chips * length, count, CHUNK):
        yield Piece(start, min(CHUNK, count - start), chips, 0)


def project(
    store: Store,
    tensor: Tensor,
    name: str,
    streams: KeyStreams,
    length: int,
    chips: int,
    *,
    spaced: bool = False,
) -> Projections:
    """Return the projections of a tensor's chips.

    Args:
        store: Where the tensor is.
        tensor: The tensor.
        name: The name under which it was marked, which its streams depend on.
        streams: The keyed numbers.
        length: Weights per chip.
        chips: Chips it bears.
        spaced: Whether the spacing of 16-bit types is wanted.
    """
    import numpy as np

    sums, spacing, energy = np.zeros(chips), np.zeros(chips), 0.0
    alive: NDArray[np.int64] = np.zeros(chips, np.int64)
    for piece in pieces(tensor.size, length, chips):
        weights, squares = _finite(store, tensor, piece)
        energy += squares
        if piece.chips:
            signs = streams.signs(name, piece.start, piece.length)
            shape, those = (piece.chips, -1), slice(piece.chip, piece.chip + piece.chips)
            rows = weights.reshape(shape)
            with np.errstate(all="ignore"):
                sums[those] += np.einsum("ij,ij->i", rows, signs.reshape(shape))
            alive[those] += _alive(rows)
            if spaced and tensor.dtype in ("F16", "BF16"):
                spacing[those] += spacings(rows, tensor.dtype)
    rms = math.sqrt(energy / tensor.size) if tensor.size and math.isfinite(energy) else 0.0
    if not _QUIETEST < rms < _LOUDEST:
        rms = 0.0
    scale = rms * math.sqrt(length)
    values = np.full(chips, np.nan)
    if scale > 0:
        np.divide(sums, scale, out=values, where=(alive > 0) & np.isfinite(sums))
    return Projections(values, alive, rms, energy if rms else 0.0, spacing)


def _finite(store: Store, tensor: Tensor, piece: Piece) -> tuple[NDArray[np.floating[Any]], float]:
    """Return weights, with zeros for those that are no numbers, and the sum of their squares."""
    import numpy as np

    weights = to_float(store.read(tensor, piece.start, piece.length), tensor.dtype)
    with np.errstate(all="ignore"):
        squares = float(np.einsum("i,i->", weights, weights))
        if not math.isfinite(squares):
            weights = np.where(np.isfinite(weights), weights, weights.dtype.type(0))
            squares = float(np.square(weights, dtype=np.float64).sum())
    return weights, squares


def _alive(rows: NDArray[np.floating[Any]]) -> Any:
    import numpy as np

    if np.count_nonzero(rows) == rows.size:
        return rows.shape[1]
    return np.count_nonzero(rows, axis=1)


def shifts(
    values: NDArray[np.float64],
    dithers: NDArray[np.float64],
    bits: NDArray[np.uint8],
    delta: float,
) -> NDArray[np.float64]:
    """Return how far each projection is from its nearest lattice point, within half a step."""
    import numpy as np

    phase = values / delta - dithers - bits / 2.0
    return cast("NDArray[np.float64]", (np.round(phase) - phase) * delta)


def too_sparse(found: Projections, length: int) -> NDArray[np.bool_]:
    """Return which chips are left alone: more than three quarters of their weights are zeros."""
    import numpy as np

    sparse = found.alive * _SPARSEST < length
    return cast("NDArray[np.bool_]", sparse | np.isnan(found.values))


def cost(found: Projections, moves: NDArray[np.float64], length: int) -> float:
    """Return the energy that moving the projections adds to a tensor, about.

    A weight that is to move by less than the spacing of its type moves by all of it, but seldom:
    on average that costs the product of both. One that moves by more is rounded once.
    """
    import numpy as np

    alive = np.maximum(found.alive, 1)
    step = np.abs(moves) * found.rms * math.sqrt(length) / alive
    spacing = found.spacing / alive
    each = np.where(step < spacing, step * spacing, np.square(step) + np.square(spacing) / 6.0)
    return float(np.sum(each * alive))


def apply(
    store: Store,
    tensor: Tensor,
    streams: KeyStreams,
    length: int,
    found: Projections,
    moves: NDArray[np.float64],
) -> float:
    """Move the projections of a tensor's chips, and return the energy of all changes.

    Args:
        store: Where the tensor is read from and written to.
        tensor: The tensor.
        streams: The keyed numbers.
        length: Weights per chip.
        found: Its projections.
        moves: How far each of them is to be moved; 0 leaves a chip as it is.
    """
    import numpy as np

    steps = moves * found.rms * math.sqrt(length) / np.maximum(found.alive, 1)
    energy = 0.0
    for piece in pieces(tensor.size, length, len(moves)):
        mine = steps[piece.chip : piece.chip + piece.chips]
        if piece.chips and mine.any():
            signs = streams.signs(tensor.name, piece.start, piece.length)
            rows = signs.reshape(piece.chips, -1)
            rows *= mine[:, None].astype(rows.dtype)
            energy += _move(store, tensor, streams, piece, signs)
    return energy


def _move(
    store: Store,
    tensor: Tensor,
    streams: KeyStreams,
    piece: Piece,
    added: NDArray[np.float32],
) -> float:
    """Add to the weights of a piece that are numbers and not zero; return the energy of it."""
    import numpy as np

    before = store.read(tensor, piece.start, piece.length)
    weights = to_float(before, tensor.dtype)
    with np.errstate(all="ignore"):
        after = weights + added
        rest = (weights == 0) | ~np.isfinite(after)
        if tensor.dtype in ("F16", "BF16"):
            noise = streams.rounding(tensor.name, piece.start, piece.length)
            after = rounded(after, tensor.dtype, noise)
        values = packed(after, tensor.dtype)
        change = after - weights
    if rest.any():
        values[rest] = before[rest]
        change[rest] = 0
    store.write(tensor, piece.start, values)
    return float(np.einsum("i,i->", change, change))
