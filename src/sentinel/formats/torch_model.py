"""What the reader of torch archives hands to the rules: inert facts."""

from __future__ import annotations

from typing import NamedTuple

from .archive.zip import ZipArchive
from .pickle.program import PickleProgram


class TorchPickle(NamedTuple):
    """A pickle of the archive.

    Attributes:
        name: Its member name.
        offset: Offset of its local header.
        program: What it would do.
        method: Compression method of the member.
    """

    name: str
    offset: int
    program: PickleProgram
    method: int


class Proven(NamedTuple):
    """A member that is nothing but tensor data: its name, header offset and size in bytes."""

    name: str
    offset: int
    size: int


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


class TorchArchive(NamedTuple):
    """A zip archive that PyTorch would load.

    Attributes:
        kinds: What it is: ``checkpoint``, ``torchscript``, ``package``, ``exported``, ``mobile``.
        archive: The zip archive.
        pickles: Its pickles.
        proven: Members proven to be plain tensor data.
        unproven: Members that lie among them without proof.
        missing: Storages that are not there.
        native: Members that are native code.
        externs: Modules that a package takes from its host.
        operators: Operators that mobile byte code names, as ``(name, member)``.
    """

    kinds: frozenset[str]
    archive: ZipArchive
    pickles: tuple[TorchPickle, ...] = ()
    proven: tuple[Proven, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    missing: tuple[Missing, ...] = ()
    native: tuple[Native, ...] = ()
    externs: tuple[str, ...] = ()
    operators: tuple[tuple[str, str], ...] = ()
