"""Pickles: the strings that are written down in them. Nothing is ever unpickled.

Where the opcodes are, which bytes are arrays and where a stream breaks is told by the interpreter
of ``formats.pickle``; here the strings are picked out between them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from ...artifacts import Artifact
from ...findings import Gap
from ...formats.pickle.driver import interpret_window
from ...formats.pickle.literals import decode
from ...formats.pickle.opcodes import LENGTH_SIZE, NAMES, OPERAND
from ...formats.pickle.parse import parsed, window_of
from ...formats.pickle.program import PickleProgram
from ...formats.pickle.sniff import looks_like_pickle
from ...limits import MIB, Budget
from ...readers.base import Reader
from ..model import Piece, Text
from . import Sampling, text
from .encodings import encoding_of, is_binary
from .key_values import assignment
from .members import read_members

_BLOCK = MIB
_PIECE = MIB
_LONGEST = 64 * MIB
_OPAQUE = 16
_HEAD = 4096
_ONE_LINE, _TWO_LINES, _QUOTED = b"ILFgpP", b"ci", b"SV"
_NUMBERS = frozenset((0x8A, 0x8B))
_STRINGS = frozenset((0x58, 0x8C, 0x8D))
_BUFFERS = ("pyarrow", "pandas.core.arrays.arrow", "pandas.core.arrays.string_arrow", "polars")
_HINT = "write the table as Parquet or CSV and scan that"


def _pass_over() -> re.Pattern[bytes]:
    """Return the pattern of a run of opcodes that hold no string."""
    by_size: dict[int, bytes] = {}
    for opcode in NAMES:
        if opcode not in LENGTH_SIZE and opcode not in _ONE_LINE + _TWO_LINES + _QUOTED:
            size = OPERAND[opcode]
            by_size[size] = by_size.get(size, b"") + re.escape(bytes([opcode]))
    parts = [b"[%s].{%d}" % (opcodes, size) for size, opcodes in by_size.items()]
    parts += [b"[%s][^\n]*+\n" % _ONE_LINE, b"[%s][^\n]*+\n[^\n]*+\n" % _TWO_LINES]
    return re.compile(b"(?:%s)*+" % b"|".join(parts), re.DOTALL)


_SILENT = _pass_over()


class _Literal(NamedTuple):
    """A string: where its payload is in the file, and which opcode wrote it."""

    opcode: int
    start: int
    length: int


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the strings of the pickles in a file, one a line.

    Byte strings count where they hold text. The buffers of Arrow tables, whose values have nothing
    between them, are a gap.
    """
    program = interpret_window(window_of(artifact), budget)
    yield from _texts(artifact, program, budget)
    found = parsed(artifact, program, budget)
    yield from read_members(artifact, found, budget, sampling)


def read_named(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the strings of a file that has the name of a pickle; as text where it is none."""
    head = artifact.reader.pread(0, _HEAD)
    if looks_like_pickle(artifact, head):
        yield from read(artifact, budget, sampling)
    else:
        yield from text.read(artifact, budget, sampling)


def _texts(artifact: Artifact, program: PickleProgram, budget: Budget) -> Iterator[Piece]:
    reader = artifact.reader
    opaque = any(name.module.startswith(_BUFFERS) for name in program.globals)
    found: list[bytes] = []
    size = hidden = 0
    name = b""
    for literal in _literals(reader, program, budget):
        data = _text(reader, literal)
        if opaque and literal.opcode not in _STRINGS and len(data) > _OPAQUE:
            hidden += len(data)
        elif data:
            found.append(assignment(name, data))
            size += len(data)
        name = data
        if size > _PIECE:
            yield Text(b"\n".join(found), line=0)
            found, size = [], 0
    if found:
        yield Text(b"\n".join(found), line=0)
    if hidden:
        detail = f"an opaque buffer: {hidden} bytes of table columns without separators"
        yield Gap("unsupported", artifact.location(), detail, _HINT)


def _text(reader: Reader, literal: _Literal) -> bytes:
    """Return the text of a string, empty for one of binary data."""
    raw = reader.pread(literal.start, min(literal.length, _LONGEST))
    if literal.opcode in _STRINGS:
        return raw if 0 not in raw else _text_of_latin(raw) or raw
    if not literal.opcode:
        value = decode(raw, 0, _LONGEST)
        raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    return text_of_bytes(raw)


def _text_of_latin(raw: bytes) -> bytes:
    """Return the text of bytes that protocols below 3 write as a string of Latin characters."""
    try:
        return text_of_bytes(raw.decode().encode("latin-1"))
    except UnicodeError:
        return b""


def text_of_bytes(raw: bytes) -> bytes:
    """Return the text that bytes hold in UTF-8, with line ends for what fills up; else nothing."""
    if not raw:
        return b""
    found = encoding_of(raw, filled=True)
    if found is not None and found[0] != "utf-8":
        wide = raw[found[1] :].decode(found[0], "replace").encode("utf-8", "replace")
        return wide.replace(b"\0", b"\n")
    if 0 in raw:  # fixed widths, as NumPy has them, filled up with zeros
        raw = re.sub(rb"\0+", b"\n", raw)
        return b"" if is_binary(raw) or not raw.isascii() else raw
    return raw if found is not None else b""


def _literals(reader: Reader, program: PickleProgram, budget: Budget) -> Iterator[_Literal]:
    """Yield the strings of all streams, in the order of the file."""
    arrays = [
        (program.offset(begin), program.offset(begin) + end - begin)
        for begin, end in program.recorder.arrays
    ]
    for stream in program.streams:
        walk = _Walk(reader, arrays, program.offset(stream.end))
        yield from walk.literals(program.offset(stream.start), budget)


class _Walk:
    """Goes over the opcodes of one stream, block by block.

    Args:
        reader: The file.
        arrays: Ranges of array data among the opcodes.
        end: Where the stream ends.
    """

    def __init__(self, reader: Reader, arrays: list[tuple[int, int]], end: int) -> None:
        self._reader = reader
        self._arrays = arrays
        self._end = end
        self._block = b""
        self._base = 0

    def literals(self, offset: int, budget: Budget) -> Iterator[_Literal]:
        """Yield the strings from an offset on."""
        index = bisect_right(self._arrays, (offset, -1))
        stop = self._stop(index)
        loaded = False
        while offset < self._end:
            if offset >= stop:
                offset = max(offset, self._arrays[index][1])
                index += 1
                stop = self._stop(index)
                continue
            at = offset - self._base
            if not 0 <= at < len(self._block) or loaded:
                budget.check_time()
                self._block, self._base = self._reader.pread(offset, _BLOCK), offset
                at = 0
            before = offset
            offset, found = self._step(at, stop)
            if found is not None:
                yield found
            if offset > before:
                loaded = False
            elif at == 0:
                return  # an opcode that does not fit a block
            else:
                loaded = True  # it may go on behind the block

    def _stop(self, index: int) -> int:
        return self._arrays[index][0] if index < len(self._arrays) else self._end

    def _step(self, at: int, stop: int) -> tuple[int, _Literal | None]:
        """Pass over opcodes from a place in the block; return where to go on, and a string."""
        block, base = self._block, self._base
        match = _SILENT.match(block, at, min(len(block), stop - base))
        assert match is not None
        at = match.end()
        if at >= len(block) or base + at >= stop:
            return base + at, None
        opcode = block[at]
        size = LENGTH_SIZE.get(opcode, 0)
        if size:
            if at + 1 + size > len(block):
                return base + at, None
            start = at + 1 + size
            length = int.from_bytes(block[at + 1 : start], "little")
            literal = _Literal(opcode, base + start, length)
            return base + start + length, None if opcode in _NUMBERS else literal
        if opcode in _QUOTED:
            end = block.find(b"\n", at)
            stop = base + end if end >= 0 else self._line_end(base + len(block))
            return stop + 1, _Literal(0, base + at, stop - base - at)
        return base + at, None

    def _line_end(self, offset: int) -> int:
        """Return where the line ends that goes on at an offset."""
        while offset < self._end:
            data = self._reader.pread(offset, _BLOCK)
            at = data.find(b"\n")
            if at >= 0:
                return offset + at
            offset += max(len(data), 1)
        return self._end
