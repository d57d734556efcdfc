"""The payload: 64 bits and their checksum, in a convolutional code that is decoded softly.

Constraint length 9, generators 557, 663 and 711 (octal; the rate 1/3 code of best free distance,
Larsen 1973), ended with 8 zeros: 80 bits become 264. Viterbi's algorithm on real-valued evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GENERATORS = (0o557, 0o663, 0o711)
_MEMORY = 8
_STATES = 1 << _MEMORY
ID_BITS = 64
_CHECK_BITS = 16
_STEPS = ID_BITS + _CHECK_BITS + _MEMORY
CODE_BITS = _STEPS * len(_GENERATORS)
"""Bits of one code word."""


def encode(identity: int) -> NDArray[np.uint8]:
    """Return the code word of an identity of 64 bits, as 264 zeros and ones."""
    import numpy as np

    value = (identity << _CHECK_BITS | crc16(identity.to_bytes(8, "big"))) << _MEMORY
    register, bits = 0, []
    for step in reversed(range(_STEPS)):
        register = (register >> 1) | ((value >> step & 1) << _MEMORY)
        bits += [(register & generator).bit_count() & 1 for generator in _GENERATORS]
    return np.array(bits, np.uint8)


def encode_many(identities: Sequence[int]) -> NDArray[np.uint8]:
    """Return the code words of many identities, one a row.

    Code and checksum are affine: a code word is that of 0, and for each bit of the identity what
    the bit changes in it.
    """
    import numpy as np

    origin, changes = _basis()
    words = np.array(identities, np.uint64).astype(">u8").view(np.uint8)
    bits = np.unpackbits(words.reshape(-1, 8), axis=1).astype(np.float32)
    odd = (bits @ changes).astype(np.int64) & 1
    return cast("NDArray[np.uint8]", odd.astype(np.uint8) ^ origin)


@cache
def _basis() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    import numpy as np

    origin = encode(0)
    rows = [encode(1 << bit) ^ origin for bit in reversed(range(ID_BITS))]
    return origin, np.array(rows, np.float32)


def decode(evidence: NDArray[np.float64]) -> int | None:
    """Return the likeliest identity, or None when its checksum is wrong: undecodable.

    Args:
        evidence: One number for each of the 264 code bits: positive for 0, negative for 1, larger
            for surer, 0 for unknown.
    """
    value = _viterbi(evidence)
    identity, check = value >> _CHECK_BITS, value & ((1 << _CHECK_BITS) - 1)
    return identity if crc16(identity.to_bytes(8, "big")) == check else None


def crc16(data: bytes) -> int:
    """Return CRC-16/CCITT-FALSE."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
    return value


def _viterbi(evidence: NDArray[np.float64]) -> int:
    import numpy as np

    before, outputs = _trellis()
    # The reward of every branch in every step: the sum of its three signs against the evidence.
    rewards = np.einsum("tg,spg->tsp", evidence.reshape(_STEPS, -1), outputs)
    score = np.full(_STATES, -np.inf)
    score[0] = 0.0
    chosen: NDArray[np.uint8] = np.empty((_STEPS, _STATES), np.uint8)
    for step in range(_STEPS):
        paths = score[before] + rewards[step]
        chosen[step] = paths[:, 1] > paths[:, 0]
        score = paths.max(axis=1)
    return _traced(chosen, before)


def _traced(chosen: NDArray[np.uint8], before: NDArray[np.int64]) -> int:
    state, value = 0, 0
    for step in reversed(range(_STEPS)):
        bit = state >> (_MEMORY - 1)
        value |= bit << (_STEPS - 1 - step)
        state = int(before[state, chosen[step, state]])
    return value >> _MEMORY


@cache
def _trellis() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the two states before each state, and the signs each branch sends.

    A state is the last eight bits, the newest on top; what falls out at the bottom is what tells
    the two states before it apart.
    """
    import numpy as np

    states = np.arange(_STATES)
    before: Any = ((states[:, None] << 1) & (_STATES - 1)) | np.arange(2)
    newest = (states >> (_MEMORY - 1))[:, None]
    register = before | newest << _MEMORY
    signs = np.empty((_STATES, 2, len(_GENERATORS)))
    for number, generator in enumerate(_GENERATORS):
        masked = register & generator
        parity = np.zeros_like(masked)
        for shift in range(_MEMORY + 1):
            parity ^= masked >> shift & 1
        signs[:, :, number] = 1.0 - 2.0 * parity
    return cast("NDArray[np.int64]", before), signs
