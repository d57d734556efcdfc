"""Reads the messages of an ONNX file: graphs, operators, tensors, functions.

Only names, numbers and short text are read; the data of tensors is stepped over. A field that
occurs twice is merged, and the last of two values counts, as the library of protocol buffers does
it. Numbers of fields: ``onnx.proto`` of ONNX 1.23.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import LimitExceeded
from ..limits import KIB, Budget
from ..readers.base import Reader
from .embedded import STARTS, file_at
from .onnx_model import OnnxFunction, OnnxGraph, OnnxHidden, OnnxNode, OnnxTensor, OnnxText
from .protobuf import BYTES, VARINT, Field, Window, signed

_MOST_ITEMS = 2_000_000
_MOST_DEPTH = 32
_MOST_DIMS = 64
_MOST_NAME = 4 * KIB
_MOST_TEXT = KIB
_MOST_KEPT = 64 * 1024 * KIB
_STARTS = frozenset(bytes((first,)) for first in STARTS)
PLAIN = frozenset(("", "ai.onnx", "ai.onnx.ml"))


class OnnxFile:
    """Collects what the messages of one file say.

    Args:
        reader: Its bytes.
        budget: What may be spent on it.

    Attributes:
        version: Version of the format.
        producer: Who wrote it.
        opsets: Operator sets.
        graphs: Graphs; None while one is being read.
        mains: Indexes of the graphs that run.
        functions: Functions.
        tensors: Tensors.
        texts: Metadata and documentation.
        files: Data of tensors that begins like a file of another kind.
    """

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self.reader = reader
        self.window = Window(reader, budget)
        self.version = 0
        self.producer = ""
        self.opsets: list[tuple[str, int]] = []
        self.graphs: list[OnnxGraph | None] = []
        self.mains: list[int] = []
        self.functions: list[OnnxFunction] = []
        self.tensors: list[OnnxTensor] = []
        self.texts: list[OnnxText] = []
        self.files: list[OnnxHidden] = []
        self._items = 0
        self._kept = 0
        self._names: dict[bytes, str] = {}

    def model(self) -> None:
        """Read the whole file. Raises ParseError and LimitExceeded; what was read stays."""
        for field in self.window.fields(0, self.window.size):
            number = field.number
            if number == 1 and field.wire == VARINT:
                self.version = signed(field.value)
            elif field.wire != BYTES:
                continue
            elif number == 2:
                self.producer = self.window.text(field, _MOST_TEXT)
            elif number == 7:
                self.mains.append(len(self.graphs))
                self._graph(field, 0)
            elif number == 8:
                self.opsets.append(self._opset(field))
            elif number == 20:
                self._training(field)
            elif number == 25:
                self._function(field)
            else:
                self._note(field, doc=6, metadata=14)

    def _graph(self, field: Field, depth: int) -> int:
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"graphs nested deeper than {_MOST_DEPTH}")
        parts = _GraphParts(self, field, depth)
        try:
            for inner in self.window.fields(field.start, field.end):
                parts.take(inner)
        finally:  # what was seen before a break still counts
            self.graphs[parts.index] = parts.graph()
        return parts.index

    def body(self, field: Field, depth: int) -> int:
        """Read a graph within an operator; return its index."""
        return self._graph(field, depth + 1)

    def _function(self, field: Field) -> None:
        index = self.reserve()
        name = domain = overload = ""
        nodes: list[OnnxNode] = []
        inputs: list[str] = []
        outputs: list[str] = []
        try:
            for inner in self.window.fields(field.start, field.end):
                if inner.wire != BYTES:
                    continue
                if inner.number == 1:
                    name = self.name(inner)
                elif inner.number == 10:
                    domain = self.name(inner)
                elif inner.number == 13:
                    overload = self.name(inner)
                elif inner.number == 4:
                    inputs.append(self.name(inner))
                elif inner.number == 5:
                    outputs.append(self.name(inner))
                elif inner.number == 7:
                    nodes.append(self.node(inner, 0))
                else:
                    self._note(inner, doc=8, metadata=14)
        finally:
            self.graphs[index] = OnnxGraph(
                name, tuple(nodes), tuple(inputs), tuple(outputs), (), field.start
            )
            self.functions.append(OnnxFunction(domain, name, overload, index))

    def _training(self, field: Field) -> None:
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number in (1, 2):
                self.mains.append(len(self.graphs))
                self._graph(inner, 0)

    def _opset(self, field: Field) -> tuple[str, int]:
        domain, version = "", 0
        for inner in self.window.fields(field.start, field.end):
            if inner.number == 1 and inner.wire == BYTES:
                domain = self.name(inner)
            elif inner.number == 2 and inner.wire == VARINT:
                version = signed(inner.value)
        return domain, version

    def _note(self, field: Field, doc: int, metadata: int) -> None:
        """Keep a documentation string or a metadata entry of a model, graph or function."""
        if field.number == doc:
            self._text("doc_string", "", self.window.text(field), field)
        elif field.number == metadata:
            self._text("metadata", *self.pair(field))

    def note(self, field: Field) -> None:
        """Keep a documentation string or a metadata entry of a graph."""
        self._note(field, doc=10, metadata=16)

    def _text(self, place: str, key: str, value: str, held: Field) -> None:
        self._keep(len(value))
        if value:
            self.texts.append(OnnxText(place, key, value, held.start, held.value))

    def pair(self, field: Field) -> tuple[str, str, Field]:
        """Read a key and a value; return them and the field of the value."""
        key, value, held = "", "", field
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                key = self.window.text(inner, _MOST_TEXT)
            elif inner.wire == BYTES and inner.number == 2:
                value, held = self.window.text(inner), inner
        return key, value, held

    def node(self, field: Field, depth: int) -> OnnxNode:
        """Read one operator and what its attributes hold."""
        self._count()
        inputs: list[str] = []
        outputs: list[str] = []
        attributes: list[Field] = []
        op = domain = ""
        for inner in self.window.fields(field.start, field.end):
            if inner.wire != BYTES:
                continue
            number = inner.number
            if number == 1:
                inputs.append(self.name(inner))
            elif number == 2:
                outputs.append(self.name(inner))
            elif number == 4:
                op = self.name(inner)
            elif number == 7:
                domain = self.name(inner)
            elif number == 5:
                self._count()
                attributes.append(inner)
        graphs: list[tuple[str, int]] = []
        texts: list[tuple[str, str]] = []
        for attribute in attributes:
            self._attribute(attribute, op, domain, depth, graphs, texts)
        return OnnxNode(
            op, domain, tuple(inputs), tuple(outputs), tuple(graphs), tuple(texts), field.start
        )

    def _attribute(
        self,
        field: Field,
        op: str,
        domain: str,
        depth: int,
        graphs: list[tuple[str, int]],
        texts: list[tuple[str, str]],
    ) -> None:
        name = ""
        held: list[Field] = []
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                name = self.name(inner)
            elif inner.wire == BYTES and inner.number in _HELD:
                self._count()
                held.append(inner)
        for inner in held:
            kind = _HELD[inner.number]
            if kind == "graph":
                graphs.append((name, self.body(inner, depth)))
            elif kind == "text" and domain not in PLAIN:
                value = self.window.text(inner, _MOST_TEXT)
                self._keep(len(value))
                texts.append((name, value))
            elif kind == "tensor":
                self.tensor(inner, f"{op}.{name}")
            elif kind == "sparse":
                self.sparse(inner, f"{op}.{name}")

    def sparse(self, field: Field, where: str) -> None:
        """Read a sparse tensor, which is two tensors."""
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number in (1, 2):
                self.tensor(inner, where)

    def tensor(self, field: Field, where: str) -> str:
        """Read what a tensor says of itself; return its name."""
        self._count()
        name, dtype = "", 0
        raw: int | None = None
        dims: list[int] = []
        external: list[tuple[str, str]] = []
        for inner in self.window.fields(field.start, field.end):
            number, wire = inner.number, inner.wire
            if number == 1 and len(dims) < _MOST_DIMS:
                dims += self.window.numbers(inner, _MOST_DIMS - len(dims))
            elif number == 2 and wire == VARINT:
                dtype = inner.value
            elif wire != BYTES:
                continue
            elif number == 8:
                name = self.name(inner)
            elif number == 9:
                raw = inner.value
                self._starts(inner)
            elif number == 6:
                self._starts(inner)
            elif number == 13:
                key, value, _ = self.pair(inner)
                self._keep(len(value))
                self._count()
                external.append((key, value))
        self.tensors.append(
            OnnxTensor(name, where, dtype, tuple(dims), raw, tuple(external), field.start)
        )
        return name

    def _starts(self, field: Field) -> None:
        if field.value <= 64 or self.window.peek(field.start, 1)[:1] not in _STARTS:
            return
        kind = file_at(self.reader, field.start, field.value)
        if kind:
            self.files.append(OnnxHidden(kind, field.start, field.value))

    def name(self, field: Field) -> str:
        """Return the text of a short name; equal names are one object."""
        if field.value > _MOST_NAME:
            raise LimitExceeded(f"a name of {field.value} bytes")
        raw = self.window.peek(field.start, field.value)
        found = self._names.get(raw)
        if found is None:
            self._keep(len(raw))
            found = self._names[raw] = raw.decode("utf-8", "replace")
        return found

    def reserve(self) -> int:
        """Make room for a graph and return its index."""
        self._count()
        self.graphs.append(None)
        return len(self.graphs) - 1

    def _count(self) -> None:
        self._items += 1
        if self._items > _MOST_ITEMS:
            raise LimitExceeded(f"more than {_MOST_ITEMS} operators and tensors")

    def _keep(self, length: int) -> None:
        self._kept += length
        if self._kept > _MOST_KEPT:
            raise LimitExceeded(f"more than {_MOST_KEPT} bytes of names and text")


_HELD = {4: "text", 9: "text", 5: "tensor", 10: "tensor", 6: "graph", 11: "graph",
         22: "sparse", 23: "sparse"}  # fmt: skip
"""What the fields of an attribute hold."""


class _GraphParts:
    """A graph while it is read."""

    def __init__(self, file: OnnxFile, field: Field, depth: int) -> None:
        self.file = file
        self.depth = depth
        self.offset = field.start
        self.index = file.reserve()
        self.name = ""
        self.nodes: list[OnnxNode] = []
        self.inputs: list[str] = []
        self.outputs: list[str] = []
        self.initializers: list[str] = []
        self.single: set[str] = set()

    def take(self, field: Field) -> None:
        """Read one field."""
        if field.wire != BYTES:
            return
        number, file = field.number, self.file
        if number == 1:
            self.nodes.append(file.node(field, self.depth))
        elif number == 2:
            self.name = file.name(field)
        elif number == 5:
            self.initializers.append(file.tensor(field, "initializer"))
        elif number == 11:
            name, single = _value(file, field)
            self.inputs.append(name)
            if single:
                self.single.add(name)
        elif number == 12:
            self.outputs.append(_value(file, field)[0])
        elif number == 15:
            file.sparse(field, "initializer")
        else:
            file.note(field)

    def graph(self) -> OnnxGraph:
        """Return what was read."""
        return OnnxGraph(
            self.name, tuple(self.nodes), tuple(self.inputs), tuple(self.outputs),
            tuple(self.initializers), self.offset, frozenset(self.single),
        )  # fmt: skip


def _value(file: OnnxFile, field: Field) -> tuple[str, bool]:
    """Return the name of a value, and whether its type is a tensor of a single number."""
    name, single = "", False
    for inner in file.window.fields(field.start, field.end):
        if inner.wire == BYTES and inner.number == 1:
            name = file.name(inner)
        elif inner.wire == BYTES and inner.number == 2:
            sizes = [
                size
                for kind in _nested(file.window, inner, 1)
                for shape in _nested(file.window, kind, 2)
                for size in _sizes(file.window, shape)
            ]
            single = bool(sizes) and sizes == [1] * len(sizes)
    return name, single


def _nested(window: Window, field: Field, number: int) -> Iterator[Field]:
    for inner in window.fields(field.start, field.end):
        if inner.number == number and inner.wire == BYTES:
            yield inner


def _sizes(window: Window, shape: Field) -> Iterator[int]:
    """Yield 1 for the shape itself, then each size; 0 for one that is not given."""
    yield 1
    for dim in _nested(window, shape, 1):
        numbers = [
            inner.value
            for inner in window.fields(dim.start, dim.end)
            if inner.number == 1 and inner.wire == VARINT
        ]
        yield numbers[-1] if numbers else 0
