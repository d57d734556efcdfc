"""Small files that somebody else may have put there: read whole, bounded, and never waited for."""

from __future__ import annotations

import errno
import os
import stat

from ..errors import ReadError, TrustError, UsageError

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def content(path: str, limit: int) -> bytes | None:
    """Return what is in a file; None when there is no such file.

    A link is followed. A pipe that nobody writes to is refused rather than waited for.

    Args:
        path: The file.
        limit: Most bytes it may have.

    Raises:
        TrustError: It is no file (``special-file``) or has more bytes (``too-large``).
        ReadError: It cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        if getattr(error, "errno", 0) in (errno.ENXIO, errno.ENODEV):
            raise _special(path) from None
        raise ReadError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _special(path)
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}") from error
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise TrustError("too-large", f"{path}: larger than {limit} bytes")
    return data


def opened(path: str) -> tuple[int, os.stat_result]:
    """Open a file that the user named and return its descriptor and status; no link is followed.

    Raises:
        UsageError: It cannot be opened, or is no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS | getattr(os, "O_NOFOLLOW", 0))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status
    os.close(descriptor)
    raise UsageError(f"{path}: is no regular file", "name a file, not a link, folder or pipe")


def within(path: str, model: str) -> bool:
    """Return whether a file would be handed out with a model: it, or the link of its name."""
    top = os.path.join(os.path.realpath(model), "")
    above, name = os.path.split(os.path.abspath(path))
    by_name = os.path.join(os.path.realpath(above), name)
    return any(place.startswith(top) for place in (by_name, os.path.realpath(path)))


def _special(path: str) -> TrustError:
    return TrustError("special-file", f"{path}: not a file")
