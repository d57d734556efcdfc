"""What files of plain tensors have in common: spans of one data area that must add up.

Used by safetensors and GGUF. The data itself is never read, but for the first bytes of tensors
that could begin with a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..limits import KIB
from ..readers import SubRangeReader
from . import Member
from .archive.anomalies import Anomaly, AnomalyLog
from .embedded import FoundFile, file_at

_PROBED = 512
_SMALLEST_FILE = 16
_HOLES = 1000
_PADDING = 4 * KIB
_PIECE = 64 * KIB


class Span(NamedTuple):
    """Where a tensor says its data is.

    Attributes:
        begin: First byte, from the start of the data area.
        end: One past its last byte, likewise; ``begin`` where its length cannot be told.
        name: Its name.
        raw: True when its items are single bytes, as those of a smuggled file would be.
    """

    begin: int
    end: int
    name: str
    raw: bool = False


class TensorFile(NamedTuple):
    """What a file of tensors says.

    Attributes:
        title: What people call the format.
        version: Version of the format as it gives it; 0 where it has none.
        tensors: Number of tensors.
        data_offset: Where the data area begins.
        problems: What an ordinary writer does not do. Kinds: ``duplicate``, ``overlap``, ``hole``,
            ``padding`` (a hole of zeros), ``outside``, ``reversed``, ``size``, ``huge``,
            ``unaligned``, ``entry``, ``type`` (unknown), ``metadata``, ``header``, ``behind``,
            ``count``, ``nested``, ``vocabulary``, ``markup``, ``code`` (in a text).
        files: Files that begin where tensors or text should be.
        urls: ``(key, URL)`` of addresses in the metadata.
        marked: ``(key, text)`` of pieces of the metadata that bear the mark of a credential.
    """

    title: str
    version: int
    tensors: int
    data_offset: int
    problems: tuple[Anomaly, ...] = ()
    files: tuple[FoundFile, ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    marked: tuple[tuple[str, str], ...] = ()


class Layout(NamedTuple):
    """How spans lie in the data area.

    Attributes:
        holes: ``(offset, length)`` in the artifact of bytes between tensors that are not zeros.
        end: Where the last tensor ends, in the artifact; may be past the end of the file.
    """

    holes: tuple[tuple[int, int], ...]
    end: int


def check_layout(
    artifact: Artifact, spans: list[Span], start: int, log: AnomalyLog, align: int = 1
) -> Layout:
    """Note overlaps, holes and what lies outside.

    Args:
        artifact: The file.
        spans: Where tensors are.
        start: Offset of the data area in the artifact.
        log: Takes what is noted.
        align: Bytes to which each tensor's begin may be rounded up.

    Raises:
        ReadError: A hole cannot be read.
    """
    spans.sort()
    area = artifact.reader.size - start
    cursor, last = 0, ""
    holes: list[tuple[int, int]] = []
    for span in spans:
        due = -(-cursor // align) * align
        if span.begin < cursor and span.end > span.begin:
            log.add("overlap", f"{span.name!r} shares bytes with {last!r}", start + span.begin)
        elif span.begin > due and cursor < area:
            hole = (start + cursor, min(span.begin, area) - cursor)
            holes += _hole(artifact, hole, span.name, log, len(holes) < _HOLES)
        if span.end > area:
            log.add("outside", f"{span.name!r} ends {span.end - area} bytes past the end", start)
        if span.end > cursor:
            cursor, last = span.end, span.name
    return Layout(tuple(holes), start + cursor)


def _hole(
    artifact: Artifact, hole: tuple[int, int], name: str, log: AnomalyLog, kept: bool
) -> list[tuple[int, int]]:
    offset, length = hole
    if length <= _PADDING and not artifact.reader.pread(offset, length).strip(b"\0"):
        log.add("padding", f"{length} zero bytes before {name!r}", offset)
        return []
    log.add("hole", f"{length} bytes before {name!r} belong to no tensor", offset)
    return [hole] if kept else []


def probe(artifact: Artifact, spans: list[Span], start: int) -> tuple[FoundFile, ...]:
    """Return the tensors that begin with a file.

    The first 64 bytes of at most 512 tensors are read: those of single bytes before others, large
    ones before small ones.

    Raises:
        ReadError: The bytes cannot be had.
    """
    likely = [span for span in spans if span.end - span.begin >= _SMALLEST_FILE]
    if len(likely) > _PROBED:
        likely.sort(key=lambda span: (not span.raw, span.begin - span.end))
        del likely[_PROBED:]
    found = []
    for span in likely:
        length = span.end - span.begin
        kind = file_at(artifact.reader, start + span.begin, length)
        if kind:
            found.append(FoundFile(kind, span.name, start + span.begin, length))
    return tuple(found)


def behind(artifact: Artifact, end: int, log: AnomalyLog, align: int = 1) -> tuple[int, int] | None:
    """Note bytes behind the last tensor and return their offset and length.

    Raises:
        ReadError: They cannot be had.
    """
    size = artifact.reader.size
    padding = min(-end % align, max(0, size - end))
    if not artifact.reader.pread(end, padding).strip(b"\0"):
        end += padding
    if end >= size:
        return None
    kind = file_at(artifact.reader, end, size - end)
    what = f" ({kind})" if kind else ""
    log.add("behind", f"{size - end} bytes behind the last tensor{what}", end, kind)
    return end, size - end


def members(
    artifact: Artifact, layout: Layout, rest: tuple[int, int] | None, files: tuple[FoundFile, ...]
) -> Iterator[Member]:
    """Yield what lies in holes, behind the tensors and, where it looks like a file, in tensors."""
    stretches = [*layout.holes, *([rest] if rest is not None else [])]
    for offset, length in stretches:
        window = partial(SubRangeReader, artifact.reader, offset, length)
        yield Member(offset, f"bytes@{offset}", window)
    for found in files:
        window = partial(SubRangeReader, artifact.reader, found.offset, found.length)
        yield Member(found.offset, f"bytes@{found.offset}", window, guess=True)
