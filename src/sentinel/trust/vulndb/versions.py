"""Which versions an advisory is about, compared as pip compares them (PEP 440).

A version that is not of PEP 440 (``0.2.0-n653``) is compared with the texts that an advisory lists
and with nothing else; where a range would have to decide, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from ..extras import need
from .model import Event, Record

if TYPE_CHECKING:
    from packaging.version import Version

_START = "0"
_DIGITS = 400


class Applies(Enum):
    """Whether an advisory is about a version."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@lru_cache(maxsize=65_536)
def parsed(text: str) -> Version | None:
    """Return a version without its local part, or None for a text that is none.

    Advisories are about what an index holds; a build of one's own has what the public one has.

    Raises:
        UsageError: ``packaging`` is not installed.
    """
    need("deps", "packaging")
    from packaging.version import InvalidVersion, Version

    if len(text) > _DIGITS:
        return None
    try:
        return Version(Version(text).public)
    except (InvalidVersion, ValueError):  # or a number of thousands of digits
        return None


@lru_cache(maxsize=65_536)
def canonical(text: str) -> str:
    """Return one text for all spellings of a version; any other text in lower case."""
    version = parsed(text)
    if version is None:
        return text.strip().lower()
    from packaging.utils import canonicalize_version

    return canonicalize_version(version)


def applies(record: Record, version: str) -> Applies:
    """Return whether an advisory is about a version.

    Args:
        record: The advisory.
        version: The version.
    """
    if canonical(version) in record.versions:
        return Applies.YES
    asked = parsed(version)
    answers = {_within(events, asked) for events in record.ranges}
    if True in answers:
        return Applies.YES
    return Applies.UNDECIDED if None in answers else Applies.NO


def _within(events: tuple[Event, ...], asked: Version | None) -> bool | None:
    """Return whether a version lies in a range, or None where that cannot be told."""
    spans = spans_of(events)
    if spans is None or asked is None:
        return True if spans == [(None, None, False)] else None
    return any(_lies(asked, span) for span in spans)


Span = tuple["Version | None", "Version | None", bool]
"""First affected version (None: all before), the end (None: all after), whether it counts."""


def _lies(asked: Version, span: Span) -> bool:
    first, last, included = span
    if first is not None and asked < first:
        return False
    return last is None or asked < last or (included and asked == last)


@lru_cache(maxsize=4_096)
def spans_of(events: tuple[Event, ...]) -> list[Span] | None:
    """Return the spans of a range, or None where a version of it is not of PEP 440.

    Events are sorted by version first, as the schema's algorithm does.
    """
    marks: list[tuple[Version | None, int, str]] = []
    for kind, text in events:
        version = parsed(text)
        if version is None:
            return None
        before_all = kind == "introduced" and text == _START
        marks.append((None if before_all else version, len(marks), kind))
    # What ends at a version comes before what begins there, but for its last affected version.
    order = {"fixed": 0, "introduced": 1, "last_affected": 2}
    lowest = parsed("0.dev0")
    assert lowest is not None
    marks.sort(key=lambda mark: (mark[0] is not None, mark[0] or lowest, order[mark[2]], mark[1]))
    return list(_spans(marks))


def _spans(marks: list[tuple[Version | None, int, str]]) -> Iterator[Span]:
    begun = False
    first: Version | None = None
    for version, _, kind in marks:
        if kind == "introduced" and not begun:
            begun, first = True, version
        elif kind != "introduced" and begun:
            yield first, version, kind == "last_affected"
            begun = False
    if begun:
        yield first, None, False


def is_always(record: Record) -> bool:
    """Return whether an advisory is about every version there is or will be."""
    return any(spans_of(events) == [(None, None, False)] for events in record.ranges)


def fixes(records: Iterable[Record], above: str = "") -> tuple[str, ...]:
    """Return the versions that fix advisories, the lowest first.

    Args:
        records: The advisories.
        above: Only versions above this one, where it is one.
    """
    floor = parsed(above)
    texts = {
        text for one in records for events in one.ranges for kind, text in events if kind == "fixed"
    }
    found = [(version, text) for text in texts if (version := parsed(text)) is not None]
    return tuple(text for version, text in sorted(found) if floor is None or version > floor)


def trimmed(record: Record) -> Record:
    """Return an advisory without the versions that its ranges cover, in canonical form."""
    rest = (text for text in record.versions if not _covered(record, text))
    return record._replace(versions=tuple(dict.fromkeys(map(canonical, rest))))


def _covered(record: Record, text: str) -> bool:
    version = parsed(text)
    if version is None:
        return False
    return any(_within(events, version) is True for events in record.ranges)
