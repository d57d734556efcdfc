"""What the reader of torch archives hands to the rules: inert facts."""

# Not `from __future__ import annotations`: NamedTuple would compile each of them, at a cost.

from typing import TYPE_CHECKING, NamedTuple

from .archive.zip_model import ZipArchive, ZipEntry
from .pickle.program import PickleProgram

if TYPE_CHECKING:
    from .torch_doubts import Missing, Native, Unproven


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
    proven: tuple[ZipEntry, ...] = ()
    unproven: "tuple[Unproven, ...]" = ()
    missing: "tuple[Missing, ...]" = ()
    native: "tuple[Native, ...]" = ()
    externs: tuple[str, ...] = ()
    operators: tuple[tuple[str, str], ...] = ()
