"""Which bytes of a checkpoint are only ever tensor data, and how that is proven.

A pickle written by ``torch.save`` names each storage by a persistent id: ``("storage", type, key,
location, number of elements)``. The loader reads the record of that key into memory and never
looks at it again, so a record that is named so, and is exactly as long as type and number say,
need not be read to know what it can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .pickle.literals import as_text
from .pickle.program import PickleProgram
from .pickle.values import Global, Persistent, Value

ITEM_SIZES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2,
    "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1,
    "BoolStorage": 1, "ComplexDoubleStorage": 16, "ComplexFloatStorage": 8,
    "ComplexHalfStorage": 4, "QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4,
    "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
    "UntypedStorage": 1, "_UntypedStorage": 1,
}  # fmt: skip
"""Bytes per element by storage type (``torch.storage``); newer dtypes are saved as untyped."""


class Reference(NamedTuple):
    """A storage that a pickle asks its loader for.

    Attributes:
        key: Name of the record.
        numel: Elements.
        length: Bytes.
        offset: Position of the persistent id in the program.
    """

    key: str
    numel: int
    length: int
    offset: int


def references(program: PickleProgram) -> Iterator[Reference]:
    """Yield the storages that a program refers to; ids of another kind are passed over."""
    known: dict[Value, str | None] = {}
    for found in program.recorder.persistent:
        reference = _reference(program, found, known)
        if reference is not None:
            yield reference


def _reference(
    program: PickleProgram, found: Persistent, known: dict[Value, str | None]
) -> Reference | None:
    parts = found.id
    if type(parts) is not tuple or len(parts) not in (5, 6):
        return None
    kind, storage, key, _, count = parts[:5]
    if type(kind) is not int or type(storage) is not Global:
        return None
    if kind not in known:  # the same memo entry in each id
        known[kind] = _scalar(program, kind)
    if known[kind] != "storage":
        return None
    size = item_size(storage)
    number = program.literal(count) if type(count) is int else None
    name = _scalar(program, key)
    if size is None or type(number) is not int or number < 0 or name is None:
        return None
    return Reference(name, number, number * size, found.offset)


def item_size(storage: Global) -> int | None:
    """Return the element size of a storage type of PyTorch's own; None for any other."""
    if storage.module != "torch" and not storage.module.startswith("torch."):
        return None
    return ITEM_SIZES.get(storage.name)


def _scalar(program: PickleProgram, value: Value) -> str | None:
    literal = program.literal(value, 1024)
    if type(literal) is int:
        return str(literal)
    return as_text(literal)
