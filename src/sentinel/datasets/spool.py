"""Hands on what several processes have seen of a dataset: through files of one folder of our own.

Digests of rows are Python's own hashes, so all processes must have one key for them:
``one_key`` sees to that for processes that are started while it lasts.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import UnsupportedError
from .near import Sketch, Sketches
from .validate import Seen

_KEY = "PYTHONHASHSEED"
_PROBE = "one key for all"


def can_share() -> bool:
    """Return whether processes that are started by this one can be given a key."""
    return not (sys.flags.ignore_environment or getattr(sys, "frozen", False))


@contextmanager
def one_key() -> Iterator[None]:
    """Let all processes that are started meanwhile hash text alike, with a key drawn anew."""
    before = os.environ.get(_KEY)
    os.environ[_KEY] = str(secrets.randbelow(1 << 32))
    try:
        yield
    finally:
        if before is None:
            del os.environ[_KEY]
        else:
            os.environ[_KEY] = before


def put(folder: str, seen: Sequence[Seen]) -> None:
    """Write what was seen of some files. Raises OSError when it cannot be written."""
    for one in seen:
        least = array("I", (code for item in one.near.items for code in item.least))
        head = {
            "key": hash(_PROBE), "path": one.path, "kind": one.kind, "names": one.names,
            "sha256": one.sha256, "digests": len(one.digests), "bound": one.near.bound,
            "items": [(item.key, item.row, item.words, len(item.least)) for item in one.near.items],
        }  # fmt: skip
        number, name = tempfile.mkstemp(".part", dir=folder)
        with os.fdopen(number, "wb") as file:
            file.write(json.dumps(head).encode() + b"\n")
            file.write(array("q", one.digests).tobytes() + least.tobytes())
        os.replace(name, name.removesuffix(".part") + ".seen")


def take(folder: str) -> list[Seen]:
    """Return what all processes have written, by path.

    Raises:
        UnsupportedError: They had different keys, so that digests cannot be compared.
    """
    found = [_read(path) for path in Path(folder).glob("*.seen")]
    if len({key for key, _ in found}) > 1:
        raise UnsupportedError(
            "the files of the folder were not compared with each other", "use --jobs 1"
        )
    return sorted((one for _, one in found), key=lambda one: one.path)


def _read(path: Path) -> tuple[int, Seen]:
    with path.open("rb") as file:
        head = json.loads(file.readline())
        digests, least = array("q"), array("I")
        digests.frombytes(file.read(head["digests"] * digests.itemsize))
        least.frombytes(file.read())
    items, at = [], 0
    for key, row, words, size in head["items"]:
        items.append(Sketch(key, row, words, least[at : at + size]))
        at += size
    near = Sketches(head["bound"], tuple(items))
    one = Seen(
        head["path"], head["kind"], tuple(head["names"]), frozenset(digests), head["sha256"], near
    )
    return head["key"], one
