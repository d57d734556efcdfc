"""Which bytes of a checkpoint are only ever tensor data, and how that is proven.

A pickle written by ``torch.save`` names each storage by a persistent id: ``("storage", type, key,
location, number of elements)``. The loader reads the record of that key into memory and never
looks at it again, so a record that is named so, and is exactly as long as type and number say,
need not be read to know what it can do.
"""

from __future__ import annotations

from collections.abc import Iterator

from .pickle.literals import as_text
from .pickle.program import PickleProgram
from .pickle.values import Global, Value

ITEM_SIZES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2,
    "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1,
    "BoolStorage": 1, "ComplexDoubleStorage": 16, "ComplexFloatStorage": 8,
    "ComplexHalfStorage": 4, "QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4,
    "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
    "UntypedStorage": 1, "_UntypedStorage": 1,
}  # fmt: skip
"""Bytes per element by storage type (``torch.storage``); newer dtypes are saved as untyped."""


class Reference:
    """A storage that a pickle asks its loader for.

    Attributes:
        key: Name of the record.
        numel: Elements.
        length: Bytes.
        raw: True when each element is a single byte.
    """

    __slots__ = ("key", "length", "numel", "raw")

    def __init__(self, key: str, numel: int, length: int) -> None:
        self.key = key
        self.numel = numel
        self.length = length
        self.raw = length == numel


def references(program: PickleProgram) -> Iterator[Reference]:
    """Yield the storages that a program refers to; ids of another kind are passed over."""
    kinds: dict[Value, bool] = {}  # the same memo entries in each id
    sizes: dict[Global, int | None] = {}
    for found in program.recorder.persistent:
        parts = found.id
        if type(parts) is not tuple or len(parts) not in (5, 6):
            continue
        kind, storage, key, _, count = parts[:5]
        if type(kind) is not int or type(storage) is not Global:
            continue
        if kind not in kinds:
            kinds[kind] = _scalar(program, kind) == "storage"
        if storage not in sizes:
            sizes[storage] = item_size(storage)
        size = sizes[storage]
        if size is None or not kinds[kind]:
            continue
        number, name = program.literal(count), _scalar(program, key)
        if type(number) is int and number >= 0 and name is not None:
            yield Reference(name, number, number * size)


def item_size(storage: Global) -> int | None:
    """Return the element size of a storage type of PyTorch's own; None for any other."""
    if storage.module != "torch" and not storage.module.startswith("torch."):
        return None
    return ITEM_SIZES.get(storage.name)


def _scalar(program: PickleProgram, value: Value) -> str | None:
    literal = program.literal(value, 1024)
    if type(literal) is str:
        return literal
    if type(literal) is int:
        return str(literal)
    return as_text(literal)
