"""The interpreter against real pickles, against its own fast path, and against pickletools."""

from __future__ import annotations

import collections
import datetime
import decimal
import pickle
import pickletools
import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.formats.pickle import interpret
from sentinel.formats.pickle.driver import interpret_window
from sentinel.formats.pickle.literals import elements
from sentinel.formats.pickle.program import PickleProgram
from sentinel.formats.pickle.values import Call, Container, Global, Persistent, Value
from sentinel.formats.pickle.window import Window
from sentinel.limits import Budget, Limits
from sentinel.readers.base import ReadStats

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=80)
    | st.binary(max_size=80)
)
OBJECTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.text(max_size=40) | st.integers(), inner, max_size=6)
        | st.tuples(inner, inner)
        | st.frozensets(SCALARS, max_size=4)
    ),
    max_leaves=30,
)


class Slow:
    """A reader that gives a few bytes at a time and counts them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.stats = ReadStats()

    def pread(self, offset: int, length: int) -> bytes:
        self.stats.count(min(length, 777))
        return self.data[offset : offset + min(length, 777)]

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        pass

    def view(self) -> None:
        return None


def rebuild(program: PickleProgram, value: Value) -> object:
    """Turn a symbolic value back into the object it stands for (plain data only)."""
    if type(value) is int:
        return program.literal(value)
    if type(value) is tuple:
        return tuple(rebuild(program, item) for item in value)
    if type(value) is Container:
        items = [rebuild(program, item) for item in elements(program.data, value, 10**6)]
        if value.kind == "dict":
            return dict(zip(items[::2], items[1::2], strict=True))
        return {"list": list, "set": set, "frozenset": frozenset}[value.kind](items)
    if type(value) is Call and isinstance(value.callee, Global):
        name, args = value.callee.name, [rebuild(program, item) for item in value.args]
        if name == "encode":
            return args[0].encode(args[1])
        return {"set": set, "frozenset": frozenset, "bytes": bytes}[name](*args)
    raise AssertionError(value)


def outline(program: PickleProgram) -> object:
    return (
        [(s.start, s.end, s.protocol, s.error) for s in program.streams],
        [(g.module, g.name, g.offset, g.how, g.computed) for g in program.globals],
        [(c.kind, c.offset, c.count) for c in program.calls],
        [(p.offset) for p in program.recorder.persistent],
        program.junk,
        program.limits,
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=60, deadline=None)
@given(value=OBJECTS)
def test_plain_data_comes_back_as_it_was(protocol: int, value: object) -> None:
    data = pickle.dumps(value, protocol)
    for batch in (False, True):
        program = interpret(data, batch=batch)
        assert [s.error for s in program.streams] == [""]
        result = program.streams[0].result
        assert result is not None
        assert rebuild(program, result) == value


@settings(max_examples=60, deadline=None)
@given(value=OBJECTS, protocol=st.sampled_from(PROTOCOLS))
def test_windowed_input_gives_the_same_program(value: object, protocol: int) -> None:
    data = pickle.dumps([value, decimal.Decimal(1), datetime.date(2020, 1, 1)], protocol)
    windowed = interpret_window(Window(Slow(data)), Budget(Limits()))
    assert outline(windowed) == outline(interpret(data, batch=False))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_runs_and_loop_agree_on_large_data(protocol: int) -> None:
    words = {f"w{i}" * (1 + i % 40): i for i in range(3000)}
    value = [words, list(words), [1.5] * 2000, [[i, str(i)] for i in range(500)], list(words)[:50]]
    data = pickle.dumps(value, protocol)
    fast, plain = interpret(data, batch=True), interpret(data, batch=False)
    assert outline(fast) == outline(plain)
    result = fast.streams[0].result
    assert isinstance(result, Container)
    last = elements(fast.data, result)[-1]
    assert isinstance(last, Container)
    assert rebuild(fast, last) == value[-1]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), protocol=st.sampled_from(PROTOCOLS))
def test_mutated_streams_agree_and_never_raise(data: st.DataObject, protocol: int) -> None:
    value = {"a" * 70: [1, 2.0, "x"], "b": [decimal.Decimal(i) for i in range(3)], "c": b"z" * 30}
    raw = bytearray(pickle.dumps([value, value, list(range(40))], protocol))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(1, len(raw)))])
    assert outline(interpret(cut, batch=True)) == outline(interpret(cut, batch=False))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_global_that_pickletools_sees_is_recorded(protocol: int) -> None:
    value = [collections.OrderedDict(a=1), decimal.Decimal("1.5"), datetime.timedelta(1), {1, 2}]
    data = pickle.dumps(value, protocol)
    named = {op[1].split(" ")[1] for op in _globals(data)}
    assert named <= {found.name for found in interpret(data).globals}
    assert interpret(data).streams[0].end == len(data)


def _globals(data: bytes) -> list[tuple[str, str]]:
    found, strings = [], []
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "GLOBAL":
            name = {"copy_reg _reconstructor": "copyreg _reconstructor"}.get(argument, argument)
            found.append((opcode.name, name))
        if "UNICODE" in opcode.name:
            strings.append(argument)
        if opcode.name == "STACK_GLOBAL":
            found.append((opcode.name, " ".join(strings[-2:])))
    return found


def test_python2_names_are_those_the_unpickler_would_import() -> None:
    program = interpret(b"c__builtin__\nset\n(lp0\ntR.")
    assert [(g.module, g.name) for g in program.globals] == [("builtins", "set")]
    assert program.globals[0].spelled == ("__builtin__", "set")
    program = interpret(b"\x80\x03c__builtin__\nset\n(lp0\ntR.")
    assert program.globals[0].module == "__builtin__"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"R.", "REDUCE on an empty stack"),
        (b"\x80\x04K", "the stream ends inside an opcode"),
        (b"\x80\x04\x8c\xffabc", "the stream ends inside a literal"),
        (b"h\x05.", "memo entry 5 was never stored"),
        (b"N\xffN.", "0xff is not a pickle opcode"),
        (b"]]]]", "the stream ends without STOP"),
        (b"Sabc\n.", "a string without quotes"),
        (b"cos\nsystem", "the stream ends inside a line of text"),
    ],
)
def test_broken_streams_say_why(data: bytes, error: str) -> None:
    assert interpret(data).streams[0].error == error


def test_a_break_keeps_what_ran_before() -> None:
    program = interpret(b"cposix\nsystem\n(S'echo'\ntR\xff")
    assert [call.kind for call in program.calls] == ["REDUCE"]
    assert program.streams[0].error


def test_pickles_follow_one_another_and_hide_behind_junk() -> None:
    payload = b"cposix\nsystem\n(S'echo'\ntR."
    program = interpret(pickle.dumps(1) + pickle.dumps(2) + b"\x00\xfe junk " + payload)
    assert [stream.error for stream in program.streams] == ["", "", ""]
    assert [found.name for found in program.globals] == ["system"]
    assert len(program.junk) == 1


def test_extension_codes_registered_by_the_stream_are_resolved() -> None:
    data = b"ccopyreg\nadd_extension\n(S'os'\nS'system'\nI240\ntR0\x82\xf0(S'echo'\ntR."
    program = interpret(data)
    assert ("os", "system") in [(g.module, g.name) for g in program.globals]
    assert program.recorder.extensions == []
    assert interpret(b"\x82\xf0.").recorder.extensions == [(240, 0)]


def test_names_are_computed_through_memo_and_calls() -> None:
    data = (
        b"\x80\x04cbuiltins\ngetattr\nX\x00\x00\x00\x00X\x04\x00\x00\x00join\x86R"
        b"(]X\x01\x00\x00\x00oaX\x01\x00\x00\x00satR\x94X\x06\x00\x00\x00system\x93."
    )
    program = interpret(data)
    last = program.globals[-1]
    assert (last.module, last.name, last.computed) == ("os", "system", True)


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(("padding", "known"), [(200, True), (300, False)])
def test_a_name_made_of_more_than_is_kept_stays_unknown(
    padding: int, known: bool, batch: bool
) -> None:
    text = b"".join(b"K%c" % code for code in b" " * padding + b"system")
    data = (
        b"\x80\x04cbuiltins\nbytes\n](" + text + b"e\x85R\x94X\x02\x00\x00\x00os"
        b"cbuiltins\ngetattr\nh\x00X\x05\x00\x00\x00strip\x86R)R\x93."
    )
    program = interpret(data, batch=batch)
    assert (("os", "system") in [(g.module, g.name) for g in program.globals]) == known
    assert bool(program.recorder.extensions) == (not known)


def test_persistent_ids_and_out_of_band_buffers_are_values() -> None:
    program = interpret(b"Pabc\n(X\x01\x00\x00\x00atQ\x86.")
    assert [type(p) for p in program.recorder.persistent] == [Persistent, Persistent]


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (Limits(max_stack=1000), b"]" * 2_000_000),
        (Limits(max_marks=1000), b"(" * 2_000_000),
        (Limits(max_memo=1000), b"N" + b"\x94" * 2_000_000),
        (Limits(max_memo=10), b"N" + b"".join(b"r%c\0\0\0" % n for n in range(20)) + b"."),
        (Limits(max_calls=10), b"cposix\nsystem\n" + b")R" * 100),
        (Limits(max_line=100), b"c" + b"a" * 1000),
        (Limits(max_streams=10), b"N." * 100),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value))[:30],
)
def test_limits_end_the_run_with_a_reason(limits: Limits, data: bytes) -> None:
    assert interpret(data, limits).limits


@pytest.mark.parametrize(
    ("limits", "hint"),
    [
        (Limits(max_opcode_bytes=1000), "raise --max-opcode-bytes to read on"),
        (Limits(timeout=1e-9), "raise --timeout to read on"),
        (Limits(max_stack=1000), ""),  # no setting: nothing is promised
    ],
)
def test_a_gap_names_the_option_of_a_limit_that_has_one(limits: Limits, hint: str) -> None:
    report = scan_bytes(b"N0" * 1_000_000 + b"]" * 2_000_000, "a.pkl", limits)
    assert hint in {gap.hint for gap in report.coverage.gaps if gap.reason == "limit"}


def test_long_literals_are_stepped_over_without_being_read() -> None:
    data = pickle.dumps({"a": b"\x00" * 30_000_000, "b": decimal.Decimal(3)}, 4)

    class Counting(Slow):
        def pread(self, offset: int, length: int) -> bytes:
            self.stats.count(length)
            return self.data[offset : offset + length]

    reader = Counting(data)
    program = interpret_window(Window(reader), Budget(Limits()))
    assert program.streams[0].error == ""
    assert [g.name for g in program.globals] == ["Decimal"]
    assert program.offset(program.streams[0].end) == len(data)
    assert reader.stats.bytes_read < 4_000_000


def test_a_broken_stream_is_told_once() -> None:
    program = interpret(b"\x80\x04cposix\nsystem\nX\x04\x00\x00\x00echo\x85R\xff\xff")
    assert len(program.streams) == 1


def test_what_junk_seems_to_import_is_forgotten() -> None:
    program = interpret(pickle.dumps(1) + b"cbad\x01name\nno\x02name\n(\xff\xff")
    assert program.globals == []
    assert len(program.junk) == 1
