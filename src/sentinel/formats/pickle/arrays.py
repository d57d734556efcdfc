"""joblib's inline arrays: raw bytes that follow the BUILD of their wrapper in the file.

joblib's own unpickler reads them there and then; whoever does not follow takes array bytes for
opcodes. The size is shape times item size plus alignment, all of it in the wrapper's state; arrays
of objects are a pickle of their own instead (joblib 0.10 and later, ``numpy_pickle.py``).

A size that could be read in two ways hides a pickle from whoever reads it in the other, so the
state is understood only in the very form in which joblib and numpy write it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .literals import as_text, decode, elements
from .record import Recorder, StreamError
from .resolve import key_of, target
from .values import Buffer, Call, Container, Global, Value

if TYPE_CHECKING:
    from .machine import Machine

_HOMES = ("joblib", "sklearn.externals.joblib")
_OLD = ("numpy_pickle", "numpy_pickle_compat")
_WRAPPERS = {
    **{f"{home}.numpy_pickle.NumpyArrayWrapper": "here" for home in _HOMES},
    **{
        f"{home}.{module}.{kind}NDArrayWrapper": "elsewhere"
        for home in _HOMES
        for module in _OLD
        for kind in ("", "Z")
    },
}
_LEAF = re.compile(r"[^/\\:\0]+(?<!\.\.)\Z")
_MAKERS = frozenset(("copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"))
_DTYPE = re.compile(r"[<>|=]?([biufcmMOSUVa?])(\d{0,9})\Z", re.ASCII)
_SIZES = {"?": 1, "O": 8, "m": 8, "M": 8}
_SIZED_BY_STATE = frozenset("SUVa")
_HAS_OBJECT = 1
_FIELDS_OF_STATE = 8


class _UnclearError(Exception):
    """The state is not in the form in which joblib writes it."""


def wrapped(data: Buffer, instance: Call) -> str:
    """Return where the array is for which joblib's loader takes an instance, however it was made.

    Returns:
        ``here`` (it follows the BUILD), ``elsewhere`` (in a file of its own, joblib before 0.10),
        or nothing for any other object.
    """
    callee = instance.callee
    if type(callee) is Global and key_of(callee) not in _MAKERS:
        return _WRAPPERS.get(f"{callee.module}.{callee.name}", "")
    return _WRAPPERS.get(str(target(data, instance)), "")


def note_elsewhere(data: Buffer, recorder: Recorder, instance: Call, state: Value) -> None:
    """Note an array that is to be read from a file that does not lie beside this one.

    ``numpy.load`` reads it, and unpickles it where it holds objects.
    """
    try:
        place = _fields(data, state).get("filename")
    except _UnclearError:
        place = None
    name = as_text(decode(data, place)) if type(place) is int else None
    if name is None or not _LEAF.match(name):
        recorder.plant("filename", instance, state if place is None else place, instance.offset)


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
    try:
        item_size, count, aligned = _size(machine.data, _fields(machine.data, state))
    except _UnclearError as error:
        machine.recorder.unclear.append(position)
        raise StreamError(position, f"an inline array of unknown {error}") from None
    if item_size is None:
        return _object_array(machine, position)
    begin = position + 1 + _byte_at(machine, position) if aligned else position
    machine.recorder.arrays.append((position, begin + count * item_size))
    if item_size == 1:
        machine.recorder.note_raw(machine.window.origin(begin), count)
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
    if type(state) is not Container or state.kind != "dict" or state.more:
        raise _UnclearError("state")
    items = elements(data, state)
    found: dict[str, Value] = {}
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = as_text(decode(data, key)) if type(key) is int else None
        if name is None:
            raise _UnclearError("state")
        found[name] = value
    return found


def _size(data: Buffer, fields: dict[str, Value]) -> tuple[int | None, int, bool]:
    """Return ``(item size, items, preceded by padding)``; no item size for arrays of objects."""
    count = 1
    for extent in _shape(data, fields.get("shape")):
        count *= extent
    alignment = fields.get("numpy_array_alignment_bytes")
    if alignment is not None and type(alignment) is not int:
        raise _UnclearError("alignment")
    aligned = alignment is not None and decode(data, alignment) is not None
    return _item_size(data, fields.get("dtype")), count, aligned


def _number(data: Buffer, value: Value | None) -> int | None:
    number = decode(data, value) if type(value) is int else None
    return number if type(number) is int else None


def _shape(data: Buffer, value: Value | None) -> list[int]:
    if type(value) is not tuple or len(value) > 64:
        raise _UnclearError("shape")
    extents = [_number(data, extent) for extent in value]
    known = [extent for extent in extents if extent is not None and extent >= 0]
    if len(known) != len(extents):
        raise _UnclearError("shape")
    return known


def _item_size(data: Buffer, value: Value | None) -> int | None:
    """Return the item size of ``numpy.dtype(text, False, True)`` and its state; None for objects.

    The state says how long items of flexible types are, and whether they hold objects; numpy heeds
    it for a copy alone.
    """
    made = type(value) is Call and key_of(value.callee) == "numpy.dtype"
    if not made or type(value.args) is not tuple or not value.args:  # type: ignore[union-attr]
        raise _UnclearError("item size")
    assert type(value) is Call
    kind, size = _written(data, value.args)
    states = value.states or []
    if len(states) > 1:
        raise _UnclearError("item size")
    told, objects = _told(data, states[0]) if states else (None, False)
    if kind in _SIZED_BY_STATE:
        if told is not None and told != size:
            raise _UnclearError("item size")
    elif objects and kind != "O":
        raise _UnclearError("item size")
    return None if objects or kind == "O" else size


def _written(data: Buffer, args: tuple[Value, ...]) -> tuple[str, int]:
    """Return kind and size that the arguments of a dtype give."""
    first = as_text(decode(data, args[0])) if type(args[0]) is int else None
    match = _DTYPE.match(first or "")
    copied = len(args) < 3 or (type(args[2]) is int and decode(data, args[2]) in (True, 1))
    if match is None or not copied:
        raise _UnclearError("item size")
    kind, digits = match.groups()
    size = int(digits) if digits else _SIZES.get(kind)
    if size is None:
        raise _UnclearError("item size")
    return kind, size * 4 if kind == "U" else size


def _told(data: Buffer, state: Value) -> tuple[int | None, bool]:
    """Return item size and object flag of a dtype's state."""
    if type(state) is not tuple or len(state) < _FIELDS_OF_STATE:
        raise _UnclearError("item size")
    size, flags = _number(data, state[5]), _number(data, state[7])
    if size is None or flags is None:
        raise _UnclearError("item size")
    return size, bool(flags & _HAS_OBJECT)
