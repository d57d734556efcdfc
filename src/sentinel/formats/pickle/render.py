"""A pickle as readable pseudo-Python, with offsets."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Line
from .literals import elements
from .program import PickleProgram
from .resolve import arguments
from .values import Call, Container, Global, Opaque, Persistent, Value

_DEPTH = 4
_SHOWN = 6
_TEXT = 200
_SHORT = 80


def expression(program: PickleProgram, value: Value, depth: int = 0, text: int = _TEXT) -> str:
    """Return a value as one line of pseudo-Python, cut where it gets long or deep.

    Args:
        program: Where the value comes from.
        value: The value.
        depth: Containers around it already.
        text: Longest string literal that is shown whole, in characters.
    """
    if type(value) is int:
        return _scalar(program, value, text)
    if type(value) is Global:
        return f"{value.module}.{value.name}" if value.module != "builtins" else value.name
    if isinstance(value, Opaque):
        return f"<{value.what}>"
    if depth >= _DEPTH:
        return "…"
    if isinstance(value, Persistent):
        return f"persistent({expression(program, value.id, depth + 1, text)})"
    if type(value) is Call:
        return _call(program, value, depth, text)
    if type(value) is Container:
        return _container(program, value, depth, text)
    items = value if type(value) is tuple else ()
    shown = [expression(program, item, depth + 1, text) for item in items[:_SHOWN]]
    more = ["…"] if len(items) > _SHOWN else []
    return f"({', '.join(shown + more)}{',' if len(items) == 1 else ''})"


def _scalar(program: PickleProgram, position: int, text: int) -> str:
    if position in program.window.payloads:
        return f"<{program.payload(position)[1]} bytes>"
    length = program.payload(position)[1]
    # A line has no count in front: it is read to its end, which the longest line bounds.
    value = program.literal(position, text * 4) if length >= 0 else program.literal(position)
    if isinstance(value, str | bytes) and len(value) > text:
        total = f" … {max(length, len(value))} in all"
        return repr(value[:text]) + total
    return repr(value)


def _call(program: PickleProgram, call: Call, depth: int, text: int) -> str:
    callee = expression(program, call.callee, depth + 1, text)
    args = arguments(call)
    parts = [expression(program, item, depth + 1, text) for item in args[:_SHOWN]]
    if len(args) > _SHOWN:
        parts.append("…")
    if call.kwargs is not None:
        parts.append("**" + expression(program, call.kwargs, depth + 1, text))
    if call.kind.startswith("NEWOBJ"):
        return f"{callee}.__new__({', '.join([callee, *parts])})"
    return f"{callee}({', '.join(parts)})"


def _container(program: PickleProgram, value: Container, depth: int, text: int) -> str:
    items = elements(program.data, value, 2 * _SHOWN + 1)
    more = ["…"] if value.more or len(items) > 2 * _SHOWN else []
    items = items[: 2 * _SHOWN]
    shown = [expression(program, item, depth + 1, text) for item in items]
    if value.kind == "dict":
        shown = [f"{key}: {item}" for key, item in zip(shown[::2], shown[1::2], strict=False)]
    joined = ", ".join(shown[:_SHOWN] + more)
    return f"[{joined}]" if value.kind == "list" else f"{{{joined}}}"


def render(program: PickleProgram, text: int = _SHORT) -> Iterator[str]:
    """Yield the program's events as lines ``offset  statement``; needs one made with ``trace``."""
    for line in statements(program, text):
        yield line.text if line.offset is None else f"{line.offset:>10}  {line.text}"


def statements(program: PickleProgram, text: int = _SHORT) -> Iterator[Line]:
    """Yield the program's events in order; needs one made with ``trace``.

    Args:
        program: The program.
        text: Longest string literal that is shown whole, in characters.
    """
    names: dict[int, str] = {}
    events = iter(sorted(program.recorder.events, key=lambda event: event[0]))
    event = next(events, None)
    for number, stream in enumerate(program.streams, 1):
        start, end = program.offset(stream.start), program.offset(stream.end)
        yield Line(None, f"# pickle {number}: bytes {start}..{end}, protocol {stream.protocol}")
        while event is not None and event[0] <= stream.end:
            yield Line(program.offset(event[0]), _statement(program, event, names, text))
            event = next(events, None)
        if stream.error:
            yield Line(end, f"# breaks off: {stream.error}")
        elif stream.result is not None:
            yield Line(end - 1, f"return {_shown(program, stream.result, names, text)}")
    for start, end in program.junk:
        yield Line(None, f"# bytes {program.offset(start)}..{program.offset(end)} are no pickle")
    for reason, _ in program.limits:
        yield Line(None, f"# cut short: {reason}")


def _statement(
    program: PickleProgram, event: tuple[int, str, object], names: dict[int, str], text: int
) -> str:
    _, kind, what = event
    if kind == "import" and isinstance(what, Global):
        was = f"  # written as {'.'.join(what.spelled)}" if what.spelled else ""
        return f"from {what.module} import {what.name}{was}"
    if kind == "call" and isinstance(what, Call):
        names[id(what)] = f"v{len(names)}"
        return f"{names[id(what)]} = {_call_with(program, what, names, text)}"
    if isinstance(what, tuple):
        target, state = what
        shown = state if not isinstance(state, list) else tuple(state)
        verb = "state" if kind == "build" else "items"
        left = _shown(program, target, names, text)
        return f"{left}.__set{verb}__({_shown(program, shown, names, text)})"
    return kind


def _call_with(program: PickleProgram, call: Call, names: dict[int, str], text: int) -> str:
    callee = _shown(program, call.callee, names, text)
    parts = [_shown(program, item, names, text) for item in arguments(call)[:_SHOWN]]
    if call.kind.startswith("NEWOBJ"):
        return f"{callee}.__new__({', '.join([callee, *parts])})"
    return f"{callee}({', '.join(parts)})"


def _shown(program: PickleProgram, value: Value, names: dict[int, str], text: int) -> str:
    if type(value) is Call and id(value) in names:
        return names[id(value)]
    if type(value) is tuple:
        inner = [_shown(program, item, names, text) for item in value[:_SHOWN]]
        more = ["…"] if len(value) > _SHOWN else []
        return f"({', '.join(inner + more)}{',' if len(value) == 1 else ''})"
    return expression(program, value, 1, text)
