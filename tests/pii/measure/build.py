"""Documents with the places of what was planted in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Label(NamedTuple):
    """One planted value.

    Attributes:
        type: What it is, by the names of ``values`` and ``tokens``.
        start: First character of it in the text, after any escaping.
        end: Character after the last one.
        value: The value before escaping.
        cued: Whether a word, key or header names it.
        column: The header of its column or the key of its record; empty elsewhere.
        row: Number of its row without the header, or of its record, from 0; -1 elsewhere.
        optional: Whether finding it is right but not asked for (names in running text).
    """

    type: str
    start: int
    end: int
    value: str
    cued: bool = True
    column: str = ""
    row: int = -1
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A file made here.

    Attributes:
        name: Its file name, from which readers tell the format.
        kind: ``prose``, ``log``, ``csv``, ``chat`` or ``config``.
        text: All of it.
        labels: What is planted, by place.
        inner: The same as the reader of the format sees it, if it does not see the file's text:
            the source of a notebook's cell, with the same labels in the same order.
    """

    name: str
    kind: str
    text: str
    labels: tuple[Label, ...]
    inner: Document | None = None

    @property
    def data(self) -> bytes:
        """The text in UTF-8."""
        return self.text.encode()


def plain(text: str) -> str:
    """Return a text as it is."""
    return text


class Writer:
    """Collects text and remembers where values lie.

    Args:
        escape: How text is written where it is put, such as inside a JSON string.
        column: The key that all of the values lie under, where that is one.
    """

    def __init__(self, escape: Callable[[str], str] = plain, column: str = "") -> None:
        self.escape = escape
        self.column = column
        self._parts: list[str] = []
        self._labels: list[Label] = []
        self._length = 0

    def raw(self, text: str) -> None:
        """Add text as it is."""
        self._parts.append(text)
        self._length += len(text)

    def put(self, text: str) -> None:
        """Add escaped text that holds nothing."""
        self.raw(self.escape(text))

    def plant(
        self,
        kind: str,
        value: str,
        *,
        cued: bool = True,
        column: str = "",
        row: int = -1,
        optional: bool = False,
    ) -> None:
        """Add a value and its label."""
        start = self._length
        self.put(value)
        label = Label(kind, start, self._length, value, cued, column or self.column, row, optional)
        self._labels.append(label)

    def document(self, name: str, kind: str) -> Document:
        """Return what was written as a document."""
        return Document(name, kind, "".join(self._parts), tuple(self._labels))
