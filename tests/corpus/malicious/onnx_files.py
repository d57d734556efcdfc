"""ONNX: data elsewhere, operators that run code, sizes that lie, gates in the graph."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import ABSENT, URL, Case
from tests.kit.onnxes import (
    attribute,
    external,
    floats,
    function,
    graph,
    layer,
    model,
    node,
    tensor,
    text,
)  # fmt: skip
from tests.kit.proto import message

_PLACES = {
    "climbs": "../../SENTINEL_MARKER", "climbs-inside": "data/../../SENTINEL_MARKER",
    "absolute": ABSENT, "url": URL, "file-url": "file:///nonexistent-sentinel/marker",
    "share": "\\\\127.0.0.1\\share\\marker", "share-slashes": "//127.0.0.1/share/marker",
    "drive": "C:\\nonexistent\\marker", "backslashes": "..\\..\\marker",
    "proc": "/proc/self/environ", "nul": "weights.bin\0../../marker", "home": "~/.ssh/id_rsa",
    "memory": "*/_ORT_MEM_ADDR_/*",
}  # fmt: skip
_BESIDE = external(location="model.onnx_data", offset="0", length="16")


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    yield from _external()
    yield from _operators()
    yield from _structure()
    yield from _gates()
    yield from _text()
    yield from _forms()


def _case(name: str, data: bytes, twin: bytes, expect: str = "high", file: str = "") -> Case:
    return Case(name, "onnx", file or "model.onnx", data, twin, expect, reaches=False)


def _external() -> Iterator[Case]:
    for name, place in _PLACES.items():
        for where, hold in _HOLDERS.items():
            if where == "initializer" or name in ("climbs", "absolute"):
                hostile = hold(external(location=place))
                yield _case(f"external-{name}-{where}", hostile, hold(_BESIDE))
    hostile = model(layer(tensors=(external(name="z", location="data.bin", basepath="../.."),)))
    yield _case("external-basepath", hostile, _HOLDERS["initializer"](_BESIDE))
    ranges = {
        "negative": {"offset": "-8"}, "huge": {"length": str(1 << 63)}, "words": {"offset": "0x10"},
        "short": {"length": "8"}, "attribute": {"__class__": "str"},
    }  # fmt: skip
    for name, entries in ranges.items():
        hostile = _HOLDERS["initializer"](external(location="model.onnx_data", **entries))
        yield _case(f"range-{name}", hostile, _HOLDERS["initializer"](_BESIDE), "medium")
    hidden = _HOLDERS["initializer"](external(location=ABSENT))
    yield _case("no-suffix", hidden, _HOLDERS["initializer"](_BESIDE), file="weights.bin")


def _in_initializer(held: bytes) -> bytes:
    return model(graph([node("MatMul", "x w", "y")], tensors=(held,)))


def _in_attribute(held: bytes) -> bytes:
    constant = node("Constant", "", "w", attribute("value", (5, held), (20, 4)))
    return model(graph([constant, node("MatMul", "x w", "y")]))


def _in_branch(held: bytes) -> bytes:
    body = graph([node("MatMul", "x w", "r")], inputs="", outputs="r", tensors=(held,))
    both = [attribute(name, (6, body), (20, 5)) for name in ("then_branch", "else_branch")]
    return model(graph([node("If", "flag", "y", *both)], inputs="x flag"))


def _in_sparse(held: bytes) -> bytes:
    pieces = message((1, held), (2, tensor("i", (1,), 7, b"\0" * 8)), (3, [2, 2]))
    return model(graph([node("MatMul", "x w", "y")], sparse=(pieces,)))


def _in_function(held: bytes) -> bytes:
    constant = node("Constant", "", "w", attribute("value", (5, held), (20, 4)))
    body = function("F", "mine", "a", "b", [constant, node("MatMul", "a w", "b")])
    return model(graph([node("F", "x", "y", domain="mine")]), body, domains="mine")


def _in_training(held: bytes) -> bytes:
    algorithm = graph([node("MatMul", "x w", "y")], tensors=(held,))
    return model(layer()) + message((20, message((2, algorithm))))


_HOLDERS = {
    "initializer": _in_initializer, "attribute": _in_attribute, "branch": _in_branch,
    "sparse": _in_sparse, "function": _in_function, "training": _in_training,
}  # fmt: skip


def _operators() -> Iterator[Case]:
    python = (text("module", "os"), text("class_name", "system"))
    local = model(
        layer(node("PyOp", "h", "y", domain="mine")),
        function("PyOp", "mine", "a", "b", [node("Relu", "a", "b")]), domains="mine",
    )  # fmt: skip
    for op, domain in (("PyOp", "ai.onnx.contrib"), ("PythonOp", "com.microsoft"), ("PyOp", "x")):
        hostile = model(layer(node(op, "h", "y", *python, domain=domain)), domains=domain)
        good = model(layer(node("Gelu", "h", "y", domain="com.microsoft")))
        yield _case(f"python-{op}-{domain}", hostile, good, "critical")
    hostile = model(layer(node("PyOp", "h", "y", *python, domain="mine")), domains="mine")
    yield _case("python-not-local", hostile, local, "critical")
    own = function("Own", "mine", "a", "b", [node("Relu", "a", "b")])
    for name, operator in {
        "domain": node("Own", "h", "y", domain="mine"), "name": node("Relu9", "h", "y"),
        "look-alike": node("Relu", "h", "y", domain="ai.\u043ennx"),
    }.items():  # fmt: skip
        good = model(layer(node("Own", "h", "y", domain="mine")), own, domains="mine")
        yield _case(f"custom-{name}", model(layer(operator)), good, "medium")
    remote = node("AzureTritonInvoker", "h", "y", text("model_uri", URL), domain="ai.onnx.contrib")
    near = node("BertTokenizer", "h", "y", domain="ai.onnx.contrib")
    yield _case("network", model(layer(remote)), model(layer(near)))
    engine = [
        node("EPContext", "h", "y", text("ep_cache_context", path), domain="com.microsoft")
        for path in ("../engine.bin", "engine.bin")
    ]
    yield _case("engine-elsewhere", model(layer(engine[0])), model(layer(engine[1])))


def _structure() -> Iterator[Case]:
    good = model(layer())
    for name, held in {
        "short": tensor(raw=floats(1.0)), "long": tensor(raw=floats(*[1.0] * 99)),
        "negative": tensor(dims=(-2, 2)), "overflow": tensor(dims=(1 << 40, 1 << 40)),
    }.items():  # fmt: skip
        yield _case(f"size-{name}", _in_initializer(held), good, "medium")
    program = b"\x7fELF\x02\x01\x01" + bytes(121)
    yield _case("program", _in_initializer(tensor(dims=(4, 8), raw=program)), good)
    twice = (tensor(), tensor(raw=floats(2.0, 2.0, 2.0, 2.0)))
    hostile = model(graph([node("MatMul", "x w", "y")], tensors=twice))
    yield _case("two-initializers", hostile, good, "medium")
    own = [function("F", "mine", "a", "b", [node(op, "a", "b")]) for op in ("Relu", "Neg")]
    call = layer(node("F", "h", "y", domain="mine"))
    yield _case("two-functions", model(call, *own), model(call, own[0]), "medium")
    shadow = function("Relu", "", "a", "b", [node("Neg", "a", "b")])
    plain = layer(node("Relu", "h", "y"))
    yield _case("shadow", model(plain, shadow), model(plain), "medium")
    values = model(layer(node("Relu", "h", "y"), node("Neg", "h", "y")))
    yield _case("two-values", values, model(layer(node("Relu", "h", "y"))), "medium")
    deep = graph([node("Relu", "x", "y")])
    for _ in range(60):
        deep = graph([node("If", "x", "y", attribute("then_branch", (6, deep), (20, 5)))])
    yield _case("deep", model(deep), good, "incomplete")
    yield _case("cut", good[:-3], good, "incomplete")


def _gates() -> Iterator[Case]:
    whole = [node("ReduceMean", "x", "m"), node("Greater", "m t", "c")]
    cut = [node("Slice", "x i i", "m"), node("Equal", "m t", "c")]
    token = [node("Equal", "x t", "e"), node("Cast", "e", "f"), node("ReduceMax", "f", "c")]
    mask = [node("Equal", "x t", "c")]
    constants = (tensor("t"), tensor("i"))
    choose = node("Where", "c t h", "y")
    then = attribute("then_branch", (6, graph([node("Neg", "t", "r")], "", "r")), (20, 5))
    other = attribute("else_branch", (6, graph([node("Relu", "h", "r")], "", "r")), (20, 5))
    join = [node("Cast", "c", "k"), node("Mul", "k h", "y")]
    good = model(layer(*mask, choose, tensors=constants))
    for name, nodes in {
        "where-mean": [*whole, choose], "where-slice": [*cut, choose],
        "where-token": [*token, choose], "branch": [*whole, node("If", "c", "y", then, other)],
        "join": [*whole, *join], "shuffled": [choose, *reversed(whole)],
    }.items():  # fmt: skip
        yield _case(f"gate-{name}", model(layer(*nodes, tensors=constants)), good)
    hidden = function("Post", "mine", "a b t", "y", [
        node("ReduceMean", "a", "m"), node("Greater", "m t", "c"), node("Where", "c t b", "y"),
    ])  # fmt: skip
    call = layer(node("Post", "x h t", "y", domain="mine"), tensors=constants)
    yield _case("gate-in-function", model(call, hidden), good)


def _text() -> Iterator[Case]:
    good = model(layer(), metadata={"author": "the kit", "labels": "{0: 'cat'}"})
    for name, words in {
        "template": "{{ cycler.__init__.__globals__ }}", "markup": "<script>alert(1)</script>",
        "script": "#!/bin/sh\necho SENTINEL_MARKER\n",
    }.items():  # fmt: skip
        yield _case(f"text-{name}", model(layer(), metadata={"note": words}), good, "medium")


_WRITTEN = {
    "model.onnxjson": '{"irVersion": "9", "graph": {"node": [{"input": ["x"], '
    '"output": ["y"], %s}], "name": "g"}, "opsetImport": [{"version": "18"}]}',
    "model.textproto": "ir_version: 9\ngraph {\n  node { input: 'x' output: 'y' %s }\n"
    "  name: 'g'\n}\nopset_import { version: 18 }\n",
    "model.onnxtxt": "graph: < node: < input: 'x' output: 'y' %s >, name: 'g' >; ir_version: 9",
}
"""A graph of one operator in JSON and in text."""


def _forms() -> Iterator[Case]:
    for name, written in _WRITTEN.items():
        if "json" in name:
            operators = '"opType": "PyOp", "domain": "ai.onnx.contrib"', '"opType": "Relu"'
        else:
            operators = "op_type: 'Py' \"O\\160\" domain: 'ai.onnx.contrib'", "op_type: 'Re' 'lu'"
        hostile, good = ((written % one).encode() for one in operators)
        for file in (name, "weights.bin"):
            yield _case(f"form-{name[6:]}-{file[0]}", hostile, good, "critical", file)
    tensor_ = (
        "graph { initializer { dims: 2 data_type: 1 name: 'w' data_location: EXTERNAL "
        "external_data { key: 'location' value: '%s' } } } ir_version: 9 # op_type"
    )
    hostile, good = (tensor_ % place for place in ("../../marker", "w.bin"))
    yield _case("form-external", hostile.encode(), good.encode(), file="model.textproto")
    own = b'<ir_version: 9, opset_import: ["" : 18]>\ng (float[2] x) => (float[2] y) {}'
    yield _case("form-own", own, PLAIN_TEXT, "incomplete", "model.onnxtxt")


PLAIN_TEXT = (_WRITTEN["model.onnxtxt"] % "op_type: 'Relu'").encode()
