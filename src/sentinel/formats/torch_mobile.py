"""PyTorch's mobile modules as FlatBuffers (``.ptl``): operators, and the sources they carry.

Format: ``torch/csrc/jit/serialization/mobile_bytecode.fbs``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded
from ..limits import MIB, Budget
from ..readers import MemoryReader, SubRangeReader
from . import Member, Parsed
from .archive.anomalies import Anomaly, AnomalyLog
from .flatbuffer import Flat, Table

_MOST = 2_000_000
_MOST_FILES = 10_000
_MOST_TEXT = 10 * MIB
_EXTRA, _METHODS, _STATE, _VALUES, _STORAGES, _TYPES, _SOURCES = 1, 2, 3, 4, 6, 7, 8
_FUNCTION = 16


class MobileModule(NamedTuple):
    """What a module says.

    Attributes:
        version: Version of its byte code.
        operators: Names of the operators that its functions call.
        types: Names of the types of its objects.
        problems: Kinds: ``outside`` (an index leads out of the list of values), ``behind``.
    """

    version: int
    operators: tuple[str, ...]
    types: tuple[str, ...]
    problems: tuple[Anomaly, ...] = ()


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a mobile module.

    Returns:
        A ``MobileModule``; TorchScript sources and extra files as members.

    Raises:
        ParseError: It leads outside of the file.
        LimitExceeded: It holds more than is read.
    """
    flat = Flat(artifact.reader, budget)
    root = flat.root()
    log = AnomalyLog()
    start, count = flat.vector(root, _VALUES, 4)
    if count > _MOST:
        raise LimitExceeded(f"{count} values")
    operators: dict[str, None] = {}
    for at in range(start, start + 4 * count, 4):
        value = flat.table(at)
        if flat.scalar(value, 0, 1) == _FUNCTION and value.where(1):
            for operator in _tables(flat, flat.table(value.where(1)), 2):
                name, overload = flat.text(operator, 0)[:200], flat.text(operator, 1)[:80]
                operators[f"{name}.{overload}" if overload else name] = None
    used = [*flat.numbers(root, _METHODS, _MOST), flat.scalar(root, _STATE, 4)]
    for number in used:
        if not 0 <= number < max(count, 1):
            log.add("outside", f"value {number} of {count} is used", root.at)
    for data in _tables(flat, root, _STORAGES):
        flat.vector(data, 0, 1)
    types = tuple(flat.text(table, 0)[:200] for table in _tables(flat, root, _TYPES))
    members = list(_members(flat, root))
    found = flat.behind()
    if found:
        at, kind = found
        log.add("behind", f"a file of another kind behind the module: {kind}", at)
        window = partial(SubRangeReader, artifact.reader, at, artifact.reader.size - at)
        members.append(Member(at, f"bytes@{at}", window, guess=True))
    model = MobileModule(flat.scalar(root, 0, 4), tuple(operators), types, log.close())
    return Parsed(model, members)


def _tables(flat: Flat, table: Table, number: int) -> Iterator[Table]:
    start, count = flat.vector(table, number, 4)
    if count > _MOST:
        raise LimitExceeded(f"a list of {count} tables")
    for at in range(start, start + 4 * count, 4):
        yield flat.table(at)


def _members(flat: Flat, root: Table) -> Iterator[Member]:
    for number in (_SOURCES, _EXTRA):
        for place, file in enumerate(_tables(flat, root, number)):
            if place >= _MOST_FILES:
                raise LimitExceeded(f"more than {_MOST_FILES} files")
            start, length = flat.vector(file, 1, 1)
            if length > _MOST_TEXT:
                raise LimitExceeded(f"a text of {length} bytes")
            name = flat.text(file, 0)[:200]
            source = number == _SOURCES and name.endswith(".py")
            formats = ("torchscript",) if source else ()
            opens = partial(MemoryReader, flat.raw(start, length))
            yield Member(start, name or f"bytes@{start}", opens, formats)
