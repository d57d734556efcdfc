"""Baselines of personal data: what is known, by keyed hash and without line numbers.

The file has one entry a line, sorted, so that lines that move in a source change nothing, a second
run writes the same bytes, and two branches merge (with ``merge=union`` in ``.gitattributes`` even
when they add neighbours). The key is in its first line: with it a hash of a short number can be
tried out, so the file is as secret as a list of the values would be to somebody patient.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import ReadError, SettingsError
from ..limits import MIB
from ..readers import open_file
from .marks import new_key
from .model import Detection

NAME = ".sentinel-pii-baseline.jsonl"
REASON = "known since the baseline"
_MARK = "sentinel-pii-baseline"
_MAX = 64 * MIB
_HINT = "make one with `sentinel pii baseline`"


class Known(NamedTuple):
    """One known finding; ``hmac`` is empty for a column, whose values come and go."""

    path: str
    type: str
    column: str
    hmac: str


class PiiBaseline(NamedTuple):
    """What is known.

    Attributes:
        key: Key of the hashes.
        known: The findings.
        root: Directory that paths count from.
    """

    key: bytes
    known: frozenset[Known] = frozenset()
    root: str = ""

    def knows(self, name: str, detection: Detection) -> bool:
        """Return True for a finding on record."""
        return identity(self.root, name, detection) in self.known


def identity(root: str, name: str, detection: Detection) -> Known:
    """Return what a detection is known by."""
    path = os.path.relpath(os.path.abspath(name), root).replace(os.sep, "/")
    if detection.place.path:
        path = f"{path}!{detection.place.path}"
    column = detection.place.column
    return Known(path, detection.info_type, column, "" if column else detection.digest)


def read_baseline(path: str, root: str) -> PiiBaseline:
    """Read a baseline.

    Args:
        path: The file.
        root: Directory that its paths count from.

    Raises:
        SettingsError: The file cannot be read, or is none.
    """
    try:
        with open_file(path) as reader:
            if reader.size > _MAX:
                raise SettingsError(f"{path}: larger than a baseline may be")
            lines = reader.pread(0, reader.size).splitlines()
    except ReadError as error:
        raise SettingsError(error.message, _HINT) from error
    keys: set[bytes] = set()
    known: set[Known] = set()
    for number, line in enumerate(lines, 1):
        if line.strip():
            _line(line, f"{path}:{number}", keys, known)
    if len(keys) != 1:
        what = "no key" if not keys else "keys of two baselines"
        raise SettingsError(f"{path}: {what}", _HINT)
    return PiiBaseline(keys.pop(), frozenset(known), root)


def _line(line: bytes, at: str, keys: set[bytes], known: set[Known]) -> None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{at}: not valid JSON", _HINT) from error
    if not isinstance(entry, dict):
        raise SettingsError(f"{at}: no object", _HINT)
    if _MARK in entry:
        try:
            keys.add(bytes.fromhex(entry["key"]))
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"{at}: no key", _HINT) from error
        return
    values = [entry.get(name, "") for name in Known._fields]
    if not all(isinstance(value, str) for value in values) or not entry.get("type"):
        raise SettingsError(f"{at}: no entry of a baseline", _HINT)
    known.add(Known(*values))


def start(path: str, root: str) -> PiiBaseline:
    """Return an empty baseline that has the key of the file where there is one."""
    if os.path.lexists(path):
        return read_baseline(path, root)._replace(known=frozenset())
    return PiiBaseline(new_key(), root=root)


def lines(key: bytes, known: Iterable[Known]) -> list[str]:
    """Return a baseline's text, line by line."""
    head = json.dumps({_MARK: 1, "key": key.hex()})
    body = [json.dumps({k: v for k, v in one._asdict().items() if v}) for one in sorted(set(known))]
    return [f"{line}\n" for line in (head, *body)]
