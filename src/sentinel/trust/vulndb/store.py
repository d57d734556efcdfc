"""The file of the database: a header that says what is in it, and one block a package.

Only the block of the package that is asked about is unpacked. A mark and two lengths, the header
and the blocks, each of them JSON in zlib, whose checksums tell damage.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...errors import ReadError, SettingsError, TrustError
from ...limits import MIB
from ...readers import open_file
from .. import strict_json, write
from .model import Info, Record

_MARK = b"sentinel advisories 1\n"
_HEAD = struct.Struct(">QQ")
_LARGEST = 512 * MIB
_LARGEST_PART = 64 * MIB
_HINT = "import it again: sentinel vulndb import FILE"


class Database:
    """Advisories by package.

    Attributes:
        path: The file.
        info: What it is made of.

    Args:
        path: Its name, for messages.
        data: Its content.

    Raises:
        SettingsError: It is no such database, or it is damaged.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._data = data
        self._last: tuple[str, tuple[Record, ...]] = "", ()
        try:
            packed, size = _HEAD.unpack_from(data, len(_MARK))
            self._start = len(_MARK) + _HEAD.size + packed
            if not data.startswith(_MARK) or size > _LARGEST_PART or self._start > len(data):
                raise ValueError
            header = _unpack(data[self._start - packed : self._start], size)
            self.info = _info(header)
            self._places: dict[str, list[int]] = header["packages"]
        except (ValueError, KeyError, TypeError, OverflowError, struct.error) as error:
            raise self._damaged() from error

    def records(self, package: str) -> tuple[Record, ...]:
        """Return the advisories about a package.

        Args:
            package: Its normal name.

        Raises:
            SettingsError: The database is damaged.
        """
        if self._last[0] != package:
            self._last = package, self._read(package)
        return self._last[1]

    def _read(self, package: str) -> tuple[Record, ...]:
        place = self._places.get(package)
        if place is None:
            return ()
        try:
            offset, length, size = place
            if offset < 0 or length < 0 or not 0 <= size <= _LARGEST_PART:
                raise ValueError
            start = self._start + offset
            return tuple(map(_record, _unpack(self._data[start : start + length], size)))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise self._damaged() from error

    def _damaged(self) -> SettingsError:
        return SettingsError(f"{self.path}: no database of advisories, or a damaged one", _HINT)


def open_database(path: str | os.PathLike[str] | None = None) -> Database | None:
    """Open a database, or return None where there is none.

    Args:
        path: The file; ``default_path()`` by default.

    Raises:
        SettingsError: It is no such database, or it is damaged.
        ReadError: It cannot be read.
    """
    from .place import default_path

    name = default_path() if path is None else os.fsdecode(path)
    if not os.path.lexists(name):
        return None
    with open_file(name) as reader:
        if reader.size > _LARGEST:
            raise SettingsError(f"{name}: larger than any database of advisories", _HINT)
        return Database(name, bytes(reader.pread(0, reader.size)))


def write_database(path: str, info: Info, packages: Mapping[str, Sequence[Record]]) -> None:
    """Write a database, whole or not at all.

    Args:
        path: The file; folders above it are made.
        info: What it is made of.
        packages: Advisories by the normal name of the package.

    Raises:
        ReadError: It cannot be written.
    """
    places: dict[str, list[int]] = {}
    blocks: list[bytes] = []
    offset = 0
    for name in sorted(packages):
        text = _json(list(map(_row, packages[name])))
        blocks.append(zlib.compress(text, 9))
        places[name] = [offset, len(blocks[-1]), len(text)]
        offset += len(blocks[-1])
    header = _json({**_described(info), "packages": places})
    packed = zlib.compress(header, 9)
    folder = os.path.dirname(path)
    try:
        if folder:
            os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise ReadError(f"{folder}: cannot be made: {error.strerror or error}") from error
    head = _MARK + _HEAD.pack(len(packed), len(header)) + packed
    write.replace(path, b"".join((head, *blocks)))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _unpack(data: bytes, size: int) -> Any:
    """Return what a part holds; ValueError where it is not whole or not of that size."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, size + 1)
        if len(text) != size or not unpacker.eof or unpacker.unused_data:
            raise ValueError("not of its size")
        return strict_json.loads(text, what="database")
    except (zlib.error, TrustError) as error:
        raise ValueError("damaged") from error


def _described(info: Info) -> dict[str, object]:
    times = {"date": info.date.isoformat(), "imported": info.imported.isoformat()}
    return {**info._asdict(), **times, "packages": 0, "skipped": dict(info.skipped)}


def _info(header: Mapping[str, Any]) -> Info:
    date, imported = (datetime.fromisoformat(header[key]) for key in ("date", "imported"))
    if date.tzinfo is None or imported.tzinfo is None:
        raise ValueError("a time without a zone")
    return Info(
        str(header["source"]), str(header["sha256"]), date, imported, int(header["records"]),
        len(header["packages"]), {str(key): int(n) for key, n in header["skipped"].items()},
    )  # fmt: skip


def _row(record: Record) -> list[object]:
    return [*record]


def _record(row: Sequence[Any]) -> Record:
    name, aliases, summary, severity, method, score, ranges, versions = row
    return Record(
        str(name), tuple(map(str, aliases)), str(summary), str(severity), str(method), str(score),
        tuple(tuple((str(kind), str(text)) for kind, text in events) for events in ranges),
        tuple(map(str, versions)),
    )  # fmt: skip
