"""Traps for parsers: the payload has run before the stream breaks, or lies where few look."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import EVIL, GOOD, P0, P2, P4, P5, Case, decimal, system
from tests.kit.assemble import (
    ADDITEMS,
    APPEND,
    APPENDS,
    BINBYTES,
    BINBYTES8,
    BINFLOAT,
    BINGET,
    BININT,
    BININT1,
    BININT2,
    BINPERSID,
    BINPUT,
    BINSTRING,
    BINUNICODE,
    BINUNICODE8,
    BUILD,
    BYTEARRAY8,
    DICT,
    DUP,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_SET,
    EMPTY_TUPLE,
    EXT1,
    EXT4,
    FLOAT,
    FRAME,
    FROZENSET,
    GET,
    GLOBAL,
    INST,
    INT,
    LIST,
    LONG,
    LONG1,
    LONG4,
    LONG_BINGET,
    LONG_BINPUT,
    MARK,
    MEMOIZE,
    NEWFALSE,
    NEWOBJ,
    NEWOBJ_EX,
    NEWTRUE,
    NEXT_BUFFER,
    NONE,
    OBJ,
    PERSID,
    POP,
    POP_MARK,
    PROTO,
    PUT,
    READONLY_BUFFER,
    REDUCE,
    SETITEM,
    SETITEMS,
    SHORT_BINBYTES,
    SHORT_BINSTRING,
    SHORT_BINUNICODE,
    STACK_GLOBAL,
    STOP,
    STRING,
    TUPLE,
    TUPLE1,
    TUPLE2,
    TUPLE3,
    UNICODE,
    Code,
)  # fmt: skip

BREAKS: dict[str, Code] = {
    "garbage": Code(b"\xff\xfe\xfd\xfc" * 8),
    "undefined-opcode": Code(b"\xff") + STOP,
    "undefined-low": Code(b"\x00") + STOP,
    "undefined-letter": Code(b"z") + STOP,
    "no-stop": Code(),
    "no-stop-after-mark": MARK,
    "nothing-to-stop-with": POP + STOP,
    "underflow-pop": POP + POP + STOP,
    "underflow-tuple2": POP + TUPLE2 + STOP,
    "underflow-tuple3": TUPLE3 + STOP,
    "underflow-reduce": POP + REDUCE + STOP,
    "underflow-build": POP + BUILD + STOP,
    "underflow-memoize": POP + MEMOIZE + STOP,
    "underflow-dup": POP + DUP + STOP,
    "underflow-persistent": POP + BINPERSID + STOP,
    "no-mark-tuple": TUPLE + STOP,
    "no-mark-list": LIST + STOP,
    "no-mark-dict": DICT + STOP,
    "no-mark-appends": EMPTY_LIST + APPENDS + STOP,
    "no-mark-setitems": EMPTY_DICT + SETITEMS + STOP,
    "no-mark-additems": EMPTY_SET + ADDITEMS + STOP,
    "no-mark-pop-mark": POP_MARK + STOP,
    "no-mark-frozenset": FROZENSET + STOP,
    "no-mark-inst": INST("decimal", "Decimal") + STOP,
    "no-mark-obj": OBJ + STOP,
    "length-binbytes": BINBYTES(b"abc", 0xFFFFFFFF) + STOP,
    "length-binbytes8": BINBYTES8(b"abc", (1 << 63) - 1) + STOP,
    "length-binbytes8-max": BINBYTES8(b"abc", (1 << 64) - 1) + STOP,
    "length-bytearray8": BYTEARRAY8(b"abc", 1 << 62) + STOP,
    "length-binunicode": BINUNICODE("abc", 0xFFFFFFFE) + STOP,
    "length-binunicode8": BINUNICODE8("abc", 1 << 40) + STOP,
    "length-binstring": BINSTRING("abc", 1 << 30) + STOP,
    "length-binstring-negative": BINSTRING("abc", -1) + STOP,
    "length-long4": Code(b"\x8b\xff\xff\xff\x7f") + STOP,
    "length-long4-negative": Code(b"\x8b\xff\xff\xff\xff") + STOP,
    "length-long1": Code(b"\x8a\xff1") + STOP,
    "length-frame": FRAME(1 << 62) + STOP,
    "length-frame-short": FRAME(400) + STOP,
    "short-string": Code(b"\x8c\xffabc"),
    "short-bytes": Code(b"C\x80abc"),
    "half-int": Code(b"J\x01"),
    "half-float": Code(b"G\x01\x02"),
    "half-length": Code(b"X\x05\x00"),
    "half-length8": Code(b"\x8e\x05\x00"),
    "half-line": Code(b"cos"),
    "half-global": Code(b"cdecimal\nDec"),
    "half-proto": Code(b"\x80"),
    "line-without-end": Code(b"I" + b"1" * 200),
    "memo-missing": BINGET(200) + STOP,
    "memo-missing-text": GET("77") + STOP,
    "memo-missing-long": LONG_BINGET(0xFFFFFFFF) + STOP,
    "memo-word": GET("x") + STOP,
    "memo-negative": PUT("-1") + STOP,
    "bad-int": INT("12x") + STOP,
    "bad-int-empty": INT("") + STOP,
    "bad-long": LONG("xL") + STOP,
    "bad-float": FLOAT("1.2.3") + STOP,
    "bad-string": STRING("no quotes") + STOP,
    "bad-string-half": STRING("'half") + STOP,
    "bad-string-escape": STRING(r"'\x4'") + STOP,
    "bad-unicode": UNICODE(r"\u12") + STOP,
    "bad-utf8": SHORT_BINUNICODE(b"\xff\xfe") + STOP,
    "bad-utf8-name": GLOBAL(b"\xff\xfe", b"x") + STOP,
    "bad-ascii": SHORT_BINSTRING(b"\xff\xfe") + STOP,
    "persistent-not-ascii": Code(b"P\xff\xfe\n") + STOP,
    "proto-6": PROTO(6) + STOP,
    "proto-255": PROTO(255) + STOP,
    "extension-zero": EXT1(0) + STOP,
    "extension-negative": EXT4(-1) + STOP,
    "extension-unknown": EXT1(99) + STOP,
    "type-append": BININT1(1) + NONE + APPEND + STOP,
    "type-setitem": EMPTY_LIST + NONE + NONE + SETITEM + STOP,
    "type-additems": EMPTY_TUPLE + MARK + NONE + ADDITEMS + STOP,
    "type-build": EMPTY_DICT + BININT1(1) + BUILD + STOP,
    "type-reduce": NONE + EMPTY_TUPLE + REDUCE + STOP,
    "type-reduce-args": P4.name("decimal", "Decimal") + NONE + REDUCE + STOP,
    "type-newobj": BININT2(300) + EMPTY_TUPLE + NEWOBJ + STOP,
    "type-newobj-ex": P4.name("decimal", "Decimal") + EMPTY_TUPLE + NONE + NEWOBJ_EX + STOP,
    "type-stack-global": BININT(1) + BININT(2) + STACK_GLOBAL + STOP,
    "type-stack-global-bytes": SHORT_BINBYTES(b"os") + SHORT_BINBYTES(b"system") + STACK_GLOBAL
    + STOP,
    "type-readonly": BINFLOAT(1.0) + READONLY_BUFFER + STOP,
    "type-key": EMPTY_DICT + EMPTY_LIST + NONE + SETITEM + STOP,
    "type-odd-items": EMPTY_DICT + MARK + NONE + SETITEMS + STOP,
    "type-odd-dict": MARK + NONE + DICT + STOP,
    "type-set-of-lists": EMPTY_SET + MARK + EMPTY_LIST + ADDITEMS + STOP,
    "no-buffers": NEXT_BUFFER + STOP,
    "missing-attribute": P4.name("decimal", "NoSuchName") + STOP,
    "missing-module": P4.name("no_such_module_x", "Thing") + STOP,
    "huge-memo": LONG_BINPUT(0xFFFFFFFF) + STOP,
    "deep": EMPTY_LIST * 20_000 + APPEND * 19_999,
    "zeros": Code(b"\x00" * 4096),
    "newlines": Code(b"\n" * 64),
}  # fmt: skip

UNREAD = ("garbage", "undefined", "no-stop", "nothing", "underflow", "no-mark", "length-bin",
          "length-byte", "length-long", "short", "half", "line", "memo-missing", "memo-word",
          "zeros", "newlines")  # fmt: skip
"""Beginnings of the names of breaks behind which nobody can read on. The others break a loader
(wrong types, text that is no number) but not a reader, who sees the whole stream all the same."""

STARTS: dict[str, Code] = {
    "mark": MARK, "none": NONE, "true": NEWTRUE, "false": NEWFALSE, "int": INT(1), "long": LONG(1),
    "bool": INT("01"), "float": FLOAT(1.0), "binint": BININT(-1), "binint1": BININT1(1),
    "binint2": BININT2(300), "long1": LONG1(1 << 40), "long4": LONG4(1 << 40),
    "binfloat": BINFLOAT(1.0), "string": STRING("'a'"), "binstring": BINSTRING("a"),
    "short-binstring": SHORT_BINSTRING("a"), "unicode": UNICODE("a"), "binunicode": BINUNICODE("a"),
    "short-binunicode": SHORT_BINUNICODE("a"), "binunicode8": BINUNICODE8("a"),
    "binbytes": BINBYTES(b"a"), "short-binbytes": SHORT_BINBYTES(b"a"),
    "binbytes8": BINBYTES8(b"a"), "bytearray8": BYTEARRAY8(b"a"), "empty-list": EMPTY_LIST,
    "empty-tuple": EMPTY_TUPLE, "empty-dict": EMPTY_DICT, "empty-set": EMPTY_SET,
    "persistent": PERSID("a"), "frame": FRAME(0), "global": GLOBAL("decimal", "Decimal"),
    "proto-0": PROTO(0), "proto-1": PROTO(1), "frozenset": MARK + FROZENSET, "list": MARK + LIST,
    "dict": MARK + DICT, "tuple": MARK + TUPLE, "put": NONE + PUT(1), "binput": NONE + BINPUT(1),
    "dup": NONE + DUP, "pop": NONE + POP, "pop-mark": MARK + POP_MARK, "memoize": NONE + MEMOIZE,
    "tuple1": NONE + TUPLE1,
}  # fmt: skip


def cases() -> Iterator[Case]:
    yield from _broken()
    yield from _starts()
    yield from _elsewhere()
    yield from _named_otherwise()


def _broken() -> Iterator[Case]:
    for p in (P0, P4):
        for name, rest in BREAKS.items():
            head = PROTO(4) if p is P4 else Code()
            data = head + system(p) + rest
            yield Case(
                f"broken-{name}-{p.protocol}", "trap", "model.pkl", bytes(data), None,
                gap=name.startswith(UNREAD),
            )  # fmt: skip
    for length in (1, 2, 5, 9):
        data = EVIL[2] + GOOD[2][:-length]
        name = f"broken-second-pickle-{length}"
        yield Case(name, "trap", "m.pkl", data, GOOD[2] * 2, gap=length == 1)
    framed = P5.file(system(P5))
    yield Case("broken-cut-frame", "trap", "m.pkl", framed[:-1], None, gap=True, reaches=False)


def _starts() -> Iterator[Case]:
    for name, start in STARTS.items():
        drop = POP if not start.endswith((b"0", b"1")) and name not in (
            "frame", "proto-0", "proto-1", "mark") else Code()  # fmt: skip
        for label, call in (("evil", system(P2)), ("good", decimal(P2))):
            data = bytes(start + drop + call + STOP)
            if label == "evil":
                hostile = data
        for filename in ("model.pkl", "model.bin"):
            suffix = filename.rpartition(".")[2]
            yield Case(f"start-{name}-{suffix}", "trap", filename, hostile, data)


def _elsewhere() -> Iterator[Case]:
    evil, good = EVIL[4], GOOD[4]
    text = b"# a text file\nwith several lines\n"
    before = {
        "second": good, "third": good * 2, "fiftieth": good * 49, "after-empty": b"N.",
        "after-many-stops": b"N." * 30, "after-int": b"I1\n.",
    }  # fmt: skip
    for name, prefix in before.items():
        yield Case(f"stream-{name}", "trap", "model.pkl", prefix + evil, prefix + good)
        old = prefix + EVIL[0]
        yield Case(f"stream-{name}-0", "trap", "model.pkl", old, prefix + GOOD[0])
    behind = {
        "broken": good[:-4], "broken-proto": b"\x80\x04\xff", "padding": good + b"\x00" * 64,
        "page": good + b"\x00" * 4096, "far": good + b"\x00" * 1_000_000,
        "blanks": good + b" " * 100, "stops": good + b"." * 8, "newline": good + b"\n",
        "text": good + text, "junk-of-256": good + bytes(range(256)), "ff": good + b"\xff" * 37,
    }  # fmt: skip
    for name, prefix in behind.items():
        for number in (0, 2, 4):
            data = prefix + EVIL[number]
            yield Case(
                f"behind-{name}-{number}", "trap", "model.pkl", data, None, "critical",
                stream=data, start=len(prefix),
            )  # fmt: skip
    prefixes = {
        "zeros": b"\x00" * 64, "text": text, "jpeg": b"\xff\xd8\xff\xe0" + b"\x00" * 60,
        "elf": b"\x7fELF" + b"\x00" * 60, "bom": b"\xef\xbb\xbf", "newline": b"\n",
        "stops": b"." * 4, "shebang": b"#!/bin/sh\n", "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
        "long": b"\x00" * 200_000,
    }  # fmt: skip
    for name, prefix in prefixes.items():
        for number in (0, 2, 4):
            data = prefix + EVIL[number]
            yield Case(
                f"prefix-{name}-{number}", "trap", "model.pkl", data, None, "critical",
                stream=data, start=len(prefix),
            )  # fmt: skip
    yield Case("several-stops", "trap", "m.pkl", GOOD[4] + b"...." + EVIL[4], None, reaches=False)
    inner = P4.file(P4.value([1, 2]) + STOP + system(P4))
    yield Case(
        "behind-stop-in-one-frame", "trap", "model.pkl", inner, None, stream=inner,
        start=len(inner) - len(system(P4)) - 1,
    )  # fmt: skip


def _named_otherwise() -> Iterator[Case]:
    names = (
        "model.bin", "pytorch_model.bin", "weights.dat", "model", "README", "notes.txt",
        "config.json", "model.safetensors", "model.gguf", "model.onnx", "model.h5", "model.PKL",
        "model.pickle", "model.joblib", "model.dill", "model.pt", "model.pth", "model.ckpt",
        "model.npy", "model.npz", "data.csv", "image.png", "a.pkl.txt", "tokenizer.model",
        "model.zip", "model.tar", "model.gz", "vocab.pkl.bak", ".hidden", "model.mar", "model.nemo",
        "optimizer.state", "model.keras", "model.tflite", "model.pb",
    )  # fmt: skip
    for name in names:
        for number in (0, 2, 4):
            yield Case(
                f"named-{name}-{number}", "trap", name, EVIL[number],
                GOOD[number] if name.endswith((".pkl", ".bin", ".pt", "model")) else None,
            )  # fmt: skip
