"""Stochastic rounding to 16-bit floats, with keyed noise.

A shift far below the spacing of the type would be lost, or come out biased, if every weight were
rounded to the nearest. Rounded up or down at random, in proportion, the sum over a chip is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOWEST_HALF = 2.0**-14
_LAST_HALF = 2.0**-24
_LARGEST_HALF = 65504.0
_LARGEST_BRAIN = 2.0**128 - 2.0**120


def rounded(
    values: NDArray[np.float32], dtype: str, noise: NDArray[np.uint16]
) -> NDArray[np.float32]:
    """Return values that a 16-bit type has, each rounded up or down in proportion.

    Args:
        values: Finite numbers.
        dtype: ``F16`` or ``BF16``.
        noise: 16 random bits for each.

    Returns:
        float32. What would round beyond the largest number of the type is the largest.
    """
    return _brain(values, noise) if dtype == "BF16" else _half(values, noise)


def packed(values: NDArray[np.floating[Any]], dtype: str) -> NDArray[Any]:
    """Return numbers that a type has in that type; the bits as uint16 for ``BF16``."""
    import numpy as np

    if dtype == "BF16":
        return (values.view(np.uint32) >> np.uint32(16)).astype(np.uint16)
    return values.astype({"F16": np.float16, "F32": np.float32, "F64": np.float64}[dtype])


def spacings(rows: NDArray[np.floating[Any]], dtype: str) -> NDArray[np.float64]:
    """Return for each row the sum of the distances of its numbers to the next of a 16-bit type."""
    import numpy as np

    kept, least = (7, 0.0) if dtype == "BF16" else (10, _LAST_HALF)
    powers = (rows.view(np.uint32) & np.uint32(0x7F800000)).view(np.float32)
    each = np.maximum(powers * np.float32(2.0**-kept), np.float32(least))
    return cast("NDArray[np.float64]", each.sum(axis=1, dtype=np.float64, where=rows != 0))


def _brain(values: NDArray[np.float32], noise: NDArray[np.uint16]) -> NDArray[np.float32]:
    import numpy as np

    # The bits of a float count its magnitude: noise below the last bit kept carries into it.
    bits = values.view(np.uint32) + noise
    bits &= np.uint32(0xFFFF0000)
    found = bits.view(np.float32)
    over = np.isinf(found)
    if over.any():
        found[over] = np.copysign(np.float32(_LARGEST_BRAIN), found[over])
    return found


def _half(values: NDArray[np.float32], noise: NDArray[np.uint16]) -> NDArray[np.float32]:
    import numpy as np

    bits = values.view(np.uint32) + (noise & np.uint16(0x1FFF))
    bits &= np.uint32(0xFFFFE000)
    found = bits.view(np.float32)
    size = np.abs(values)
    low = size < _LOWEST_HALF
    if low.any():
        scaled = size[low] / np.float32(_LAST_HALF)
        whole = np.floor(scaled + noise[low].astype(np.float32) / np.float32(65536.0))
        found[low] = np.copysign(whole * np.float32(_LAST_HALF), values[low])
    if size.max(initial=0) > _LARGEST_HALF - 32:
        np.clip(found, -_LARGEST_HALF, _LARGEST_HALF, out=found)
    return found
