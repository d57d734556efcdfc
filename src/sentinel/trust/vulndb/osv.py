"""Reads one record of the OSV schema: what it says about packages of PyPI.

https://ossf.github.io/osv-schema/. A record is somebody else's text: whatever is not as the schema
says makes the whole record unusable, which is counted, since half a record may say the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ...errors import ParseError
from ...findings import Severity
from ...formats.requirements.model import normal
from .cvss import severity_of
from .model import Event, Record

_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-:._][A-Za-z0-9]+)+", re.ASCII)
_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_LONGEST = 100
_SUMMARY = 200
_MOST = 20_000
_EVENTS = frozenset(("introduced", "fixed", "last_affected", "limit"))
_WORDS = {
    "critical": Severity.CRITICAL, "high": Severity.HIGH, "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM, "low": Severity.LOW,
}  # fmt: skip


class Read(NamedTuple):
    """What one document says.

    Attributes:
        id: Its identity.
        modified: When it was last changed.
        withdrawn: Whether it was taken back.
        packages: What it says of each package of PyPI, by normal name; empty for other ecosystems.
    """

    id: str
    modified: datetime
    withdrawn: bool
    packages: dict[str, Record]


def read_record(document: object) -> Read:
    """Read one document.

    Args:
        document: Parsed JSON.

    Raises:
        ParseError: It is not what the schema says.
    """
    record = _mapping(document, "record")
    name = _text(record.get("id"), "id")
    if not _ID.fullmatch(name):
        raise ParseError("an id of no known shape")
    modified = _time(record.get("modified"))
    withdrawn = record.get("withdrawn") is not None
    if withdrawn:
        return Read(name, modified, True, {})
    aliases = tuple(dict.fromkeys(one for one in _texts(record, "aliases") if _ID.fullmatch(one)))
    shared = Record(name, aliases, _summary(record.get("summary")))
    packages: dict[str, Record] = {}
    for entry in _list(record, "affected"):
        affected = _mapping(entry, "affected")
        package = _package(affected)
        if package:
            one = _affected(shared, record, affected)
            packages[package] = _joined(packages.get(package), one)
    return Read(name, modified, False, packages)


def _package(affected: dict[str, object]) -> str:
    package = _mapping(affected.get("package"), "package")
    if package.get("ecosystem") != "PyPI":
        return ""
    name = _text(package.get("name"), "name of a package")
    if not _PACKAGE.fullmatch(name):
        raise ParseError("a name that no package has")
    return normal(name)


def _affected(shared: Record, record: dict[str, object], affected: dict[str, object]) -> Record:
    label, method, score = _severity(affected, record)
    ranges = tuple(_ranges(affected))
    versions = tuple(dict.fromkeys(_texts(affected, "versions")))
    if not ranges and not versions:
        raise ParseError("no versions are said to be affected")
    return shared._replace(
        severity=label, method=method, score=score, ranges=ranges, versions=versions
    )


def _joined(one: Record | None, other: Record) -> Record:
    if one is None:
        return other
    return one._replace(ranges=one.ranges + other.ranges, versions=one.versions + other.versions)


def _ranges(affected: dict[str, object]) -> Iterator[tuple[Event, ...]]:
    for entry in _list(affected, "ranges"):
        found = _mapping(entry, "range")
        if found.get("type") == "GIT":  # commits, which no requirement names
            continue
        if found.get("type") not in ("ECOSYSTEM", "SEMVER"):
            raise ParseError("a range of no known type")
        events = [_event(event) for event in _list(found, "events")]
        if not any(kind == "introduced" for kind, _ in events):
            raise ParseError("a range that begins nowhere")
        yield tuple(event for event in events if event[0] != "limit")


def _event(value: object) -> Event:
    event = _mapping(value, "event")
    if len(event) != 1 or not event.keys() <= _EVENTS:
        raise ParseError("an event of no known kind")
    ((kind, version),) = event.items()
    return kind, _text(version, "version")


def _severity(*places: dict[str, object]) -> tuple[str, str, str]:
    """Return label, method and score: the word of the database first, then a vector."""
    vectors = [pair for place in places for pair in _vectors(place)]
    method, score = next(iter(vectors), ("", ""))
    for place in places:
        for key in ("database_specific", "ecosystem_specific"):
            inner = place.get(key)
            word = inner.get("severity") if isinstance(inner, dict) else None
            known = _WORDS.get(word.lower()) if isinstance(word, str) else None
            if known is not None:
                return known.label, method, score
    for method, score in vectors:
        found = severity_of(method, score)
        if found is not None:
            return found.label, method, score
    return "", method, score


def _vectors(place: dict[str, object]) -> Iterator[tuple[str, str]]:
    for entry in _list(place, "severity"):
        found = _mapping(entry, "severity")
        method, score = found.get("type"), found.get("score")
        if isinstance(method, str) and isinstance(score, str) and len(score) <= 2 * _LONGEST:
            yield method[:_LONGEST], score


def _time(value: object) -> datetime:
    text = _text(value, "time")
    try:
        found = datetime.fromisoformat(text)
        # Strange offsets lead out of the years that there are.
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ParseError("no time of the schema") from error


def _summary(value: object) -> str:
    return " ".join(value.split())[:_SUMMARY] if isinstance(value, str) else ""


def _mapping(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ParseError(f"{what}: not an object")
    return value


def _list(place: dict[str, object], key: str) -> list[object]:
    value = place.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _MOST:
        raise ParseError(f"{key}: not a list, or too long")
    return value


def _texts(place: dict[str, object], key: str) -> list[str]:
    return [_text(one, key) for one in _list(place, key)]


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value or len(value) > _LONGEST or not value.isprintable():
        raise ParseError(f"{what}: not a short text")
    return value
