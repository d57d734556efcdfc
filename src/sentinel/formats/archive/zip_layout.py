"""What lies where in a zip archive: overlaps, and bytes that belong to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from ...limits import KIB, MIB
from ...readers.base import Reader
from .anomalies import AnomalyLog
from .zip_directory import Directory
from .zip_model import ZipEntry
from .zip_records import END64_SIZE, END_SIZE, LOCATOR64_SIZE, STREAMED

_DESCRIPTOR_SIZES = (12, 16, 20, 24)
_PIECE = MIB

Range = tuple[int, int]


def entry_end(entry: ZipEntry) -> int:
    """Return the offset behind a member's bytes."""
    return entry.data_offset + entry.compressed


def note_overlaps(entries: Sequence[ZipEntry], directory: Directory, log: AnomalyLog) -> None:
    """Log members of one directory that share bytes with each other or with the directory."""
    reach, last = 0, ""
    for entry in sorted(entries, key=attrgetter("header_offset")):
        if entry.origin == "local":
            continue
        if entry.header_offset < reach and entry.name != last:
            detail = f"starts at {entry.header_offset}, inside of {last!r}, which ends at {reach}"
            log.add("overlap", detail, entry.header_offset, entry.name)
        end = entry_end(entry)
        if entry.header_offset < directory.start < end:
            detail = f"claims to end at {end}; the directory starts at {directory.start}"
            log.add("overlap", detail, entry.header_offset, entry.name)
        if end > reach:
            reach, last = end, entry.name


def uncovered(
    size: int, directories: Iterable[Directory], entries: Iterable[ZipEntry]
) -> list[Range]:
    """Return the ``(start, end)`` ranges that no member, directory or record takes up."""
    streamed = {entry_end(e) for e in entries if e.flags & STREAMED}
    covers = [(e.header_offset, entry_end(e)) for e in entries]
    for directory in directories:
        covers += _records(directory)
    gaps: list[Range] = []
    reach = 0
    for start, end in sorted(covers):
        if start > reach and not (start - reach in _DESCRIPTOR_SIZES and reach in streamed):
            gaps.append((reach, min(start, size)))
        reach = max(reach, end)
        if reach >= size:
            break
    if reach < size:
        gaps.append((reach, size))
    return [(start, end) for start, end in gaps if start < end]


def _records(directory: Directory) -> Iterator[Range]:
    tail = directory.tail
    yield directory.start, directory.end
    yield tail.offset, tail.offset + END_SIZE + tail.comment
    if directory.record.offset != tail.offset:
        yield directory.record.offset, directory.record.offset + END64_SIZE
        yield tail.offset - LOCATOR64_SIZE, tail.offset


def without_zeros(reader: Reader, start: int, end: int, limit: int) -> Range | None:
    """Return a range without the zero bytes at its ends, or None when it holds nothing else.

    Args:
        reader: The archive.
        start: First byte.
        end: Behind the last byte.
        limit: Bytes of padding that are looked through at each end before they count as data.
    """
    first = _skip_zeros(reader, start, min(end, start + limit))
    if first >= end:
        return None
    # A model in front of the archive may well end with zeros that it needs.
    return first, _trim_zeros(reader, first, end) if first else end


def _skip_zeros(reader: Reader, start: int, end: int) -> int:
    at = start
    while at < end:
        data = reader.pread(at, min(_PIECE, end - at))
        rest = data.lstrip(b"\0")
        if rest or not data:
            return at + len(data) - len(rest)
        at += len(data)
    return end


def _trim_zeros(reader: Reader, start: int, end: int) -> int:
    length = min(end - start, 64 * KIB)
    data = reader.pread(end - length, length)
    return end - len(data) + len(data.rstrip(b"\0"))
