"""Advisories in OSV's schema, as the databases behind OSV write them, and dumps of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sentinel.trust.vulndb.importing import import_dump
from sentinel.trust.vulndb.model import Info, Record
from sentinel.trust.vulndb.store import Database, open_database

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MODIFIED = "2026-11-20T08:00:00.123456Z"
V3_CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def span(*events: tuple[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    """Return a range."""
    return {"type": kind, "events": [{name: version} for name, version in events]}


def advisory(
    id: str = "PYSEC-2026-1",
    package: str = "torch",
    *ranges: dict[str, Any],
    versions: Iterable[str] = (),
    aliases: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return a record; without ranges and versions all before 2.6.0 are affected."""
    listed = list(versions)
    spans = list(ranges) or ([] if listed else [span(("introduced", "0"), ("fixed", "2.6.0"))])
    return {
        "id": id,
        "schema_version": "1.7.0",
        "modified": MODIFIED,
        "aliases": list(aliases),
        "affected": [
            {
                "package": {
                    "name": package, "ecosystem": "PyPI", "purl": f"pkg:pypi/{package}"
                },
                "ranges": spans,
                "versions": listed,
            }
        ],
        **more,
    }  # fmt: skip


def ghsa(record: dict[str, Any], word: str) -> dict[str, Any]:
    """Return a record with the severity that GitHub's database gives it."""
    return {**record, "database_specific": {"severity": word, "cwe_ids": []}}


def zipped(path: Path, records: Iterable[dict[str, Any]], **others: bytes) -> Path:
    """Write a dump as OSV publishes it, and whatever else is to be in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, record in enumerate(records):
            name = f"{record.get('id', number)}.json"
            archive.writestr(name, json.dumps(record))
        for name, data in others.items():
            archive.writestr(name, data)
    return path


def imported(folder: Path, records: Iterable[dict[str, Any]], now: datetime = NOW) -> Info:
    """Import records into ``advisories.db`` of a folder."""
    return import_dump(zipped(folder / "all.zip", records), folder / "advisories.db", now=now)


def database(folder: Path, *records: dict[str, Any]) -> Database:
    """Return a database of records."""
    imported(folder, records)
    found = open_database(folder / "advisories.db")
    assert found is not None
    return found


def record(*ranges: Iterable[tuple[str, str]], versions: Iterable[str] = ()) -> Record:
    """Return what is kept of an advisory."""
    return Record("PYSEC-1", ranges=tuple(map(tuple, ranges)), versions=tuple(versions))


def bare(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a mapping without some keys."""
    return {key: one for key, one in value.items() if key not in keys}
