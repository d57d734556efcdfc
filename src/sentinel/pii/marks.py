"""Keyed hashes of values, which let two findings be compared without either being told.

Without the key nobody can try all nine-digit numbers until one fits; with it anybody can, so a
hash of personal data is personal data still, and the key stays with the baseline.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable

Marker = Callable[[bytes], str]

_KEY_BYTES = 16
_LENGTHS = ((8, "1-8"), (16, "9-16"), (32, "17-32"), (64, "33-64"))


def new_key() -> bytes:
    """Return a fresh key of 16 bytes."""
    return os.urandom(_KEY_BYTES)


def marker(key: bytes) -> Marker:
    """Return a function from a value, separators and case included, to 12 hexadecimal digits."""

    def mark(value: bytes) -> str:
        return hmac.digest(key, value, "sha256")[:6].hex()

    return mark


def length_class(value: bytes) -> str:
    """Return the class of a value's length in bytes: all that is told of it."""
    return next((name for most, name in _LENGTHS if len(value) <= most), "65+")
