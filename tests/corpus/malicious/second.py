"""Second stages: what is called reads another program, from bytes, from text or from a path."""

from __future__ import annotations

import base64
import bz2
import io
import marshal
import pickle
import zlib
from collections.abc import Iterator

from tests.corpus.malicious.case import (
    ABSENT,
    COMMAND,
    EVIL,
    GOOD,
    P2,
    P4,
    PROTOCOLS,
    SOURCE,
    Case,
    rows,
)  # fmt: skip
from tests.corpus.malicious.computed import bound
from tests.corpus.malicious.walks import got
from tests.kit.assemble import BYTEARRAY8

PLAIN = pickle.dumps({"a": b"bytes", "b": b"\x00" * 40, "c": "text"}, 4)


def cases() -> Iterator[Case]:
    yield from _bytes_and_paths()
    yield from _unpicklers()
    yield from _source()
    yield from _functions()
    yield from _layers()
    yield from _stored()


def _bytes_and_paths() -> Iterator[Case]:
    for expect, module, name in rows("of_bytes.txt"):
        data = P4.file(P4.call(module, name, EVIL[4]))
        yield _case(f"loads-{module}:{name}", data, expect, f"{module}.{name}", PLAIN)
    for expect, module, name in rows("of_paths.txt"):
        data = P4.file(P4.call(module, name, ABSENT))
        yield _case(f"path-{module}:{name}", data, expect, f"{module}.{name}", GOOD[4])


def _case(
    name: str, data: bytes, expect: str, payload: str, twin: bytes | None, reaches: bool = True
) -> Case:
    return Case(name, "second-stage", "model.pkl", data, twin, expect, reaches, payload)


_MILD = ("numpy.ndarray.__setstate__", "numpy.core.multiarray._pickle")


def _unpicklers() -> Iterator[Case]:
    for p in PROTOCOLS[2:]:
        inner = EVIL[p.protocol]
        data = p.file(p.call("pickle", "loads", inner))
        yield _case(f"pickle-{p.protocol}", data, "high", "pickle.loads", GOOD[p.protocol])
        twice = p.file(p.call("pickle", "loads", data))
        yield _case(f"pickle-twice-{p.protocol}", twice, "high", "pickle.loads", GOOD[p.protocol])
    memory = P4.call("io", "BytesIO", EVIL[4])
    reads = pickle.dumps({"f": io.BytesIO(b"abc")}, 4)
    forms = {
        "pickle.load": P4.call("pickle", "load", memory),
        "pickle._load": P4.call("pickle", "_load", memory),
        "pickle.Unpickler": P4.apply(got(P4.call("pickle", "Unpickler", memory), "load")),
        "_pickle.Unpickler": P4.apply(got(P4.call("_pickle", "Unpickler", memory), "load")),
        "dill.load": P4.call("dill", "load", memory),
        "joblib.load": P4.call("joblib", "load", memory),
        "torch.load": P4.call("torch", "load", memory),
        "numpy.load": P4.call("numpy", "load", memory, None, True),
        "numpy.lib.format.read_array": P4.call("numpy.lib.format", "read_array", memory, True),
        "pandas.read_pickle": P4.call("pandas", "read_pickle", memory),
        "marshal.load": P4.call("marshal", "load", memory),
        "numpy.ndarray.__setstate__": P4.call(
            "numpy", "ndarray.__setstate__", P4.call("numpy", "ndarray", (0,)), memory
        ),
        "numpy.core.multiarray._pickle": P4.call("numpy.core.multiarray", "_pickle", memory),
    }
    for path, code in forms.items():
        payload = path if not path.endswith("Unpickler") else f"{path}().load"
        expect = "medium" if path in _MILD else "high"
        yield _case(f"memory-{path}", P4.file(code), expect, payload, reads)


def _source() -> Iterator[Case]:
    call, text = P4.call, P4.file(P4.value({"code": SOURCE}))
    compiled = call("builtins", "compile", SOURCE, "<string>", "exec")
    forms = {
        "exec": (call("builtins", "exec", SOURCE), "builtins.exec"),
        "eval": (call("builtins", "eval", SOURCE), "builtins.eval"),
        "exec-of-bytes": (call("builtins", "exec", SOURCE.encode()), "builtins.exec"),
        "exec-of-compile": (call("builtins", "exec", compiled), "builtins.exec"),
        "compile": (compiled, "builtins.compile"),
        "eval-import": (
            call("builtins", "eval", f"__import__('os').system({COMMAND!r})"), "builtins.eval",
        ),
        "exec-with-globals": (call("builtins", "exec", SOURCE, {"__name__": "x"}), "builtins.exec"),
        "run-module": (call("runpy", "_run_code", SOURCE, {}), "runpy._run_code"),
        "code-interpreter": (
            P4.apply(got(call("code", "InteractiveInterpreter"), "runsource"), SOURCE),
            "code.InteractiveInterpreter().runsource",
        ),
        "timeit": (call("timeit", "timeit", SOURCE), "timeit.timeit"),
        "numpy-runstring": (
            call("numpy.testing", "runstring", SOURCE, {}), "numpy.testing.runstring",
        ),
        "pandas-eval": (call("pandas", "eval", "@x"), "pandas.eval"),
        "numexpr": (call("numexpr", "evaluate", "1"), "numexpr.evaluate"),
        "sympify": (call("sympy", "sympify", SOURCE), "sympy.sympify"),
        "forward-ref": (
            call("typing", "_eval_type", call("typing", "ForwardRef", SOURCE), {}, {}),
            "typing._eval_type",
        ),
        "named-tuple-field": (
            call("collections", "namedtuple", "T", SOURCE), "collections.namedtuple",
        ),
        "dataclass": (
            call("dataclasses", "make_dataclass", "T", [SOURCE]), "dataclasses.make_dataclass",
        ),
        "jit-compile": (call("torch.jit", "CompilationUnit", SOURCE), "torch.jit.CompilationUnit"),
        "template": (
            P4.apply(got(call("jinja2", "Template", "{{ x }}"), "render")),
            "jinja2.Template().render",
        ),
        "mako": (call("mako.template", "Template", SOURCE), "mako.template.Template"),
        "ast-compile": (
            call("builtins", "compile", call("ast", "parse", SOURCE), "x", "exec"),
            "builtins.compile",
        ),
    }  # fmt: skip
    strong = ("exec", "eval", "run-module", "code-interpreter", "timeit", "numpy-runstring")
    for label, (code, payload) in forms.items():
        expect = "critical" if label.startswith(strong) else "medium"
        yield _case(f"source-{label}", P4.file(code), expect, payload, text)


def _functions() -> Iterator[Case]:
    """Code objects: from marshal, from their constructor, put into a function and called."""
    raw = marshal.dumps(compile(SOURCE, "<string>", "exec"))
    code = P4.call("marshal", "loads", raw)
    function = P4.call("types", "FunctionType", code, {})
    harmless = P4.file(P4.value({"raw": raw[:4], "name": "x"}))
    forms = {
        "marshal-exec": (P4.call("builtins", "exec", code), "builtins.exec"),
        "marshal-function": (P4.apply(function), "types.FunctionType()"),
        "marshal-lambda": (
            P4.apply(P4.call("types", "LambdaType", code, {})), "types.LambdaType()",
        ),
        "marshal-kept": (P4.value([function]), "types.FunctionType"),
        "function-of-type": (
            P4.apply(P4.call("builtins", "type", P4.name("textwrap", "dedent")), code, {}),
            "builtins.type()",
        ),
        "code-type": (
            P4.call("types", "CodeType", 0, 0, 0, 0, 1, 0, b"", (), (), (), "f", "n", "q", 1, b"",
                    b"", (), ()),
            "types.CodeType",
        ),
        "module": (P4.call("types", "ModuleType", "os"), "types.ModuleType"),
        "replace-code": (
            P4.call("builtins", "setattr", P4.name("textwrap", "dedent"), "__code__", code),
            "builtins.setattr",
        ),
    }  # fmt: skip
    for label, (body, payload) in forms.items():
        expect = "high" if label not in ("module",) else "medium"
        yield _case(f"code-{label}", P4.file(body), expect, payload, harmless)


def _layers() -> Iterator[Case]:
    """Source and pickles behind layers of text and compression."""
    raw = SOURCE.encode()
    decode = {
        "b64": P4.call("base64", "b64decode", base64.b64encode(raw)),
        "b85": P4.call("base64", "b85decode", base64.b85encode(raw)),
        "a2b": P4.call("binascii", "a2b_base64", base64.b64encode(raw)),
        "hex": P4.call("builtins", "bytes.fromhex", raw.hex()),
        "zlib": P4.call("zlib", "decompress", zlib.compress(raw)),
        "bz2": P4.call("bz2", "decompress", bz2.compress(raw)),
        "codec-zlib": P4.call("codecs", "decode", zlib.compress(raw), "zlib"),
        "codec-hex": P4.call("codecs", "decode", raw.hex().encode(), "hex"),
        "codec-b64": P4.call("_codecs", "decode", base64.b64encode(raw), "base64"),
        "b64-zlib": P4.call(
            "zlib", "decompress",
            P4.call("base64", "b64decode", base64.b64encode(zlib.compress(raw))),
        ),
        "reversed": P4.call("operator", "getitem", raw[::-1],
                            P4.call("builtins", "slice", None, None, -1)),
        "decoded": P4.apply(bound(raw, "decode")),
    }  # fmt: skip
    for label, code in decode.items():
        data = P4.file(P4.call("builtins", "exec", code))
        twin = P4.file(P4.value({"kept": raw}))
        yield _case(f"layer-exec-{label}", data, "critical", "builtins.exec", twin)
    packed = zlib.compress(EVIL[4])
    for label, code in {
        "b64": P4.call("base64", "b64decode", base64.b64encode(EVIL[4])),
        "zlib": P4.call("zlib", "decompress", packed),
        "gzip": P4.call("gzip", "decompress", packed),
        "lzma": P4.call("lzma", "decompress", packed),
        "b64-zlib": P4.call(
            "zlib", "decompress", P4.call("base64", "b64decode", base64.b64encode(packed))
        ),
    }.items():
        data = P4.file(P4.call("pickle", "loads", code))
        yield _case(f"layer-pickle-{label}", data, "high", "pickle.loads", PLAIN)


def _stored() -> Iterator[Case]:
    """Pickles kept as plain byte values, which whoever gets the object will load."""
    for p in PROTOCOLS:
        inner, good = EVIL[p.protocol], GOOD[p.protocol]
        for outer in (P2, P4):
            if outer is P2 and p.protocol < 2:
                continue
            # Text protocols have no header: their bytes are told from text by what they do.
            data = outer.file(outer.value({"meta": 1, "blob": inner}))
            twin = outer.file(outer.value({"meta": 1, "blob": good}))
            yield Case(
                f"stored-{p.protocol}-in-{outer.protocol}", "second-stage", "model.pkl", data, twin,
                "medium", False,
            )  # fmt: skip
    packed = P4.file(P4.value({"blob": zlib.compress(EVIL[4])}))
    twin = P4.file(P4.value({"blob": zlib.compress(GOOD[4])}))
    yield Case("stored-zlib", "second-stage", "m.pkl", packed, twin, "medium", False)
    array = P4.file(P4.value({"blob": BYTEARRAY8(EVIL[4])}))
    yield Case("stored-bytearray", "second-stage", "m.pkl", array, PLAIN, "medium", False)
    legacy = P4.call("torch.storage", "_load_from_bytes", EVIL[2])
    yield _case("torch-storage", P4.file(legacy), "high", "torch.storage._load_from_bytes", None)
