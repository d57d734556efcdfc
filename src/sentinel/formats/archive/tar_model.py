"""What the tar reader hands to the rules: inert facts."""

from __future__ import annotations

from typing import NamedTuple

from ...findings import Gap
from .anomalies import Anomaly


class TarEntry(NamedTuple):
    """One member of a tar archive.

    Attributes:
        name: Name after long-name and pax records are applied.
        header_offset: Where its header block is.
        data_offset: Where its bytes start.
        size: Bytes it holds in the archive.
        kind: ``file``, ``directory``, ``symlink``, ``hardlink``, ``character``, ``block``,
            ``fifo``, ``sparse`` or ``other``.
        mode: Unix mode.
        link: Target of a link, else empty.
        origin: ``archive``; ``after-end`` for what follows the end-of-archive blocks or a block
            that is no header; ``alternate`` for what another reading of a size leads to.
    """

    name: str
    header_offset: int
    data_offset: int
    size: int
    kind: str
    mode: int
    link: str
    origin: str


class TarArchive(NamedTuple):
    """What a tar archive says.

    Attributes:
        entries: Members in file order.
        anomalies: What an ordinary writer would not have done.
        gaps: What could not be read.
        end_offset: Where the end-of-archive blocks start, or the file's end without any.
        hidden: ``(offset, length)`` of data that belongs to no member.
    """

    entries: tuple[TarEntry, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    gaps: tuple[Gap, ...] = ()
    end_offset: int = 0
    hidden: tuple[tuple[int, int], ...] = ()
