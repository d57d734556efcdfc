"""Files that are one compressed stream: gzip, bzip2, xz, lzma, zlib, zstd, lz4, joblib's ZFILE.

What comes out is one member, named as the file is without its suffix. Bytes behind the stream are
an anomaly (``trailing-K``, ``K`` as named by ``hidden.name_bytes``) and a member of their own. Of a
stream that breaks, what came out is examined all the same.
"""

from __future__ import annotations

import zlib
from functools import partial

from ...artifacts import Artifact
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from ...readers import SubRangeReader
from ...readers.base import Reader
from ...readers.stream import Codec, Expanded, Stream, expand
from .. import Member, Parsed
from . import codecs
from .anomalies import AnomalyLog
from .hidden import name_bytes
from .packed_model import CompressedStream
from .zip_layout import without_zeros

_RENAMED = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar"}
_DROPPED = (".gz", ".bz2", ".xz", ".lzma", ".zlib", ".z", ".zst", ".lz4")
_PADDING = 64 * MIB
_ZFILE = b"ZF"
_ZFILE_HEADER = 21  # the magic and a hexadecimal length of 19 characters
_SURE = 32  # bytes of unfinished zlib data below which a match may be chance
_PRESETS = frozenset(n for e in range(33) for n in (1 << e, (1 << e) + (1 << e >> 1)))


def parse_gzip(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a gzip file of one or more members (RFC 1952).

    Raises:
        ParseError: Nothing comes out of it.
        ReadError: The file cannot be read.
        LimitExceeded: The budget was spent before anything came out.
    """
    return _parse("gzip", artifact, codecs.gzip_stream(), budget)


def parse_bzip2(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a bzip2 file. Raises as ``parse_gzip`` does."""
    return _parse("bzip2", artifact, codecs.bzip2_stream(), budget)


def parse_xz(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse an xz file. Raises as ``parse_gzip`` does."""
    return _parse("xz", artifact, codecs.xz_stream(), budget)


def parse_lzma(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a legacy ``.lzma`` file (LZMA_Alone). Raises as ``parse_gzip`` does."""
    return _parse("lzma", artifact, codecs.lzma_alone(), budget)


def parse_zlib(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a zlib stream (RFC 1950), joblib's default. Raises as ``parse_gzip`` does."""
    return _parse("zlib", artifact, codecs.zlib_stream(), budget)


def parse_zstd(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a Zstandard file. Raises as ``parse_gzip`` does.

    Raises:
        UnsupportedError: The ``archives`` extra is not installed.
    """
    return _parse("zstd", artifact, codecs.zstd_stream(), budget)


def parse_lz4(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a file of LZ4 frames. Raises as ``parse_zstd`` does."""
    return _parse("lz4", artifact, codecs.lz4_stream(), budget)


def parse_zfile(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse the compressed files that joblib wrote before 0.10. Raises as ``parse_gzip`` does."""
    start = _ZFILE_HEADER
    if artifact.reader.pread(start, 1) == b" ":  # joblib up to 0.8.4 on Python 2
        start += 1
    return _parse("zfile", artifact, codecs.zlib_stream(), budget, start)


def looks_like_zfile(artifact: Artifact, head: bytes) -> bool:
    """Return True for joblib's old header: ``ZF`` and a padded hexadecimal length.

    Args:
        artifact: The file; not read.
        head: Its first 4096 bytes.
    """
    length = head[2:_ZFILE_HEADER].rstrip(b" ").rstrip(b"L")
    if not head.startswith(_ZFILE) or not length.lower().startswith(b"0x"):
        return False
    return all(digit in b"0123456789abcdefABCDEF" for digit in length[2:])


def looks_like_zlib(artifact: Artifact, head: bytes) -> bool:
    """Return True when a file starts with a zlib header and what follows inflates.

    Args:
        artifact: The file; only its size counts.
        head: Its first 4096 bytes.
    """
    if len(head) < 8 or head[0] & 0x0F != 8 or head[0] > 0x78:
        return False
    if (head[0] << 8 | head[1]) % 31 or head[1] & 0x20:
        return False
    decoder = zlib.decompressobj()
    try:
        out = decoder.decompress(head, 64 * KIB)
    except zlib.error:
        return _breaks_late(head)
    return decoder.eof or (len(head) >= _SURE and bool(out))


def looks_like_lzma(artifact: Artifact, head: bytes) -> bool:
    """Return True when a file starts with an LZMA_Alone header and what follows decompresses.

    The header has no magic, and numbers in binary data can look like one. So the dictionary must be
    of a size that encoders choose, the length below 256 GiB or none, and the first byte that comes
    out other than zero, as in every format that is read here; data that breaks within the head must
    give something known before.

    Args:
        artifact: The file; not read.
        head: Its first 4096 bytes.
    """
    if len(head) < 18 or head[0] >= 225 or head[13] != 0:
        return False
    dictionary, size = int.from_bytes(head[1:5], "little"), int.from_bytes(head[5:13], "little")
    if dictionary not in _PRESETS or size == 0 or (size >> 38 and size != (1 << 64) - 1):
        return False
    codec = codecs.lzma_alone()
    out = b""
    try:
        decoder = codec.make()
        for at in range(len(head)):
            out += decoder.decompress(head[at : at + 1], 64 * KIB - len(out))
            if decoder.eof or len(out) >= 64 * KIB:
                break
    except codec.errors:
        return name_bytes(out) not in ("data", "text")
    return out[:1] not in (b"", b"\0")


def _breaks_late(head: bytes) -> bool:
    """Return True when something comes out before the data breaks, more than by chance."""
    decoder = zlib.decompressobj()
    good = 0
    try:
        for at in range(len(head)):
            decoder.decompress(head[at : at + 1])
            good = at + 1
    except zlib.error:
        return good >= _SURE
    return False


def _parse(name: str, artifact: Artifact, codec: Codec, budget: Budget, start: int = 0) -> Parsed:
    reader = artifact.reader
    expanded = expand(Stream(reader, start, reader.size, codec), budget)
    if expanded.error is not None and not expanded.size:
        raise expanded.error
    log = AnomalyLog()
    members = [Member(0, _inner_name(artifact.leaf), partial(_given, expanded.reader))]
    gaps = tuple(_gaps(artifact, expanded))
    trailing = 0
    if not gaps:
        found = without_zeros(reader, expanded.end, reader.size, _PADDING)
        if found is not None:
            trailing = found[1] - found[0]
            members.append(_tail(reader, found[0], trailing, log))
    model = CompressedStream(name, expanded.end, expanded.size, trailing, log.close())
    return Parsed(model, members, gaps)


def _given(reader: Reader) -> Reader:
    return reader


def _tail(reader: Reader, start: int, length: int, log: AnomalyLog) -> Member:
    kind = name_bytes(reader.pread(start, min(length, 4 * KIB)))
    log.add(f"trailing-{kind}", f"{length} bytes behind the end of the stream", start)
    return Member(
        start, f"bytes@{start}", partial(SubRangeReader, reader, start, length), guess=True
    )


def _gaps(artifact: Artifact, expanded: Expanded) -> list[Gap]:
    if expanded.error is None:
        return []
    place = artifact.location(expanded.end)
    detail = f"{expanded.error.message}; the {expanded.size} bytes before it were examined"
    return [Gap(expanded.reason, place, detail, expanded.error.hint)]


def _inner_name(leaf: str) -> str:
    stem, dot, suffix = leaf.rpartition(".")
    ending = (dot + suffix).lower()
    if ending in _RENAMED:
        return stem + _RENAMED[ending]
    return stem if ending in _DROPPED and stem else leaf
