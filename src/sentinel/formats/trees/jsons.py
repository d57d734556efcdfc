"""Reads a JSON file into dicts and lists within bounds."""

from __future__ import annotations

import json
from typing import Any

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from .model import MOST

_MOST_OBJECTS = 2_000_000


def read_json(artifact: Artifact, duplicates: list[str]) -> tuple[dict[str, Any], int]:
    """Return the object that a file of JSON holds, and how many bytes follow it.

    Args:
        artifact: The file.
        duplicates: Takes keys that occur twice in one object, the first few.

    Raises:
        ParseError: It is no JSON object.
        LimitExceeded: It is longer than 64 MiB, or holds more objects than are read.
    """
    if artifact.reader.size > MOST:
        raise LimitExceeded(f"more than {MOST} bytes of JSON")
    raw = artifact.reader.pread(0, artifact.reader.size)
    if raw.count(b"{") + raw.count(b"[") > _MOST_OBJECTS:
        raise LimitExceeded(f"more than {_MOST_OBJECTS} objects and lists")

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found) and len(duplicates) < 32:
            keys = [key for key, _ in found]
            duplicates.append(next(key for key in keys if keys.count(key) > 1))
        return made

    text = raw.decode("utf-8", "surrogateescape")
    try:
        value, end = json.JSONDecoder(object_pairs_hook=pairs).raw_decode(text.lstrip())
    except (ValueError, RecursionError) as error:
        raise ParseError(f"no JSON ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise ParseError("no JSON object")
    rest = text.lstrip()[end:].rstrip()
    return value, len(rest.encode("utf-8", "surrogateescape"))
