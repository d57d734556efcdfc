"""Writes Core ML, PaddlePaddle, Caffe, MXNet and CNTK files after their published formats."""

from __future__ import annotations

import json
import struct
from typing import Any

from tests.kit.proto import message


def coreml(*parts: tuple[int, Any]) -> bytes:
    """Return a Core ML model with parts by the number of their type."""
    about = message((1, message((1, "x"))), (100, message((3, "the kit"))))
    return message((1, 6), (2, about), *parts)


def network(*layers: tuple[int, bytes]) -> tuple[int, bytes]:
    """Return a network of layers by the number of their type."""
    rows = [message((1, f"l{n}"), (2, "x"), (3, "y"), layer) for n, layer in enumerate(layers)]
    return 500, message((1, rows))


def program(*operations: bytes) -> tuple[int, bytes]:
    """Return an ML program of one function and block."""
    block = message((3, list(operations)))
    function = message((2, "CoreML8"), (3, message((1, "CoreML8"), (2, block))))
    return 502, message((1, 1), (2, message((1, "main"), (2, function))))


def operation(kind: str, blob: str = "", cls: str = "") -> bytes:
    """Return an operation that names a file of weights or a class."""
    rows = []
    if blob:
        rows.append(message((1, "val"), (2, message((5, message((1, blob), (2, 64)))))))
    if cls:
        held = message((3, message((1, message((4, message((1, cls))))))))
        rows.append(message((1, "class_name"), (2, held)))
    return message((1, kind), (5, rows))


def linked(file: str, folder: str = ".") -> tuple[int, bytes]:
    """Return a model that is another file."""
    return 556, message((1, message((1, message((1, file))), (2, message((1, folder))))))


def paddle(*operators: bytes) -> bytes:
    """Return a program of PaddlePaddle."""
    block = message((1, 0), (2, -1), (3, message((1, "x"))), (4, list(operators)))
    return message((1, block), (4, message((1, 2_006_000))))


def paddle_operator(kind: str, **texts: str) -> bytes:
    """Return an operator of PaddlePaddle with attributes that are text."""
    rows = [message((1, key), (2, 2), (5, text)) for key, text in texts.items()]
    return message((3, kind), (4, rows))


def paddle_json(*operators: dict[str, Any], first: str = "base_code") -> bytes:
    """Return a program of PaddlePaddle 3."""
    block = {"#": "block_0", "args": [], "ops": list(operators)}
    parts = {
        "base_code": {"magic": "pir", "trainable": True, "version": 4},
        "program": {"regions": [{"#": "region_0", "blocks": [block]}]},
    }
    return json.dumps({first: parts.pop(first), **parts}, separators=(",", ":")).encode()


def pir(kind: str, *inner: dict[str, Any], **texts: str) -> dict[str, Any]:
    """Return an operator of PaddlePaddle 3 with attributes that are text, and with a region."""
    held = [{"AT": {"#": "0.a_str", "D": text}, "N": name} for name, text in texts.items()]
    regions = [{"#": "r", "blocks": [{"#": "b", "args": [], "ops": list(inner)}]}] if inner else []
    return {"#": kind, "A": held, "I": [], "O": [], "OA": [], "regions": regions}


def caffe(*layers: bytes) -> bytes:
    """Return a network of Caffe."""
    return message((1, "net"), (100, list(layers)))


def caffe_layer(kind: str, module: str = "", layer: str = "") -> bytes:
    """Return a layer of Caffe."""
    python = [(130, message((1, module), (2, layer)))] if module else []
    return message((1, "l"), (2, kind), (3, "x"), (4, "y"), *python)


def mxnet(op: str, **attributes: str) -> bytes:
    """Return a graph of MXNet with one operator."""
    nodes = [
        {"op": "null", "name": "x", "inputs": []},
        {"op": op, "name": "y", "attrs": attributes, "inputs": [[0, 0, 0]]},
    ]
    graph = {"nodes": nodes, "arg_nodes": [0], "node_row_ptr": [0, 1, 2], "heads": [[1, 0, 0]]}
    return json.dumps(graph, indent=2).encode()


def mxnet_parameters(*names: str, more: bytes = b"", floats: int = 2) -> bytes:
    """Return parameters of MXNet: an array of floats a name."""
    array = struct.pack("<IiIqiii", 0xF993FAC9, 0, 1, floats, 1, 0, 0) + bytes(4 * floats)
    texts = [struct.pack("<Q", len(name)) + name.encode() for name in names]
    count = struct.pack("<Q", len(names))
    return (
        struct.pack("<QQ", 0x112, 0) + count + array * len(names) + count + b"".join(texts) + more
    )


def cntk_dictionary(**values: Any) -> bytes:
    """Return a dictionary of CNTK of texts, dictionaries and lists of dictionaries."""
    rows = []
    for key, value in values.items():
        if isinstance(value, str):
            held = message((1, 1), (2, 6), (8, value))
        elif isinstance(value, bytes):
            held = message((1, 1), (2, 10), (12, value))
        else:
            items = [message((1, 1), (2, 10), (12, item)) for item in value]
            held = message((1, 1), (2, 9), (11, message((1, items))))
        rows.append(message((1, key), (2, held)))
    return message((1, 1), (2, rows))


def cntk(*functions: bytes) -> bytes:
    """Return a model of CNTK."""
    return cntk_dictionary(
        type="CompositeFunction", root="f1", name="", uid="c1", primitive_functions=list(functions)
    )
