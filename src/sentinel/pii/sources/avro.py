"""Avro object container files (Apache Avro 1.12), decoded here: no count in them is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, UnsupportedError
from ...formats.archive import codecs
from ...limits import MIB, Budget
from ...readers import SubRangeReader
from ...readers.base import Reader
from ...readers.stream import Codec, Stream, expand
from ..model import Batch, Piece, Skipped, Text
from . import Sampling
from .avro_decode import Decoder, compiled, long_at
from .columnar import spread

_MAGIC = b"Obj\x01"
_MOST_SCHEMA = 8 * MIB
_MOST_BLOCK = 64 * MIB
_MARK = 16
_HEADER = 20
_BATCH = 4096
_CODECS: dict[str, Callable[[], Codec]] = {
    "deflate": codecs.raw_deflate,
    "bzip2": codecs.bzip2_stream,
    "xz": codecs.xz_stream,
    "zstandard": codecs.zstd_stream,
}


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of an Avro file by column, and its metadata as text.

    Raises:
        ParseError: It is malformed.
        UnsupportedError: Its blocks are compressed in a way that is not read here.
    """
    metadata, mark, start = _header(artifact.reader)
    yield Text(b"\n".join(b"%s: %s" % pair for pair in metadata.items()), "metadata", line=0)
    decoder = Decoder(compiled(_schema(metadata)))
    codec = metadata.get(b"avro.codec", b"null").decode("utf-8", "replace")
    if codec != "null" and codec not in _CODECS:
        raise UnsupportedError(f"Avro blocks compressed by {codec[:20]!r} are not read")
    sampled = not sampling.full and artifact.reader.size > sampling.over
    blocks = list(_blocks(artifact.reader, start, mark, budget)) if sampled else None
    chosen = (
        _blocks(artifact.reader, start, mark, budget)
        if blocks is None
        else iter([blocks[index] for index in spread(len(blocks))])
    )
    seen = 0
    table = _Table()
    for count, at, size in chosen:
        data = _expanded(artifact.reader, at, size, codec, budget)
        seen += size
        yield from table.batches(decoder, data, count, budget)
    if sampled:
        yield Skipped("", seen, artifact.reader.size)


def _schema(metadata: dict[bytes, bytes]) -> object:
    try:
        return json.loads(metadata.get(b"avro.schema", b"").decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise ParseError("Avro: the schema is no JSON") from error


def _header(reader: Reader) -> tuple[dict[bytes, bytes], bytes, int]:
    """Return the metadata, the mark between blocks, and where the first block begins."""
    data = reader.pread(0, _MOST_SCHEMA)
    at = len(_MAGIC)
    found: dict[bytes, bytes] = {}
    while True:
        count, at = long_at(data, at)
        if not count:
            break
        if count < 0:
            _, at = long_at(data, at)
        for _ in range(abs(count)):
            key, at = _bytes_at(data, at)
            found[key], at = _bytes_at(data, at)
    mark = data[at : at + _MARK]
    if len(mark) < _MARK:
        raise ParseError("Avro: the file ends within its header")
    return found, mark, at + _MARK


def _bytes_at(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = long_at(data, at)
    if not 0 <= length <= len(data) - at:
        raise ParseError("Avro: the file ends within its header")
    return data[at : at + length], at + length


def _blocks(reader: Reader, at: int, mark: bytes, budget: Budget) -> Iterator[tuple[int, int, int]]:
    """Yield ``(records claimed, offset, bytes)`` of each block."""
    while at < reader.size:
        budget.check_time()
        lead = reader.pread(at, _HEADER)
        count, next_at = long_at(lead, 0)
        size, next_at = long_at(lead, next_at)
        begin = at + next_at
        if count < 0 or size < 0 or begin + size + _MARK > reader.size:
            raise ParseError("Avro: a block ends outside of the file")
        if reader.pread(begin + size, _MARK) != mark:
            raise ParseError("Avro: no mark behind a block")
        yield count, begin, size
        at = begin + size + _MARK


def _expanded(reader: Reader, at: int, size: int, codec: str, budget: Budget) -> bytes:
    if codec == "null":
        if size > _MOST_BLOCK:
            raise LimitExceeded(f"an Avro block of more than {_MOST_BLOCK // MIB} MiB")
        return reader.pread(at, size)
    found = expand(Stream(SubRangeReader(reader, at, size), 0, size, _CODECS[codec]()), budget)
    if found.error is not None:
        raise found.error
    if found.size > _MOST_BLOCK:
        raise LimitExceeded(f"an Avro block of more than {_MOST_BLOCK // MIB} MiB")
    return found.reader.pread(0, found.size)


class _Table:
    """The columns of the file; each batch fills some of them."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._count = 0

    def batches(self, decoder: Decoder, data: bytes, count: int, budget: Budget) -> Iterator[Batch]:
        """Yield the records of one block."""
        at = done = 0
        while done < count:
            budget.check_time()
            step = min(count - done, _BATCH)
            at = decoder.records(data, at, step)
            done += step
            yield from self._batch(decoder.taken(), step)

    def _batch(self, cells: dict[str, list[str]], rows: int) -> Iterator[Batch]:
        first, self._count = self._count + 1, self._count + rows
        for path in cells:
            self._index.setdefault(path, len(self._index))
        if cells:
            columns = [cells.get(path, []) for path in self._index]
            yield Batch("", tuple(self._index), columns, first)
