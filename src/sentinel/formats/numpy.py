"""NumPy's ``.npy``: what the header claims, checked against what follows it.

The header is a Python literal that is read by a small reader of our own (``numpy_header``) and
never evaluated. Where the dtype holds objects the data is a pickle; otherwise it must be exactly
as long as shape and dtype say. Several arrays may follow one another in a file, as ``np.save``
writes them to an open handle. Format: NEP 1 and ``numpy.lib.format``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import KIB, Budget
from ..readers import SubRangeReader
from . import Member, Parsed
from .embedded import file_at
from .numpy_header import Dtype, NotALiteral, dtype_of, read_literal

MAGIC = b"\x93NUMPY"
_LENGTHS = {1: 2, 2: 4, 3: 4}
_ENCODINGS = {1: "latin-1", 2: "latin-1", 3: "utf-8"}
_MOST_HEADER = 64 * KIB
_SHOWN = 200
_PROBED = 50
_LEAST = 16
_AXES = 64
_INT64 = 1 << 63


class NpyArray(NamedTuple):
    """One array of a file.

    Attributes:
        offset: Where its magic is.
        version: Major version of the format.
        header: The header's text, cut to 200 characters.
        problem: What is wrong with the header; empty when nothing is.
        code: True when the header holds something to run rather than a literal.
        shape: Its shape; empty where the header does not tell.
        dtype: Item size in bytes and whether it holds objects; None where it cannot be told.
        data_offset: Where its data starts.
        available: Bytes from there to the end of the file.
    """

    offset: int
    version: int
    header: str
    problem: str
    code: bool
    shape: tuple[int, ...]
    dtype: Dtype | None
    data_offset: int
    available: int

    @property
    def expected(self) -> int | None:
        """Bytes that the data must take, or None for objects and for what cannot be told."""
        if self.problem or self.dtype is None or self.dtype.objects or self.dtype.size is None:
            return None
        count = 1
        for extent in self.shape:
            count *= extent
        return count * self.dtype.size

    @property
    def wraps(self) -> bool:
        """True when the number of elements or bytes does not fit the 64 bits that readers use."""
        return self.expected is not None and self.expected >= _INT64

    @property
    def maybe_objects(self) -> bool:
        """True unless the header says for certain that there are no objects."""
        return self.dtype is None or self.dtype.objects


class NpyFile(NamedTuple):
    """What a ``.npy`` file says.

    Attributes:
        arrays: Its arrays, in order.
        trailing: ``(offset, length)`` of bytes behind the last of them, or None.
    """

    arrays: tuple[NpyArray, ...]
    trailing: tuple[int, int] | None = None


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the headers of a ``.npy`` file.

    Returns:
        An ``NpyFile``; the pickles of object arrays and unexplained bytes as members; a gap for
        data that ends early and for a header that cannot be read.

    Raises:
        ParseError: The file ends within the first header, or its version is not known.
        LimitExceeded: More arrays follow one another than are read.
    """
    arrays: list[NpyArray] = []
    end: int | None = 0
    while end is not None and artifact.reader.pread(end, len(MAGIC)) == MAGIC:
        if len(arrays) >= budget.limits.max_streams:
            raise LimitExceeded(f"more than {budget.limits.max_streams} arrays in one file")
        budget.check_time()
        try:
            arrays.append(_array(artifact, end))
        except ParseError:
            if not arrays:
                raise
            break
        end = _end(arrays[-1])
    if not arrays:
        raise ParseError("no NumPy array")
    rest = None
    if end is not None and end < artifact.reader.size:
        rest = (end, artifact.reader.size - end)
    model = NpyFile(tuple(arrays), rest)
    return Parsed(model, _members(artifact, model), tuple(_gaps(artifact, model)))


def _array(artifact: Artifact, offset: int) -> NpyArray:
    reader = artifact.reader
    start = reader.pread(offset, 12)
    version = start[6] if len(start) > 6 else 0
    size = _LENGTHS.get(version, 0)
    if not size:
        raise ParseError(f"NumPy format version {version} is not known")
    length = int.from_bytes(start[8 : 8 + size], "little")
    data_offset = offset + 8 + size + length
    if len(start) < 8 + size or data_offset > reader.size:
        raise ParseError("the file ends within a NumPy header")
    text = reader.pread(offset + 8 + size, min(length, _MOST_HEADER)).decode(
        _ENCODINGS[version], "replace"
    )
    problem, code = "", False
    shape: tuple[int, ...] = ()
    dtype: Dtype | None = None
    try:
        if length > _MOST_HEADER:
            raise ParseError(f"a header of {length} bytes")
        shape, dtype = _meaning(read_literal(text))
    except NotALiteral as error:
        problem, code = error.message, error.code
    except ParseError as error:
        problem = error.message
    return NpyArray(
        offset, version, text[:_SHOWN].strip(), problem, code, shape, dtype, data_offset,
        reader.size - data_offset,
    )  # fmt: skip


def _meaning(header: object) -> tuple[tuple[int, ...], Dtype]:
    if not isinstance(header, dict) or not {"descr", "shape"} <= header.keys():
        raise ParseError("the header does not give descr and shape")
    shape = header["shape"]
    if not isinstance(shape, tuple) or len(shape) > _AXES:
        raise ParseError("the header's shape is no tuple of at most 64 numbers")
    if not all(type(extent) is int and extent >= 0 for extent in shape):
        raise ParseError("the header's shape holds something other than sizes")
    return shape, dtype_of(header["descr"])


def _end(array: NpyArray) -> int | None:
    """Return where an array ends, or None when the rest of the file is its own."""
    if array.expected is None or array.expected > array.available:
        return None
    return array.data_offset + array.expected


def _members(artifact: Artifact, model: NpyFile) -> Iterator[Member]:
    last = model.arrays[-1]
    if last.maybe_objects and last.available:
        known = last.dtype is not None and last.dtype.size is not None
        yield Member(
            last.data_offset,
            f"data@{last.data_offset}",
            partial(SubRangeReader, artifact.reader, last.data_offset, last.available),
            ("pickle",) if known else (),
        )
    for array in model.arrays[:_PROBED]:
        length = min(array.expected or 0, array.available)
        if length >= _LEAST and file_at(artifact.reader, array.data_offset, length):
            window = partial(SubRangeReader, artifact.reader, array.data_offset, length)
            yield Member(array.data_offset, f"bytes@{array.data_offset}", window, guess=True)
    if model.trailing is not None:
        offset, length = model.trailing
        window = partial(SubRangeReader, artifact.reader, offset, length)
        yield Member(offset, f"bytes@{offset}", window)


def _gaps(artifact: Artifact, model: NpyFile) -> Iterator[Gap]:
    last = model.arrays[-1]
    if last.problem:
        yield Gap(
            "malformed",
            artifact.location(last.offset),
            f"NumPy header: {last.problem}",
            "get the file again from its source",
        )
    elif last.dtype is not None and last.dtype.objects and not last.available:
        yield Gap("truncated", artifact.location(last.data_offset), "no data behind the header")
    elif last.expected is not None and last.expected > last.available:
        yield Gap(
            "truncated",
            artifact.location(last.data_offset),
            f"{last.available} bytes of data where {last.expected} are due",
            "get the file again from its source",
        )
