"""Names that collide or mean two things in a zip archive."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ...limits import MIB
from ...readers.base import Reader
from .anomalies import AnomalyLog
from .model import ZipEntry
from .zip_directory import Directory

_COMPARED = 16 * MIB
_PIECE = 256 * 1024


def note_names(
    reader: Reader, directory: Directory, entries: Sequence[ZipEntry], log: AnomalyLog
) -> None:
    """Log members of one directory that a reader could take for one another.

    Args:
        reader: The archive.
        directory: The directory.
        entries: What its entries were joined to.
        log: Takes ``duplicate`` and ``case-collision`` (other bytes under the same name),
            ``duplicate-same`` and ``case-same`` (the same bytes), and ``unicode-path``.
    """
    compare = _Comparison(reader)
    first: dict[str, ZipEntry] = {}
    folded: dict[str, ZipEntry] = {}
    for entry in entries:
        if entry.origin == "local":
            continue
        name = entry.name.partition("\0")[0]
        known = first.setdefault(name, entry)
        if known is not entry:
            _note(log, "duplicate", known, entry, compare)
            continue
        known = folded.setdefault(_fold(name), entry)
        if known is not entry:
            _note(log, "case-collision", known, entry, compare)
    for central in directory.entries:
        if central.alias is not None and central.name.isascii():
            name = central.name.decode("ascii")
            if central.alias != name:
                offset = central.header_offset + directory.shift
                log.add("unicode-path", f"a second name in it is {central.alias!r}", offset, name)


def _fold(name: str) -> str:
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _note(
    log: AnomalyLog, kind: str, known: ZipEntry, entry: ZipEntry, compare: _Comparison
) -> None:
    if compare.same(known, entry):
        kind = {"duplicate": "duplicate-same", "case-collision": "case-same"}[kind]
    detail = (
        f"{known.name!r} at {known.header_offset} ({known.size} bytes, CRC {known.crc:08x}) and "
        f"{entry.name!r} at {entry.header_offset} ({entry.size} bytes, CRC {entry.crc:08x})"
    )
    log.add(kind, detail, entry.header_offset, entry.name)


class _Comparison:
    """Compares members by their bytes, up to a bound on all comparisons together."""

    __slots__ = ("_left", "_reader")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left = _COMPARED

    def same(self, one: ZipEntry, other: ZipEntry) -> bool:
        """Return True when both surely give the same bytes."""
        length = one.compressed
        if (one.method, length, one.size) != (other.method, other.compressed, other.size):
            return False
        if one.data_offset == other.data_offset:
            return True
        self._left -= length
        if self._left < 0:
            return False
        for at in range(0, length, _PIECE):
            part = min(_PIECE, length - at)
            ours = self._reader.pread(one.data_offset + at, part)
            if ours != self._reader.pread(other.data_offset + at, part):
                return False
        return True
