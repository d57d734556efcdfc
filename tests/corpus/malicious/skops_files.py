"""skops archives whose nodes name what no model needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.arrays import zipped
from tests.corpus.malicious.case import COMMAND, EVIL, GOOD, Case

Node = dict[str, Any]


def cases() -> Iterator[Case]:
    twin = archive(root(node("ObjectNode", "sklearn.linear_model._base", "LinearRegression")))
    for name, (hostile, expect) in NODES.items():
        yield Case(name, "skops", "m.skops", archive(root(hostile)), twin, expect, False)
    old = archive(root(V0), protocol=0)
    yield Case("function-of-protocol-0", "skops", "m.skops", old, twin, "critical", False)
    hostile = root(NODES["function"][0])
    for number in (True, "2", 99, -1, None):
        data = archive(hostile, protocol=number)
        yield Case(f"protocol-{number}", "skops", "m.skops", data, twin, "critical", False)
    for files, name in (({"0.npy": EVIL[4]}, "pickle-as-array"), ({"x.pkl": EVIL[2]}, "pickle")):
        quiet = {path: GOOD[4] if data == EVIL[4] else GOOD[2] for path, data in files.items()}
        plain = root(PLAIN)
        data, twin = archive(plain, **files), archive(plain, **quiet)
        yield Case(name, "skops", "m.skops", data, twin, stream=next(iter(files.values())))
    shouting = zipped({"SCHEMA.JSON": json.dumps(hostile).encode()})
    yield Case("schema-in-capitals", "skops", "m.skops", shouting, None, "critical", False)
    yield Case("no-schema", "skops", "m.skops", zipped({"a": b"b"}), None, "incomplete", False)


def node(loader: str, module: str, name: str, **more: Any) -> Node:
    """Return a node of a schema."""
    return {"__class__": name, "__module__": module, "__loader__": loader, **more}


def text(value: str) -> Node:
    """Return a node for a text."""
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def sequence(*items: Node) -> Node:
    """Return a node for a tuple."""
    return node("TupleNode", "builtins", "tuple", content=list(items))


def root(inner: Node) -> Node:
    """Return a schema around a node."""
    return node("DictNode", "builtins", "dict", key_types=sequence(), content={"model": inner})


def archive(schema: Node, protocol: Any = 2, **files: bytes) -> bytes:
    """Return a skops file."""
    whole = {**schema, "protocol": protocol, "_skops_version": "0.16.0"}
    return zipped({"schema.json": json.dumps(whole).encode(), **files})


_OBJECT = node("ObjectNode", "sklearn.linear_model._base", "LinearRegression", content=None)
_LOADED = node("ObjectNode", "sklearn.pipeline", "Pipeline", content=None)
V0 = node("FunctionNode", "builtins", "function",
          content={"module_path": "os", "function": "system"})  # fmt: skip
"""A function as protocol 0 gives it: what is shown is not what is looked up."""

NODES: dict[str, tuple[Node, str]] = {
    "function": (node("FunctionNode", "os", "system"), "critical"),
    "function-posix": (node("FunctionNode", "posix", "popen"), "critical"),
    "function-eval": (node("FunctionNode", "builtins", "eval"), "critical"),
    "type": (node("TypeNode", "subprocess", "Popen"), "critical"),
    "type-builtin": (node("TypeNode", "builtins", "exec"), "critical"),
    "object": (node("ObjectNode", "subprocess", "Popen", content=None), "critical"),
    "reduce": (
        node("ConstructorFromReduceNode", "os", "system", content=sequence(text(COMMAND))),
        "critical",
    ),
    "partial": (
        node("PartialNode", "functools", "partial", content={
            "func": node("FunctionNode", "os", "system"), "args": sequence(text(COMMAND)),
        }), "critical",
    ),
    "loss": (
        node("LossNode", "os", "system", __reduce__={"args": sequence(text("x"))}), "critical",
    ),
    "set-of-functions": (
        node("SetNode", "builtins", "set", content=[node("FunctionNode", "pickle", "loads")]),
        "critical",
    ),
    "joblib": (node("FunctionNode", "joblib", "load"), "critical"),
    "unknown-object": (node("ObjectNode", "nobody.knows", "Thing", content=None), "medium"),
    "unknown-function": (node("FunctionNode", "nobody.knows", "thing"), "medium"),
    "unknown-loader": (node("ShellNode", "builtins", "str", content="x"), "medium"),
    "method-shown-as-another": (
        node("MethodNode", "sklearn.linear_model._base", "LinearRegression",
             content={"func": "fit", "obj": _LOADED}), "high",
    ),
    "method-dunder": (
        node("MethodNode", "sklearn.linear_model._base", "LinearRegression",
             content={"func": "__init__.__globals__", "obj": _OBJECT}), "high",
    ),
    "operator-shown-as-another": (
        node("OperatorFuncNode", "sklearn.pipeline", "call", attrs=sequence(text("x"))), "high",
    ),
    "operator-call": (
        node("OperatorFuncNode", "operator", "call",
             attrs=sequence(node("FunctionNode", "os", "system"))), "critical",
    ),
    "operator-globals": (
        node("OperatorFuncNode", "operator", "attrgetter",
             attrs=sequence(text("fit.__globals__"))), "high",
    ),
    "operator-method": (
        node("OperatorFuncNode", "operator", "methodcaller", attrs=sequence(text("system"))),
        "high",
    ),
    "partial-shown-as-another": (
        node("PartialNode", "sklearn.pipeline", "Pipeline", content={"func": _OBJECT}), "high",
    ),
}  # fmt: skip
"""Nodes by name, with the least severity of what is found."""
PLAIN = _OBJECT
"""A node for an ordinary estimator."""
