"""Names that a reader could take for one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ...limits import KIB, MIB
from ...readers.base import Reader
from .anomalies import AnomalyLog

Entry = TypeVar("Entry")

_COMPARED = 16 * MIB
_PIECE = 256 * KIB


def note_clashes(
    named: Iterable[tuple[str, int, Entry]],
    same: Callable[[Entry, Entry], bool],
    describe: Callable[[Entry], str],
    log: AnomalyLog,
) -> None:
    """Log members that bear the same name, exactly or but for case.

    Args:
        named: Name, offset and entry of each member.
        same: Says whether two entries surely hold the same bytes.
        describe: Says where an entry is and what it holds.
        log: Takes ``duplicate`` and ``case-collision`` where the bytes differ, ``duplicate-same``
            and ``case-same`` where they do not.
    """
    first: dict[str, Entry] = {}
    folded: dict[str, Entry] = {}
    for name, offset, entry in named:
        kind = "duplicate"
        known = first.setdefault(name, entry)
        if known is entry:
            kind = "case"
            known = folded.setdefault(_fold(name), entry)
        if known is entry:
            continue
        detail = f"{describe(known)} and {describe(entry)}"
        if same(known, entry):
            log.add(f"{kind}-same", detail, offset, name)
        else:
            log.add({"case": "case-collision"}.get(kind, kind), detail, offset, name)


def _fold(name: str) -> str:
    if name.isascii():
        return name.lower()
    import unicodedata

    return unicodedata.normalize("NFC", name).casefold()


class Comparison:
    """Compares stretches of one file, up to 16 MiB in all.

    Args:
        reader: The file.
    """

    __slots__ = ("_left", "_reader")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left = _COMPARED

    def same(self, one: int, other: int, length: int) -> bool:
        """Return True when ``length`` bytes at two offsets are surely the same."""
        if one == other:
            return True
        self._left -= length
        if self._left < 0:
            return False
        for at in range(0, length, _PIECE):
            part = min(_PIECE, length - at)
            if self._reader.pread(one + at, part) != self._reader.pread(other + at, part):
                return False
        return True
