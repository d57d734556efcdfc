"""Writes TensorFlow's graphs after its ``.proto`` files, also such as it would never write."""

from __future__ import annotations

from tests.kit.proto import message


def text(key: str, *values: str) -> tuple[str, bytes]:
    """Return an attribute that is text, or a list of texts."""
    if len(values) == 1:
        return key, message((2, values[0]))
    return key, message((1, message((2, list(values)))))


def constant(*texts: str) -> tuple[str, bytes]:
    """Return the value of a constant of strings."""
    return "value", message((8, message((1, 7), (2, b""), (8, list(texts)))))


def data(kind: str, raw: bytes) -> tuple[str, bytes]:
    """Return the value of a constant: a tensor of bytes (``data``), or one string (``text``)."""
    if kind == "text":
        return "value", message((8, message((1, 7), (2, b""), (8, [raw]))))
    shape = message((2, message((1, len(raw)))))
    return "value", message((8, message((1, 4), (2, shape), (4, raw))))


def node(op: str, name: str, inputs: str = "", *attributes: tuple[str, bytes]) -> bytes:
    """Return an operator; inputs are names between blanks."""
    entries = [message((1, key), (2, value)) for key, value in attributes]
    return message((1, name), (2, op), (3, inputs.split()), (5, entries))


def function(name: str, *nodes: bytes) -> bytes:
    """Return a function."""
    return message((1, message((1, name))), (3, list(nodes)))


def graph(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> bytes:
    """Return a graph, as a frozen model keeps it."""
    library = [(2, message((1, list(functions))))] if functions else []
    return message((1, list(nodes)), *library, (4, message((1, 1_900), (2, 12))))


def meta(body: bytes, *assets: tuple[str, str], objects: bytes = b"") -> bytes:
    """Return a MetaGraph around a graph, with assets (tensor and file name)."""
    files = [message((1, message((1, tensor))), (2, file)) for tensor, file in assets]
    about = message((4, "serve"), (5, "2.21.0"))
    return message((1, about), (2, body), (6, files), *([(7, objects)] if objects else []))


def saved(body: bytes, *assets: tuple[str, str], objects: bytes = b"") -> bytes:
    """Return a SavedModel around a graph."""
    return message((1, 1), (2, meta(body, *assets, objects=objects)))
