"""Keccak-256 as Ethereum uses it: SHA-3 with the padding of before it became a standard."""

from __future__ import annotations

_MASK = (1 << 64) - 1
_RATE = 136  # bytes of the state that take in message: 1600 bits less twice 256
_ROUNDS = 24
# Rotation of each lane by row (y) and column (x): FIPS 202, table 2.
_ROTATIONS = (
    (0, 1, 62, 28, 27),
    (36, 44, 6, 55, 20),
    (3, 10, 43, 25, 39),
    (41, 45, 15, 21, 8),
    (18, 2, 61, 56, 14),
)


def _round_constants() -> tuple[int, ...]:
    constants, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


_CONSTANTS = _round_constants()
# Where each lane comes from and goes to in the steps rho and pi, lane = x + 5 y.
_MOVES = tuple(
    (x + 5 * y, y + 5 * ((2 * x + 3 * y) % 5), _ROTATIONS[y][x]) for y in range(5) for x in range(5)
)


def keccak_256(message: bytes) -> bytes:
    """Return the digest of a message, 32 bytes."""
    padded = bytearray(message) + b"\x01" + bytes(-(len(message) + 1) % _RATE)
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            place = start + lane * 8
            state[lane] ^= int.from_bytes(padded[place : place + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permuted(state: list[int]) -> list[int]:
    moved = [0] * 25
    for constant in _CONSTANTS:
        parity = [
            state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
            for x in range(5)
        ]
        mix = [parity[x - 1] ^ _rotated(parity[(x + 1) % 5], 1) for x in range(5)]
        for source, target, by in _MOVES:
            moved[target] = _rotated(state[source] ^ mix[source % 5], by)
        for row in range(0, 25, 5):
            a, b, c, d, e = moved[row : row + 5]
            state[row : row + 5] = (
                a ^ (~b & c),
                b ^ (~c & d),
                c ^ (~d & e),
                d ^ (~e & a),
                e ^ (~a & b),
            )
        state[0] ^= constant
    return state


def _rotated(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK
