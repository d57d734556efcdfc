"""NumPy arrays of text; numbers are no personal data by themselves, and no text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ...artifacts import Artifact
from ...errors import ParseError
from ...findings import Gap
from ...formats.numpy import NpyArray
from ...formats.numpy import parse as parse_npy
from ...formats.numpy_header import dtype_of, read_literal
from ...limits import KIB, MIB, Budget
from ..model import Piece
from . import Sampling
from .members import read_members
from .pickled import text_of_bytes
from .rows import MOST_COLUMNS, RowTable

_HEADER = 64 * KIB
_BLOCK = MIB
_WIDEST = 16 * MIB


class _Field(NamedTuple):
    """A part of each item that holds text."""

    name: str
    start: int
    size: int
    kind: str


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the text in the arrays of a file; an array of objects is read as the pickle it is."""
    parsed = parse_npy(artifact, budget)
    found = parsed.model
    for number, array in enumerate(getattr(found, "arrays", ())):
        if not array.problem and array.dtype is not None and not array.maybe_objects:
            yield from _array(artifact, array, f"array/{number}" if number else "", budget)
    yield from read_members(artifact, parsed, budget, sampling)


def _array(artifact: Artifact, array: NpyArray, path: str, budget: Budget) -> Iterator[Piece]:
    header = _header(artifact, array)
    size = array.dtype.size if array.dtype else None
    if not size or next(_fields(header["descr"]), None) is None:
        return
    if size > _WIDEST:
        detail = f"an array whose items are {size} bytes long"
        yield Gap("limit", artifact.location(array.offset), detail)
        return
    fields = list(islice(_fields(header["descr"]), MOST_COLUMNS))
    width = 1
    if len(fields) == 1 and array.shape and not header.get("fortran_order"):
        width = array.shape[-1] if len(array.shape) > 1 else 1
    if not 0 < width <= MOST_COLUMNS:
        width = 1
    names = [field.name for field in fields] * width
    yield from _rows(artifact, array, RowTable(path, names), fields, width * size, budget)


def _rows(
    artifact: Artifact,
    array: NpyArray,
    table: RowTable,
    fields: list[_Field],
    length: int,
    budget: Budget,
) -> Iterator[Piece]:
    """Yield the rows of an array.

    Args:
        artifact: The file.
        array: One of its arrays.
        table: Where its rows go.
        fields: What holds text in an item.
        length: Bytes of a row.
        budget: Gives the time.
    """
    size = array.dtype.size if array.dtype and array.dtype.size else length
    step = max(1, _BLOCK // length) * length
    end = array.data_offset + min(array.expected or 0, array.available)
    for at in range(array.data_offset, end, step):
        budget.check_time()
        data = artifact.reader.pread(at, min(step, end - at))
        rows = [
            [
                _cell(data[item + field.start : item + field.start + field.size], field.kind)
                for item in range(row, min(row + length, len(data)), size)
                for field in fields
            ]
            for row in range(0, len(data), length)
        ]
        yield from table.pieces(rows)


def _cell(raw: bytes, kind: str) -> str:
    if kind == "S":
        return text_of_bytes(raw.rstrip(b"\0")).decode("utf-8", "replace")
    order = "utf-32-be" if kind == "U>" else "utf-32-le"
    return raw[: len(raw) // 4 * 4].decode(order, "replace").rstrip("\0")


def _header(artifact: Artifact, array: NpyArray) -> dict[str, object]:
    """Return the header of an array that was found to be sound."""
    lead = 10 if array.version == 1 else 12
    start = array.offset + lead
    text = artifact.reader.pread(start, min(array.data_offset - start, _HEADER))
    header = read_literal(text.decode("utf-8" if array.version == 3 else "latin-1", "replace"))
    if not isinstance(header, dict) or "descr" not in header:
        raise ParseError("the header does not give descr")
    return header


def _fields(description: object, name: str = "", start: int = 0) -> Iterator[_Field]:
    """Yield what holds text in an item of a type."""
    if isinstance(description, str):
        kind = description.lstrip("<>=|")[:1]
        size = dtype_of(description).size or 0
        if kind == "U" and size:
            yield _Field(name, start, size, "U>" if description.startswith(">") else "U<")
        elif kind in ("S", "a") and size:
            yield _Field(name, start, size, "S")
    elif isinstance(description, list):
        for field in description[:MOST_COLUMNS]:
            title = field[0][1] if isinstance(field[0], tuple) else field[0]
            inner = field[1] if len(field) == 2 else (field[1], field[2])
            yield from _fields(inner, str(title), start)
            start += dtype_of(inner).size or 0
    elif isinstance(description, tuple):
        base, size = dtype_of(description[0]).size or 0, dtype_of(description).size or 0
        if next(_fields(description[0]), None) is None:
            return
        for index in range(min(size // base if base else 0, MOST_COLUMNS)):
            yield from _fields(description[0], name, start + index * base)
