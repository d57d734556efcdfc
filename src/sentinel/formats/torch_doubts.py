"""What the reader of torch archives notes that an ordinary checkpoint has none of."""

from __future__ import annotations

from typing import NamedTuple


class Unproven(NamedTuple):
    """A member that lies where storages lie, without being proven to be one.

    Attributes:
        name: Its member name.
        offset: Offset of its local header.
        size: Bytes it claims to hold.
        reason: ``unreferenced``, ``size`` or ``compressed``.
        detail: The reason in words.
    """

    name: str
    offset: int
    size: int
    reason: str
    detail: str


class Native(NamedTuple):
    """A member that is native code.

    Attributes:
        name: Its member name.
        offset: Offset of its local header.
        kind: ``ELF``, ``PE``, ``Mach-O`` or ``GPU``.
    """

    name: str
    offset: int
    kind: str


class Missing(NamedTuple):
    """A storage that a pickle asks for and that no member holds: the key, and who asks."""

    key: str
    pickle: str
