"""Compares a model's lists of packages with known vulnerabilities, to be attested."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

from ...artifacts import Artifact
from ...errors import TrustError, UsageError
from ...formats.dependency_names import kind_of
from ...formats.requirements import parse
from ...formats.requirements.model import Dependencies, Requirement
from ...limits import Budget
from ...readers import open_file
from ..manifest import Manifest
from ..vulndb.answers import answer
from ..vulndb.judge import is_compared
from ..vulndb.model import Advisory
from ..vulndb.store import Database
from .vulns import Source, Vulnerability, predicate

_LONGEST = 300


def compare(
    path: str | os.PathLike[str],
    manifest: Manifest,
    database: Database,
    more: Sequence[str] = (),
    now: datetime | None = None,
) -> dict[str, object]:
    """Return the predicate on the packages that a model's lists pin.

    Args:
        path: The model.
        manifest: Its files; its lists must still be what was hashed.
        database: What they are compared with.
        more: Lists beside those in the model.
        now: The time that is written; that of the clock by default.

    Raises:
        UsageError: There is no list.
        TrustError: A list changed since it was hashed, or a part of it cannot be read.
        ReadError: A list cannot be read.
        ParseError: A file is no list.
    """
    started = now or datetime.now(UTC)
    lists = list(_lists(path, manifest))
    if not lists and not more:
        raise UsageError(
            f"{os.fsdecode(path)}: no list of packages in the model", "give --requirements FILE"
        )
    found = [one for place, digest in lists for one in _requirements(place, digest)]
    found += [one for place in more for one in _requirements(place, "")]
    return _predicate(found, database, started, now or datetime.now(UTC))


def _lists(path: str | os.PathLike[str], manifest: Manifest) -> Iterator[tuple[str, str]]:
    top = os.fsdecode(path)
    for file in manifest.files:
        if kind_of(file.name):
            place = os.path.join(top, *file.name.split("/")) if os.path.isdir(top) else top
            yield place, file.sha256


def _requirements(place: str, digest: str) -> tuple[Requirement, ...]:
    with open_file(place) as reader:
        parsed = parse(Artifact(place, reader, asked=True), Budget())
        # What the parser takes has been read whole: it reads no list that is larger.
        if digest and hashlib.sha256(reader.pread(0, reader.size)).hexdigest() != digest:
            raise TrustError("file-changed", f"{place}: changed since it was hashed")
    for gap in parsed.gaps:
        raise TrustError("unreadable", f"{place}: {gap.detail}", gap.hint)
    return cast("Dependencies", parsed.model).requirements


def _predicate(
    found: Sequence[Requirement], database: Database, started: datetime, finished: datetime
) -> dict[str, object]:
    known: dict[tuple[str, str], list[Vulnerability]] = {}
    open_: dict[str, None] = {}
    for one in found:
        if not is_compared(one) or not one.pin:
            open_[_shown(one)] = None
            continue
        key = one.key, one.pin
        if key not in known:
            told = answer(database, *key)
            known[key] = [_vulnerability(item, f"{one.key} {one.pin}") for item in told.advisories]
            if told.undecided:
                open_[f"{one.key} {one.pin}: {', '.join(told.undecided[:20])}"] = None
    info = database.info
    return predicate(
        [item for items in known.values() for item in items],
        source=Source(info.source, info.date, f"sha256:{info.sha256}" if info.sha256 else ""),
        started=started,
        finished=finished,
        compared=len(known),
        open_=open_,
    )


def _shown(one: Requirement) -> str:
    text = one.text or one.name
    return (text if text.isprintable() else ascii(text))[:_LONGEST]


def _vulnerability(one: Advisory, package: str) -> Vulnerability:
    return Vulnerability(one.id, package, one.method, one.score)
