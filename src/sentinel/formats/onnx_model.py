"""What an ONNX file says, as plain data."""

from __future__ import annotations

from typing import NamedTuple


class OnnxTensor(NamedTuple):
    """A tensor: an initializer, or the value of an attribute.

    Attributes:
        name: Its name; may be empty in attributes.
        where: ``initializer`` or the name of the operator and attribute that hold it.
        dtype: Number of its element type.
        dims: Its sizes, at most 64 of them.
        raw: Bytes of data within the file, or None when they are kept in another way.
        external: Keys and values that say where its data lies in another file.
        offset: Where it is in the file.
    """

    name: str
    where: str
    dtype: int
    dims: tuple[int, ...]
    raw: int | None
    external: tuple[tuple[str, str], ...]
    offset: int


class OnnxNode(NamedTuple):
    """One use of an operator.

    Attributes:
        op: Name of the operator.
        domain: Its domain; empty for ONNX's own.
        inputs: Names of the values it takes; an empty name is an input left out.
        outputs: Names of the values it gives.
        graphs: Attributes that are graphs: name, and index in the model's ``graphs``.
        texts: Attributes that are short text, of operators other than ONNX's own.
        offset: Where it is in the file.
    """

    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    graphs: tuple[tuple[str, int], ...]
    texts: tuple[tuple[str, str], ...]
    offset: int


class OnnxGraph(NamedTuple):
    """A graph, the body of an attribute, or that of a function.

    Attributes:
        name: Its name.
        nodes: Its operators, in order.
        inputs: Names of its inputs; those that are initializers too have a default value.
        outputs: Names of its outputs.
        initializers: Names of its constants, in order, repeats included.
        offset: Where it is in the file.
        single: Names of those inputs that are declared to hold a single number.
    """

    name: str
    nodes: tuple[OnnxNode, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    initializers: tuple[str, ...]
    offset: int
    single: frozenset[str] = frozenset()


class OnnxFunction(NamedTuple):
    """An operator that the model defines itself.

    Attributes:
        domain: Its domain.
        name: Its name.
        overload: What tells it from another of the same name.
        graph: Index of its body in the model's ``graphs``.
    """

    domain: str
    name: str
    overload: str
    graph: int


class OnnxText(NamedTuple):
    """A piece of text that rides along.

    Attributes:
        place: ``metadata`` or ``doc_string``.
        key: Key of a metadata entry.
        value: The text, cut to 64 KiB.
        offset: Where it is in the file.
        length: Its whole size in bytes.
    """

    place: str
    key: str
    value: str
    offset: int
    length: int


class OnnxHidden(NamedTuple):
    """Data of a tensor that begins like a file.

    Attributes:
        kind: What it begins like, in words.
        offset: Where it starts.
        length: Its size in bytes.
    """

    kind: str
    offset: int
    length: int


class OnnxModel(NamedTuple):
    """What an ONNX file says.

    Attributes:
        version: Version of the format (``ir_version``).
        producer: Who says to have written it.
        opsets: Domain and version of the operator sets it wants.
        graphs: All graphs: those of the model first, then bodies and functions as they were met.
        mains: Indexes of the graphs that run (one, and those of training).
        functions: Operators defined in the file.
        tensors: Its tensors.
        texts: Metadata and documentation strings.
        files: Data of tensors that begins like a file of another kind.
        siblings: Size in bytes of each file of external data that lies beside the model, by its
            location; -1 where a link leads out of its folder. Empty where the disk was not asked.
    """

    version: int
    producer: str
    opsets: tuple[tuple[str, int], ...]
    graphs: tuple[OnnxGraph, ...]
    mains: tuple[int, ...]
    functions: tuple[OnnxFunction, ...]
    tensors: tuple[OnnxTensor, ...]
    texts: tuple[OnnxText, ...]
    files: tuple[OnnxHidden, ...] = ()
    siblings: tuple[tuple[str, int], ...] = ()
