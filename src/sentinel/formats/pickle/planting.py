"""States that put a function where the unpickler itself will call it.

An instance's attributes are looked up when the stream goes on: ``__setstate__`` by the next BUILD,
``__new__`` by NEWOBJ, ``append``, ``extend`` and ``add`` by the opcodes that store items. A slot
state goes through ``setattr`` and may change the class of an instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .literals import as_text, decode
from .record import Planted, Recorder
from .values import Buffer, Call, Container, Global, Run, Value

_ALWAYS = frozenset(("__setstate__", "__new__", "__array_interface__", "__array_struct__"))
BY_ITEMS = frozenset(("append", "extend", "add"))
"""Methods that the opcodes call which store items into an object."""
_FROM_ITEMS = frozenset(("__setstate__", "__new__"))
_THROUGH_SLOTS = frozenset(("__class__", "__bases__", "__dict__", "__code__"))
_LENGTHS = frozenset(map(len, _ALWAYS | BY_ITEMS | _THROUGH_SLOTS))
_MARKED = frozenset((0x8C, 0x58))
"""Opcodes of text whose length is (the low byte of) what follows."""
_TEXT_AT = {0x8C: 2, 0x58: 5}
_FIRST = frozenset(name.encode()[0] for name in _ALWAYS | BY_ITEMS | _THROUGH_SLOTS)
_MOST_NESTED = 64


def note_planted(
    data: Buffer, recorder: Recorder, target: Call, state: Value, position: int
) -> None:
    """Note a state that plants something the unpickler will call, or a class.

    Args:
        data: The machine's buffer.
        recorder: Where to note it.
        target: The instance.
        state: What BUILD gives it.
        position: Position of the BUILD.
    """
    if type(state) is Container and not holds_more(state.items):
        return
    slots: Value = 0
    if type(state) is tuple and len(state) == 2:
        state, slots = state
    for name, value in _telling(data, state):
        if name in _ALWAYS or (name in BY_ITEMS and type(value) in (Global, Call)):
            recorder.plant(name, target, value, position)
    if type(slots) is not int:
        for name, value in _telling(data, slots):
            if name in _ALWAYS or name in _THROUGH_SLOTS:
                recorder.plant(name, target, value, position)


def holds_more(items: Sequence[Value | Run]) -> bool:
    """Return True when a value among keys and values in turn is more than a scalar."""
    for value in items[1::2]:  # noqa: SIM110 - half the time of any(), for every object there is
        if type(value) is not int:
            return True
    return False


def note_items(
    data: Buffer, recorder: Recorder, target: Call | Container, items: list[Value], position: int
) -> None:
    """Note keys and values of a mapping that plant something.

    Many classes answer for attributes from a mapping of theirs (``Bunch``, ``BatchEncoding``).
    """
    for key, value in notable(data, items):
        name = _name(data, key, recorder.keys)
        if name in _FROM_ITEMS:
            recorder.plant(name, target, value, position)


def called_by_items(data: Buffer, recorder: Recorder) -> Iterator[Planted]:
    """Yield the methods, anywhere in an instance, that the list and set opcodes would call."""
    for target, position in recorder.listed.values():
        queue: list[Value] = [target.args, *(target.states or ())[:_MOST_NESTED]]
        queue.append(tuple(target.items or ()))
        for _ in range(_MOST_NESTED):
            if not queue:
                break
            item = queue.pop()
            parts = item.items if type(item) is Container else item
            if type(parts) is not tuple and type(parts) is not list:
                continue
            inner = [part for part in parts if not isinstance(part, Run)]
            queue += [part for part in inner if type(part) is Container or type(part) is tuple]
            for key, value in notable(data, inner):
                if _name(data, key) in BY_ITEMS:
                    yield Planted("__call__", target, value, position)


def _telling(data: Buffer, state: Value) -> list[tuple[str, Value]]:
    """Return the names that may matter in a state, and their values."""
    if type(state) is Container and state.kind == "dict":
        items = [item for item in state.items if not isinstance(item, Run)]
    elif type(state) is Call:
        items = _within(state)
    else:
        return []
    return [(_name(data, key), value) for key, value in notable(data, items)]


def notable(data: Buffer, items: list[Value]) -> list[tuple[Value, Value]]:
    """Return those of the keys and values in turn that may plant something.

    Scalars cannot be called, and names of other lengths and initials are none that matter.
    """
    found: list[tuple[Value, Value]] = []
    for place in range(1, len(items), 2):  # this runs for every attribute of every object
        value = items[place]
        if type(value) is not int:
            key = items[place - 1]
            if type(key) is not int or data[key] not in _MARKED or _may_tell(data, key):
                found.append((key, value))
    return found


def _may_tell(data: Buffer, key: int) -> bool:
    return data[key + 1] in _LENGTHS and data[key + _TEXT_AT[data[key]]] in _FIRST


def _within(call: Call) -> list[Value]:
    """Return keys and values of a mapping that is made by a call (``OrderedDict``, ``dict``)."""
    found: list[Value] = list(call.items or ())
    queue: list[Value] = [call.args]
    for _ in range(_MOST_NESTED):
        if not queue:
            break
        item = queue.pop()
        if type(item) is not Container and type(item) is not tuple:
            continue
        parts = item.items if type(item) is Container else item
        inner = [part for part in parts if not isinstance(part, Run)]  # type: ignore[union-attr]
        if len(inner) == 2 or (type(item) is Container and item.kind == "dict"):
            found += inner
        else:
            found += [part for one in inner for part in (one, call)]  # each may be a key
            queue += inner
    return found


def _name(data: Buffer, key: Value, known: dict[int, str] | None = None) -> str:
    """Return the text of a key, or an empty string; ``known`` keeps those that are computed."""
    if type(key) is int:
        return as_text(decode(data, key, 64)) or ""
    if type(key) is not Call:
        return ""
    from .fold import fold

    if known is None:
        return as_text(fold(data, key)) or ""
    if id(key) not in known:
        known[id(key)] = as_text(fold(data, key)) or ""
    return known[id(key)]
