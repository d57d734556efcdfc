"""Decompresses a folder of a 7z archive with what the standard library has."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial

from ...errors import ParseError, UnsupportedError
from ...limits import Budget
from ...readers.base import Reader
from ...readers.stream import Codec, Decoder, Expanded, Stream, expand
from .codecs import InflateDecoder, SizedDecoder, dictionary, lzma1_filter
from .seven_header import Coder, Folder

_COPY = b"\0"
_DELTA = b"\x03"
_LZMA = b"\x03\x01\x01"
_LZMA2 = b"\x21"
_DEFLATE = b"\x04\x01\x08"
_BZIP2 = b"\x04\x02\x02"
_AES = b"\x06\xf1\x07\x01"
_BRANCHES = {
    b"\x03\x03\x01\x03": "FILTER_X86",
    b"\x04": "FILTER_X86",
    b"\x03\x03\x02\x05": "FILTER_POWERPC",
    b"\x05": "FILTER_POWERPC",
    b"\x03\x03\x04\x01": "FILTER_IA64",
    b"\x06": "FILTER_IA64",
    b"\x03\x03\x05\x01": "FILTER_ARM",
    b"\x07": "FILTER_ARM",
    b"\x03\x03\x07\x01": "FILTER_ARMTHUMB",
    b"\x08": "FILTER_ARMTHUMB",
    b"\x03\x03\x08\x05": "FILTER_SPARC",
    b"\x09": "FILTER_SPARC",
}
_NAMES = {
    b"\x03\x04\x01": "PPMd",
    b"\x03\x03\x01\x1b": "BCJ2",
    b"\x04\x01\x09": "Deflate64",
    b"\x04\xf7\x11\x01": "Zstandard",
    b"\x04\xf7\x11\x02": "Brotli",
    b"\x04\xf7\x11\x04": "LZ4",
}


def is_encrypted(folder: Folder) -> bool:
    """Return True when a folder's bytes need a password."""
    return any(coder.method == _AES for coder in folder.coders)


def expand_folder(reader: Reader, folder: Folder, budget: Budget) -> Expanded:
    """Decompress a folder.

    Args:
        reader: The archive.
        folder: One of its folders.
        budget: Pays for what comes out.

    Raises:
        UnsupportedError: It is encrypted or uses a method that is not read here.
        ParseError: Its description makes no sense.
        ReadError: The archive cannot be read.
    """
    if is_encrypted(folder):
        raise UnsupportedError("encrypted", "decrypt the archive and scan what is in it")
    if not folder.linear or len(folder.packed) != 1:
        names = ", ".join(_NAMES.get(c.method, c.method.hex()) for c in folder.coders)
        raise UnsupportedError(f"a 7z folder of {names} is not read here")
    start, size = folder.packed[0]
    make, errors = _decoder(folder.coders)
    codec = Codec(partial(SizedDecoder, make, folder.size), errors)
    return expand(Stream(reader, start, min(start + size, reader.size), codec), budget)


class _CopyDecoder:
    """Hands bytes through."""

    __slots__ = ("_ready",)

    eof = False
    unused_data = b""

    def __init__(self) -> None:
        self._ready = b""

    @property
    def needs_input(self) -> bool:
        return not self._ready

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        self._ready += data
        cut = len(self._ready) if max_length < 0 else max_length
        out, self._ready = self._ready[:cut], self._ready[cut:]
        return out


def _decoder(
    coders: tuple[Coder, ...],
) -> tuple[Callable[[], Decoder], tuple[type[BaseException], ...]]:
    """Return what makes a decoder for a chain of coders, and what it raises."""
    methods = [coder.method for coder in coders]
    if methods == [_COPY]:
        return _CopyDecoder, (ValueError,)
    if methods == [_DEFLATE]:
        return partial(InflateDecoder, -15), (zlib.error, ValueError, MemoryError)
    if methods == [_BZIP2]:
        from bz2 import BZ2Decompressor

        return BZ2Decompressor, (OSError, EOFError, ValueError, MemoryError)
    import lzma

    chain = [_filter(coder) for coder in coders]
    if chain[-1]["id"] not in (lzma.FILTER_LZMA1, lzma.FILTER_LZMA2):
        raise UnsupportedError("a 7z folder of filters alone is not read here")
    make = partial(lzma.LZMADecompressor, lzma.FORMAT_RAW, None, chain)
    return make, (lzma.LZMAError, EOFError, ValueError, MemoryError)


def _filter(coder: Coder) -> dict[str, int]:
    """Return a coder as the ``lzma`` module describes one."""
    import lzma

    method, properties = coder.method, coder.properties
    if method in _BRANCHES:
        return {"id": getattr(lzma, _BRANCHES[method])}
    if method == _DELTA and len(properties) == 1:
        return {"id": lzma.FILTER_DELTA, "dist": properties[0] + 1}
    if method == _LZMA2 and len(properties) == 1:
        bits = properties[0]
        if bits > 40:
            raise ParseError("malformed LZMA2 properties")
        size = 0xFFFFFFFF if bits == 40 else (2 | bits & 1) << (bits // 2 + 11)
        return {"id": lzma.FILTER_LZMA2, "dict_size": dictionary(size)}
    if method == _LZMA:
        return lzma1_filter(properties)
    name = _NAMES.get(method, method.hex() or "nothing")
    raise UnsupportedError(f"the 7z method {name} is not read here")
