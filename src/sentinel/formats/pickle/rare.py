"""Handlers of the opcodes that are not in the machine's loop.

Each takes the machine and the opcode's position, changes the stack, and returns the next position.
An IndexError means an empty stack or a missing mark; the machine says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import LimitExceeded
from .literals import as_text, decode, span
from .opcodes import LENGTH_SIZE
from .record import StreamError
from .values import Container, Global, Opaque, Value

if TYPE_CHECKING:
    from .machine import Machine

Handler = Callable[["Machine", int], int]

_PAYLOAD_HEADS = frozenset(
    b"\x80(])}cNIKMJLGFSUTXVCBPi\x82\x83\x84\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96\x97"
    b"\x1f\xfd\x78\x93Z\x04\x37"
    b"\x7f\xcf\xca\xfe"
)
"""First bytes of pickles, archives, compressed streams and machine code."""

_SMALLEST_PAYLOAD = 8
_HUGE_INDEX = 1 << 25
_MOST_DIGITS = 4300
"""Beyond it Python 3.11 and later refuse to parse; older ones take quadratic time."""
_LONGEST_TEXT = 1 << 28
_LONGEST_INDEX = 1 << 16
_NUMBER = re.compile(rb"\s*[-+]?[0-9a-zA-Z_.+-]+\s*")


def _line(machine: Machine, start: int, limit: int) -> tuple[bytes, int]:
    """Return the text up to the next newline and the position behind it."""
    end = machine.data.find(b"\n", start, start + limit)
    while end < 0 and len(machine.data) < start + limit and machine.window.extend():
        machine.data = machine.window.data
        machine.end = len(machine.data)
        end = machine.data.find(b"\n", start, start + limit)
    if end >= 0:
        return bytes(machine.data[start:end]), end + 1
    if machine.end - start >= limit:
        raise LimitExceeded(f"a line of more than {limit} bytes")
    raise StreamError(start, "the stream ends inside a line of text")


def _name_line(machine: Machine, start: int) -> tuple[str, int]:
    raw, after = _line(machine, start, machine.budget.limits.max_line)
    return raw.decode("utf-8", "surrogateescape"), after


def _text_literal(machine: Machine, position: int) -> int:
    _, after = _line(machine, position + 1, _LONGEST_TEXT)
    machine.stack.append(position)
    return after


def _number(machine: Machine, position: int) -> int:
    raw, after = _line(machine, position + 1, _LONGEST_TEXT)
    text, nul, _ = raw.partition(b"\0")  # where the C unpickler stops to look
    if not _NUMBER.fullmatch(text) and not (nul and not text.strip()):
        raise StreamError(position, "a number that is none")
    if len(raw) > _MOST_DIGITS:
        machine.recorder.note(position, f"a number of {len(raw)} digits in text")
    machine.stack.append(position)
    return after


def _string(machine: Machine, position: int) -> int:
    raw, after = _line(machine, position + 1, _LONGEST_TEXT)
    raw = raw.strip()
    if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in (b"'", b'"'):
        raise StreamError(position, "a string without quotes")
    machine.stack.append(position)
    if len(raw) > _SMALLEST_PAYLOAD:
        machine.recorder.payloads.append(position)
    return after


def _counted(machine: Machine, position: int) -> int:
    start, length = span(machine.data, position)
    machine.stack.append(position)
    worth = length > _SMALLEST_PAYLOAD and machine.data[position] not in (0x8A, 0x8B, 0x8D)
    if worth and (start >= machine.end or machine.data[start] in _PAYLOAD_HEADS):
        machine.recorder.payloads.append(position)
    if length < 0:
        raise StreamError(position, "a literal of negative length")
    return start + length


def _pop(machine: Machine, position: int) -> int:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()
    return position + 1


def _pop_mark(machine: Machine, position: int) -> int:
    machine.pop_mark()
    return position + 1


def _dup(machine: Machine, position: int) -> int:
    machine.stack.append(machine.stack[-1])
    machine.recorder.shared += 1
    return position + 1


def _empty(kind: str) -> Handler:
    def handle(machine: Machine, position: int) -> int:
        machine.stack.append(Container(kind, position))
        return position + 1

    return handle


def _from_mark(kind: str) -> Handler:
    def handle(machine: Machine, position: int) -> int:
        items = machine.pop_mark()
        made = Container(kind, position)
        machine.add(made, items, position)
        machine.stack.append(made)
        return position + 1

    return handle


def _tuple1(machine: Machine, position: int) -> int:
    machine.stack[-1] = (machine.stack[-1],)
    return position + 1


def _tuple3(machine: Machine, position: int) -> int:
    stack = machine.stack
    third, second = stack.pop(), stack.pop()
    stack[-1] = (stack[-1], second, third)
    return position + 1


def _append(machine: Machine, position: int) -> int:
    item = machine.stack.pop()
    machine.add(machine.stack[-1], [item], position)
    return position + 1


def _setitem(machine: Machine, position: int) -> int:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.add(machine.stack[-1], [key, value], position)
    return position + 1


def _additems(machine: Machine, position: int) -> int:
    items = machine.pop_mark()
    machine.add(machine.stack[-1], items, position)
    return position + 1


def _get(machine: Machine, position: int) -> int:
    raw, after = _line(machine, position + 1, _LONGEST_INDEX)
    machine.stack.append(machine.fetch(_index(raw, position), position))
    return after


def _put(machine: Machine, position: int) -> int:
    raw, after = _line(machine, position + 1, _LONGEST_INDEX)
    index = _index(raw, position)
    if index > _HUGE_INDEX:
        machine.recorder.note(position, f"memo entry {index} and memory for all below")
    machine.memo.put(index, machine.stack[-1])
    return after


def _index(raw: bytes, position: int) -> int:
    """Return a memo index as the unpicklers read it: sign, blanks, underscores, up to a NUL."""
    try:
        index = int(raw.partition(b"\0")[0])
    except ValueError:
        index = -1
    if not 0 <= index < 1 << 64:
        raise StreamError(position, "a memo index that is no number")
    return index


def _proto(machine: Machine, position: int) -> int:
    machine.protocol = machine.data[position + 1]
    return position + 2


def _frame(machine: Machine, position: int) -> int:
    length = int.from_bytes(machine.data[position + 1 : position + 9], "little")
    if machine.window.origin(position) + 9 + length > machine.window.size:
        machine.recorder.torn_frames.append(position)
    return position + 9


def _stop(machine: Machine, position: int) -> int:
    machine.result = machine.stack.pop()
    machine.stopped = True
    return position + 1


def imported(
    machine: Machine, module: str, name: str, position: int, how: str, computed: bool = False
) -> Global:
    """Note an import under the name that the unpickler would look for (PEP 3108 mapping)."""
    spelled = None
    if machine.protocol < 3:
        from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

        mapped = NAME_MAPPING.get((module, name)) or (IMPORT_MAPPING.get(module, module), name)
        if mapped != (module, name):
            spelled, (module, name) = (module, name), mapped
    return machine.recorder.name(Global(module, name, position, how, spelled, computed))


def _global(machine: Machine, position: int) -> int:
    module, after = _name_line(machine, position + 1)
    name, after = _name_line(machine, after)
    machine.stack.append(imported(machine, module, name, position, "GLOBAL"))
    return after


def _stack_global(machine: Machine, position: int) -> int:
    second, first = machine.stack.pop(), machine.stack.pop()
    module, name = _operand(machine, first), _operand(machine, second)
    computed = type(first) is not int or type(second) is not int
    if module is None or name is None:
        machine.stack.append(Opaque("a name that cannot be worked out", position))
        machine.recorder.extensions.append((-1, position))
        return position + 1
    machine.stack.append(imported(machine, module, name, position, "STACK_GLOBAL", computed))
    return position + 1


def _operand(machine: Machine, value: Value) -> str | None:
    if type(value) is int:
        return as_text(decode(machine.data, value, 1 << 16))
    from .fold import fold

    return as_text(fold(machine.data, value))


def _inst(machine: Machine, position: int) -> int:
    module, after = _name_line(machine, position + 1)
    name, after = _name_line(machine, after)
    callee = imported(machine, module, name, position, "INST")
    args = tuple(machine.pop_mark())
    machine.stack.append(machine.recorder.call("INST", callee, args, position))
    return after


def _obj(machine: Machine, position: int) -> int:
    args = machine.pop_mark()
    callee = args.pop(0)
    machine.stack.append(machine.recorder.call("OBJ", callee, tuple(args), position))
    return position + 1


def _newobj_ex(machine: Machine, position: int) -> int:
    stack = machine.stack
    kwargs, args = stack.pop(), stack.pop()
    stack[-1] = machine.recorder.call("NEWOBJ_EX", stack[-1], args, position, kwargs)
    return position + 1


def _persid(machine: Machine, position: int) -> int:
    _, after = _line(machine, position + 1, _LONGEST_TEXT)
    machine.stack.append(machine.recorder.persist(position, position))
    return after


def _binpersid(machine: Machine, position: int) -> int:
    machine.stack[-1] = machine.recorder.persist(machine.stack[-1], position)
    return position + 1


def _extension(size: int) -> Handler:
    def handle(machine: Machine, position: int) -> int:
        from .resolve import registered_extension

        code = int.from_bytes(machine.data[position + 1 : position + 1 + size], "little")
        known = registered_extension(machine.data, machine.recorder, code)
        if known is None:
            machine.recorder.extensions.append((code, position))
            machine.stack.append(Opaque(f"extension code {code} of the host", position))
        else:
            machine.stack.append(imported(machine, *known, position, "EXT"))
        return position + 1 + size

    return handle


def _next_buffer(machine: Machine, position: int) -> int:
    machine.stack.append(Opaque("an out-of-band buffer", position))
    return position + 1


def _readonly_buffer(machine: Machine, position: int) -> int:
    machine.stack[-1] = machine.stack[-1]
    return position + 1


def _unknown(machine: Machine, position: int) -> int:
    raise StreamError(position, f"0x{machine.data[position]:02x} is not a pickle opcode")


def _table() -> list[Handler]:
    table: list[Handler] = [_unknown] * 256
    for opcode in LENGTH_SIZE:
        table[opcode] = _counted
    named: dict[int, Handler] = {
        0x2E: _stop, 0x30: _pop, 0x31: _pop_mark, 0x32: _dup, 0x46: _number, 0x49: _number,
        0x4C: _number, 0x50: _persid, 0x51: _binpersid, 0x53: _string, 0x56: _text_literal,
        0x5D: _empty("list"), 0x61: _append, 0x63: _global, 0x64: _from_mark("dict"), 0x67: _get,
        0x69: _inst, 0x6C: _from_mark("list"), 0x6F: _obj, 0x70: _put, 0x73: _setitem,
        0x80: _proto, 0x82: _extension(1), 0x83: _extension(2),
        0x84: _extension(4), 0x85: _tuple1, 0x87: _tuple3, 0x8F: _empty("set"), 0x90: _additems,
        0x91: _from_mark("frozenset"), 0x92: _newobj_ex, 0x93: _stack_global, 0x95: _frame,
        0x97: _next_buffer, 0x98: _readonly_buffer,
    }  # fmt: skip
    for opcode, handler in named.items():
        table[opcode] = handler
    return table


HANDLERS: list[Handler] = _table()
"""Handler by opcode byte; of those that the machine's loop has it is never asked for."""
