"""A bound on what a pickle makes: what is written once can be copied again at a few bytes each."""

from __future__ import annotations

from typing import Any

from ...errors import TrustError
from ...limits import MIB

_AT_LEAST, _TIMES = 64 * MIB, 32
_BYTES_OF_ONE: dict[type, int] = {
    bytes: 1, bytearray: 1, str: 1, list: 16, tuple: 16, dict: 64, set: 64, frozenset: 64,
}  # fmt: skip
"""About what an item of each kind takes in memory."""


class Room:
    """Memory that the calls and states of one file may take.

    Args:
        size: Bytes of the file; ordinary models take a small multiple of it.
    """

    __slots__ = ("_left",)

    def __init__(self, size: int) -> None:
        self._left = _AT_LEAST + _TIMES * size

    def spend(self, given: Any) -> None:
        """Take off what arguments or a state are about to be copied to.

        Raises:
            TrustError: The file makes far more than it holds (``too-large``).
        """
        self._left -= _cost(given)
        if type(given) is tuple:
            self._left -= sum(map(_cost, given))
        elif type(given) is dict:
            self._left -= sum(map(_cost, given.values()))
        if self._left < 0:
            raise TrustError("too-large", "what the pickle makes is far larger than the pickle")


def _cost(value: Any) -> int:
    each = _BYTES_OF_ONE.get(type(value), 0)
    return each * len(value) if each else 0
