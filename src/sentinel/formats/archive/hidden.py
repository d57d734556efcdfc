"""Bytes that no member accounts for: reads, names and notes them, within bounds."""

from __future__ import annotations

import re

from ...errors import LimitExceeded
from ...limits import MIB, Budget
from ...readers.base import Reader
from .anomalies import AnomalyLog

_PIECE = MIB
_STRETCHES = 1000
_PICKLE = (
    rb"\x80[\x02-\x05](?:\x95|[c(}\]\x8c\x8aX\x28NKGU])"  # protocol 2 and later
    rb"|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n"  # GLOBAL in any protocol
    rb"|\(i[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n"  # INST
)
_EXECUTABLES = (
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
)
_SEARCHED = 4096
_CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def name_bytes(data: bytes) -> str:
    """Return what bytes look like.

    Args:
        data: The first few KiB of them.

    Returns:
        ``archive``, ``executable``, ``script``, ``pickle``, ``model`` (a TensorFlow Lite file,
        whose metadata is a zip behind it), ``text`` or ``data``.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x01\x02")) or data[257:262] == b"ustar":
        return "archive"
    if data.startswith(_EXECUTABLES):
        return "executable"
    if data.startswith(b"#!"):
        return "script"
    if data[4:8] == b"TFL3":
        return "model"
    if re.search(_PICKLE, data[:_SEARCHED]):
        return "pickle"
    return "data" if re.search(_CONTROL, data[:_SEARCHED]) else "text"


def note_hidden(
    hidden: list[tuple[int, int]], start: int, end: int, head: bytes, where: str, log: AnomalyLog
) -> None:
    """Note a stretch of bytes that belongs to no member.

    Args:
        hidden: Takes its offset and length.
        start: Where it starts.
        end: Where it ends.
        head: Its first few KiB.
        where: First word of the anomaly (``hidden``, ``prefix``, ``suffix``).
        log: Takes the anomaly.

    Raises:
        LimitExceeded: There are more than a thousand of them.
    """
    if len(hidden) >= _STRETCHES:
        raise LimitExceeded(f"more than {_STRETCHES} stretches of bytes outside of members")
    hidden.append((start, end - start))
    log.add(f"{where}-{name_bytes(head)}", f"{end - start} bytes that belong to no member", start)


class Search:
    """Reads bytes outside of members in pieces of 1 MiB, within a bound on all of them together.

    Args:
        reader: The archive.
        budget: Gives the time.
        most: Bytes that may be read.
    """

    __slots__ = ("_budget", "_most", "_read", "_reader")

    def __init__(self, reader: Reader, budget: Budget, most: int) -> None:
        self._reader = reader
        self._budget = budget
        self._most = most
        self._read = 0

    def piece(self, at: int) -> bytes:
        """Return the bytes from an offset on; none at the end.

        Raises:
            LimitExceeded: There is more to search than is searched, or out of time.
        """
        self._budget.check_time()
        data = self._reader.pread(at, _PIECE)
        self._read += len(data)
        if self._read > self._most:
            raise LimitExceeded(f"more than {self._most} bytes outside of members to search")
        return data
