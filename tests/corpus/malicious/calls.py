"""Every way to call: call opcodes, item opcodes on objects with planted methods, ids, frames."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import COMMAND, P0, P2, P4, P5, PROTOCOLS, Case, decimal, system
from tests.kit.assemble import (
    ADDITEMS,
    APPEND,
    APPENDS,
    BINPERSID,
    BUILD,
    BYTEARRAY8,
    DUP,
    EMPTY_SET,
    FRAME,
    FROZENSET,
    MARK,
    NEWOBJ,
    NEXT_BUFFER,
    OBJ,
    PERSID,
    POP,
    POP_MARK,
    PROTO,
    REDUCE,
    SETITEM,
    SETITEMS,
    STOP,
    TUPLE2,
    Code,
    Dialect,
)  # fmt: skip

HOW = ("REDUCE", "INST", "OBJ", "BUILD", "EXT")


def cases() -> Iterator[Case]:
    for dialect in PROTOCOLS:
        yield from _opcodes(dialect)
    yield from _planted()
    yield from _places()
    yield from _frames()
    yield from _identifiers()


def _opcodes(p: Dialect) -> Iterator[Case]:
    for how in HOW:
        twin = p.call("decimal", "Decimal", "1.5", how="REDUCE" if how in ("BUILD", "EXT") else how)
        hostile = p.call("os", "system", COMMAND, how=how)
        expect = "high" if how == "BUILD" else "critical"
        data = p.file(hostile)
        yield Case(f"{how.lower()}-{p.protocol}", "call", "model.pkl", data, p.file(twin), expect)
    for how in ("NEWOBJ", "NEWOBJ_EX"):
        hostile = p.call("subprocess", "Popen", COMMAND, how=how)
        twin = p.call("decimal", "Decimal", "1.5", how=how)
        yield Case(
            f"{how.lower()}-{p.protocol}", "call", "model.pkl", p.file(hostile), p.file(twin),
            "high", payload="subprocess.Popen",
        )  # fmt: skip


def instance(p: Dialect, state: object) -> Code:
    """Return code for a plain object with attributes."""
    return p.apply(p.name("argparse", "Namespace")) + p.value(state) + BUILD


def _planted() -> Iterator[Case]:
    """Methods planted on a plain object, which the next opcode then calls."""
    evil = P4.name("os", "system")
    good = P4.file(instance(P4, {"rate": 0.1, "name": "x"}))
    command = P4.text(COMMAND)
    later = {
        "append": instance(P4, {"append": evil}) + command + APPEND,
        "appends": instance(P4, {"append": evil}) + MARK + command + APPENDS,
        "additems": instance(P4, {"add": evil}) + MARK + command + ADDITEMS,
        "setstate": instance(P4, {"__setstate__": evil}) + command + BUILD,
        "slots": instance(P4, (None, {"__setstate__": evil})) + command + BUILD,
        "both": instance(P4, ({"a": 1}, {"__setstate__": evil})) + command + BUILD,
        "extend": instance(P4, {"extend": P4.name("builtins", "exec")})
        + P4.text("print('SENTINEL_MARKER')") + APPEND,
    }  # fmt: skip
    for name, body in later.items():
        # CPython's C unpickler looks for `extend` before `append`; the pure one calls `append`.
        pure = name not in ("appends", "extend")
        yield Case(f"planted-{name}", "call", "model.pkl", P4.file(body), good, "high", pure)
    stores: dict[str, tuple[str, str, Code]] = {
        "environment": ("os", "environ", P4.join("LD_PRELOAD", "/tmp/absent.so") + SETITEM),
        "modules": ("sys", "modules", MARK + P4.join("json", 1) + SETITEMS),
        "path": ("sys", "path", P4.text("/tmp/absent") + APPEND),
        "dispatch": ("copyreg", "dispatch_table", P4.join(1, evil) + SETITEM),
        "hooks": ("sys", "path_hooks", MARK + evil + APPENDS),
        "collected": ("gc", "callbacks", MARK + evil + APPENDS),
        "function-state": ("collections", "namedtuple", P4.value({"__code__": 1}) + BUILD),
        "class-state": ("collections", "OrderedDict", P4.value((None, {"get": evil})) + BUILD),
    }
    for name, (module, attribute, change) in stores.items():
        target = P4.name(module, attribute)
        twin = P4.file(P4.apply(P4.name("collections", "OrderedDict")) + P4.join("a", 1) + SETITEM)
        yield Case(
            f"store-{name}", "call", "model.pkl", P4.file(target + change), twin, "high", False
        )


def _places() -> Iterator[Case]:
    """The call sits somewhere in ordinary data, or its result is thrown away."""
    for p in (P0, P2, P4):
        evil, good = system(p), decimal(p)
        for label, call in (("evil", evil), ("good", good)):
            made = {
                "key": p.value({"a": 1}) + call + p.value(1) + SETITEM,
                "value": p.value({"weights": [1.0, 2.0], "hook": call, "bias": [0.0]}),
                "deep": p.value({"a": [({"b": [(1, [call])]}, 2)]}),
                "dropped": call + POP + p.value([1, 2, 3]),
                "dropped-mark": MARK + p.value(1) + call + POP_MARK + p.value([1, 2]),
                "doubled": call + DUP + TUPLE2,
                "last-of-many": p.value([*range(3000), call]),
            }
            if p is P4:
                made["set"] = EMPTY_SET + MARK + p.value(1) + call + ADDITEMS
                made["frozen"] = MARK + p.value(1) + call + FROZENSET
                made["argument"] = p.call("collections", "OrderedDict", [("a", call)])
            if label == "evil":
                hostile = made
        for name, body in hostile.items():
            yield Case(
                f"place-{name}-{p.protocol}", "call", "model.pkl", p.file(body), p.file(made[name])
            )
    many = P4.join(*(P4.call("datetime", "date", 2020, 1, 1 + n % 28) for n in range(2000)))
    for label, last in (("evil", system(P4)), ("good", decimal(P4))):
        body = P4.value([]) + MARK + many + last + APPENDS
        if label == "evil":
            crowd = P4.file(body)
    yield Case("place-in-a-crowd", "call", "model.pkl", crowd, P4.file(body))


def _frames() -> Iterator[Case]:
    evil, good = system(P4), decimal(P4)

    def forms(body: Code) -> dict[str, bytes]:
        whole = body + STOP
        half = len(whole) // 2
        return {
            "none": PROTO(4) + whole,
            "no-header": whole,
            "old-header": PROTO(2) + whole,
            "two-headers": PROTO(4) + PROTO(2) + PROTO(5) + whole,
            "empty-frames": PROTO(4) + FRAME(0) * 3 + FRAME(len(whole)) + whole,
            "header-within": PROTO(4) + FRAME(len(whole) + 2) + PROTO(3) + whole,
            "frame-splits-an-opcode": PROTO(4) + FRAME(half) + whole[:half] + whole[half:],
        }

    hostile, harmless = forms(evil), forms(good)
    for name, data in hostile.items():
        strict = name != "frame-splits-an-opcode"  # the C unpickler does not mind
        twin = harmless[name] if strict else None
        yield Case(f"frame-{name}", "call", "model.pkl", data, twin, reaches=strict)


def _identifiers() -> Iterator[Case]:
    for p in PROTOCOLS[1:]:
        hostile = p.tuple("storage", system(p), "0", "cpu", 4) + BINPERSID
        twin = p.tuple("storage", p.name("torch", "FloatStorage"), "0", "cpu", 4) + BINPERSID
        yield Case(
            f"persistent-{p.protocol}", "call", "model.pkl", p.file(hostile), p.file(twin)
        )  # fmt: skip
    text = P0.file(P0.value([PERSID("record 1"), system(P0)]))
    yield Case("persistent-text", "call", "m.pkl", text, P0.file(P0.value([PERSID("record 1")])))
    buffers = P5.file(system(P5) + POP + NEXT_BUFFER)
    yield Case("before-buffer", "call", "m.pkl", buffers, P5.file(NEXT_BUFFER), gap=False)
    array = P5.call("builtins", "exec", BYTEARRAY8(b"print('SENTINEL_MARKER')"))
    twin = P5.file(P5.call("builtins", "bytearray", BYTEARRAY8(b"print('SENTINEL_MARKER')")))
    yield Case("bytearray", "call", "model.pkl", P5.file(array), twin, payload="builtins.exec")
    result = P4.apply(system(P4), 1)
    yield Case("call-the-result", "call", "model.pkl", P4.file(result))
    made = MARK + P4.name("os", "system") + P4.text(COMMAND) + OBJ + P4.tuple() + NEWOBJ
    yield Case("new-of-the-result", "call", "model.pkl", P4.file(made))
    keywords = P4.apply(P4.call("functools", "partial", P4.name("os", "system")), COMMAND)
    yield Case("through-a-call", "call", "model.pkl", P4.file(keywords), None)
    chained = P4.name("os", "system") + P4.tuple(COMMAND) + REDUCE + P4.value({"a": 1}) + BUILD
    yield Case("state-on-the-result", "call", "model.pkl", P4.file(chained), reaches=True)
