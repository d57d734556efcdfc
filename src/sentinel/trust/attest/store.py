"""The file of attestations beside a model: one Sigstore bundle a line, replaced whole.

In a directory it is ``.sentinel/attestations.intoto.jsonl``; for a single file it stands beside
it. Several bundles may hold one and the same payload, each with the signature of another signer.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import ReadError, TrustError, UsageError
from ...limits import MIB
from .. import bundle
from ..bundle import Bundle
from ..manifest import ATTESTATIONS

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
    data = _content(where)
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
        UsageError: It cannot be written; what was there is unchanged.
        TrustError: More than a reader would read, or the directory is a link.
    """
    where = place(path)
    data = b"".join(line.raw + b"\n" for line in lines)
    if len(lines) > MAX_LINES or len(data) > MAX_SIZE:
        raise TrustError("too-large", f"{where}: more attestations than a reader would read")
    made = _prepare(os.path.dirname(where) or ".")
    try:
        _replace(where, data)
    except OSError as error:
        if made:
            os.rmdir(os.path.dirname(where))
        raise UsageError(f"cannot write {where!r}: {error.strerror or error}") from error
    return where


def clean(path: str | os.PathLike[str]) -> None:
    """Remove the half-written file that a killed process may have left."""
    try:
        os.unlink(_draft(place(path)))
    except OSError:
        pass


def _content(where: str) -> bytes:
    # A link is followed: in the cache of Hugging Face every file is one, and what is read here is
    # signed. In other trees the walk over the files refuses links, this one too.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(where, flags)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise ReadError(f"{where}: {error.strerror or error}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise TrustError("special-file", f"{where}: not a file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_SIZE + 1)
    finally:
        os.close(descriptor)
    if len(data) > MAX_SIZE:
        raise TrustError("too-large", f"{where}: larger than {MAX_SIZE} bytes")
    return data


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


def _replace(where: str, data: bytes) -> None:
    draft = _draft(where)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        os.unlink(draft)
    except FileNotFoundError:
        pass
    try:
        with open(os.open(draft, flags, 0o644), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, where)
    except BaseException:
        try:
            os.unlink(draft)
        except OSError:
            pass
        raise


def _draft(where: str) -> str:
    return f"{where}.part"
