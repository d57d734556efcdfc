"""The compressors an archive may use, as codecs for ``readers.stream``.

Modules are imported when a codec is asked for, so that a scan that meets none pays for none.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType

from ...errors import ParseError, UnsupportedError
from ...limits import MIB
from ...readers.stream import Codec, Decoder

ARCHIVES_HINT = "pip install 'sentinel-mlsecops[archives]'"

_ZLIB_ERRORS = (zlib.error, ValueError, MemoryError, OverflowError)
_MEMORY = 512 * MIB
_DICTIONARY = 256 * MIB
_SPOON = 256  # a Zstandard block of four bytes may give 128 KiB


class InflateDecoder:
    """``zlib`` spelt as ``bz2`` and ``lzma`` are.

    Args:
        wbits: As ``zlib.decompressobj`` takes it: -15 raw, 15 zlib, 31 gzip.
    """

    __slots__ = ("_inner",)

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        """True when the end of the stream was met."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """True when no fed bytes are waiting."""
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """Bytes behind the end of the stream."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Feed bytes; return at most ``max_length`` of what comes out."""
        waiting = self._inner.unconsumed_tail
        return self._inner.decompress(waiting + data if waiting else data, max(max_length, 0))


class SizedDecoder:
    """A decoder that ends after a number of bytes, for streams without an end mark.

    Args:
        make: Gives the decoder.
        size: Bytes that come out.
    """

    __slots__ = ("_inner", "_left")

    def __init__(self, make: Callable[[], Decoder], size: int) -> None:
        self._inner = make()
        self._left = size

    @property
    def eof(self) -> bool:
        """True when all the bytes came out, or the stream ended by itself."""
        return self._left <= 0 or self._inner.eof

    @property
    def needs_input(self) -> bool:
        """True when nothing more comes out without more bytes."""
        return self._inner.needs_input

    @property
    def unused_data(self) -> bytes | None:
        """Bytes behind the end of the stream, where it has one."""
        return self._inner.unused_data if self._inner.eof else b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Feed bytes; return at most ``max_length`` of what comes out."""
        limit = self._left if max_length < 0 else min(max_length, self._left)
        out = self._inner.decompress(data, limit)
        self._left -= len(out)
        return out


def raw_deflate() -> Codec:
    """Return the codec of a zip's method 8."""
    return Codec(partial(InflateDecoder, -15), _ZLIB_ERRORS)


def zlib_stream() -> Codec:
    """Return the codec of RFC 1950 streams."""
    return Codec(partial(InflateDecoder, 15), _ZLIB_ERRORS)


def gzip_stream() -> Codec:
    """Return the codec of RFC 1952 files, whose members readers join."""
    return Codec(partial(InflateDecoder, 31), _ZLIB_ERRORS, (b"\x1f\x8b",), padding=True)


def bzip2_stream() -> Codec:
    """Return the codec of bzip2 files, whose streams readers join."""
    from bz2 import BZ2Decompressor

    return Codec(BZ2Decompressor, (OSError, EOFError, ValueError, MemoryError), (b"BZh",))


def xz_stream() -> Codec:
    """Return the codec of xz files, whose streams readers join."""
    import lzma

    make = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _MEMORY)
    return Codec(make, _lzma_errors(), (b"\xfd7zXZ\0",), padding=True)


def lzma_alone() -> Codec:
    """Return the codec of ``.lzma`` files (LZMA_Alone)."""
    import lzma

    return Codec(partial(lzma.LZMADecompressor, lzma.FORMAT_ALONE, _MEMORY), _lzma_errors())


def raw_lzma(properties: bytes, size: int | None) -> Codec:
    """Return the codec of a zip's method 14.

    Args:
        properties: The five bytes in front of the data: lc, lp and pb in one, dictionary size.
        size: Bytes that come out, for data without an end mark.

    Raises:
        ParseError: They are no such thing.
    """
    import lzma

    chain = [lzma1_filter(properties)]
    make: Callable[[], Decoder] = partial(lzma.LZMADecompressor, lzma.FORMAT_RAW, None, chain)
    if size is not None:
        make = partial(SizedDecoder, make, size)
    return Codec(make, _lzma_errors())


def lzma1_filter(properties: bytes) -> dict[str, int]:
    """Return LZMA properties as the ``lzma`` module describes them.

    Raises:
        ParseError: They are malformed.
    """
    import lzma

    if len(properties) != 5 or properties[0] >= 225:
        raise ParseError("malformed LZMA properties")
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    size = dictionary(int.from_bytes(properties[1:], "little"))
    return {"id": lzma.FILTER_LZMA1, "dict_size": size, "lc": lc, "lp": lp, "pb": pb}


def dictionary(size: int) -> int:
    """Return the size of dictionary that is made for one of ``size`` bytes.

    A larger one would serve only data that reaches back further; such data breaks off there.
    """
    return min(max(size, 4096), _DICTIONARY)


def zstd_stream() -> Codec:
    """Return the codec of Zstandard frames, through the ``archives`` extra.

    Raises:
        UnsupportedError: The extra is not installed.
    """
    module = load_extra("zstandard", "Zstandard")
    joins = (b"\x28\xb5\x2f\xfd", *(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16)))
    errors = (module.ZstdError, ValueError, MemoryError)
    return Codec(partial(_ZstdDecoder, module), errors, joins)


def lz4_stream() -> Codec:
    """Return the codec of LZ4 frames, through the ``archives`` extra.

    Raises:
        UnsupportedError: The extra is not installed.
    """
    module = load_extra("lz4.frame", "LZ4")
    make: Callable[[], Decoder] = module.LZ4FrameDecompressor
    errors = (RuntimeError, ValueError, EOFError, MemoryError)
    return Codec(make, errors, (b"\x04\x22\x4d\x18",))


class _ZstdDecoder:
    """``zstandard`` spelt as ``bz2`` is: fed by the spoonful, its output cut into pieces here."""

    __slots__ = ("_at", "_fed", "_inner", "_ready", "_waiting", "eof", "unused_data")

    def __init__(self, module: ModuleType) -> None:
        self._inner = module.ZstdDecompressor(max_window_size=128 * MIB).decompressobj()
        self._waiting = self._ready = b""
        self._fed = self._at = 0
        self.eof = False
        self.unused_data = b""

    @property
    def needs_input(self) -> bool:
        return self._at >= len(self._ready) and self._fed >= len(self._waiting)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if data:
            self._waiting, self._fed = self._waiting[self._fed :] + data, 0
        while self._at >= len(self._ready) and self._fed < len(self._waiting):
            if self._inner.eof:
                break
            spoon = self._waiting[self._fed : self._fed + _SPOON]
            self._fed += len(spoon)
            self._ready, self._at = self._inner.decompress(spoon), 0
        end = len(self._ready) if max_length < 0 else self._at + max_length
        out = self._ready[self._at : end]
        self._at += len(out)
        if self._inner.eof and self._at >= len(self._ready):
            self.eof = True
            self.unused_data = self._inner.unused_data + self._waiting[self._fed :]
        return out


def _lzma_errors() -> tuple[type[BaseException], ...]:
    from lzma import LZMAError

    return (LZMAError, EOFError, ValueError, MemoryError)


def load_extra(module: str, title: str) -> ModuleType:
    """Import a module of the ``archives`` extra.

    Args:
        module: Its name.
        title: What it reads, for the message.

    Raises:
        UnsupportedError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UnsupportedError(f"{title} is not read by the base install", ARCHIVES_HINT) from error
