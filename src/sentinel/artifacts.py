"""The thing that is scanned: bytes with a name and a chain of containers above them."""

from __future__ import annotations

from typing import NamedTuple

from .findings import Location
from .readers.base import Reader


class Artifact(NamedTuple):
    """A file, or a member of one.

    Attributes:
        name: Name of the top-level file, as the user gave it.
        reader: Its bytes.
        member: Path of members below the top-level file, joined by ``!``; empty at the top.
        parent: The container this was found in, or None.
        asked: True when the user named this very file, or gave its bytes; members inherit it.
    """

    name: str
    reader: Reader
    member: str = ""
    parent: Artifact | None = None
    asked: bool = False

    @property
    def depth(self) -> int:
        """Number of containers above."""
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def leaf(self) -> str:
        """The last component of the name, which carries the suffix."""
        path = self.member.rpartition("!")[2] or self.name
        return path.replace("\\", "/").rpartition("/")[2]

    def child(self, name: str, reader: Reader) -> Artifact:
        """Return a member of this artifact."""
        member = f"{self.member}!{name}" if self.member else name
        return Artifact(self.name, reader, member, self, self.asked)

    def location(
        self, offset: int | None = None, length: int | None = None, line: int | None = None
    ) -> Location:
        """Return a place within this artifact."""
        return Location(self.name, self.member, offset, length, line)
