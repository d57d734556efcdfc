"""What is kept of advisories, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ...findings import Severity

FRESH = timedelta(days=30)
"""A database whose newest advisory is older than this is told to be old."""

Event = tuple[str, str]
"""``introduced``, ``fixed`` or ``last_affected``, and a version; ``0`` is before all versions."""


class Record(NamedTuple):
    """One advisory, as far as it is about one package.

    Attributes:
        id: Its identity in the database it is from (``PYSEC-2024-1``, ``GHSA-…``, ``MAL-…``).
        aliases: What other databases call it.
        summary: One line; may be empty.
        severity: Label of a severity, or empty where it has none.
        method: How ``score`` was worked out (``CVSS_V3``); may be empty.
        score: As the advisory writes it.
        ranges: Events of each range, as they are written.
        versions: Versions that are affected beside the ranges, in their canonical form.
    """

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    severity: str = ""
    method: str = ""
    score: str = ""
    ranges: tuple[tuple[Event, ...], ...] = ()
    versions: tuple[str, ...] = ()


class Advisory(NamedTuple):
    """One vulnerability, whatever number of databases describe it.

    Attributes:
        id: The identity it is told under.
        aliases: Its other identities.
        summary: One line; may be empty.
        severity: The highest that is given; medium where none is.
        scored: Whether a severity is given.
        method: How ``score`` was worked out; may be empty.
        score: As the advisory writes it.
        fixed: Versions above the one asked for that are no longer affected, the lowest first.
        malicious: Whether the package itself is malware (``MAL-…``).
        always: Whether every version is affected.
    """

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: Severity
    scored: bool
    method: str
    score: str
    fixed: tuple[str, ...]
    malicious: bool
    always: bool


class Info(NamedTuple):
    """What a database is made of.

    Attributes:
        source: Name of the dump.
        sha256: Digest of the dump where it was one file; else empty.
        date: When its newest advisory was changed: an answer holds as of then.
        imported: When it was imported.
        records: Number of advisories.
        packages: Number of packages they are about.
        skipped: What was not taken, by reason.
    """

    source: str
    sha256: str
    date: datetime
    imported: datetime
    records: int
    packages: int
    skipped: Mapping[str, int]

    def is_old(self, now: datetime | None = None) -> bool:
        """Return whether it is older than 30 days."""
        return (now or datetime.now(UTC)) - self.date > FRESH

    def describe(self, now: datetime | None = None) -> str:
        """Return its source, date and number of records in one line."""
        text = f"{self.source}, {self.date:%Y-%m-%d}, {self.records} records"
        return f"{text}, older than 30 days: import a newer one" if self.is_old(now) else text


class Status(StrEnum):
    """Whether a package was compared with a database.

    Attributes:
        NOT_CHECKED: There is no database. It says nothing about the package.
        CHECKED: It was compared. No advisory means none in this database, as of its date.
    """

    NOT_CHECKED = "not_checked"
    CHECKED = "checked"


class Answer(NamedTuple):
    """What a database knows of one version of a package.

    Attributes:
        status: Whether there is a database.
        advisories: What applies, the worst first.
        undecided: Advisories whose versions cannot be compared with this one.
        info: The database; None without one.
    """

    status: Status
    advisories: tuple[Advisory, ...] = ()
    undecided: tuple[str, ...] = ()
    info: Info | None = None
