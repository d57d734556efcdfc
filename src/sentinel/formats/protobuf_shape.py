"""Is this a message of a given kind? For protobuf files, which have no magic bytes.

A shape lists the fields that a message has and what each may hold. Bytes are taken for a message
only when fields tile them to the last byte and all but a few are known ones, so that text, tables
and other binary files are not taken for models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import SentinelError
from ..limits import Budget
from .protobuf import BYTES, FIXED32, FIXED64, VARINT, Field, Window

_LOOKED_AT = 4096
_LOOKED_AT_WITHIN = 512
_LOOKED_INTO = 24
_MOST_UNKNOWN = 4
_MOST_NAME = 256
_WORD = re.compile(rb"[A-Z_][\w>./:-]*\Z")


class Shape(NamedTuple):
    """What a message looks like.

    Attributes:
        fields: Field number to what it holds: a wire type, ``text`` for a short printable name, or
            the shape of a nested message.
        needs: Numbers of the fields that must be there.
        open: True when further fields may be there at will.
    """

    fields: Mapping[int, object]
    needs: frozenset[int] = frozenset()
    open: bool = False


TEXT = "text"
"""A name: printable UTF-8 of at most 256 bytes."""
WORD = "word"
"""The name of an operator or a class, in ASCII and with a capital or an underscore in front."""
ANY = BYTES
"""Bytes that are not looked into."""
NUMBERS = "numbers"
"""Varints, each in a field of its own or packed into one."""


def fits(artifact: Artifact, shape: Shape) -> bool:
    """Return True when the whole of an artifact is a message of this shape; never raises.

    Long messages are stepped over, not read: fields are looked at one level at a time, the first
    two dozen of each level from within.
    """
    try:
        window = Window(artifact.reader, Budget())
        return _fits(window, 0, window.size, shape, _LOOKED_AT)
    except SentinelError:
        return False


def _fits(window: Window, start: int, end: int, shape: Shape, most: int) -> bool:
    unknown = count = 0
    found: set[int] = set()
    for field in window.fields(start, end):
        count += 1
        known = shape.fields.get(field.number)
        if known is None:
            unknown += 1
            if unknown > _MOST_UNKNOWN and not shape.open:
                return False
        elif count <= _LOOKED_INTO or field.number not in found:
            if not _holds(window, field, known):
                return False
            found.add(field.number)
        if count > most:
            break
    return shape.needs <= found and 4 * unknown <= 3 * count


def _holds(window: Window, field: Field, known: object) -> bool:
    if isinstance(known, Shape):
        return field.wire == BYTES and _fits(
            window, field.start, field.end, known, _LOOKED_AT_WITHIN
        )
    if known == TEXT:
        return field.wire == BYTES and _printable(window, field)
    if known == WORD:
        return field.wire == BYTES and bool(_WORD.match(window.raw(field, _MOST_NAME)))
    if known == NUMBERS:
        return field.wire in (VARINT, BYTES)
    if known in (FIXED32, FIXED64):
        return field.wire in (known, BYTES)
    return field.wire == known


def _printable(window: Window, field: Field) -> bool:
    if field.value > _MOST_NAME:
        return False
    try:
        return window.raw(field).decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False
