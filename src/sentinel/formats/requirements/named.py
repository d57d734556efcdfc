"""Lists of packages that a model's description names, whatever they are called."""

from __future__ import annotations

import os
from functools import partial

from ...artifacts import Artifact
from ...errors import LimitExceeded, ReadError
from ...readers import MemoryReader, open_file
from ..contract import Member
from .paths import leads_out
from .reader import MOST_BYTES

_MOST = 10


class BesideReader(MemoryReader):
    """A file that was read whole, and still knows the folder that it stands in.

    Args:
        data: Its content.
        directory: The folder.
    """

    def __init__(self, data: bytes, directory: str) -> None:
        super().__init__(data)
        self.directory = directory


def named_lists(artifact: Artifact, names: list[str]) -> list[Member]:
    """Return the lists that stand in the folder of a description, to be scanned.

    Args:
        artifact: The description.
        names: Their paths; one that leads out of the folder is left alone, and told elsewhere.
    """
    directory: str | None = getattr(artifact.reader, "directory", None)
    if directory is None:
        return []
    found: list[Member] = []
    for number, name in enumerate(dict.fromkeys(names)):
        path = os.path.join(directory, name)
        if number < _MOST and not leads_out(name) and os.path.lexists(path):
            opening = _open if _within(path, directory) else _refuse
            found.append(Member(number, name, partial(opening, path), ("requirements",)))
    return found


def _refuse(path: str) -> BesideReader:
    raise ReadError(f"{path}: not a file of this folder", "look where the link leads")


def _within(path: str, directory: str) -> bool:
    try:
        real, root = os.path.realpath(path), os.path.realpath(directory)
        return os.path.isfile(real) and os.path.commonpath((real, root)) == root
    except (OSError, ValueError):
        return False


def _open(path: str) -> BesideReader:
    with open_file(path) as reader:
        if reader.size > MOST_BYTES:
            raise LimitExceeded(f"a list of packages of more than {MOST_BYTES} bytes is not read")
        return BesideReader(reader.pread(0, MOST_BYTES), os.path.dirname(path))
