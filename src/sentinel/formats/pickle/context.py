"""The opcodes around a place in a pickle, as ``pickletools`` would list them."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator

from ...findings import Line
from .literals import decode, span
from .opcodes import LENGTH_SIZE, NAMES, OPERAND
from .program import PickleProgram

_BEFORE, _AFTER = 8, 3
_LONGEST_WALK = 4_096
_TEXT = 72
_ONE_LINE = frozenset(b"IFLSVPgp")
_TWO_LINES = frozenset(b"ci")
_SCALARS = frozenset(b"IFLSVPKMJG") | LENGTH_SIZE.keys()


def around(program: PickleProgram, offsets: Iterable[int]) -> dict[int, tuple[Line, ...]]:
    """Return the opcodes before and after places in a pickle.

    Where the stream cannot be followed to a place (a skipped payload lies between, or the place is
    within an opcode), nothing is said about it.

    Args:
        program: A program made with ``trace``.
        offsets: Byte offsets of opcodes in the file.

    Returns:
        Lines by offset.
    """
    starts = sorted(stream.start for stream in program.streams)
    known = sorted({*starts, *(event[0] for event in program.recorder.events)})
    found = {}
    for offset in offsets:
        position = _position(program, known, offset)
        lines = () if position is None else _lines(program, starts, known, position)
        if lines:
            found[offset] = lines
    return found


def _position(program: PickleProgram, known: list[int], offset: int) -> int | None:
    if program.window.whole:
        return offset if 0 <= offset < len(program.data) else None
    index = bisect_right(known, offset, key=program.offset) - 1
    return known[index] if index >= 0 and program.offset(known[index]) == offset else None


def _lines(
    program: PickleProgram, starts: list[int], known: list[int], position: int
) -> tuple[Line, ...]:
    index = bisect_right(known, position) - 1
    near = known[max(0, index - _BEFORE) : max(0, index - _BEFORE) + 1]
    before = starts[: bisect_right(starts, position)]
    for anchor in (*near, *reversed(before[-2:])):
        recent: deque[Line] = deque(maxlen=_BEFORE + 1 + _AFTER)
        left = -1
        for count, (at, line) in enumerate(_walk(program, anchor)):
            recent.append(line)
            left = _AFTER if at == position else left - 1
            if left == 0 or count > _LONGEST_WALK or (left < 0 and at > position):
                break
        if any(line.offset == program.offset(position) for line in recent):
            return tuple(recent)
    return ()


def _walk(program: PickleProgram, position: int) -> Iterator[tuple[int, Line]]:
    data = program.data
    while position < len(data):
        opcode = data[position]
        name = NAMES.get(opcode)
        if name is None or position in program.window.payloads:
            return
        end = _end(program, position)
        if end is None:
            return
        text = f"{name} {_argument(program, position, end)}".rstrip()
        yield position, Line(program.offset(position), text)
        if opcode == 0x2E:
            return
        position = end


def _end(program: PickleProgram, position: int) -> int | None:
    """Return where the next opcode is; None when this one breaks off."""
    data, opcode = program.data, program.data[position]
    if opcode in LENGTH_SIZE:
        start, length = span(data, position)
        return start + length if start + length <= len(data) else None
    if opcode not in _ONE_LINE and opcode not in _TWO_LINES:
        return position + 1 + OPERAND[opcode]
    end = position
    for _ in range(2 if opcode in _TWO_LINES else 1):
        end = data.find(b"\n", end + 1)
        if end < 0:
            return None
    return end + 1


def _argument(program: PickleProgram, position: int, end: int) -> str:
    data, opcode = program.data, program.data[position]
    if opcode in _SCALARS:
        text = repr(decode(data, position, 4 * _TEXT))
        return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
    if opcode in _TWO_LINES or opcode in _ONE_LINE:
        raw = bytes(data[position + 1 : min(end - 1, position + 1 + 4 * _TEXT)])
        return raw.decode("utf-8", "surrogateescape").replace("\n", " ")[:_TEXT]
    if OPERAND[opcode]:
        return str(int.from_bytes(data[position + 1 : position + 1 + OPERAND[opcode]], "little"))
    return ""
