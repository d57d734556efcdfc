"""TensorFlow's graphs: Python, files, connections, foreign operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.corpus.malicious.case import ABSENT, URL, Case
from tests.kit.natives import elf
from tests.kit.tfs import constant, data, function, graph, meta, node, saved, text

_X = node("Placeholder", "x")
_PATH = node("Const", "path", "", constant(ABSENT))
_NEAR = node("Const", "path", "", constant("model"))
_CALL = node("PartitionedCall", "call", "x")


def _in_function(*nodes: bytes) -> bytes:
    return saved(graph(_X, _CALL, functions=(function("inner", *nodes),)))


_HOLDERS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "saved": ("saved_model.pb", lambda *nodes: saved(graph(_X, *nodes))),
    "function": ("saved_model.pb", _in_function),
    "meta": ("model.meta", lambda *nodes: meta(graph(_X, *nodes))),
    "frozen": ("frozen.pb", lambda *nodes: graph(_X, *nodes)),
    "unnamed": ("weights.bin", lambda *nodes: graph(_X, *nodes)),
}


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    for holder, (file, hold) in _HOLDERS.items():
        good = hold(node("Relu", "y", "x"))
        for op in ("PyFunc", "PyFuncStateless", "EagerPyFunc"):
            hostile = hold(node(op, "y", "x", text("token", "pyfunc_0")))
            yield _case(f"{op}-{holder}", file, hostile, good, "critical")
        for op in ("ReadFile", "WriteFile", "MatchingFiles"):
            yield _case(f"{op}-{holder}", file, hold(_PATH, node(op, "y", "path x")), good)
    yield from _paths()
    yield from _network()
    yield from _structure()


def _case(name: str, file: str, data: bytes, twin: bytes, expect: str = "high") -> Case:
    return Case(name, "tensorflow", file, data, twin, expect, reaches=False)


def _paths() -> Iterator[Case]:
    hold = _HOLDERS["saved"][1]
    for op in ("SaveV2", "RestoreV2", "MergeV2Checkpoints"):
        hostile, good = (
            hold(path, node("Identity", "same", "path"), node(op, "y", "same x"))
            for path in (_PATH, _NEAR)
        )
        yield _case(f"{op}-elsewhere", "saved_model.pb", hostile, good)
    for name, path in {"url": URL, "climbs": "../../marker", "share": "//127.0.0.1/marker"}.items():
        far = node("Const", "path", "", constant(path))
        hostile, good = (hold(one, node("SaveV2", "y", "path x")) for one in (far, _NEAR))
        yield _case(f"SaveV2-{name}", "saved_model.pb", hostile, good)
    for op in ("TFRecordDataset", "TextLineDataset", "InitializeTableFromTextFileV2"):
        hostile, good = (hold(path, node(op, "y", "x path")) for path in (_PATH, _NEAR))
        yield _case(f"{op}-elsewhere", "saved_model.pb", hostile, good)
    database = node("Const", "db", "", constant("sqlite"))
    hostile = hold(_PATH, database, node("SqlDataset", "y", "db path x"))
    yield _case("sql", "saved_model.pb", hostile, hold(node("RangeDataset", "y", "x")))
    printed = [node("PrintV2", "y", "x", text("output_stream", out))
               for out in (f"file://{ABSENT}", "stderr")]  # fmt: skip
    yield _case("print", "saved_model.pb", hold(printed[0]), hold(printed[1]))
    regions = [node("ImmutableConst", "y", "", text("memory_region_name", place))
               for place in ("/proc/self/environ", "memmapped_package://w")]  # fmt: skip
    yield _case("region", "frozen.pb", graph(_X, regions[0]), graph(_X, regions[1]))
    body = graph(_X, _PATH, node("InitializeTableFromTextFileV2", "y", "x path"))
    hostile = saved(body, ("path:0", "../../../etc/marker"))
    yield _case("asset", "saved_model.pb", hostile, saved(body, ("path:0", "words.txt")))


def _network() -> Iterator[Case]:
    hold = _HOLDERS["saved"][1]
    places = ("grpc://127.0.0.1:9", "memcbk:///a"), ("memcbk:///a", "memcbk:///b")
    urls = [node("DebugIdentity", "y", "x", text("debug_urls", *out)) for out in places]
    yield _case("debug", "saved_model.pb", hold(urls[0]), hold(urls[1]))
    address = node("Const", "to", "", constant("127.0.0.1:9"))
    hostile = hold(address, node("RpcClient", "y", "to x"))
    yield _case("rpc", "saved_model.pb", hostile, hold(address, node("Identity", "y", "to")))


def _structure() -> Iterator[Case]:
    hold = _HOLDERS["saved"][1]
    own = graph(_X, node("Mine", "y", "x"), functions=(function("Mine", node("Relu", "r", "a")),))
    yield _case("custom", "saved_model.pb", hold(node("Mine", "y", "x")), saved(own), "medium")
    twin = saved(graph(_X, functions=(function("inner", node("Relu", "r", "a")),)))
    shadow = saved(graph(_X, functions=(function("AddV2", node("Relu", "r", "a")),)))
    yield _case("shadow", "saved_model.pb", shadow, twin, "medium")
    yield _case("abort", "saved_model.pb", hold(node("Abort", "y")), twin, "medium")
    for name, held in {
        "data": (bytes(range(256)), elf().ljust(256, b"\0")),
        "text": (b"plain words of a vocabulary " * 9, b"#!/bin/sh\n".ljust(256, b"#")),
    }.items():
        good, hostile = (graph(_X, node("Const", "w", "", data(name, one))) for one in held)
        yield _case(f"program-in-{name}", "frozen.pb", hostile, good)
    yield _case("cut", "saved_model.pb", twin[:-4], twin, "incomplete")
