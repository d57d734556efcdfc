"""Bytes that show themselves to nobody who did not ask for them by name."""

from __future__ import annotations

import hmac
from typing import NoReturn

from ...errors import UsageError

KEY_BYTES = 32


class Secret:
    """A key of 32 bytes; its repr, its text and its pickles give nothing away.

    Args:
        value: The bytes.

    Raises:
        UsageError: There are not 32 of them, or they are all the same.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if len(value) != KEY_BYTES:
            raise UsageError(f"a watermark key is {KEY_BYTES} bytes, not {len(value)}")
        if len(set(value)) == 1:
            raise UsageError("a watermark key whose bytes are all the same is no key")
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """Return the bytes. Whoever asks must not put them into a message, a record or a log."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(redacted)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(Secret)  # says nothing of the value; there are never many in one table

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not to be pickled or copied")
