"""What the ``data`` extra brings, and how libraries that are not ours are kept at arm's length."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...errors import ParseError, SentinelError, UnsupportedError
from ...readers.base import Reader

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HINT = "pip install 'sentinel-mlsecops[data]'"


def missing(title: str) -> UnsupportedError:
    """Return the error for a kind of file whose library is not installed."""
    return UnsupportedError(f"{title} is not read by the base install", HINT)


@contextmanager
def foreign(title: str) -> Iterator[None]:
    """Turn whatever a library raises into a ParseError.

    What the library says is left out: it may quote the file.

    Args:
        title: What is read.
    """
    try:
        yield
    except SentinelError:
        raise
    except MemoryError:
        raise ParseError(f"{title}: more memory would be needed than there is") from None
    except Exception as error:
        raise ParseError(f"{title}: malformed ({type(error).__name__})", "get it again") from error


class ReaderFile(io.RawIOBase):
    """A reader as a file object that can be read and sought.

    Args:
        reader: The bytes.
    """

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the offset."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset; return it."""
        base = (0, self._at, self._reader.size)[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return up to ``size`` bytes, all that are left by default."""
        left = self._reader.size - self._at
        wanted = left if size is None or size < 0 else min(size, left)
        data = self._reader.pread(self._at, wanted)
        self._at += len(data)
        return data

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer; return how many bytes it got."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)
