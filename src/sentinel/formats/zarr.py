"""Descriptions of Zarr arrays (Orbax, TensorStore): the codecs that chunks go through.

Versions 2 (``.zarray``, ``.zmetadata``) and 3 (``zarr.json``). Format: the specifications of Zarr;
codecs by the names of ``numcodecs``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import Budget
from . import Parsed

_MOST_NODES = 200_000
NAMES = (".zarray", ".zmetadata", "zarr.json")
"""Names of the files."""


class ZarrArray(NamedTuple):
    """One array that is described.

    Attributes:
        path: Where in the description.
        dtype: Its type.
        codecs: Names of the codecs that its chunks go through.
    """

    path: str
    dtype: str
    codecs: tuple[str, ...]


class ZarrFile(NamedTuple):
    """What a description says.

    Attributes:
        arrays: The arrays.
    """

    arrays: tuple[ZarrArray, ...]


def looks_like_zarr(artifact: Artifact, head: bytes) -> bool:
    """Return True for a description under one of its names."""
    return artifact.leaf in NAMES and b"zarr" in head


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a description.

    Returns:
        A ``ZarrFile``.

    Raises:
        ParseError: It is no JSON object.
        LimitExceeded: It is longer than texts are read, or holds too much.
    """
    most = budget.limits.max_text
    if artifact.reader.size > most:
        raise LimitExceeded(f"more than {most} bytes of JSON")
    raw = artifact.reader.pread(0, artifact.reader.size)
    if raw.count(b"{") + raw.count(b"[") > _MOST_NODES:
        raise LimitExceeded(f"more than {_MOST_NODES} objects and lists")
    try:
        root = json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"no JSON ({type(error).__name__})") from error
    if not isinstance(root, dict):
        raise ParseError("no JSON object")
    return Parsed(ZarrFile(tuple(_arrays(root))))


def _arrays(root: Mapping[str, Any]) -> Iterator[ZarrArray]:
    pending: list[tuple[str, Any]] = [("", root)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, list):
            pending += [(path, item) for item in value]
        if not isinstance(value, Mapping):
            continue
        names = tuple(_codecs(value))
        if names or "dtype" in value or "data_type" in value:
            yield ZarrArray(path, str(value.get("dtype", value.get("data_type")))[:200], names)
        pending += [(f"{path}/{key}"[-200:], item) for key, item in value.items()]


def _codecs(array: Mapping[str, Any]) -> Iterator[str]:
    listed = [array.get("compressor")]
    for key in ("filters", "codecs", "object_codec"):
        found = array.get(key)
        listed += found if isinstance(found, list) else [found]
    for codec in listed:
        if isinstance(codec, Mapping):
            name = codec.get("id", codec.get("name"))
            if isinstance(name, str):
                yield name[:80]
