"""The oldest torch files: a tar archive of pickles with raw tensor data between them.

``torch.load`` of PyTorch 2.13 still reads them (``legacy_load`` in ``torch/serialization.py``).
``storages`` holds a count, then for each storage a pickle and its elements behind eight bytes of
length, then a pickle of views; ``tensors`` holds a count, then for each tensor a pickle and its
sizes; ``pickle`` is the object. Each pickle of each member runs when the file is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import SentinelError
from ..limits import Budget
from ..readers.base import Reader
from . import Member, Parsed
from .archive.tar import TarArchive, TarEntry, open_entry, read_archive
from .archive.tar import parsed as parsed_tar
from .pickle.driver import interpret_window
from .pickle.parse import parsed, window_of
from .pickle.program import PickleProgram
from .pickle.streams import Between
from .pickle.values import Global
from .pickle.window import Window
from .torch_storages import item_size

_BLOCK = 512
_LOOKED_AT = 16
_NAMES = frozenset(("sys_info", "pickle", "storages", "tensors"))
_TELLING = frozenset(("storages", "tensors"))
_MOST_AXES = 1024


class TorchTar(NamedTuple):
    """A tar-form checkpoint.

    Attributes:
        archive: The tar archive.
        parts: Names of the members that the loader reads.
    """

    archive: TarArchive
    parts: tuple[str, ...]


class _Part(NamedTuple):
    entry: TarEntry
    reader: Reader
    parsed: Parsed


def looks_like_torch_tar(artifact: Artifact, head: bytes) -> bool:
    """Return True for a tar archive with ``storages`` or ``tensors`` among its first members.

    Args:
        artifact: A tar archive.
        head: Its first 4096 bytes; more is read where members are long.
    """
    at = 0
    for _ in range(_LOOKED_AT):
        block = artifact.reader.pread(at, _BLOCK)
        name = block[:100].partition(b"\0")[0].decode("latin-1").removeprefix("./")
        if name in _TELLING:
            return True
        digits = block[124:136].strip(b" \0")
        if not name or not digits or digits.strip(b"01234567"):
            return False
        at += _BLOCK + -(-int(digits, 8) // _BLOCK) * _BLOCK
    return False


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a tar-form checkpoint.

    Returns:
        A ``TorchTar``; its parts as members, already interpreted, with claims on them.

    Raises:
        ParseError: This is no tar archive.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    archive = read_archive(artifact, budget)
    parts = [part for entry in archive.entries if (part := _part(artifact, entry, budget))]
    model = TorchTar(archive, tuple(_plain_name(part.entry) for part in parts))
    claims = frozenset(part.entry.header_offset for part in parts)
    return Parsed(model, _members(parts), claims=claims, container=parsed_tar(artifact, archive))


def _plain_name(entry: TarEntry) -> str:
    return entry.name.removeprefix("./")


def _part(artifact: Artifact, entry: TarEntry, budget: Budget) -> _Part | None:
    """Interpret a member that the loader reads; None leaves it to the tar reader."""
    name = _plain_name(entry)
    if name not in _NAMES or not entry.size:
        return None
    try:
        reader = open_entry(artifact, entry)
        child = artifact.child(entry.name, reader)
        between: Between | None = None
        window = window_of(child) if name != "storages" else Window(reader)  # most is weights
        if name == "storages":
            between = _storage_behind
        elif name == "tensors":
            between = _sizes_behind
        program = interpret_window(window, budget, between=between)
    except SentinelError:
        return None
    return _Part(entry, reader, parsed(child, program, budget))


def _members(parts: list[_Part]) -> Iterator[Member]:
    for entry, reader, known in parts:
        yield Member(entry.header_offset, entry.name, partial(_given, reader), ("pickle",), known)


def _given(reader: Reader) -> Reader:
    return reader


def _storage_behind(program: PickleProgram) -> int:
    """Return the length of the storage that follows the last pickle of ``storages``."""
    if not _counted(program):
        return 0
    result = program.streams[-1].result
    if type(result) is not tuple or len(result) != 3 or type(result[2]) is not Global:
        return 0
    size = item_size(result[2])
    numel = _number(program, 8)
    if size is None or numel is None:
        return 0
    if size == 1:
        program.recorder.note_raw(program.offset(program.streams[-1].end) + 8, numel)
    return 8 + numel * size


def _sizes_behind(program: PickleProgram) -> int:
    """Return the length of the sizes, strides and offset that follow a pickle of ``tensors``."""
    axes = _number(program, 4) if _counted(program) else None
    return 0 if axes is None or axes > _MOST_AXES else 8 + 16 * axes + 8


def _counted(program: PickleProgram) -> bool:
    """Return True when the last pickle is one of those that the first one counts."""
    first = program.streams[0].result
    count = program.literal(first) if first is not None else None
    return type(count) is int and 2 <= len(program.streams) <= count + 1


def _number(program: PickleProgram, length: int) -> int | None:
    """Return the number behind the last pickle, None where the file ends first."""
    start = program.streams[-1].end
    while len(program.window.data) < start + length:
        if not program.window.extend():
            return None
    number = int.from_bytes(program.window.data[start : start + length], "little", signed=True)
    return number if number >= 0 else None
