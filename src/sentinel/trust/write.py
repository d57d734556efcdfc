"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import re
import secrets

from ..errors import ReadError

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def replace(path: str, data: bytes, mode: int = 0o644) -> None:
    """Write a file beside its place and move it there, so that no half of it is ever seen.

    Args:
        path: Where it belongs; what is there is replaced.
        data: Its content.
        mode: Its permissions, less those that the process withholds.

    Raises:
        ReadError: It cannot be written; what was there is as before.
    """
    directory, name = os.path.split(path)
    beside = os.path.join(directory, f".{name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, _FLAGS | getattr(os, "O_BINARY", 0), mode)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
        _sync(directory or os.curdir)
    except OSError as error:
        raise ReadError(f"{path}: cannot be written: {error.strerror or error}") from error


def clean(path: str) -> None:
    """Remove what processes that were killed while they wrote a file left beside it.

    Inside a model it would count as one of its files.
    """
    directory, name = os.path.split(path)
    if os.path.islink(directory):
        return
    left = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{8}}")
    try:
        for one in os.listdir(directory or os.curdir):
            if left.fullmatch(one):
                os.unlink(os.path.join(directory, one))
    except OSError:
        pass


def _sync(directory: str) -> None:
    if os.name != "posix":
        return
    try:  # a directory that may be written and not be read is no reason to fail
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
