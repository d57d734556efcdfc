"""The file of attestations beside a model: one Sigstore bundle a line, replaced whole.

In a directory it is ``.sentinel/attestations.intoto.jsonl``; for a single file it stands beside
it. Several bundles may hold one and the same payload, each with the signature of another signer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import ReadError, TrustError, UsageError
from ...limits import MIB
from .. import bundle, files
from ..bundle import Bundle
from ..manifest import ATTESTATIONS
from ..write import clean as clean_beside
from ..write import replace

MAX_SIZE = 64 * MIB
MAX_LINES = 256


class Stored(NamedTuple):
    """One line of the file.

    Attributes:
        bundle: The bundle.
        raw: Its bytes as they stand there.
    """

    bundle: Bundle
    raw: bytes


def stored(one: Bundle) -> Stored:
    """Return a new bundle as it will stand in the file."""
    return Stored(one, bundle.to_bytes(one))


def place(path: str | os.PathLike[str]) -> str:
    """Return where the attestations of a model are."""
    name = os.fsdecode(path)
    if os.path.isdir(name):
        return os.path.join(name, *ATTESTATIONS.split("/"))
    return f"{name}.{os.path.basename(ATTESTATIONS)}"


def read(path: str | os.PathLike[str]) -> tuple[Stored, ...]:
    """Return the bundles there are for a model; none where there is no such file.

    Args:
        path: The model.

    Raises:
        TrustError: A line is not a bundle, the file is too large, or it is no file.
        ReadError: It cannot be read.
    """
    where = place(path)
    # A link is followed: in the cache of Hugging Face every file is one, and what is read here is
    # signed. In other trees the walk over the files refuses links, this one too.
    data = files.content(where, MAX_SIZE) or b""
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) > MAX_LINES:
        raise TrustError("too-large", f"{where}: more than {MAX_LINES} attestations")
    return tuple(
        Stored(bundle.parse(line, what=f"{where}: line {number}"), line)
        for number, line in enumerate(lines, 1)
    )


def write(path: str | os.PathLike[str], lines: Sequence[Stored]) -> str:
    """Replace the attestations of a model.

    Args:
        path: The model.
        lines: All that are to be there.

    Returns:
        The file.

    Raises:
        ReadError: It cannot be written; what was there is unchanged.
        UsageError: The directory cannot be made.
        TrustError: More than a reader would read, or the directory is a link.
    """
    where = place(path)
    data = b"".join(line.raw + b"\n" for line in lines)
    if len(lines) > MAX_LINES or len(data) > MAX_SIZE:
        raise TrustError("too-large", f"{where}: more attestations than a reader would read")
    made = _prepare(os.path.dirname(where) or ".")
    try:
        replace(where, data)
    except ReadError:
        if made:
            os.rmdir(os.path.dirname(where))
        raise
    return where


def clean(path: str | os.PathLike[str]) -> None:
    """Remove the half-written file that a killed process may have left."""
    clean_beside(place(path))


def _prepare(directory: str) -> bool:
    try:
        os.mkdir(directory)
        return True
    except FileExistsError:
        if os.path.islink(directory):
            raise TrustError("symlink", f"{directory}: a link", "make it a directory") from None
        return False
    except OSError as error:
        raise UsageError(f"cannot make {directory!r}: {error.strerror or error}") from error
