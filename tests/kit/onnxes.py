"""Writes ONNX files after ``onnx.proto``, also such as the library refuses to make."""

from __future__ import annotations

import struct

from tests.kit.proto import message, pair

FLOAT, STRING = 1, 8


def floats(*numbers: float) -> bytes:
    """Return numbers as raw tensor data."""
    return struct.pack(f"<{len(numbers)}f", *numbers)


def tensor(
    name: str = "w", dims: tuple[int, ...] = (2, 2), dtype: int = FLOAT, raw: bytes | None = None
) -> bytes:
    """Return a tensor; its data is ones unless it is given."""
    if raw is None:
        raw = floats(*[1.0] * 4)
    return message((1, list(dims)), (2, dtype), (8, name), (9, raw))


def external(name: str = "w", dims: tuple[int, ...] = (2, 2), **entries: str) -> bytes:
    """Return a tensor whose data lies in another file."""
    rows = [pair(key, value) for key, value in entries.items()]
    return message((1, list(dims)), (2, FLOAT), (8, name), (13, rows), (14, 1))


def attribute(name: str, *held: tuple[int, object]) -> bytes:
    """Return an attribute with the fields that hold its value."""
    return message((1, name), *held)


def text(name: str, value: str) -> bytes:
    """Return an attribute that is text."""
    return attribute(name, (4, value), (20, 3))


def node(
    op: str, inputs: str = "", outputs: str = "", *attributes: bytes, domain: str = ""
) -> bytes:
    """Return an operator; inputs and outputs are names between blanks."""
    return message(
        (1, inputs.split()), (2, outputs.split()), (4, op), (5, list(attributes)),
        *([(7, domain)] if domain else []),
    )  # fmt: skip


def value(name: str, *dims: int) -> bytes:
    """Return the declaration of a tensor of floats."""
    shape = message((1, [message((1, size)) for size in dims]))
    return message((1, name), (2, message((1, message((1, FLOAT), (2, shape))))))


def graph(
    nodes: list[bytes], inputs: str = "x", outputs: str = "y", tensors: tuple[bytes, ...] = (),
    name: str = "g", sparse: tuple[bytes, ...] = (),
) -> bytes:  # fmt: skip
    """Return a graph over tensors of two by two."""
    return message(
        (1, nodes), (2, name), (5, list(tensors)),
        (11, [value(one, 2, 2) for one in inputs.split()]),
        (12, [value(one, 2, 2) for one in outputs.split()]), (15, list(sparse)),
    )  # fmt: skip


def function(name: str, domain: str, inputs: str, outputs: str, nodes: list[bytes]) -> bytes:
    """Return an operator that the model defines."""
    return message(
        (1, name), (4, inputs.split()), (5, outputs.split()), (7, nodes),
        (9, message((1, ""), (2, 18))), (10, domain),
    )  # fmt: skip


def model(
    body: bytes, *functions: bytes, metadata: dict[str, str] | None = None, domains: str = ""
) -> bytes:
    """Return a file around a graph."""
    opsets = [message((1, domain), (2, 1)) for domain in domains.split()]
    return message(
        (1, 9), (2, "kit"), (7, body), (8, [message((1, ""), (2, 18)), *opsets]),
        (14, [pair(key, text) for key, text in (metadata or {}).items()]), (25, list(functions)),
    )  # fmt: skip


def layer(*more: bytes, outputs: str = "y", tensors: tuple[bytes, ...] = ()) -> bytes:
    """Return a graph of one layer, ``h = x @ w``, and what follows it."""
    nodes = [node("MatMul", "x w", "h"), *more] if more else [node("MatMul", "x w", "y")]
    return graph(nodes, outputs=outputs, tensors=(tensor(), *tensors))
