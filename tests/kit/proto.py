"""Writes protocol buffers, field by field, after the encoding page of their documentation."""

from __future__ import annotations

import struct
from typing import Any


def varint(number: int) -> bytes:
    """Return a number as a varint; a negative one takes ten bytes."""
    number &= (1 << 64) - 1
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))


def field(number: int, value: Any) -> bytes:
    """Return a field: a varint, a float, a string or bytes, or several of them out of a list."""
    if isinstance(value, list):
        return b"".join(field(number, item) for item in value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields: tuple[int, Any]) -> bytes:
    """Return the fields of a message, one after the other."""
    return b"".join(field(number, value) for number, value in fields)


def pair(key: str, value: str) -> bytes:
    """Return a message of a key (1) and a value (2), as entries of maps are."""
    return message((1, key), (2, value))
