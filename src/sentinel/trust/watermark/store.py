"""Tensors by pieces, wherever they are: the protocol, and arrays in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ...errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
"""Types that can bear a mark, and the numpy types of their bytes."""


class Tensor(NamedTuple):
    """A tensor of a model.

    Attributes:
        name: Its name.
        dtype: As safetensors spells it; anything not in ``FLOATS`` is left alone.
        shape: Its extents.
        place: Where its elements are, to tell tied tensors by: a storage or area, and an offset
            and a length in bytes within it.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    place: tuple[str, int, int]

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


class Store(Protocol):
    """A model as a set of named tensors, read and written by runs of elements in C order."""

    tensors: tuple[Tensor, ...]

    def read(self, tensor: Tensor, start: int, count: int) -> NDArray[Any]:
        """Return ``count`` elements from ``start`` on, as a fresh array of the stored type."""
        ...

    def write(self, tensor: Tensor, start: int, values: NDArray[Any]) -> None:
        """Replace elements from ``start`` on, in the copy that is being marked."""
        ...


class ArrayStore:
    """Arrays in memory; they are copied when something is first written to them.

    Args:
        arrays: Arrays by name; whatever they are, those that are no floats are left alone.

    Raises:
        UsageError: A name is no text, or a value no array.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.arrays = dict(arrays)
        self.originals = dict(self.arrays)
        self.tensors = tuple(_described(name, array) for name, array in self.arrays.items())

    def read(self, tensor: Tensor, start: int, count: int) -> NDArray[Any]:
        """Return a copy of elements as they were given, whatever was written since."""
        array = self.originals[tensor.name]
        if not array.flags.c_contiguous:
            array = array.copy()
        return _bits(array, tensor.dtype).reshape(-1)[start : start + count].copy()

    def write(self, tensor: Tensor, start: int, values: NDArray[Any]) -> None:
        """Replace elements of a copy of the array."""
        if self.arrays[tensor.name] is self.originals[tensor.name]:
            self.arrays[tensor.name] = self.originals[tensor.name].copy(order="C")
        flat = _bits(self.arrays[tensor.name], tensor.dtype).reshape(-1)
        flat[start : start + len(values)] = values


def to_float(values: NDArray[Any], dtype: str) -> NDArray[np.floating[Any]]:
    """Return elements in a type to calculate in: float64 for float64, float32 for the others."""
    import numpy as np

    if dtype == "BF16":
        return (values.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return values.astype(np.float64 if dtype == "F64" else np.float32, copy=False)


def _bits(array: NDArray[Any], dtype: str) -> NDArray[Any]:
    import numpy as np

    return array.view(np.uint16) if dtype == "BF16" else array


def _described(name: str, array: NDArray[Any]) -> Tensor:
    import numpy as np

    given: object = name
    if not isinstance(given, str) or not isinstance(array, np.ndarray):
        raise UsageError("a model in memory is a mapping of names to numpy arrays")
    start = array.__array_interface__["data"][0]
    return Tensor(name, _dtype(array), array.shape, ("memory", start, array.nbytes))


def _dtype(array: NDArray[Any]) -> str:
    if array.dtype.name == "bfloat16":
        return "BF16"
    if not array.dtype.isnative:
        return str(array.dtype)
    known = {"float64": "F64", "float32": "F32", "float16": "F16"}
    return known.get(array.dtype.name, str(array.dtype))
