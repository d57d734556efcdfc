"""One pickle after another, with whatever lies between them."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...errors import LimitExceeded
from ...limits import MIB, Budget
from .machine import Machine
from .memo import Memo
from .program import PickleProgram, Stream
from .record import Recorder, StreamError
from .values import Buffer, Global, Value

_NAME = rb"[A-Za-z_][\w.]{0,80}"
_PUT = rb"(?:\x94|q.|r....)?"
_CANDIDATE = re.compile(
    rb"\x80(?=[\x02-\x05])|[ci](?=%(name)s\r?\n%(name)s\r?\n)"
    rb"|\x8c(?=.%(name)s%(put)s\x8c.%(name)s%(put)s\x93)" % {b"name": _NAME, b"put": _PUT},
    re.ASCII | re.DOTALL,
)
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*\Z", re.ASCII)
_SEARCHED = 64 * MIB
_TRIAL_BYTES = 32 * MIB
"""Bytes of one file that may be interpreted on trial, all trials together."""
_TRIAL_COST = 1024

Between = Callable[[PickleProgram], int]
"""Says how many bytes of tensor data follow the last pickle that was read."""


def follow(
    program: PickleProgram, budget: Budget, batch: bool, between: Between | None = None
) -> None:
    """Interpret the pickles of a program's window, one after another.

    Args:
        program: Where everything is put; its window is the input.
        budget: Limits and clock.
        batch: Take runs of scalars in one step.
        between: Asked after each pickle how much tensor data follows; by default, storages of
            legacy torch files are stepped over.

    Raises:
        LimitExceeded: The input asks for more than the limits give.
    """
    between = between or _legacy_storages
    window = program.window
    position, previous = 0, None
    while position < len(window.data) or window.extend():
        if len(program.streams) >= budget.limits.max_streams:
            raise LimitExceeded(f"more than {budget.limits.max_streams} pickles in one file")
        if program.streams and not _starts_here(window.data, position):
            position = _search(program, budget, position, batch)
            continue
        mark = program.recorder.mark()
        stream, previous = _one(program, budget, position, batch, previous)
        program.streams.append(stream)
        if stream.error:
            told = stream.end
            if len(program.streams) > 1 and not _says_something(program, stream):
                program.streams.pop()
                program.recorder.rollback(mark, stream.start)
                told = 0
            position = _search(program, budget, stream.start + 1, batch, told)
        else:
            position = _past_tensors(program, stream.end, between(program))
            _without_arrays(program, budget, stream)


def _legacy_storages(program: PickleProgram) -> int:
    """Return the length of the storages that close a torch file from before its zip format."""
    if len(program.streams) != 5:
        return 0
    from ..torch_legacy import storages_length

    return storages_length(program)


def _past_tensors(program: PickleProgram, start: int, length: int) -> int:
    """Return where to go on behind ``length`` bytes of tensor data."""
    if length <= 0:
        return start
    window = program.window
    begin = window.origin(start)
    position = window.skip(start + length)
    if position is None:
        program.torn = f"{length} bytes of tensor data are due at {begin}"
        return start
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
    for match in _CANDIDATE.finditer(data, start, end):
        if program.tried > _TRIAL_BYTES:
            program.limits.append(("too many places that may begin a pickle", ""))
            break
        trial = Recorder(program.recorder.max_calls)
        machine = Machine(program.window, trial, budget, match.start(), batch)
        broken = _broken(machine)
        program.tried += _TRIAL_COST + machine.position - match.start()
        if broken is not None:
            if not trial.calls:
                continue
            machine.position = max(match.start() + 1, broken.position)
        if match.start() < told and program.recorder.knows(trial.globals):
            continue  # the broken stream itself, entered later
        if any(plausible(found) for found in trial.globals):
            _note_junk(program, max(told, start), match.start())
            program.recorder.absorb(trial, match.start(), plausible)
            reason = "" if machine.stopped else "the hidden pickle breaks off"
            program.streams.append(
                Stream(match.start(), machine.position, machine.protocol, reason, None)
            )
            return min(machine.position, len(program.window.data))
    if end < len(data) or program.window.extend():
        text = f"only {_SEARCHED >> 20} MiB behind the last pickle were searched"
        program.limits.append((text, ""))
    _note_junk(program, max(told, start), len(program.window.data))
    program.window.finish()
    return len(program.window.data)


def _broken(machine: Machine) -> StreamError | None:
    try:
        machine.run()
    except StreamError as error:
        return error
    return None


def _note_junk(program: PickleProgram, start: int, end: int) -> None:
    if end > start:
        program.junk.append((start, end))
