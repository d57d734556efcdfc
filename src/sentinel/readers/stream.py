"""Bytes that come out of a decompressor, as a reader.

Decompression happens once to learn the true size, whatever the container claims. Up to 64 MiB are
kept in memory; more is decompressed again when it is asked for, forwards, within the budget.
A stream that breaks keeps all that came out before the break: a loader that reads piece by piece
has acted on it by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from ..errors import LimitExceeded, ParseError, SentinelError
from ..limits import KIB, MIB, Budget
from .base import Reader, ReadStats, clamp
from .memory import MemoryReader

_IN = 4 * KIB  # small, so that little is lost with the call that meets a break
_OUT = MIB
_KEEP = 64 * MIB
_HEAD = MIB
_TAIL = 128 * KIB
_LOOKBACK = 4 * MIB


class Decoder(Protocol):
    """A decompressor of one stream, spelt as ``bz2`` and ``lzma`` do."""

    @property
    def eof(self) -> bool:
        """True when the end of the stream was met."""
        ...

    @property
    def needs_input(self) -> bool:
        """True when nothing more comes out without more bytes."""
        ...

    @property
    def unused_data(self) -> bytes | None:
        """Bytes that were fed and lie behind the end of the stream, if there are any."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Feed bytes; return at most ``max_length`` of what comes out."""
        ...


class Codec(NamedTuple):
    """A kind of compressed stream.

    Attributes:
        make: Gives a fresh decoder.
        errors: What the decoder raises for bytes it cannot take.
        joins: First bytes of a further stream of the kind that readers join to the first.
        padding: True when zero bytes may lie between joined streams.
    """

    make: Callable[[], Decoder]
    errors: tuple[type[BaseException], ...]
    joins: tuple[bytes, ...] = ()
    padding: bool = False


class Stream(NamedTuple):
    """Where compressed bytes are: ``start`` to ``end`` of a reader, and how to take them."""

    reader: Reader
    start: int
    end: int
    codec: Codec


class Expanded(NamedTuple):
    """What came out of a stream.

    Attributes:
        reader: The bytes up to the end or to the break.
        size: How many.
        end: Offset in the source behind the last byte that belongs to the stream.
        error: Why it stopped early, or None.
        reason: That in a word (``truncated``, ``malformed``, ``limit``), as gaps spell it.
    """

    reader: Reader
    size: int
    end: int
    error: SentinelError | None
    reason: str = ""


class _Run:
    """One pass over a stream. ``end`` and ``error`` are right once the chunks are exhausted."""

    __slots__ = ("budget", "end", "error", "produced", "reason", "stream")

    def __init__(self, stream: Stream, budget: Budget) -> None:
        self.stream = stream
        self.budget = budget
        self.produced = 0
        self.end = stream.start
        self.error: SentinelError | None = None
        self.reason = ""

    def chunks(self) -> Iterator[bytes]:
        """Yield what comes out; stop at the end, at a break, or when the budget is spent."""
        try:
            for chunk in self._joined():
                self.produced += len(chunk)
                consumed = max(self.end - self.stream.start, 1)
                self.budget.spend_expanded(len(chunk), consumed, self.produced)
                if chunk:
                    yield chunk
        except ParseError as error:
            self.error = error
            self.reason = self.reason or "malformed"
        except LimitExceeded as error:
            self.error = error
            self.reason = "limit"

    def _joined(self) -> Iterator[bytes]:
        start: int | None = self.stream.start
        while start is not None:
            yield from self._one(start)
            start = self._next()

    def _next(self) -> int | None:
        reader, _, end, codec = self.stream
        if not codec.joins or self.end >= end:
            return None
        ahead = reader.pread(self.end, min(_IN, end - self.end))
        padding = len(ahead) - len(ahead.lstrip(b"\0")) if codec.padding else 0
        if not any(ahead.startswith(magic, padding) for magic in codec.joins):
            return None
        return self.end + padding

    def _one(self, start: int) -> Iterator[bytes]:
        """Decompress one stream of possibly several."""
        reader, _, end, codec = self.stream
        position = chunk_start = start
        produced = 0
        try:
            decoder = codec.make()
            while not decoder.eof:
                self.budget.check_time()
                data = b""
                if decoder.needs_input:
                    data = reader.pread(position, min(_IN, end - position))
                    if not data:
                        self.reason = "truncated"
                        raise ParseError("the compressed data ends in the middle")
                    chunk_start, position = position, position + len(data)
                    self.end = position
                out = decoder.decompress(data, _OUT)
                produced += len(out)
                yield out
            self.end = position - len(decoder.unused_data or b"")
        except codec.errors as error:
            for grain in (_IN, 1):
                for out in self._careful(start, chunk_start, produced, grain):
                    produced += len(out)
                    yield out
            raise ParseError(f"the compressed data is broken ({error})") from error

    def _careful(self, start: int, chunk_start: int, done: int, grain: int) -> Iterator[bytes]:
        """Decompress again up to a break, ``grain`` bytes at a time after the first ``done``."""
        reader, _, end, codec = self.stream
        seen = 0
        try:
            decoder = codec.make()
            position = start
            while position < end and not decoder.eof:
                self.budget.check_time()
                step = _IN if position < chunk_start else 1
                data = reader.pread(position, min(step, end - position))
                position += len(data)
                while not decoder.eof:
                    out = decoder.decompress(data, min(_OUT, done - seen) if seen < done else grain)
                    data = b""
                    seen += len(out)
                    if seen > done:
                        yield out[-(seen - done) :]
                        done = seen
                    if decoder.needs_input or not out:
                        break
        except codec.errors:
            return


def expand(stream: Stream, budget: Budget) -> Expanded:
    """Decompress a stream.

    Args:
        stream: Where the bytes are and how to take them.
        budget: Pays for what comes out, now and when it is read again.

    Returns:
        What came out; ``error`` says why it stopped early. Never raises for bad bytes.

    Raises:
        ReadError: The source cannot be read.
    """
    run = _Run(stream, budget)
    kept: list[bytes] = []
    tail = b""
    for chunk in run.chunks():
        if run.produced <= _KEEP:
            kept.append(chunk)
        else:
            tail = (tail + chunk)[-_TAIL:] if len(chunk) < _TAIL else chunk[-_TAIL:]
    if run.produced <= _KEEP:
        part = MemoryReader(b"".join(kept))
        return Expanded(part, run.produced, run.end, run.error, run.reason)
    head = bytearray()
    while kept and len(head) < _HEAD:
        head += kept.pop(0)
    forward = ForwardReader(stream, budget, run.produced, bytes(head), tail)
    return Expanded(forward, run.produced, run.end, run.error, run.reason)


class ForwardReader:
    """Reads what a stream decompresses to without holding it; going back starts over.

    Args:
        stream: The compressed bytes.
        budget: Pays for every byte that comes out, each time it does.
        size: Bytes that come out, as found by a first pass.
        head: The first of them, kept.
        tail: The last of them, kept.
    """

    __slots__ = (
        "_budget",
        "_chunks",
        "_head",
        "_size",
        "_start",
        "_stats",
        "_stream",
        "_tail",
        "_window",
    )

    def __init__(self, stream: Stream, budget: Budget, size: int, head: bytes, tail: bytes) -> None:
        self._stream = stream
        self._budget = budget
        self._size = size
        self._head = head
        self._tail = tail
        self._stats = ReadStats()
        self._restart()

    def _restart(self) -> None:
        self._chunks: Iterator[bytes] = _Run(self._stream, self._budget).chunks()
        self._window = bytearray()
        self._start = 0

    @property
    def size(self) -> int:
        """Number of bytes that come out."""
        return self._size

    @property
    def stats(self) -> ReadStats:
        """What was asked for so far."""
        return self._stats

    def pread(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``.

        Raises:
            LimitExceeded: Reading back and forth has used up the budget.
        """
        offset, length = clamp(offset, length, self._size)
        self._stats.count(length)
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        tail_start = self._size - len(self._tail)
        if offset >= tail_start:
            return self._tail[offset - tail_start : offset - tail_start + length]
        return self._forward(offset, length)

    def _forward(self, offset: int, length: int) -> bytes:
        if offset < self._start:
            self._restart()
        end = offset + length
        while self._start + len(self._window) < end:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise LimitExceeded("no budget left to decompress this again")
            self._window += chunk
            surplus = min(offset, self._start + len(self._window) - _LOOKBACK) - self._start
            if surplus > _LOOKBACK:
                del self._window[:surplus]
                self._start += surplus
        at = offset - self._start
        return bytes(memoryview(self._window)[at : at + length])

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Do nothing: bytes come in their order."""

    def view(self) -> bytes | None:
        """Return None: there is more than should be held at once."""
        return None


class TornReader:
    """What came out of a stream before it broke, followed by one byte that cannot be had.

    A read from in front of the break is short; one from behind it raises what broke the stream, so
    that nobody takes the part for the whole.

    Args:
        part: The bytes in front of the break.
        error: Why there are no more.
    """

    __slots__ = ("error", "part")

    def __init__(self, part: Reader, error: SentinelError) -> None:
        self.part = part
        self.error = error

    @property
    def size(self) -> int:
        """Number of bytes in front of the break, and one."""
        return self.part.size + 1

    @property
    def stats(self) -> ReadStats:
        """The part's counter."""
        return self.part.stats

    def pread(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; raise the error behind the break."""
        if offset >= self.part.size and length > 0:
            raise self.error
        return self.part.pread(offset, length)

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Pass the ranges on."""
        self.part.prefetch(ranges)

    def view(self) -> bytes | None:
        """Return None: there is no whole to give."""
        return None


def whole_or_torn(expanded: Expanded) -> Reader:
    """Return the reader of what came out, torn where the stream broke.

    Raises:
        SentinelError: The stream broke before anything came out.
    """
    if expanded.error is None:
        return expanded.reader
    if not expanded.size:
        raise expanded.error
    return TornReader(expanded.reader, expanded.error)
