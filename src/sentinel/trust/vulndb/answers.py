"""What is known of one version of a package: advisories of several databases joined into one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ...findings import Severity
from ...formats.requirements.model import Clause, normal
from .allowed import may_apply
from .model import Advisory, Answer, Record, Status
from .place import default_path
from .store import Database, open_database
from .versions import Applies, applies, fixes, is_always

_LABELS = {one.label: one for one in Severity}
_MALWARE = "MAL-"
_PREFERRED = ("GHSA-", "PYSEC-", "CVE-")


def lookup(name: str, version: str, *, path: str | os.PathLike[str] | None = None) -> Answer:
    """Return what the database that the user imported knows of one version of a package.

    Args:
        name: The package.
        version: The version.
        path: The database; the one in the user's folder by default.

    Returns:
        An answer; its status is ``not_checked`` where there is no database, and no advisory means
        none in this database as of its date.

    Raises:
        SettingsError: The database is damaged.
        ReadError: It cannot be read.
        UsageError: ``packaging`` is not installed.
    """
    found = os.fsdecode(default_path() if path is None else path)
    try:
        stat = os.stat(found)
    except OSError:
        return Answer(Status.NOT_CHECKED)
    database = _opened(found, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return answer(database, name, version) if database else Answer(Status.NOT_CHECKED)


@lru_cache(maxsize=4)
def _opened(path: str, modified: int, size: int, inode: int) -> Database | None:
    return open_database(path)


def answer(database: Database, name: str, version: str) -> Answer:
    """Return what a database knows of one version of a package.

    Args:
        database: The database.
        name: The package.
        version: The version.

    Raises:
        SettingsError: The database is damaged.
        UsageError: ``packaging`` is not installed.
    """
    applying: list[Record] = []
    undecided: list[str] = []
    for record in database.records(normal(name)):
        outcome = applies(record, version)
        if outcome is Applies.YES:
            applying.append(record)
        elif outcome is Applies.UNDECIDED:
            undecided.append(record.id)
    known = {one for record in applying for one in (record.id, *record.aliases)}
    open_ = tuple(one for one in undecided if one not in known)
    return Answer(Status.CHECKED, joined(applying, version), open_, database.info)


def possible(database: Database, name: str, clauses: Iterable[Clause]) -> tuple[Advisory, ...]:
    """Return the advisories about any version that conditions allow, the worst first.

    Args:
        database: The database.
        name: The package.
        clauses: Conditions on its version.
    """
    clauses = tuple(clauses)
    return joined([one for one in database.records(normal(name)) if may_apply(one, clauses)])


def joined(records: Sequence[Record], version: str = "") -> tuple[Advisory, ...]:
    """Return one advisory for all records that name each other, the worst first.

    Args:
        records: The records.
        version: The version that was asked about, where there is one.
    """
    groups: list[tuple[set[str], list[Record]]] = []
    for record in records:
        names, members = {record.id, *record.aliases}, [record]
        apart = []
        for group in groups:
            if names.isdisjoint(group[0]):
                apart.append(group)
            else:
                names |= group[0]
                members = [*group[1], *members]
        groups = [*apart, (names, members)]
    found = [_advisory(names, members, version) for names, members in groups]
    return tuple(sorted(found, key=lambda one: (not one.malicious, -one.severity, one.id)))


def _advisory(names: set[str], members: list[Record], version: str) -> Advisory:
    own = {one.id for one in members}
    name = min(own, key=_rank)
    worst = max(members, key=lambda one: _LABELS.get(one.severity, Severity.INFO))
    return Advisory(
        name,
        tuple(sorted(names - {name}, key=_rank)),
        next((one.summary for one in members if one.summary), ""),
        _LABELS.get(worst.severity, Severity.MEDIUM),
        bool(worst.severity),
        worst.method,
        worst.score,
        fixes(members, version),
        any(one.startswith(_MALWARE) for one in own),
        all(map(is_always, members)),
    )


def _rank(name: str) -> tuple[int, str]:
    """Malware first, then what people look up first."""
    order = (_MALWARE, *_PREFERRED)
    found = (number for number, start in enumerate(order) if name.startswith(start))
    return next(found, len(order)), name
