"""Cells of Arrow's arrays, joined and sampled without making each of them an object of Python."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from ...limits import GIB
from ..cells import Cells

_MOST_JOINED = GIB
"""Bytes that are joined at once: Arrow counts the bytes of short strings in 31 bits."""


class _ArrowCells(Cells):
    """Cells of an array.

    Args:
        array: A ``pyarrow.Array``.
    """

    __slots__ = ("_array",)

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[str]:
        return iter(self._strings(self._array))

    @abstractmethod
    def _strings(self, array: Any) -> list[str]:
        """Return the cells of an array of this kind."""

    @abstractmethod
    def _full(self) -> Any:
        """Return the indexes of the cells that hold something, as an array."""

    def pick(self, step: int, most: int) -> list[tuple[int, str]]:
        """See ``Cells``."""
        import pyarrow as pa

        every = step == 1
        indexes = self._full()[:most].to_pylist() if every else [*range(0, len(self), step)]
        cells = self._strings(self._array.take(pa.array(indexes, pa.int64())))
        return [one for one in zip(indexes, cells, strict=True) if one[1]][:most]

    def cell(self, index: int) -> str:
        """See ``Cells``."""
        return self._strings(self._array.slice(index, 1))[0]


class ArrowNumbers(_ArrowCells):
    """Cells of an array of whole numbers or dates, whose text is not needed.

    Args:
        array: A ``pyarrow.Array``.
    """

    __slots__ = ()
    is_number = True

    @property
    def text(self) -> bytes:
        """Nothing."""
        return b""

    @property
    def filled(self) -> int:
        """See ``Cells``."""
        return len(self._array) - int(self._array.null_count)

    @property
    def is_empty(self) -> bool:
        """See ``Cells``."""
        return not self.filled

    def _full(self) -> Any:
        import pyarrow.compute as pc

        return pc.indices_nonzero(self._array.is_valid())

    def _strings(self, array: Any) -> list[str]:
        import pyarrow as pa

        found: list[str] = array.cast(pa.string()).fill_null("").to_pylist()
        return found


class ArrowStrings(_ArrowCells):
    """Cells of an array of strings.

    Args:
        array: A ``pyarrow.Array`` of strings of any kind, in valid UTF-8.
    """

    __slots__ = ("_text",)

    def __init__(self, array: Any) -> None:
        from pyarrow import types

        if not (types.is_string(array.type) or types.is_large_string(array.type)):
            array = _plain(array)
        super().__init__(array.fill_null("") if array.null_count else array)
        self._text: bytes | None = None

    @property
    def text(self) -> bytes:
        """See ``Cells``."""
        if self._text is None:
            self._text = joined(self._array)
        return self._text

    @property
    def filled(self) -> int:
        """See ``Cells``."""
        import pyarrow.compute as pc

        least = pc.min(pc.binary_length(self._array)).as_py()
        return len(self) if least else len(self._full())

    def _full(self) -> Any:
        import pyarrow.compute as pc

        return pc.indices_nonzero(pc.binary_length(self._array))

    def _strings(self, array: Any) -> list[str]:
        found: list[str] = array.to_pylist()
        return found

    def ends(self) -> Sequence[int]:
        """See ``Cells``."""
        import pyarrow.compute as pc

        if self.text.count(b"\n") == len(self) - 1:
            return ()
        found: list[int] = pc.cumulative_sum(_lengths(self._array)).to_pylist()
        return found


def _plain(array: Any) -> Any:
    """Return an array of strings of an uncommon kind as one of a common kind."""
    import pyarrow as pa

    return array.cast(pa.large_string())


def _lengths(array: Any) -> Any:
    """Return the bytes of each cell and its line end."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.add(pc.binary_length(array).cast(pa.int64()), 1)


def joined(array: Any) -> bytes:
    """Return an array of strings or bytes, none of them missing, as text with line ends between."""
    return b"\n".join(_joined(array))


def _joined(array: Any) -> Iterator[bytes]:
    """Yield such a text in few parts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(array)
    if array.nbytes > _MOST_JOINED and count > 1:
        yield from _joined(array[: count // 2])
        yield from _joined(array[count // 2 :])
    elif count:
        cells = array.cast(pa.binary())
        rows = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), cells)
        yield pc.binary_join(rows, b"\n")[0].as_py()
