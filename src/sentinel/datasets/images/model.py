"""What the readers of pictures and sound say, and how they read: bounded, never decoding pixels."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import ParseError
from ...limits import KIB
from ...readers.base import Reader

MOST_BLOCKS = 1_000_000
"""Chunks, segments or blocks of one picture that are followed."""

MOST_TEXT = 64 * KIB
"""Bytes of a comment that are kept."""

_MOST_TEXTS = 64


class Picture(NamedTuple):
    """A picture or a sound, by its own structure.

    Attributes:
        kind: ``PNG``, ``JPEG``, ``GIF``, ``WebP``, ``BMP`` or ``WAV``.
        width: Pixels; 0 for sound.
        height: Pixels; 0 for sound.
        end: Offset behind its last byte; the size of the file where it has no end of its own.
        texts: ``(offset, bytes)`` of comments and the like.
        broken: What is wrong with its structure; empty when nothing is.
    """

    kind: str
    width: int
    height: int
    end: int
    texts: tuple[tuple[int, bytes], ...] = ()
    broken: str = ""


class Walk:
    """Where a reader of a picture stands, and what it has learned so far.

    Args:
        kind: See ``Picture``.
        reader: The bytes.
    """

    def __init__(self, kind: str, reader: Reader) -> None:
        self.kind = kind
        self.reader = reader
        self.width = self.height = 0
        self.at = 0
        self._blocks = 0
        self._texts: list[tuple[int, bytes]] = []

    def take(self, length: int) -> bytes:
        """Return the next bytes and step over them. Raises ParseError when there are fewer."""
        data = self.reader.pread(self.at, length)
        if len(data) < length:
            raise ParseError("it ends early")
        self.at += length
        return data

    def skip(self, length: int) -> None:
        """Step over bytes. Raises ParseError when there are fewer."""
        if length < 0 or self.at + length > self.reader.size:
            raise ParseError("it ends early")
        self.at += length

    def count(self) -> None:
        """Count a block. Raises ParseError beyond a million."""
        self._blocks += 1
        if self._blocks > MOST_BLOCKS:
            raise ParseError(f"more than {MOST_BLOCKS} parts")

    def note(self, offset: int, text: bytes) -> None:
        """Keep a comment."""
        if len(self._texts) < _MOST_TEXTS:
            self._texts.append((offset, text[:MOST_TEXT]))

    def picture(self, broken: str = "") -> Picture:
        """Return what was learned; ``at`` is the end where nothing is broken."""
        end = self.reader.size if broken else self.at
        return Picture(self.kind, self.width, self.height, end, tuple(self._texts), broken)
