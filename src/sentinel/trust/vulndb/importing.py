"""Makes a database of known vulnerabilities out of a dump."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ...errors import ParseError, TrustError, UsageError
from .. import strict_json
from ..extras import need
from .dump import LARGEST, Document, documents
from .model import Info, Record
from .osv import Read, read_record
from .store import write_database
from .versions import trimmed

_AHEAD = timedelta(days=1)


class _Kept(NamedTuple):
    modified: datetime
    packages: dict[str, Record]


def import_dump(
    path: str | os.PathLike[str], database: str | os.PathLike[str], *, now: datetime | None = None
) -> Info:
    """Read a dump and replace the database with what it says of packages of PyPI.

    Args:
        path: OSV's ``all.zip`` for PyPI, or a folder of records in OSV's schema.
        database: The file to write, whole or not at all.
        now: The time; that of the clock by default.

    Returns:
        What the database is made of.

    Raises:
        UsageError: There is nothing to import, or ``packaging`` is not installed.
        ReadError: The dump cannot be read, or the database not written.
        LimitExceeded: The dump holds more than any dump has reason to.
    """
    need("deps", "packaging")
    moment = now or datetime.now(UTC)
    source = os.fsdecode(path)
    found, digest = documents(source)
    skipped: Counter[str] = Counter()
    kept: dict[str, _Kept] = {}
    for document in found:
        reason = _take(document, kept)
        if reason:
            skipped[reason] += 1
    if not kept:
        raise UsageError(
            f"{source}: no advisories for packages of PyPI", "give OSV's all.zip for PyPI"
        )
    packages: dict[str, list[Record]] = {}
    for one in sorted(kept):
        for name, record in kept[one].packages.items():
            packages.setdefault(name, []).append(record)
    info = Info(
        os.path.basename(os.path.normpath(source)) or source,
        digest,
        _newest(kept, moment),
        moment,
        len(kept),
        len(packages),
        dict(sorted(skipped.items())),
    )
    write_database(os.fsdecode(database), info, packages)
    return info


def _take(document: Document, kept: dict[str, _Kept]) -> str:
    """Keep what a document says, or return why not."""
    if document.data is None:
        return document.skipped
    try:
        value = strict_json.loads(document.data, what=document.name, limit=LARGEST)
        read = read_record(value)
    except (ParseError, TrustError):
        return "not a record of OSV's schema"
    if read.withdrawn:
        return "withdrawn"
    if not read.packages:
        return "not about packages of PyPI"
    before = kept.get(read.id)
    if before is not None and before.modified >= read.modified:
        return "older than another of its id"
    kept[read.id] = _Kept(read.modified, _trimmed(read))
    return "older than another of its id" if before is not None else ""


def _trimmed(read: Read) -> dict[str, Record]:
    return {name: trimmed(record) for name, record in read.packages.items()}


def _newest(kept: dict[str, _Kept], now: datetime) -> datetime:
    """Return when the newest advisory was changed; times to come are nobody's news."""
    times = [one.modified for one in kept.values() if one.modified <= now + _AHEAD]
    return min(max(times, default=datetime.fromtimestamp(0, UTC)), now)
