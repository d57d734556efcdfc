"""Numbers and texts of R's three encodings: XDR, native binary, and ASCII."""

from __future__ import annotations

import re

from ...errors import ParseError
from ...limits import KIB
from ...readers.base import Reader

_BLOCK = 64 * KIB
_SPACE = b" \t\n\r\v\f"
_WORD = re.compile(rb"[^ \t\n\r\v\f]+")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {
    b"n": b"\n", b"t": b"\t", b"v": b"\v", b"b": b"\b", b"r": b"\r", b"f": b"\f", b"a": b"\a",
}  # fmt: skip


class Source:
    """Reads forwards; numbers of vectors are passed over without being read.

    Args:
        reader: The bytes.
        position: Where to begin.
        order: ``big`` for XDR, ``little`` for native binary.
    """

    def __init__(self, reader: Reader, position: int, order: str = "big") -> None:
        self.position = position
        self.size = reader.size
        self._reader = reader
        self._big = order == "big"
        self._block = b""
        self._start = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        if count < 0 or count > self.size - self.position:
            raise ParseError("the file ends within an R object")
        at = self.position - self._start
        if not 0 <= at <= len(self._block) - count:
            self._start, at = self.position, 0
            self._block = self._reader.pread(self.position, max(count, _BLOCK))
            if len(self._block) < count:
                raise ParseError("the file ends within an R object")
        self.position += count
        return self._block[at : at + count]

    def integer(self) -> int:
        """Return the next number."""
        data = self.take(4)
        return int.from_bytes(data, "big" if self._big else "little", signed=True)

    def text(self, length: int) -> bytes:
        """Return a text of so many bytes."""
        return self.take(length)

    def cut_text(self, length: int, most: int) -> bytes:
        """Return the beginning of a text, and pass over the rest."""
        head = self.take(min(length, most))
        self.skip(length - len(head))
        return head

    def skip(self, count: int) -> None:
        """Pass over bytes."""
        if count < 0 or count > self.size - self.position:
            raise ParseError("the file ends within an R object")
        self.position += count

    def numbers(self, count: int, width: int) -> None:
        """Pass over numbers of so many bytes each."""
        self.skip(count * width)

    def raw(self, count: int) -> tuple[int, int] | None:
        """Pass over raw bytes; return ``(offset, length)`` when the file holds them as they are."""
        where = (self.position, count)
        self.skip(count)
        return where


class AsciiSource(Source):
    """The same for the encoding in words."""

    def _word(self) -> bytes:
        for _ in range(1 << 16):
            char = self.take(1)
            if char not in _SPACE:
                break
        else:
            raise ParseError("an R text file of nothing but spaces")
        at = self.position - 1 - self._start
        found = _WORD.match(self._block, at)
        end = found.end() if found else at + 1
        if end == len(self._block) and self._start + end < self.size:
            self._start += at
            self._block = self._reader.pread(self._start, _BLOCK)
            found = _WORD.match(self._block)
            at, end = 0, found.end() if found else 1
        self.position = self._start + end
        return self._block[at:end]

    def integer(self) -> int:
        """Return the next number; missing is the smallest there is."""
        word = self._word()
        if word == b"NA":
            return -(1 << 31)
        if len(word) > 20:
            raise ParseError("an R number that is too long")
        try:
            return int(word)
        except ValueError as error:
            raise ParseError("no number where one belongs") from error

    def text(self, length: int) -> bytes:
        """Return a text of so many bytes once its escapes are undone."""
        if length < 0 or length > self.size - self.position:
            raise ParseError("the file ends within an R object")
        while length and self.take(1) in _SPACE:
            pass
        self.position -= 1 if length else 0
        out = bytearray()
        while len(out) < length:
            char = self.take(1)
            out += self._escape() if char == b"\\" else char
        return bytes(out)

    def _escape(self) -> bytes:
        char = self.take(1)
        if char not in b"01234567":
            return _ESCAPED.get(char, char)
        digits = char
        while len(digits) < 3:
            char = self.take(1)
            if char not in b"01234567":
                self.position -= 1
                break
            digits += char
        return bytes([int(digits, 8) & 255])

    def cut_text(self, length: int, most: int) -> bytes:
        """Return the beginning of a text, and pass over the rest."""
        return self.text(length)[:most]

    def numbers(self, count: int, width: int) -> None:
        """Pass over numbers."""
        if count > self.size - self.position:
            raise ParseError("the file ends within an R object")
        for _ in range(count * (2 if width == 16 else 1)):
            self._word()

    def raw(self, count: int) -> tuple[int, int] | None:
        """Pass over raw bytes, which are words here."""
        self.numbers(count, 1)
        return None
