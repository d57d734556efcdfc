"""How the tests of the zip reader read: entries, anomalies and what members hold."""

from __future__ import annotations

from sentinel.formats.archive.zip import ZipArchive, parse, read_archive
from sentinel.limits import Budget
from tests.formats.archive.kit import artifact


def read(data: bytes) -> ZipArchive:
    return read_archive(artifact(data), Budget())


def kinds(data: bytes) -> set[str]:
    return {found.kind for found in read(data).anomalies}


def contents(data: bytes, limits: Budget | None = None) -> dict[str, bytes]:
    """Return what the members hold, by name; of members with one name, the last."""
    thing = artifact(data)
    found = {}
    for member in parse(thing, limits or Budget()).members:
        reader = member.open()
        found[member.name] = reader.pread(0, reader.size)
    return found
