"""Readers of pictures and sound: header, structure and end, never the pixels.

Each has the signature ``walk(walk, budget)``: it steps through the structure to the end and raises
``ParseError`` where that is broken. What stands behind the end belongs to nobody, and is looked at
by ``sentinel.datasets.pictures``.
"""

from __future__ import annotations

from collections.abc import Callable

from ...errors import ParseError
from ...limits import Budget
from ...readers.base import Reader
from . import bmp, gif, jpeg, png, riff
from .model import Picture, Walk

__all__ = ["Picture", "kind_of", "look"]

_WALKS: dict[str, Callable[[Walk, Budget], None]] = {
    "PNG": png.walk,
    "JPEG": jpeg.walk,
    "GIF": gif.walk,
    "WebP": riff.walk,
    "WAV": riff.walk,
    "BMP": bmp.walk,
}


def kind_of(head: bytes) -> str:
    """Return which of the kinds read here some bytes begin as; empty for none.

    Args:
        head: The first 32 bytes.
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE"):
        return "WebP" if head[8:12] == b"WEBP" else "WAV"
    return "BMP" if bmp.looks_like(head) else ""


def look(reader: Reader, budget: Budget) -> Picture | None:
    """Return what a picture or sound says of itself; None for anything else.

    Args:
        reader: The bytes.
        budget: The time.

    Raises:
        ReadError: The bytes cannot be had.
        LimitExceeded: Out of time.
    """
    kind = kind_of(reader.pread(0, 32))
    if not kind:
        return None
    walk = Walk(kind, reader)
    try:
        _WALKS[kind](walk, budget)
    except ParseError as error:
        return walk.picture(error.message)
    return walk.picture()
