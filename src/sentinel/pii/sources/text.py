"""Plain text of any encoding, in pieces that end with a line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ...artifacts import Artifact
from ...errors import ParseError
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from ..model import Piece, Skipped, Text
from . import Sampling
from .encodings import encoding_of, to_utf8

BLOCK = MIB
"""Bytes that are read at a time; a piece is at most twice as long."""

OVERLAP = KIB
"""Bytes at the end of a piece without a line end that the next one begins with."""

_HEAD = 64 * KIB
_PROSE = (".md", ".markdown", ".rst", ".txt", ".adoc")
_ESCAPE = re.compile(rb"\\(?:\\|u00([2-7a-fA-F][0-9a-fA-F]))")
_CUT_ESCAPE = re.compile(rb"\\{1,64}(?:u[0-9a-fA-F]{0,4})?\Z")


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the text of a file; see ``lines``. Escapes as JSON has them are resolved.

    The rows of tables within it are yielded too.
    """
    from .tables import Tables

    prose = artifact.leaf.lower().endswith(_PROSE)
    tables = Tables(artifact)
    for piece in lines(artifact, budget, sampling):
        if isinstance(piece, Text):
            yield piece._replace(data=unescape(piece.data), prose=prose)
            yield from tables.feed(piece)
        else:
            yield piece
    yield from tables.end()


def lines(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the text of a file as it is, in UTF-8, cut at line ends.

    A line that is longer than a block is cut all the same; its next piece begins with the last
    ``OVERLAP`` bytes of the one before. Text in UTF-16, UTF-32 and Windows-1252 is transcoded.
    Offsets count the bytes of the text in UTF-8, a byte order mark included where it is one of
    UTF-8.

    Args:
        artifact: The file.
        budget: Gives the time.
        sampling: A larger file is read at its start and in windows, whose lines are not known.

    Yields:
        ``Text``; ``Skipped`` when something was left out; one ``Gap`` alone for what is no text.

    Raises:
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    reader = artifact.reader
    found = encoding_of(reader.pread(0, _HEAD))
    if found is None:
        yield Gap("unrecognised", artifact.location(), "neither text nor a format that is read")
        return
    codec, start = found
    if sampling.full or reader.size <= sampling.over:
        yield from cut(_decoded(artifact, budget, codec, start, reader.size), _first(codec, start))
        return
    seen = 0
    for begin, end in windows(start, reader.size, sampling):
        blocks = _decoded(artifact, budget, codec, begin, end)
        if begin == start:
            yield from cut(blocks, _first(codec, start))
        else:
            yield from _window(list(cut(blocks, begin)), end < reader.size)
        seen += end - begin
    yield Skipped("", seen, reader.size)


def _window(pieces: list[Text], is_inside: bool) -> Iterator[Text]:
    """Yield the whole lines of a window; their numbers are not known."""
    if is_inside and len(pieces) > 1 and b"\n" not in pieces[-1].data:
        pieces.pop()
    for number, piece in enumerate(pieces):
        at = 0 if number else piece.data.find(b"\n") + 1
        if at < len(piece.data):
            yield piece._replace(data=piece.data[at:], offset=piece.offset + at, line=0)


def blocks(artifact: Artifact, budget: Budget) -> Iterator[bytes]:
    """Return all of a text in UTF-8, a block after the other, without a byte order mark.

    Raises:
        ParseError: It is no text.
    """
    found = encoding_of(artifact.reader.pread(0, _HEAD))
    if found is None:
        raise ParseError("binary data where text is due")
    return _decoded(artifact, budget, *found, artifact.reader.size)


def whole(artifact: Artifact, budget: Budget) -> bytes | None:
    """Return all of a text in UTF-8, without a byte order mark, or None for what is no text.

    The caller bounds the size.
    """
    found = encoding_of(artifact.reader.pread(0, _HEAD))
    if found is None:
        return None
    return to_utf8(b"".join(_decoded(artifact, budget, *found, artifact.reader.size)))


def _first(codec: str, start: int) -> int:
    return start if codec == "utf-8" else 0


def windows(start: int, size: int, sampling: Sampling) -> list[tuple[int, int]]:
    """Return the parts ``(begin, end)`` of a large text that are read: its head and some windows.

    Args:
        start: Where the text begins.
        size: Where it ends.
        sampling: How much is wanted.
    """
    head = min(size, start + sampling.head) // 4 * 4
    parts = [(start, head)]
    if sampling.windows > 0 and size > head:
        step = max((size - head) // sampling.windows, sampling.window)
        for begin in range(head + (step - sampling.window) // 2, size, step):
            aligned = begin // 4 * 4  # code units of UTF-16 and UTF-32 stay whole
            parts.append((aligned, min(size, aligned + sampling.window)))
    return parts


def _decoded(
    artifact: Artifact, budget: Budget, codec: str, start: int, end: int
) -> Iterator[bytes]:
    """Yield the bytes from ``start`` to ``end``, those of wide encodings in UTF-8."""
    decode = None if codec == "utf-8" else codecs.getincrementaldecoder(codec)("replace").decode
    for at in range(start, end, BLOCK):
        budget.check_time()
        block = artifact.reader.pread(at, min(BLOCK, end - at))
        yield block if decode is None else decode(block).encode("utf-8", "replace")


def cut(blocks: Iterator[bytes], offset: int = 0, block: int = BLOCK) -> Iterator[Text]:
    """Yield blocks of text as pieces that end with a line.

    Args:
        blocks: The text, in order.
        offset: Offset of its first byte.
        block: Length from which a piece is cut whether or not a line ends.
    """
    line, rest, fresh = 1, b"", False
    for part in blocks:
        rest += part
        fresh = fresh or bool(part)
        end = rest.rfind(b"\n") + 1
        keep = end
        if not end:
            if len(rest) < block:
                continue
            end = _whole(rest, len(rest))
            keep = _whole(rest, max(end - OVERLAP, end // 2))
        data = to_utf8(rest[:end])
        yield Text(data, offset=offset, line=line)
        line += data.count(b"\n")
        offset += len(data) if keep == end else len(to_utf8(rest[:keep]))
        rest, fresh = rest[keep:], len(rest) > end
    if fresh:
        yield Text(to_utf8(rest), offset=offset, line=line)


def _whole(data: bytes, at: int) -> int:
    """Return a place at or in front of ``at`` where neither a character nor an escape is cut."""
    tail = data[max(at - 70, 0) : at]
    found = _CUT_ESCAPE.search(tail)
    if found is not None and found.start():
        return at - len(tail) + found.start()
    for back in range(1, min(4, len(tail))):
        byte = tail[-back]
        if byte & 0xC0 == 0xC0:
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return at if length <= back else at - back
        if byte < 0x80:
            break
    return at


def unescape(data: bytes) -> bytes:
    r"""Return text with escapes of JSON (``\u0040``) for printable Latin characters resolved.

    No line is added by it.
    """
    if b"\\" not in data or b"\\u00" not in data:
        return data
    return _ESCAPE.sub(_resolved, data)


def _resolved(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code is None or code.lower() == b"7f":
        return found[0]
    return chr(int(code, 16)).encode()
