"""Cells of one column, as one text with a line end between them.

A table of a hundred megabytes has ten million cells. Made one by one they cost more than the
search, so readers that can hand over a column as a whole do so, and cells are taken out of it
where a sample of them is wanted.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import islice
from typing import overload


class Cells(Sequence[str]):
    """The cells of a column in some rows.

    Attributes:
        is_number: True when the cells are known to hold numbers and dates alone; they are not
            searched, and have no ``text``.
    """

    __slots__ = ()
    is_number = False

    @property
    @abstractmethod
    def text(self) -> bytes:
        """The cells as UTF-8, a line end between them."""

    @property
    def is_empty(self) -> bool:
        """True when no cell holds anything."""
        return not len(self) or len(self.text) < len(self)

    @property
    def filled(self) -> int:
        """Cells that hold something."""
        return len(self) if _is_full(self.text) else sum(map(bool, self))

    def pick(self, step: int, most: int) -> list[tuple[int, str]]:
        """Return some cells that hold something, and their indexes.

        Args:
            step: Only each so many-th cell is looked at.
            most: No more than so many are returned.
        """
        found = ((index, self[index]) for index in range(0, len(self), step))
        return list(islice((one for one in found if one[1]), most))

    def ends(self) -> Sequence[int]:
        """Return the offset in ``text`` behind each cell and its line end; none where no cell has a
        line end inside.
        """
        return ()

    @abstractmethod
    def cell(self, index: int) -> str:
        """Return one cell."""

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """Return a cell, or the cells of a slice."""
        if isinstance(index, slice):
            return [self.cell(one) for one in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.cell(index % len(self))


class Lines(Cells):
    """Cells without line ends inside, joined already.

    Args:
        text: The cells in valid UTF-8, a line end between them.
        count: How many there are, one at least.
        is_full: Whether none of them is known to be empty.
    """

    __slots__ = ("_cells", "_count", "_is_full", "_text")

    def __init__(self, text: bytes, count: int, *, is_full: bool = False) -> None:
        self._text = text
        self._count = count
        self._is_full = is_full
        self._cells: list[bytes] = []

    def __len__(self) -> int:
        return self._count

    @property
    def text(self) -> bytes:
        """See ``Cells``."""
        return self._text

    @property
    def filled(self) -> int:
        """See ``Cells``."""
        if self._is_full or _is_full(self._text):
            return self._count
        return self._count - self._split().count(b"")

    def cell(self, index: int) -> str:
        """See ``Cells``."""
        return self._split()[index].decode("utf-8", "replace")

    def _split(self) -> list[bytes]:
        self._cells = self._cells or self._text.split(b"\n")
        return self._cells


class Listed(Cells):
    """Cells that were made one by one.

    Args:
        cells: The cells.
    """

    __slots__ = ("_cells", "_text")

    def __init__(self, cells: Sequence[str]) -> None:
        self._cells = cells
        self._text: bytes | None = None

    def __len__(self) -> int:
        return len(self._cells)

    @property
    def text(self) -> bytes:
        """See ``Cells``."""
        if self._text is None:
            self._text = "\n".join(self._cells).encode("utf-8", "replace")
        return self._text

    @property
    def is_empty(self) -> bool:
        """See ``Cells``."""
        return not any(self._cells)

    @property
    def filled(self) -> int:
        """See ``Cells``."""
        return len(self._cells) - self._cells.count("")

    def ends(self) -> Sequence[int]:
        """See ``Cells``."""
        if self.text.count(b"\n") == len(self._cells) - 1:
            return ()
        found, position = [], 0
        for cell in self._cells:
            position += len(cell.encode("utf-8", "replace")) + 1
            found.append(position)
        return found

    def cell(self, index: int) -> str:
        """See ``Cells``."""
        return self._cells[index]


def _is_full(text: bytes) -> bool:
    """Return True when no cell can be empty."""
    is_edged = text[:1] in (b"", b"\n") or text[-1:] == b"\n"
    return not is_edged and b"\n\n" not in text
