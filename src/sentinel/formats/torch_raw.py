"""Weights of exported programs: raw bytes that a configuration in the archive describes.

``data/weights/<model>_weights_config.json`` says of each weight which member holds it, that it is
not pickled, and its type and sizes; ``data/constants`` has the like. Such a member is only ever
read as numbers (``torch/export/pt2_archive/_package.py``), unless a loader for compiled models
takes it for a checkpoint of its own: one that begins like an archive or a pickle is not exempt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..artifacts import Artifact
from ..errors import SentinelError
from ..limits import MIB, Budget
from .archive.zip import ZipEntry, open_entry

_CONFIG = "_config.json"
_FOLDERS = ("data/weights/", "data/constants/")
_PREFIXES = ("weight_", "tensor_")
_MOST = 16 * MIB
_OTHER = (b"PK", b"\x80")
_ITEM_SIZES = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 2, 7: 4, 8: 8, 9: 4, 10: 8, 11: 16, 12: 1, 13: 2, 28: 2,
    29: 1, 30: 1, 31: 1, 32: 1, 33: 1, 34: 4, 35: 8,
}  # fmt: skip
"""Bytes per element by ``ScalarType`` of ``torch/_export/serde/schema.py``."""


def raw_weights(
    artifact: Artifact, entries: Sequence[ZipEntry], budget: Budget
) -> tuple[ZipEntry, ...]:
    """Return the members that the archive's configurations describe as raw weights.

    Args:
        artifact: The archive.
        entries: First readings of its members.
        budget: Pays for the configurations.

    Raises:
        ReadError: The archive cannot be read.
    """
    needed: dict[str, int] = {}
    for entry in entries:
        if entry.name.endswith(_CONFIG):
            for name, length in _described(artifact, entry, budget):
                known = needed.get(name, 0)
                needed[name] = -1 if min(known, length) < 0 else max(known, length)
    return tuple(
        entry
        for entry in entries
        if needed and _is_raw(artifact, entry, needed.get(entry.name.lower(), -1))
    )


def _is_raw(artifact: Artifact, entry: ZipEntry, needed: int) -> bool:
    plain = not entry.method and entry.compressed == entry.size
    if not plain or not 0 <= needed <= entry.size:
        return False
    return not artifact.reader.pread(entry.data_offset, 2).startswith(_OTHER)


def _described(artifact: Artifact, entry: ZipEntry, budget: Budget) -> Iterator[tuple[str, int]]:
    """Yield ``(member name, bytes needed)`` of a configuration; -1 for what is no raw weight."""
    root, _, below = entry.name.lower().partition("/")
    folder = next((place for place in _FOLDERS if below.startswith(place)), "")
    if not folder or entry.size > _MOST:
        return
    import json

    try:
        document = json.loads(open_entry(artifact, entry, budget).pread(0, _MOST))
        weights = document["config"].values()
    except (SentinelError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return
    for weight in weights:
        name = weight.get("path_name") if isinstance(weight, dict) else None
        if isinstance(name, str):
            yield f"{root}/{folder}{name.lower()}", _needed(weight, name)


def _needed(weight: dict[str, Any], name: str) -> int:
    """Return the bytes that a weight takes up at least, or -1 where it is not raw."""
    meta = weight.get("tensor_meta")
    if weight.get("use_pickle") is not False or not name.startswith(_PREFIXES) or "/" in name:
        return -1
    if not isinstance(meta, dict) or not isinstance(meta.get("sizes"), list):
        return -1
    kind = meta.get("dtype")
    count = _ITEM_SIZES.get(kind, 0) if type(kind) is int else 0
    if not count:
        return -1
    for size in meta["sizes"]:
        extent = size.get("as_int") if isinstance(size, dict) else None
        if type(extent) is not int or extent < 0:
            return -1
        count *= extent
    return count
