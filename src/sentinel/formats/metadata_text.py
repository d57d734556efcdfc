"""Text in the metadata of files of tensors: addresses, markup, and files written as Base64."""

from __future__ import annotations

import re

from ..limits import KIB, MIB
from .archive.anomalies import AnomalyLog
from .credentials import excerpts
from .embedded import FoundFile, kind_of

_URL = re.compile(r"\b(?:https?|ftp|file|s3|gs|ssh|git)://[^\s\"'<>\\]{1,300}", re.IGNORECASE)
_MARKUP = re.compile(r"<\s*script\b|javascript:|<!DOCTYPE\s+html|\bon(?:error|load)\s*=", re.I)
_CODE = re.compile(
    r"\{\{[^\n]{0,500}?(?:__\w+__|\bcycler\.|\blipsum\.)|\b__import__\s*\(|^#!\s?/"
    r"|\b(?:os\.(?:system|popen)|subprocess\.(?:run|call|Popen|check_output))\s*\("
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\-_]{24,}={0,2}")
_ALPHABET = str.maketrans("-_", "+/")
_SEARCHED = 256 * KIB
_MOST_URLS = 50
_MOST_DECODED = 8
_MOST_MARKED = 100
_MOST_BYTES = 4 * MIB
_HEAD = 128
_HEX = re.compile(r"[0-9a-fA-F]{48,}")


class MetadataText:
    """Collects what the texts of one file's metadata hold.

    Args:
        log: Takes anomalies.

    Attributes:
        urls: ``(key, URL)``, fifty at most.
        files: Files found.
        marked: ``(key, text)`` of pieces that bear the mark of a credential, a hundred at most.
        decoded: ``(key, bytes)`` of those that were written as Base64 or hexadecimal digits.
    """

    def __init__(self, log: AnomalyLog) -> None:
        self._log = log
        self.urls: list[tuple[str, str]] = []
        self.marked: list[tuple[str, str]] = []
        self.files: list[FoundFile] = []
        self.decoded: list[tuple[str, bytes]] = []

    def add(self, key: str, value: str, offset: int) -> None:
        """Look at one value.

        Args:
            key: Its name.
            value: Its text.
            offset: Where it is in the artifact.
        """
        shown, part = key[:80], value[:_SEARCHED]
        for match in _URL.finditer(part):
            if len(self.urls) >= _MOST_URLS:
                break
            self.urls.append((shown, match[0]))
        if len(self.marked) < _MOST_MARKED:
            self.marked += [(shown, piece) for piece in excerpts(part)]
        if _MARKUP.search(part):
            self._log.add("markup", f"{shown!r} holds markup that a browser would run", offset)
        code = _CODE.search(part)
        if code:
            self._log.add("code", f"{shown!r} holds {code[0][:100]!r}", offset)
        for match in _BASE64.finditer(part):
            self._encoded(shown, value, match.start(), offset)
            if len(self.decoded) >= _MOST_DECODED:
                break

    def _encoded(self, key: str, value: str, start: int, offset: int) -> None:
        decode = _from_hex if _HEX.match(value, start) else from_base64
        kind = kind_of(decode(value[start : start + _HEAD]))
        if kind:
            data = decode(value[start : start + _MOST_BYTES])
            self.files.append(FoundFile(kind, key, offset, len(data)))
            self.decoded.append((key, data))


def from_base64(text: str) -> bytes:
    """Return what the Base64 digits at the start of a text stand for; nothing when none do."""
    import base64

    match = _BASE64.match(text)
    digits = match[0].rstrip("=").translate(_ALPHABET) if match else ""
    digits = digits[: len(digits) // 4 * 4 + (len(digits) % 4 if len(digits) % 4 != 1 else 0)]
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4))
    except ValueError:
        return b""


def decoded(text: str) -> bytes:
    """Return what the digits at the start of a text stand for, Base64 or hexadecimal."""
    return _from_hex(text) if _HEX.match(text) else from_base64(text)


def _from_hex(text: str) -> bytes:
    match = _HEX.match(text)
    digits = match[0] if match else ""
    return bytes.fromhex(digits[: len(digits) // 2 * 2])
