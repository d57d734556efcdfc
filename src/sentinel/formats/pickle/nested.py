"""Files within a pickle: byte strings, written down or computed, that begin like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ...artifacts import Artifact
from ...errors import LimitExceeded
from ...limits import MIB, Budget
from ...readers import MemoryReader, Reader, SubRangeReader
from .. import Member
from .program import PickleProgram
from .resolve import key_of
from .sniff import looks_like_pickle
from .values import Call, Global

_CONTAINERS = re.compile(
    rb"PK\x03\x04|\x1f\x8b|BZh|\xfd7zXZ|\x78[\x01\x5e\x9c\xda]|\x93NUMPY|\x5d\x00\x00|ZF0x"
    rb"|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|7z\xbc\xaf"
)
_MACHINE = (
    b"\x7fELF", b"MZ", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)  # fmt: skip
_CODE = (*_MACHINE, b"\0asm", b"\x1bL", b"dex\n", b"#!")
_DECODERS = frozenset(
    ("_codecs", "codecs", "base64", "binascii", "zlib", "gzip", "builtins", "operator", "_operator")
)
_SMALLEST = 9
_HEAD = 4096
_LONGEST_TEXT = 256 * MIB


def nested(artifact: Artifact, program: PickleProgram, budget: Budget) -> Iterator[Member]:
    """Yield the byte strings that begin like a file of their own.

    Args:
        artifact: The pickle.
        program: What it does.
        budget: Pays for bytes that are computed.
    """
    for position in program.recorder.payloads:
        offset, length = program.payload(position)
        if length < 0:
            yield from _computed(program, position, program.literal(position), budget)
        else:
            yield from _member(offset, offset, SubRangeReader(artifact.reader, offset, length))
    if program.recorder.raw:
        yield from _in_arrays(artifact, program)
    if program.junk and not program.tensors:
        yield from _behind(artifact, program)
    for call in program.calls:
        if _decodes(call):
            value = program.fold(call)
            if value is None:
                value = _long_latin1(artifact, program, call)
            yield from _computed(program, call.offset, value, budget)


def _in_arrays(artifact: Artifact, program: PickleProgram) -> Iterator[Member]:
    """Yield arrays and storages of single bytes that begin like a file."""
    from ..embedded import file_at

    for offset, length in program.recorder.raw:
        if file_at(artifact.reader, offset, length):
            window = partial(SubRangeReader, artifact.reader, offset, length)
            yield Member(offset, f"bytes@{offset}", window, guess=True)


def _behind(artifact: Artifact, program: PickleProgram) -> Iterator[Member]:
    """Yield what follows the last pickle where it begins like machine code or a script."""
    start, end = program.junk[-1]
    offset = program.offset(start)
    reader = SubRangeReader(artifact.reader, offset, program.offset(end) - offset)
    if reader.pread(0, 8).startswith(_CODE):
        yield Member(offset, f"bytes@{offset}", partial(_same, reader), guess=True)


def _decodes(call: Call) -> bool:
    """Return True for a call of a decoder, or of a method that a call of one gives."""
    callee = call.callee
    if type(callee) is Call:
        callee = callee.callee
    return type(callee) is Global and callee.module in _DECODERS


def _long_latin1(artifact: Artifact, program: PickleProgram, call: Call) -> bytes | None:
    """Return the bytes that protocols below 3 write as text, where there are too many to fold.

    Raises:
        LimitExceeded: There are too many altogether.
    """
    args = call.args
    if key_of(call.callee) != "codecs.encode" or type(args) is not tuple or len(args) != 2:
        return None
    if type(args[0]) is not int or program.fold(args[1]) not in ("latin1", "latin-1", "iso8859-1"):
        return None
    offset, length = program.payload(args[0])
    if length > _LONGEST_TEXT:
        raise LimitExceeded(f"bytes written as {length} bytes of text")
    raw = SubRangeReader(artifact.reader, offset, max(0, length)).pread(0, max(0, length))
    return raw.decode("utf-8", "replace").encode("latin-1", "replace")


def _computed(
    program: PickleProgram, position: int, value: object, budget: Budget
) -> Iterator[Member]:
    if isinstance(value, bytes) and len(value) >= _SMALLEST:
        budget.spend_expanded(len(value), len(value), len(value))
        offset = program.offset(position)
        yield from _member(-1 - offset, offset, MemoryReader(value))


def _member(key: int, offset: int, reader: Reader) -> Iterator[Member]:
    head = reader.pread(0, _HEAD)
    formats: tuple[str, ...] = ()
    if head.startswith(_MACHINE):
        from ..native import code_of

        if code_of(reader, head[:64]) is None:
            return
        formats = ("native",)
    elif not _CONTAINERS.match(head):
        if not looks_like_pickle(Artifact("", reader), head):
            return
        formats = ("pickle",)
    yield Member(key, f"bytes@{offset}", partial(_same, reader), formats, guess=True)


def _same(reader: Reader) -> Reader:
    return reader
