"""Keras 3's ``.keras`` file: a zip archive whose ``config.json`` says what to build.

The configuration is handed on under its own format, whatever it begins with; everything else is the
zip reader's to look into (``model.weights.h5`` is stored, so that reader gives a window on it).
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import NamedTuple

from ..artifacts import Artifact
from ..limits import MIB, Budget
from . import Member, Parsed
from .archive.zip import open_entry, read_archive
from .archive.zip import parsed as parsed_zip
from .archive.zip_directory import Window
from .archive.zip_open import is_locked

_DIRECTORY = MIB
_ENDS = 8
_MARKS = (b"model.weights.h5", b"model.weights.npz", b"metadata.json", b"model.weights.json")
_CONFIG = "config.json"


class KerasArchive(NamedTuple):
    """A ``.keras`` file: the names of its members, the first 10,000 of them."""

    names: tuple[str, ...]


def looks_like_keras(artifact: Artifact, head: bytes) -> bool:
    """Return True for a zip archive with a configuration and weights as Keras names them.

    Args:
        artifact: A zip archive.
        head: Its first 4096 bytes.
    """
    if artifact.leaf.lower().endswith(".keras"):
        return True
    window = Window(artifact.reader, artifact.reader.size)
    for end in islice(window.ends(), _ENDS):
        length = min(end.size, end.limit, _DIRECTORY)
        names = window.read(end.limit - length, length).lower()
        if b"config.json" in names and any(mark in names for mark in _MARKS):
            return True
    return False


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Find the configurations of a ``.keras`` file, every reading of each.

    Returns:
        A ``KerasArchive``; its configurations as members, and a claim on them.

    Raises:
        ParseError: This is no zip archive.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    archive = read_archive(artifact, budget)
    members, claims = [], set()
    for entry in archive.entries:
        name = entry.name.lower().replace("\\", "/").rpartition("/")[2]
        if name != _CONFIG or is_locked(entry) or entry.header_offset in claims:
            continue
        opener = partial(open_entry, artifact, entry, budget)
        members.append(Member(entry.header_offset, entry.name, opener, ("keras-config",)))
        claims.add(entry.header_offset)
    names = tuple(entry.name for entry in archive.entries[:10_000])
    container = parsed_zip(artifact, archive, budget)
    return Parsed(KerasArchive(names), members, (), frozenset(claims), container)
