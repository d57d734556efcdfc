"""The pickle format: one file's program, what lies inside its literals, and what was not read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...artifacts import Artifact
from ...findings import Gap
from ...limits import Budget
from ...readers import MemoryReader, Reader, SubRangeReader
from .. import Member, Parsed
from .program import PickleProgram, interpret_window
from .window import Window

_NESTED_CODECS = frozenset(("_codecs.encode", "codecs.encode", "codecs.decode", "_codecs.decode"))
_LONGEST_FOLD = 1 << 20


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Interpret the pickles of an artifact.

    Args:
        artifact: The bytes; read in pieces when they are many.
        budget: Limits.

    Returns:
        A ``PickleProgram``, the byte strings in it that may be files of their own, and a gap for
        every stream that breaks or limit that was reached.
    """
    return parsed(artifact, interpret_window(window_of(artifact), budget))


def parsed(artifact: Artifact, program: PickleProgram) -> Parsed:
    """Return a program of an artifact's pickles as its parser would."""
    return Parsed(program, nested(artifact, program), tuple(_gaps(artifact, program)))


def window_of(artifact: Artifact) -> Window:
    """Return the interpreter's view of an artifact, whole when it is small enough."""
    whole = artifact.reader.view()
    return Window(artifact.reader) if whole is None else Window(None, whole)


def _gaps(artifact: Artifact, program: PickleProgram) -> Iterator[Gap]:
    for reason in program.limits:
        yield Gap("limit", artifact.location(), reason, "raise the limit in the settings")
    for stream in program.streams:
        if stream.error and stream.error != "limit":
            reason = "truncated" if "ends" in stream.error else "malformed"
            place = artifact.location(program.offset(stream.end))
            yield Gap(
                reason, place, f"pickle: {stream.error}", "get the file again from its source"
            )
    if program.torn:
        hint = "get the file again from its source"
        yield Gap("truncated", artifact.location(), program.torn, hint)
    if not program.streams:
        yield Gap("empty", artifact.location(), "no pickle in it")


def nested(artifact: Artifact, program: PickleProgram) -> Iterator[Member]:
    """Yield the byte strings that begin like a file of their own."""
    for position in program.recorder.payloads:
        offset, length = program.payload(position)
        if length >= 0:
            yield Member(
                offset, f"bytes@{offset}", partial(_piece, artifact, offset, length), guess=True
            )
        else:
            yield from _decoded(program, position, program.literal(position))
    for call in program.calls:
        callee = call.callee
        name = f"{getattr(callee, 'module', '')}.{getattr(callee, 'name', '')}"
        if name in _NESTED_CODECS or name.endswith(
            ("decode", "decompress", "fromhex", "unhexlify")
        ):
            yield from _decoded(program, call.offset, program.fold(call))


def _decoded(program: PickleProgram, position: int, value: object) -> Iterator[Member]:
    if isinstance(value, bytes) and len(value) > 8:
        offset = program.offset(position)
        yield Member(-1 - offset, f"bytes@{offset}", partial(MemoryReader, value), guess=True)


def _piece(artifact: Artifact, offset: int, length: int) -> Reader:
    return SubRangeReader(artifact.reader, offset, length)
