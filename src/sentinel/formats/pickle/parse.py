"""The pickle format: one file's program, what lies inside its literals, and what was not read."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifacts import Artifact
from ...findings import Gap
from ...limits import Budget
from .. import Parsed
from .driver import interpret_window
from .nested import nested
from .program import PickleProgram
from .window import Window

_AGAIN = "get the file again from its source"


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Interpret the pickles of an artifact.

    Args:
        artifact: The bytes; read in pieces when they are many.
        budget: Limits.

    Returns:
        A ``PickleProgram``, the byte strings in it that may be files of their own, and a gap for
        every stream that breaks or limit that was reached.
    """
    return parsed(artifact, interpret_window(window_of(artifact), budget), budget)


def parsed(artifact: Artifact, program: PickleProgram, budget: Budget) -> Parsed:
    """Return a program of an artifact's pickles as its parser would."""
    return Parsed(program, nested(artifact, program, budget), tuple(_gaps(artifact, program)))


def window_of(artifact: Artifact) -> Window:
    """Return the interpreter's view of an artifact, whole when it is small enough."""
    whole = artifact.reader.view()
    return Window(artifact.reader) if whole is None else Window(None, whole)


def _gaps(artifact: Artifact, program: PickleProgram) -> Iterator[Gap]:
    for reason, hint in program.limits:
        yield Gap("limit", artifact.location(), reason, hint)
    for stream in program.streams:
        if stream.error and stream.error != "limit":
            reason = "truncated" if "ends" in stream.error else "malformed"
            place = artifact.location(program.offset(stream.end))
            yield Gap(reason, place, f"pickle: {stream.error}", _AGAIN)
    for position in program.recorder.torn_frames[:1]:
        place = artifact.location(program.offset(position))
        yield Gap("truncated", place, "pickle: a frame is longer than what follows", _AGAIN)
    if program.torn:
        yield Gap("truncated", artifact.location(), program.torn, _AGAIN)
    if not program.streams:
        yield Gap("empty", artifact.location(), "no pickle in it")
