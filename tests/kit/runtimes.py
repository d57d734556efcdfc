"""Programs for small runtimes, written after their published schemas; ExecuTorch is not installed.

TensorRT's and RKNN's formats are not published: of those only the first bytes are made.
"""

from __future__ import annotations

import struct
from typing import Any

from tests.kit.flat import Longs, flat
from tests.kit.natives import elf


def executorch(
    operator: str = "aten::add", delegate: str = "XnnpackBackend", *, call: int = 0,
    argument: int = 1, kind: int = 1, segments: tuple[tuple[int, int], ...] = (),
    data: bytes = b"", extended: bool = True, version: bytes = b"ET12",
) -> bytes:  # fmt: skip
    """Return a program of one method, one call, one operator and one delegate."""
    arguments: dict[int, Any] = {0: (4, call), 1: [0, argument]}
    if kind in (3, 4):
        arguments[1] = (4, argument)
    chain = {0: [0], 1: [1], 2: [{0: (1, kind), 1: arguments}]}
    values = [{0: (1, 5), 1: {0: (1, 6), 2: [2, 2]}} for _ in range(2)]
    plan = {
        0: "forward", 2: values, 3: [0], 4: [1], 5: [chain],
        6: [{0: operator, 1: "out"}], 7: [{0: delegate, 1: {0: (1, 1), 1: (4, 0)}}],
    }  # fmt: skip
    listed = [{0: (8, start), 1: (8, length)} for start, length in segments]
    root = {0: (4, 0), 1: [plan], 4: listed}
    raw = flat(root, version)
    if not extended:
        return raw
    offset = int.from_bytes(raw[:4], "little")
    size = len(raw) + 32
    base = -(-size // 16) * 16
    head = b"eh00" + struct.pack("<IQQI", 32, size, base, len(data)) + bytes(4)
    whole = struct.pack("<I", offset + 32) + raw[4:8] + head + raw[8:]
    return whole.ljust(base, b"\0") + data


def mobile(
    operator: str = "aten::add", method: int = 0, source: bytes = b"", weights: bytes = b""
) -> bytes:
    """Return a module of one function that calls one operator."""
    function = {0: "__torch__.M.forward", 2: [{0: operator, 1: "Tensor"}]}
    files = [{0: "code/__torch__.py", 1: source}] if source else []
    root = {
        0: (4, 9), 2: [method], 3: (4, 0), 4: [{0: (1, 16), 1: function}],
        6: [{0: weights}] if weights else [], 7: [{0: "__torch__.M"}], 8: files,
    }  # fmt: skip
    return flat(root, b"PTMF")


def ort_node(op: str, takes: str, gives: str, domain: str = "", **texts: str) -> dict[int, Any]:
    """Return an operator of ONNX Runtime's form; names between blanks."""
    held = [{0: name, 2: (4, 3), 5: value} for name, value in texts.items()]
    return {2: domain, 5: op, 8: takes.split(), 9: gives.split(), 10: held}


def ort(
    *nodes: dict[int, Any], data: bytes = bytes(16), floats: int = 4, names: str = "w",
    props: tuple[tuple[str, str], ...] = (), inner: dict[int, Any] | None = None,
) -> bytes:  # fmt: skip
    """Return a model in ONNX Runtime's form, with tensors of floats by name."""
    tensors = [{0: name, 2: Longs([floats]), 3: (4, 1), 4: data} for name in names.split()]
    graph = {0: tensors, 2: list(nodes) or [ort_node("Add", "x w", "y")], 5: ["x"], 6: ["y"]}
    entries = [{0: key, 1: value} for key, value in props]
    model = {0: (8, 9), 1: [{0: "", 1: (8, 17)}], 2: "kit", 7: inner or graph, 9: entries}
    return flat({0: "1.32.0", 1: model}, b"ORTM")


def tensorrt(inside: bytes = b"", metadata: bytes = b"") -> bytes:
    """Return the first bytes of an engine, and something within it."""
    front = struct.pack("<I", len(metadata)) + metadata if metadata else b""
    gpu = elf(2, 190)
    return front + b"ftrt" + bytes(60) + gpu + bytes(500) + inside + bytes(100)


RKNN = b"RKNN" + bytes(4) + struct.pack("<QQ", 6, 64) + bytes(64) + b"{}"

NCNN = """7767517
3 3
Input            data    0 1 data
Convolution      conv1   1 1 data conv1 0=8 1=3
ReLU             relu1   1 1 conv1 relu1
"""
"""Three layers and three blobs."""


def mnn() -> bytes:
    """Return a network of one operator."""
    return flat({0: "kit", 3: [{0: [0], 3: "op", 4: [1], 5: (4, 7)}], 7: ["x", "y"]})
