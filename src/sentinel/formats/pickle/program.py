"""What a file of pickles would do: the result of interpreting it."""

from __future__ import annotations

from typing import Any, NamedTuple

from .fold import Known, fold
from .literals import decode, span
from .record import Recorder
from .values import Buffer, Call, Global, Value
from .window import Window


class Stream(NamedTuple):
    """One pickle within the file.

    Attributes:
        start: Position of its first opcode.
        end: Position behind STOP, or where it broke.
        protocol: As declared by PROTO; 0 without one.
        error: Why it broke; empty when it reached STOP.
        result: What is left on top of the stack at STOP.
    """

    start: int
    end: int
    protocol: int
    error: str
    result: Value | None


class PickleProgram:
    """Everything the pickles of one file would do.

    Attributes:
        window: The bytes.
        recorder: Imports, calls, stored states, persistent ids, payload literals.
        streams: The pickles in order.
        junk: ``(start, end)`` ranges that are no pickle.
        limits: Why interpretation was cut short, and what to do about it, which may be empty.
        tensors: ``(start, end)`` offsets in the file of tensor data that loaders read as raw bytes.
        tried: Bytes that were interpreted in the search for hidden pickles.
        torn: Why tensor data that the pickles announce is not all there; empty when it is.
    """

    __slots__ = (
        "_known", "junk", "limits", "recorder", "streams", "tensors", "torn", "tried", "window",
    )  # fmt: skip

    def __init__(self, window: Window, recorder: Recorder) -> None:
        self.window = window
        self.recorder = recorder
        self.streams: list[Stream] = []
        self.junk: list[tuple[int, int]] = []
        self.limits: list[tuple[str, str]] = []
        self.tensors: list[tuple[int, int]] = []
        self.torn = ""
        self._known: Known = {}
        self.tried = 0

    @property
    def data(self) -> Buffer:
        """The bytes that are kept."""
        return self.window.data

    @property
    def globals(self) -> list[Global]:
        """Distinct names imported, in order."""
        return self.recorder.globals

    @property
    def calls(self) -> list[Call]:
        """Calls in order; equal ones may be merged (``Call.count``)."""
        return self.recorder.calls

    def offset(self, position: int) -> int:
        """Return the offset in the file of a position."""
        return self.window.origin(position)

    def literal(self, value: Value, limit: int = 1 << 20) -> Any:
        """Return the scalar behind a literal, None for anything else."""
        if type(value) is not int or value in self.window.payloads:
            return None
        return decode(self.data, value, limit)

    def fold(self, value: Value) -> Any:
        """Return the constant a value works out to, or None."""
        return fold(self.data, value, self.window.payloads, self._known)

    def payload(self, position: int) -> tuple[int, int]:
        """Return ``(offset in the file, length)`` of a counted literal's payload."""
        start, length = span(self.data, position)
        return self.window.origin(start - 1) + 1, length
