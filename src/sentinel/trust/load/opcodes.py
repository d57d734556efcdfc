"""The opcodes that a model may hold, and what each does to the machine."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import TrustError
from .keys import check_key

if TYPE_CHECKING:
    from .machine import Machine

Action = Callable[["Machine"], None]

STOP = ord(".")
_HIGHEST = 5


def _proto(machine: Machine) -> None:
    version = machine.stream.byte()
    if version > _HIGHEST:
        raise TrustError("malformed", f"pickle protocol {version}")


def _frame(machine: Machine) -> None:
    if machine.stream.number(8) > machine.stream.left:
        raise TrustError("truncated", "a frame reaches past the end")


def _text_int(machine: Machine) -> None:
    line = machine.stream.line()
    known = {b"00": False, b"01": True}
    machine.stack.append(known[line] if line in known else _whole(line))


def _whole(line: bytes) -> int:
    try:
        return int(line.removesuffix(b"L"), 10)
    except ValueError as error:
        raise TrustError("malformed", "a number that is none") from error


def _text_float(machine: Machine) -> None:
    try:
        machine.stack.append(float(machine.stream.line()))
    except ValueError as error:
        raise TrustError("malformed", "a number that is none") from error


def _long(width: int) -> Action:
    def push(machine: Machine) -> None:
        data = machine.stream.take(machine.stream.number(width))
        machine.stack.append(int.from_bytes(data, "little", signed=True))

    return push


def _int(width: int, signed: bool = False) -> Action:
    return lambda machine: machine.stack.append(machine.stream.number(width, signed=signed))


def _double(machine: Machine) -> None:
    machine.stack.append(struct.unpack(">d", machine.stream.take(8))[0])


def _text(width: int) -> Action:
    def push(machine: Machine) -> None:
        data = machine.stream.take(machine.stream.number(width))
        machine.stack.append(str(data, "utf-8", "surrogatepass"))

    return push


def _bytes(width: int, kind: Callable[[memoryview], Any] = bytes) -> Action:
    return lambda machine: machine.stack.append(
        kind(machine.stream.take(machine.stream.number(width)))
    )


def _constant(value: object) -> Action:
    return lambda machine: machine.stack.append(value)


def _empty(kind: Callable[[], Any]) -> Action:
    return lambda machine: machine.stack.append(kind())


def _group(kind: Callable[[list[Any]], Any]) -> Action:
    def push(machine: Machine) -> None:
        items = machine.items()
        machine.stack.append(kind(items))

    return push


def _plain_text(machine: Machine) -> None:
    machine.stack.append(str(machine.stream.line(), "raw-unicode-escape"))


def _append(machine: Machine) -> None:
    item = machine.stack.pop()
    machine.extend([item])


def _setitem(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.set_items([key, value])


def _global(machine: Machine) -> None:
    module, name = (machine.stream.line().decode("utf-8") for _ in range(2))
    machine.stack.append(machine.find(module, name))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise TrustError("malformed", "a name that is no text")
    machine.stack.append(machine.find(module, name))


def _dict(items: list[Any]) -> dict[Any, Any]:
    from .machine import pairs

    return pairs(items)


def _frozen(items: list[Any]) -> frozenset[Any]:
    return frozenset(map(check_key, items))


def _same(items: list[Any]) -> list[Any]:
    return items


OPCODES: dict[int, Action] = {
    0x80: _proto,
    0x95: _frame,
    ord("("): lambda m: m.mark(),
    ord("0"): lambda m: m.pop(),
    ord("1"): lambda m: m.items().clear(),
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord("I"): _text_int,
    ord("L"): lambda m: m.stack.append(_whole(m.stream.line())),
    ord("F"): _text_float,
    ord("J"): _int(4, signed=True),
    ord("K"): _int(1),
    ord("M"): _int(2),
    0x8A: _long(1),
    0x8B: _long(4),
    ord("G"): _double,
    ord("V"): _plain_text,
    0x8C: _text(1),
    ord("X"): _text(4),
    0x8D: _text(8),
    ord("C"): _bytes(1),
    ord("B"): _bytes(4),
    0x8E: _bytes(8),
    0x96: _bytes(8, bytearray),
    ord(")"): _constant(()),
    0x85: lambda m: m.last(1),
    0x86: lambda m: m.last(2),
    0x87: lambda m: m.last(3),
    ord("t"): _group(tuple),
    ord("]"): _empty(list),
    ord("l"): _group(_same),
    ord("}"): _empty(dict),
    ord("d"): _group(_dict),
    0x8F: _empty(set),
    0x91: _group(_frozen),
    ord("a"): _append,
    ord("e"): lambda m: m.extend(m.items()),
    ord("s"): _setitem,
    ord("u"): lambda m: m.set_items(m.items()),
    0x90: lambda m: m.add_items(m.items()),
    ord("p"): lambda m: m.put(_whole(m.stream.line())),
    ord("q"): lambda m: m.put(m.stream.byte()),
    ord("r"): lambda m: m.put(m.stream.number(4)),
    0x94: lambda m: m.memoize(),
    ord("g"): lambda m: m.get(_whole(m.stream.line())),
    ord("h"): lambda m: m.get(m.stream.byte()),
    ord("j"): lambda m: m.get(m.stream.number(4)),
    ord("c"): _global,
    0x93: _stack_global,
    ord("R"): lambda m: m.reduce(),
    0x81: lambda m: m.newobj(),
    ord("b"): lambda m: m.build(),
}
"""What a model may hold; anything else in a pickle is refused."""
