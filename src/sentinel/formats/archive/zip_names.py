"""Names that collide or mean two things in a zip archive."""

from __future__ import annotations

from collections.abc import Sequence

from ...readers.base import Reader
from .anomalies import AnomalyLog
from .names import Comparison, note_clashes
from .zip_directory import Directory
from .zip_model import ZipEntry


def note_names(
    reader: Reader, directory: Directory, entries: Sequence[ZipEntry], log: AnomalyLog
) -> None:
    """Log members of one directory that a reader could take for one another.

    Args:
        reader: The archive.
        directory: The directory.
        entries: What its entries were joined to.
        log: Takes the clashes, and ``unicode-path`` where a second name says something else.
    """
    comparison = Comparison(reader)

    def same(one: ZipEntry, other: ZipEntry) -> bool:
        if (one.method, one.compressed, one.size) != (other.method, other.compressed, other.size):
            return False
        return comparison.same(one.data_offset, other.data_offset, one.compressed)

    listed = (entry for entry in entries if entry.origin != "local")
    # Readers cut a name at its first NUL.
    named = ((e.name.partition("\0")[0], e.header_offset, e) for e in listed)
    note_clashes(named, same, _describe, log)
    for central in directory.entries:
        if central.alias is None or not central.name.isascii():
            continue  # a name in an old code page and its Unicode form do differ
        name = central.name.decode("ascii")
        if central.alias != name:
            offset = central.header_offset + directory.shift
            log.add("unicode-path", f"a second name in it is {central.alias!r}", offset, name)


def _describe(entry: ZipEntry) -> str:
    return f"{entry.name!r} at {entry.header_offset} ({entry.size} bytes, CRC {entry.crc:08x})"
