"""Budgets and denial of service: payloads behind a mountain of work, and work without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.corpus.malicious.case import GOOD, P0, P2, P4, Case, decimal, system
from tests.kit.assemble import (
    ADDITEMS,
    APPEND,
    APPENDS,
    BINBYTES,
    BINBYTES8,
    BINGET,
    BININT1,
    BINPUT,
    BINSTRING,
    BINUNICODE,
    BINUNICODE8,
    BYTEARRAY8,
    DUP,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_SET,
    EMPTY_TUPLE,
    FRAME,
    GET,
    INT,
    LONG,
    LONG4,
    LONG_BINGET,
    LONG_BINPUT,
    MARK,
    MEMOIZE,
    NONE,
    POP,
    POP_MARK,
    PROTO,
    PUT,
    SETITEM,
    SETITEMS,
    STOP,
    TUPLE,
    TUPLE1,
    TUPLE2,
    Code,
)  # fmt: skip


def cases() -> Iterator[Case]:
    for name, make in BUDGETS.items():
        evil, good = make(system(P4)), make(decimal(P4))
        yield Case(f"{name}", "budget", "model.pkl", evil, good, reaches=name not in SLOW)
    for name, data in _denials():
        yield Case(name, "denial", "model.pkl", data, None, "incomplete", False)
    for name, data in _expensive_calls():
        yield Case(name, "expensive-call", "model.pkl", data, None, "incomplete", False)


def heavy() -> Iterator[Case]:
    """Yield cases of a hundred megabytes and more, one at a time."""
    for label, last in (("bytes", BINBYTES), ("text", BINUNICODE)):
        body = last(b"x" * 100_000_000) + POP
        yield Case(
            f"100-megabytes-of-{label}", "budget", "model.pkl", P4.file(body + system(P4)),
            P4.file(body + decimal(P4)), reaches=False,
        )  # fmt: skip
    body = P4.value([]) + MARK + BININT1(1) * 5_000_000 + APPENDS + POP
    yield Case(
        "5-million-numbers", "budget", "model.pkl", P4.file(body + system(P4)),
        P4.file(body + decimal(P4)), reaches=False,
    )  # fmt: skip


SLOW = frozenset(("million-no-ops", "million-marks-and-pops", "many-frames"))

BUDGETS: dict[str, Callable[[Code], bytes]] = {
    "million-no-ops": lambda last: P4.file((NONE + POP) * 500_000 + last),
    "million-marks-and-pops": lambda last: P4.file((MARK + POP_MARK) * 500_000 + last),
    "300000-memo-entries": lambda last: P4.file((NONE + MEMOIZE + POP) * 300_000 + last),
    "300000-memo-puts": lambda last: P4.file(
        Code(b"".join(NONE + LONG_BINPUT(n) + POP for n in range(300_000))) + last
    ),
    "30000-imports": lambda last: P4.file(
        MARK + Code(b"".join(P4.name("collections", "OrderedDict") for _ in range(30_000)))
        + POP_MARK + last
    ),
    "30000-different-imports": lambda last: P4.file(
        MARK + Code(b"".join(P2.name("numpy", f"name{n}") for n in range(30_000))) + POP_MARK + last
    ),
    "30000-calls": lambda last: P4.file(
        MARK + P4.call("datetime", "date", 2020, 1, 1) * 30_000 + POP_MARK + last
    ),
    "20000-objects": lambda last: P4.file(
        P4.value([P4.call("decimal", "Decimal", str(n)) for n in range(20_000)]) + POP + last
    ),
    "300000-on-the-stack": lambda last: P4.file(MARK + NONE * 300_000 + POP_MARK + last),
    "9000-nested-marks": lambda last: P4.file(MARK * 9_000 + POP_MARK * 9_000 + last),
    "100000-strings": lambda last: P4.file(
        P4.value([f"token{n}" for n in range(100_000)]) + POP + last
    ),
    "many-frames": lambda last: bytes(
        PROTO(4) + Code(b"".join(FRAME(2) + NONE + POP for _ in range(50_000))) + FRAME(
            len(last) + 1) + last + STOP
    ),
    "long-line": lambda last: P0.file(LONG("1" * 4000) + POP + last),
    "long-text": lambda last: P4.file(P4.text("x" * 3_000_000) + POP + last),
    "5000-pickles": lambda last: GOOD[4] * 5_000 + P4.file(last),
    "deep-tuple": lambda last: P4.file(EMPTY_TUPLE + TUPLE1 * 50_000 + POP + last),
    "in-a-crowd": lambda last: P4.file(P4.value([*range(50_000), last, *range(50_000)])),
}  # fmt: skip


def _denials() -> Iterator[tuple[str, bytes]]:
    tower = EMPTY_LIST + BINPUT(0) + Code(b"".join(
        POP + EMPTY_LIST + BINPUT(n + 1) + (MARK + BINGET(n) * 10 + APPENDS) for n in range(30)
    ))  # fmt: skip
    yield "list-tower", P4.file(tower)
    yield "dup-tuple2-tower", P4.file(EMPTY_TUPLE + (DUP + TUPLE2) * 60)
    key = EMPTY_TUPLE + (DUP + TUPLE2) * 60
    yield "dup-tuple2-hashed", P4.file(EMPTY_DICT + key + NONE + SETITEM)
    yield "dup-tuple2-in-set", P4.file(EMPTY_SET + MARK + key + ADDITEMS)
    lol = P4.text("lol" * 10) + MEMOIZE + Code(b"".join(
        MARK + BINGET(n) * 10 + TUPLE + MEMOIZE for n in range(30)
    ))  # fmt: skip
    yield "billion-laughs", P4.file(lol)
    nested = EMPTY_DICT + MEMOIZE + Code(b"".join(
        EMPTY_DICT + MEMOIZE + MARK + P4.text("a") + BINGET(n) + P4.text("b") + BINGET(n) + SETITEMS
        for n in range(60)
    ))  # fmt: skip
    yield "dict-tower", P4.file(nested)
    for bits in (31, 40, 62):
        yield f"length-2^{bits}-bytes", P4.file(BINBYTES8(b"x", 1 << bits))
        yield f"length-2^{bits}-text", P4.file(BINUNICODE8("x", 1 << bits))
        yield f"length-2^{bits}-bytearray", P4.file(BYTEARRAY8(b"x", 1 << bits))
        yield f"length-2^{bits}-frame", bytes(PROTO(4) + FRAME(1 << bits) + NONE + STOP)
    yield "length-2^32", P4.file(BINBYTES(b"x", 0xFFFFFFFF))
    yield "length-negative", P2.file(BINSTRING("x", -5))
    yield "memo-2^32", P4.file(NONE + LONG_BINPUT(0xFFFFFFFF))
    yield "memo-2^31", P4.file(NONE + LONG_BINPUT(1 << 31))
    yield "memo-text-2^62", P0.file(NONE + PUT(1 << 62))
    far = LONG_BINPUT(0xFFFFFFF0) + LONG_BINGET(0xFFFFFFF0)
    yield "memo-get-2^32", P4.file(NONE + far + TUPLE2)
    yield "memo-text-huge", P0.file(NONE + PUT("9" * 3000) + GET("9" * 3000))
    yield "int-of-5000-digits", P0.file(INT("9" * 5_000))
    yield "long-of-60000-digits", P0.file(LONG("9" * 60_000))
    yield "long-of-a-million-digits", P0.file(LONG("9" * 1_000_000))
    yield "long4-cut", P2.file(LONG4(1)[:1] + (1 << 30).to_bytes(4, "little") + b"\x01" * 100)
    yield "marks", P4.file(MARK * 2_000_000 + TUPLE)
    yield "marks-unclosed", bytes(PROTO(4) + MARK * 500_000)
    yield "line-without-end", b"c" + b"a" * 2_000_000
    hashes = [n * ((1 << 61) - 1) for n in range(1, 20_000)]
    yield (
        "hash-flood",
        P4.file(
            EMPTY_DICT
            + MARK
            + P4.join(*(part for number in hashes for part in (number, 1)))
            + SETITEMS
        ),
    )
    yield "million-pickles", b"N." * 300_000


def _expensive_calls() -> Iterator[tuple[str, bytes]]:
    """Ordinary functions with arguments that no machine can pay for."""
    big = P4.call("builtins", "bytearray", 1 << 40)
    yield "bytearray-of-a-terabyte", P4.file(big)
    yield "list-times", P4.file(P4.call("operator", "mul", [0], 1 << 40))
    yield "text-times", P4.file(P4.apply(P4.call("builtins", "getattr", "a", "zfill"), 1 << 40))
    yield "power", P4.file(P4.call("builtins", "pow", 9, 9**9))
    yield "power-operator", P4.file(P4.call("operator", "pow", 9, 9**9))
    yield "shift", P4.file(P4.call("operator", "lshift", 1, 1 << 40))
    yield "range-list", P4.file(P4.call("builtins", "list", P4.call("builtins", "range", 1 << 40)))
    yield "repeat", P4.file(P4.call("collections", "deque", P4.call("itertools", "repeat", 1)))
    yield "cycle", P4.file(P4.call("builtins", "sum", P4.call("itertools", "count", 1)))
    yield "sleep", P4.file(P4.call("time", "sleep", 10**6))
    yield "regex", P4.file(
        P4.call("re", "match", "(a+)+$", "a" * 60 + "b")
    )  # fmt: skip
    shape = (1 << 40,)
    yield "numpy-zeros", P4.file(P4.call("numpy", "zeros", shape))
    yield (
        "array-of-a-terabyte",
        P4.file(
            P4.call(
                "numpy.core.multiarray", "_reconstruct", P4.name("numpy", "ndarray"), shape, b"b"
            )
        ),
    )
    start = EMPTY_LIST + BINPUT(0) + BINGET(0) + APPEND + POP
    yield "recursion", P4.file(start + P4.call("copy", "deepcopy", BINGET(0)))
