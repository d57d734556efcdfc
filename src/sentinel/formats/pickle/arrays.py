"""joblib's inline arrays: raw bytes that follow the BUILD of their wrapper in the file.

joblib's own unpickler reads them there and then; whoever does not follow takes array bytes for
opcodes. The size is shape times item size plus alignment, all of it in the wrapper's state; arrays
of objects are a pickle of their own instead (joblib 0.10 and later, ``numpy_pickle.py``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .literals import as_text, decode, elements
from .record import StreamError
from .values import Buffer, Call, Container, Value

if TYPE_CHECKING:
    from .machine import Machine

_DTYPE = re.compile(r"[<>|=]?([a-zA-Z?])(\d{0,9})$")
_DEFAULT_SIZES = {"?": 1, "b": 1, "B": 1, "O": 8}
_HAS_OBJECT = 1


def skip_array(machine: Machine, state: Value, position: int) -> int:
    """Step over the array that follows the wrapper whose state was just given.

    Args:
        machine: The machine; its window may grow.
        state: The wrapper's state.
        position: Where the array begins.

    Returns:
        The position behind it.

    Raises:
        StreamError: The state does not tell how long the array is.
    """
    fields = _fields(machine.data, state)
    item_size, has_object = _dtype(machine.data, fields.get("dtype"))
    if has_object:
        return _object_array(machine, position)
    count = 1
    for extent in _shape(machine.data, fields.get("shape"), position):
        count *= extent
    begin = position
    if _number(machine.data, fields.get("numpy_array_alignment_bytes")):
        begin = position + 1 + _byte_at(machine, position)
    if item_size is None:
        raise StreamError(position, "an inline array of unknown item size")
    machine.recorder.arrays.append((position, begin + count * item_size))
    return begin + count * item_size


def _byte_at(machine: Machine, position: int) -> int:
    while position >= len(machine.window.data):
        if not machine.window.extend():
            raise StreamError(position, "the stream ends before an inline array")
    return machine.window.data[position]


def _object_array(machine: Machine, position: int) -> int:
    inner = machine.nested(position)
    inner.run()
    machine.data = machine.window.data
    machine.end = len(machine.data)
    return inner.position


def _fields(data: Buffer, state: Value) -> dict[str, Value]:
    if type(state) is not Container or state.kind != "dict":
        return {}
    items = elements(data, state)
    found: dict[str, Value] = {}
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = as_text(decode(data, key)) if type(key) is int else None
        if name is not None:
            found[name] = value
    return found


def _number(data: Buffer, value: Value | None) -> int | None:
    number = decode(data, value) if type(value) is int else None
    return number if type(number) is int and number >= 0 else None


def _shape(data: Buffer, value: Value | None, position: int) -> list[int]:
    extents = [_number(data, extent) for extent in value] if type(value) is tuple else [None]
    known = [extent for extent in extents if extent is not None]
    if len(known) != len(extents) or len(known) > 64:
        raise StreamError(position, "an inline array of unknown shape")
    return known


def _dtype(data: Buffer, value: Value | None) -> tuple[int | None, bool]:
    """Return ``(item size, holds objects)`` of a ``numpy.dtype`` call and its state."""
    if type(value) is not Call or type(value.args) is not tuple or not value.args:
        return None, False
    first = value.args[0]
    match = _DTYPE.match(as_text(decode(data, first)) or "") if type(first) is int else None
    if match is None:
        return None, False
    kind, digits = match.groups()
    size = int(digits) if digits else _DEFAULT_SIZES.get(kind)
    if size is not None and kind == "U":
        size *= 4
    return size, kind == "O" or _object_flag(data, value.states)


def _object_flag(data: Buffer, states: list[Value] | None) -> bool:
    for state in states or ():
        if type(state) is tuple and len(state) >= 8:
            flags = _number(data, state[7])
            if flags is not None and flags & _HAS_OBJECT:
                return True
    return False
