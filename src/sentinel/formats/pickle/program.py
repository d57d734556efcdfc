"""A whole file of pickles: one after another, with whatever lies between them."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ...errors import LimitExceeded
from ...limits import DEFAULT_LIMITS, KIB, MIB, Budget, Limits
from .fold import fold
from .literals import decode, span
from .machine import Machine
from .memo import Memo
from .record import Recorder, StreamError
from .values import Buffer, Call, Global, Value
from .window import Window

_CANDIDATE = re.compile(
    rb"\x80[\x02-\x05]|[ci][A-Za-z_][\w.]{0,80}\r?\n[A-Za-z_][\w.]{0,80}\r?\n", re.ASCII
)
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*\Z", re.ASCII)
_SEARCHED = 64 * MIB
_TRIALS = 20_000
_BATCH_ABOVE = 64 * KIB


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
        limits: Reasons why interpretation was cut short.
        tensors: ``(start, end)`` offsets in the file of tensor data that loaders read as raw bytes.
        torn: Why tensor data that the pickles announce is not all there; empty when it is.
    """

    __slots__ = ("junk", "limits", "recorder", "streams", "tensors", "torn", "window")

    def __init__(self, window: Window, recorder: Recorder) -> None:
        self.window = window
        self.recorder = recorder
        self.streams: list[Stream] = []
        self.junk: list[tuple[int, int]] = []
        self.limits: list[str] = []
        self.tensors: list[tuple[int, int]] = []
        self.torn = ""

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
        return fold(self.data, value)

    def payload(self, position: int) -> tuple[int, int]:
        """Return ``(offset in the file, length)`` of a counted literal's payload."""
        start, length = span(self.data, position)
        return self.window.origin(start - 1) + 1, length


def interpret(
    data: bytes,
    limits: Limits = DEFAULT_LIMITS,
    *,
    batch: bool | None = None,
    trace: bool = False,
) -> PickleProgram:
    """Interpret every pickle in a buffer without building or importing anything.

    Args:
        data: The bytes.
        limits: Bounds; reaching one is noted in the program.
        batch: Take runs of scalars in one step; by default where the input is large enough for it
            to pay.
        trace: Keep every event in order.

    Returns:
        What the pickles would do.
    """
    return interpret_window(Window(None, data), Budget(limits), batch=batch, trace=trace)


Between = Callable[[PickleProgram], int]
"""Says how many bytes of tensor data follow the last pickle that was read."""


def interpret_window(
    window: Window,
    budget: Budget,
    *,
    batch: bool | None = None,
    trace: bool = False,
    between: Between | None = None,
) -> PickleProgram:
    """Interpret every pickle in a window; see ``interpret``.

    Args:
        window: The input.
        budget: Limits and clock.
        batch: Take runs of scalars in one step; by default for all but small inputs.
        trace: Keep every event in order.
        between: Asked after each pickle; by default, storages of legacy torch files are stepped
            over.
    """
    if batch is None:
        batch = not window.whole or len(window.data) > _BATCH_ABOVE
    program = PickleProgram(window, Recorder(budget.limits.max_calls, trace))
    with _no_collection():
        try:
            _streams(program, budget, batch, between or _legacy_storages)
        except LimitExceeded as error:
            program.limits.append(error.message)
    return program


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cycle collector: symbolic values hold no cycles, bombs hold many values."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _legacy_storages(program: PickleProgram) -> int:
    """Return the length of the storages that close a torch file from before its zip format."""
    if len(program.streams) != 5:
        return 0
    from ..torch_legacy import storages_length

    return storages_length(program)


def _streams(program: PickleProgram, budget: Budget, batch: bool, between: Between) -> None:
    window = program.window
    position, previous = 0, None
    while position < len(window.data) or window.extend():
        if len(program.streams) >= budget.limits.max_streams:
            raise LimitExceeded(f"more than {budget.limits.max_streams} pickles in one file")
        if program.streams and not _starts_here(window.data, position):
            position = _search(program, budget, position, batch)
            continue
        stream, previous = _one(program, budget, position, batch, previous)
        program.streams.append(stream)
        if stream.error:
            broken = len(program.streams) == 1 or _says_something(program, stream)
            if not broken:
                program.streams.pop()
            position = _search(
                program, budget, stream.start + 1, batch, stream.end if broken else 0
            )
        else:
            position = _past_tensors(program, stream.end, between(program))
            _without_arrays(program, budget, stream)


def _past_tensors(program: PickleProgram, start: int, length: int) -> int:
    """Return where to go on behind ``length`` bytes of tensor data."""
    if length <= 0:
        return start
    window = program.window
    begin = window.origin(start)
    position = window.skip(start + length)
    if position is None or position > len(window.data):
        program.torn = f"{length} bytes of tensor data are due at {begin}"
        window.finish()
        return len(window.data)
    program.tensors.append((begin, begin + length))
    return position


def _starts_here(data: Buffer, position: int) -> bool:
    """Return False for bytes that no pickle begins with (padding above all)."""
    return data[position] in STARTERS


STARTERS = frozenset(
    b"\x80(])}cNIKMJLGFSUTXVCBP\x82\x83\x84\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96\x97i"
)
"""Opcodes that can begin a pickle."""


def _says_something(program: PickleProgram, stream: Stream) -> bool:
    """Return True when a broken stream after the first had done anything worth keeping."""
    calls = program.calls
    return bool(calls) and calls[-1].offset >= stream.start


def _one(
    program: PickleProgram, budget: Budget, start: int, batch: bool, previous: Memo | None
) -> tuple[Stream, Memo]:
    machine = Machine(program.window, program.recorder, budget, start, batch, previous)
    error = ""
    result: Value | None = None
    try:
        machine.run()
        result = machine.result
    except StreamError as broken:
        error = broken.reason
        machine.position = min(broken.position, len(program.window.data))
    except LimitExceeded:
        program.streams.append(Stream(start, machine.position, machine.protocol, "limit", None))
        raise
    return Stream(start, machine.position, machine.protocol, error, result), machine.memo


def _without_arrays(program: PickleProgram, budget: Budget, stream: Stream) -> None:
    """Look at what ``pickle.load`` would do where ``joblib.load`` steps over array bytes."""
    recorder = program.recorder
    if not recorder.arrays or recorder.arrays[-1][0] < stream.start:
        return
    trial = Recorder(recorder.max_calls)
    machine = Machine(program.window, trial, budget, stream.start, batch=True)
    machine.follow_arrays = False
    first = next(begin for begin, _ in recorder.arrays if begin >= stream.start)
    try:
        machine.run()
    except StreamError:
        pass
    recorder.absorb(trial, first, plausible)


def plausible(found: Global) -> bool:
    """Return True for a name that could be one; random bytes seldom make such."""
    return bool(_IDENTIFIER.match(found.module) and _IDENTIFIER.match(found.name))


def _search(program: PickleProgram, budget: Budget, start: int, batch: bool, told: int = 0) -> int:
    """Look for a hidden pickle from ``start`` on; return where to go on.

    A candidate counts only when it imports something by a plausible name: random bytes hold the
    two bytes of a header often enough, but not that.

    Args:
        program: Where to put what is found.
        budget: Limits.
        start: First position to look at.
        batch: Passed on to the machine.
        told: Position up to which a broken stream has been reported already.
    """
    data = program.window.data
    while len(data) < start + _SEARCHED and program.window.extend():
        data = program.window.data
    end = min(len(data), start + _SEARCHED)
    for count, match in enumerate(_CANDIDATE.finditer(data, start, end)):
        if count >= _TRIALS:
            program.limits.append("too many places that may begin a pickle")
            break
        trial = Recorder(program.recorder.max_calls)
        machine = Machine(program.window, trial, budget, match.start(), batch)
        try:
            machine.run()
        except StreamError as broken:
            if not trial.calls:
                continue
            machine.position = max(match.start() + 1, broken.position)
        if any(plausible(found) for found in trial.globals):
            _note_junk(program, max(told, start), match.start())
            program.recorder.absorb(trial, match.start(), plausible)
            reason = "" if machine.stopped else "the hidden pickle breaks off"
            program.streams.append(
                Stream(match.start(), machine.position, machine.protocol, reason, None)
            )
            return min(machine.position, len(program.window.data))
    if end < len(data) or program.window.extend():
        program.limits.append(f"{_SEARCHED >> 20} MiB behind the last pickle were searched")
    _note_junk(program, max(told, start), len(program.window.data))
    program.window.finish()
    return len(program.window.data)


def _note_junk(program: PickleProgram, start: int, end: int) -> None:
    if end > start:
        program.junk.append((start, end))
