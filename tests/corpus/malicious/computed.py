"""Names that the stream puts together: through the memo, by decoys, by calling text functions."""

from __future__ import annotations

from base64 import b32encode, b64encode, b85encode
from collections.abc import Iterator
from zlib import compress

from tests.corpus.malicious.case import COMMAND, GOOD, P2, P4, Case
from tests.kit.assemble import (
    BINGET,
    BINPUT,
    BINUNICODE,
    DUP,
    EMPTY_LIST,
    GET,
    LONG_BINGET,
    LONG_BINPUT,
    MARK,
    MEMOIZE,
    NONE,
    POP,
    POP_MARK,
    PUT,
    REDUCE,
    STACK_GLOBAL,
    STOP,
    TUPLE1,
    Code,
)  # fmt: skip

RUN = P4.tuple(COMMAND) + REDUCE


def cases() -> Iterator[Case]:
    yield from _memo()
    yield from _decoys()
    yield from _texts()
    yield from _computed_arguments()


def _pair(store: Code, fetch: Code, module: str, name: str) -> Code:
    """Store a module's name, do something else, fetch it again."""
    return P4.text(module) + store + POP + fetch + P4.text(name) + STACK_GLOBAL


def _memo() -> Iterator[Case]:
    slots = {
        "binput": (BINPUT(250), BINGET(250)),
        "put": (PUT(7), GET(7)),
        "put-far": (PUT(1_000_000), GET(1_000_000)),
        "put-padded": (PUT("007"), GET("7")),
        "put-get-binget": (PUT(8), BINGET(8)),
        "long": (LONG_BINPUT(70_000), LONG_BINGET(70_000)),
        "long-far": (LONG_BINPUT(900_000), LONG_BINGET(900_000)),
        "mixed": (LONG_BINPUT(3), GET(3)),
        "memoize": (MEMOIZE, BINGET(0)),
        "memoize-after-put": (NONE + PUT(40) + POP + MEMOIZE, BINGET(1)),
        "memoize-after-far-put": (NONE + LONG_BINPUT(500) + POP + MEMOIZE, BINGET(1)),
        "memoize-after-put-twice": (
            NONE + BINPUT(0) + BINPUT(0) + BINPUT(1) + POP + MEMOIZE, BINGET(2)
        ),
        "written-twice": (
            BINPUT(5) + POP + P4.text("collections") + BINPUT(6) + POP + P4.text("os") + BINPUT(5),
            BINGET(5),
        ),
    }  # fmt: skip
    for name, (store, fetch) in slots.items():
        # "written-twice" leaves its own text last, so the benign form stores another.
        harmless = P4.file(P4.apply(_pair(store, fetch, "decimal", "Decimal"), "1.5"))
        twin = None if name == "written-twice" else harmless
        data = P4.file(_pair(store, fetch, "os", "system") + RUN)
        yield Case(f"memo-{name}", "computed", "model.pkl", data, twin)
    first = P4.text("decimal") + BINPUT(1) + POP + P4.text("os") + BINPUT(1) + POP
    swapped = first + BINGET(1) + P4.text("system") + STACK_GLOBAL + RUN
    yield Case("memo-overwritten", "computed", "model.pkl", P4.file(swapped), GOOD[4])
    for how, store, fetch in (("function", BINPUT(9), BINGET(9)), ("arguments", PUT(9), GET(9))):
        if how == "function":
            body = P4.name("os", "system") + store + POP + NONE + POP + fetch + RUN
            good = P4.name("decimal", "Decimal") + store + POP + fetch + P4.tuple("1.5") + REDUCE
        else:
            body = P4.tuple(COMMAND) + store + POP + P4.name("os", "system") + fetch + REDUCE
            good = P4.tuple("1.5") + store + POP + P4.name("decimal", "Decimal") + fetch + REDUCE
        yield Case(f"memo-{how}", "computed", "model.pkl", P4.file(body), P4.file(good))
    later = P4.name("os", "system") + BINPUT(3) + STOP
    again = BINGET(3) + RUN + STOP
    yield Case(
        "memo-of-the-pickle-before", "computed", "model.pkl", later + again, GOOD[4] * 2,
        "high", one_memo=True,
    )  # fmt: skip


def _decoys() -> Iterator[Case]:
    module, name = P4.text("os"), P4.text("system")
    forms = {
        "dup": module + DUP + POP + name + STACK_GLOBAL,
        "pop": module + P4.text("path") + POP + name + STACK_GLOBAL,
        "pop-mark": module + MARK + P4.text("json") + P4.text("loads") + POP_MARK + name
        + STACK_GLOBAL,
        "pop-of-mark": module + MARK + POP + name + STACK_GLOBAL,
        "decoy-global": P4.name("collections", "OrderedDict") + POP + module + name + STACK_GLOBAL,
        "swapped-by-memo": name + BINPUT(0) + POP + module + BINGET(0) + STACK_GLOBAL,
        "list-between": module + EMPTY_LIST + POP + name + STACK_GLOBAL,
        "many-strings": P4.join(*(f"word{n}" for n in range(60))) + POP * 60 + module + name
        + STACK_GLOBAL,
        "string-after": module + name + P4.text("Decimal") + POP + STACK_GLOBAL,
        "dup-of-global": module + name + STACK_GLOBAL + DUP + POP,
        "nested-marks": MARK * 40 + module + name + STACK_GLOBAL + BINPUT(1) + POP_MARK * 40
        + BINGET(1),
        "memoized-operands": module + MEMOIZE + name + MEMOIZE + STACK_GLOBAL + MEMOIZE,
        "long-opcodes": BINUNICODE("os") + BINUNICODE("system") + STACK_GLOBAL,
    }  # fmt: skip
    for label, body in forms.items():
        yield Case(f"decoy-{label}", "computed", "model.pkl", P4.file(body + RUN), GOOD[4])


def bound(value: object, method: str) -> Code:
    """Return code for a method of a plain value."""
    return P4.call("builtins", "getattr", value, method)


def texts(word: str) -> dict[str, Code]:
    """Return code that makes a word in many ways."""
    raw, half = word.encode(), len(word) // 2
    head, tail = word[:half], word[half:]
    return {
        "join": P4.apply(bound("", "join"), [head, tail]),
        "join-letters": P4.apply(bound("", "join"), [*word]),
        "join-unbound": P4.call("builtins", "str.join", "", (head, tail)),
        "join-separator": P4.apply(bound(tail[:1], "join"), [head, tail[1:]]),
        "concat": P4.call("operator", "concat", head, tail),
        "concat-private": P4.call("_operator", "concat", head, tail),
        "add": P4.call("operator", "add", head, tail),
        "iadd": P4.call("operator", "iadd", head, tail),
        "mod": P4.call("operator", "mod", "%s" + tail, (head,)),
        "mod-method": P4.call("builtins", "str.__mod__", "%s%s", (head, tail)),
        "add-method": P4.apply(bound(head, "__add__"), tail),
        "format": P4.apply(bound("{}{}", "format"), head, tail),
        "format-unbound": P4.call("builtins", "str.format", "{1}{0}", tail, head),
        "rot13": P4.call("codecs", "decode", _rot13(word), "rot13"),
        "rot13-private": P4.call("_codecs", "decode", _rot13(word), "rot_13"),
        "hex-codec": P4.apply(
            bound(P4.call("codecs", "decode", raw.hex().encode(), "hex"), "decode")
        ),
        "bytes-decode": P4.apply(bound(raw, "decode"), "ascii"),
        "bytes-decode-unbound": P4.call("builtins", "bytes.decode", raw, "utf-8"),
        "decode-codecs": P4.call("codecs", "decode", raw, "utf-8"),
        "decode-utf7": P4.call("codecs", "decode", _utf7(word), "utf-7"),
        "decode-utf16": P4.call("codecs", "decode", word.encode("utf-16"), "utf-16"),
        "decode-ebcdic": P4.call("codecs", "decode", word.encode("cp500"), "cp500"),
        "unicode-escape": P4.call("codecs", "decode", _escaped(word), "unicode_escape"),
        "b64": P4.apply(bound(P4.call("base64", "b64decode", b64encode(raw)), "decode")),
        "b32": P4.apply(bound(P4.call("base64", "b32decode", b32encode(raw)), "decode")),
        "b85": P4.apply(bound(P4.call("base64", "b85decode", b85encode(raw)), "decode")),
        "unhexlify": P4.apply(bound(P4.call("binascii", "unhexlify", raw.hex()), "decode")),
        "a2b-base64": P4.apply(bound(P4.call("binascii", "a2b_base64", b64encode(raw)), "decode")),
        "fromhex": P4.apply(bound(P4.call("builtins", "bytes.fromhex", raw.hex()), "decode")),
        "zlib": P4.apply(bound(P4.call("zlib", "decompress", compress(raw)), "decode")),
        "chr": P4.apply(
            bound("", "join"), P4.call("builtins", "map", P4.name("builtins", "chr"), [*raw])
        ),
        "bytes-of-numbers": P4.apply(bound(P4.call("builtins", "bytes", [*raw]), "decode")),
        "lower": P4.apply(bound(word.upper(), "lower")),
        "swapcase": P4.apply(bound(word.swapcase(), "swapcase")),
        "replace": P4.apply(bound(head + "#" + tail, "replace"), "#", ""),
        "strip": P4.apply(bound(f"  {word} ", "strip")),
        "removeprefix": P4.apply(bound("not-" + word, "removeprefix"), "not-"),
        "reversed": P4.apply(bound("", "join"), P4.call("builtins", "reversed", word[::-1])),
        "slice": P4.call(
            "operator", "getitem", word[::-1], P4.call("builtins", "slice", None, None, -1)
        ),
        "split": P4.call("operator", "getitem", P4.apply(bound(f"a,{word}", "split"), ","), 1),
        "translate": P4.apply(bound(word.replace("s", "1"), "translate"), {ord("1"): "s"}),
        "unquote": P4.call("urllib.parse", "unquote", "".join(f"%{c:02x}" for c in raw)),
        "unescape": P4.call("html", "unescape", "".join(f"&#{c};" for c in raw)),
        "json": P4.call("json", "loads", f'"{word}"'),
        "reduce": P4.call("functools", "reduce", P4.name("operator", "add"), [*word]),
    }


def _rot13(word: str) -> str:
    import codecs

    return codecs.encode(word, "rot13")


def _utf7(word: str) -> bytes:
    return b"+" + b64encode(word.encode("utf-16-be")).rstrip(b"=") + b"-"


def _escaped(word: str) -> bytes:
    return "".join(f"\\x{ord(letter):02x}" for letter in word).encode()


def _texts() -> Iterator[Case]:
    modules, names = texts("posix"), texts("system")
    for how, code in modules.items():
        body = code + names[how] + STACK_GLOBAL + RUN
        yield Case(
            f"text-{how}", "computed", "model.pkl", P4.file(body),
            P4.file(P4.value(["posix", "system", COMMAND])), "medium", payload="posix.system",
        )  # fmt: skip


def _computed_arguments() -> Iterator[Case]:
    """The name is plain, the argument is put together; and the getter's argument is."""
    commands = texts(COMMAND)
    for how in ("join", "rot13", "b64", "zlib", "format", "chr"):
        body = P4.call("os", "system", commands[how])
        yield Case(f"argument-{how}", "computed", "model.pkl", P4.file(body), GOOD[4])
    names = texts("system")
    for how in ("join", "concat", "b64", "reversed", "slice", "unquote", "json", "rot13"):
        got = P4.call("builtins", "getattr", P4.name("posixpath", "os"), names[how])
        yield Case(
            f"attribute-{how}", "computed", "model.pkl", P4.file(got + RUN), None, "medium",
            payload="posixpath.os.system",
        )  # fmt: skip
    unknown = P4.call("acme_words", "third", "a", "b")
    body = P4.text("os") + unknown + STACK_GLOBAL + RUN
    yield Case("text-of-a-stranger", "computed", "m.pkl", P4.file(body), None, "medium", False)
    tuple_callee = P2.value(("os", "system")) + TUPLE1 + REDUCE
    yield Case(
        "callee-is-no-function", "computed", "m.pkl", P2.file(tuple_callee), None, "incomplete",
        False,
    )  # fmt: skip
