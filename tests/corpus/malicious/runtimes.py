"""Programs for small runtimes: foreign operators and backends, indices that lead outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.case import Case
from tests.kit.natives import elf
from tests.kit.runtimes import RKNN, executorch, mnn, mobile, ort, ort_node, tensorrt

_FOREIGN: dict[str, dict[str, Any]] = {
    "operator": {"operator": "evil::run"}, "operator-bare": {"operator": "run"},
    "delegate": {"delegate": "MyBackend"},
}  # fmt: skip
_OUTSIDE: dict[str, dict[str, Any]] = {
    "operator-index": {"call": 7}, "operator-negative": {"call": -1}, "argument": {"argument": 99},
    "delegate-index": {"kind": 2, "call": 3}, "move": {"kind": 3, "argument": 400},
    "jump": {"kind": 4, "argument": 1 << 20}, "free": {"kind": 5, "call": 12},
    "segment-far": {"segments": ((0, 1 << 40),)}, "segment-huge": {"segments": ((1 << 62, 16),)},
    "behind": {"data": b"x" * 80},
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    yield from _ort()
    good = executorch()
    for name, change in {**_FOREIGN, **_OUTSIDE}.items():
        yield _case(f"pte-{name}", "m.pte", executorch(**change), good)
    code = elf(3).ljust(256, b"\0")
    library = executorch(segments=((0, 256),), data=code)
    plain = executorch(segments=((0, 256),), data=bytes(256))
    yield _case("pte-library", "m.pte", library, plain, "high")
    for operator in ("aten::from_file", "aten::save"):
        yield _case(f"ptl-{operator[6:]}", "m.ptl", mobile(operator), mobile(), "high")
    yield _case("ptl-custom", "m.ptl", mobile("evil::run"), mobile())
    yield _case("ptl-index", "m.ptl", mobile(method=50), mobile())
    yield _case("trt-library", "m.engine", tensorrt(code), None)
    names = b'{"task": "detect"}'
    yield _case("trt-described-library", "m.engine", tensorrt(code, names), None)
    for name, data in {"m.engine": tensorrt(), "m.rknn": RKNN, "m.mnn": mnn()}.items():
        yield _case(f"opaque-{name[2:]}", name, data, None, "incomplete")


def _ort() -> Iterator[Case]:
    add = ort_node("Add", "x w", "y")
    forms = {
        "custom": (ort(ort_node("Act", "x w", "y", "evil.ops")), "medium"),
        "python": (ort(ort_node("PyOp", "x", "y", "ai.onnx.contrib", module="os")), "critical"),
        "remote": (ort(ort_node("AzureAudio", "x", "y", "com.microsoft.extensions")), "high"),
        "size": (ort(add, data=bytes(80)), "medium"),
        "negative": (ort(add, floats=-4), "medium"),
        "twice": (ort(add, names="w w"), "medium"),
        "program": (ort(add, data=elf().ljust(256, b"\0"), floats=64), "high"),
        "behind": (ort(add) + elf().ljust(256, b"\0"), "high"),
        "script": (ort(add, props=(("note", "{{ cycler.__init__.__globals__ }}"),)), "medium"),
    }
    for name, (data, expect) in forms.items():
        yield Case(f"ort-{name}", "runtime", "m.ort", data, ort(add), expect, reaches=False)


def _case(name: str, file: str, data: bytes, twin: bytes | None, expect: str = "medium") -> Case:
    return Case(name, "runtime", file, data, twin, expect, reaches=False)
