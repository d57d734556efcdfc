"""llamafile: a program for several systems at once, with a zip archive that holds a GGUF model.

The program in front is an *Actually Portable Executable*, as Cosmopolitan Libc makes them. Formats:
https://github.com/Mozilla-Ocho/llamafile (*Technical Details*) and ``ape/specification.md`` of
Cosmopolitan.
"""

from __future__ import annotations

from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import ParseError
from ..findings import Gap
from ..limits import Budget
from . import Parsed
from .archive.zip import parsed as parsed_zip
from .archive.zip import read_archive
from .archive.zip_model import ZipArchive

_PORTABLE = (b"MZqFpD='\n", b"MZqFpD='\r", b"jartsr='\n", b"APEDBG='\n")
_WEIGHTS = (".gguf", ".llamafile")


class Llamafile(NamedTuple):
    """What a llamafile holds.

    Attributes:
        portable: The program in front is a portable executable.
        weights: Names of the models in it.
        size: Bytes of the program.
    """

    portable: bool
    weights: tuple[str, ...]
    size: int


def looks_like_llamafile(artifact: Artifact, head: bytes) -> bool:
    """Return True for a portable program, or any file of that name, that is a zip archive too."""
    return head.startswith(_PORTABLE) or artifact.leaf.lower().endswith(".llamafile")


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the archive of a llamafile.

    Returns:
        A ``Llamafile``; the archive as its container, without what is odd about the program in
        front of it where that is a portable one; a gap, since the program is not examined.

    Raises:
        ParseError: There is no archive in it.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    archive = read_archive(artifact, budget)
    if not archive.entries:
        raise ParseError("there is no archive in it")
    weights = tuple(
        entry.name for entry in archive.entries
        if entry.name.lower().endswith(_WEIGHTS) and not entry.method
    )  # fmt: skip
    portable = artifact.reader.pread(0, 16).startswith(_PORTABLE)
    start = min((entry.header_offset for entry in archive.entries), default=0)
    model = Llamafile(portable, weights[:100], start)
    detail = "a program; its code is not examined"
    gaps = (Gap("unsupported", artifact.location(), detail, "scan the model without the program"),)
    if portable and weights:
        archive = _without_program(archive)
    return Parsed(model, (), gaps, container=parsed_zip(artifact, archive, budget))


def _without_program(archive: ZipArchive) -> ZipArchive:
    """Return an archive without what is told about the bytes in front of it."""
    return archive._replace(
        anomalies=tuple(found for found in archive.anomalies if found.kind != "prefix-executable"),
        hidden=tuple(found for found in archive.hidden if found[0]),
    )
