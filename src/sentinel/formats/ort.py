"""ONNX Runtime's own form of a model (``.ort``): the graph of an ONNX model as a FlatBuffer.

It gives the same facts as an ONNX file and is judged by the same rules. Field numbers:
``onnxruntime/core/flatbuffers/schema/ort.fbs`` of ONNX Runtime 1.32.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from . import Parsed
from .embedded import file_at
from .flatbuffer import Flat, Table
from .onnx import members
from .onnx_model import OnnxGraph, OnnxHidden, OnnxModel, OnnxNode, OnnxTensor, OnnxText
from .onnx_read import PLAIN

_MOST_ITEMS = 1_000_000
_MOST_DEPTH = 32
_MOST_AXES = 64
_MOST_NAME = 4096
_MOST_KEPT = 64 * MIB
_TENSOR_TYPE, _SIZE_GIVEN = 1, 1

# Numbers of fields, by table.
_MODEL, _OPSETS, _PRODUCER, _DOC, _GRAPH, _GRAPH_DOC, _PROPS = 1, 1, 2, 6, 7, 8, 9
_INITIALIZERS, _VALUES, _NODES, _INPUTS, _OUTPUTS, _SPARSE = 0, 1, 2, 5, 6, 7
_NODE_DOC, _DOMAIN, _OP, _TAKES, _GIVES, _ATTRIBUTES = 1, 2, 5, 8, 9, 10
_TEXT, _HELD_TENSOR, _HELD_GRAPH, _TEXTS, _HELD_TENSORS, _HELD_GRAPHS = 5, 6, 7, 10, 11, 12
_DIMS, _DTYPE, _RAW = 2, 3, 4


class _Kept(NamedTuple):
    graphs: list[OnnxGraph | None]
    tensors: list[OnnxTensor]
    texts: list[OnnxText]
    files: list[OnnxHidden]


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read an ``.ort`` file.

    Returns:
        An ``OnnxModel``; metadata and tensors that look like files as members; a gap where the
        graph leads out of the file.

    Raises:
        ParseError: There is no graph in it.
        LimitExceeded: It holds more than is read.
    """
    walk = _Walk(artifact, budget)
    gaps: list[Gap] = []
    opsets: list[tuple[str, int]] = []
    session = walk.flat.root()
    if not session.where(_MODEL):
        raise ParseError("there is no model in it")
    model = walk.flat.table(session.where(_MODEL))
    try:
        opsets = [
            (walk.flat.text(entry, 0)[:_MOST_NAME], walk.flat.scalar(entry, 1, 8, signed=True))
            for entry in walk.flat.tables(model, _OPSETS)
        ]
        walk.model(model)
    except (ParseError, LimitExceeded) as error:
        if not walk.kept.graphs:
            raise
        reason = "limit" if isinstance(error, LimitExceeded) else "malformed"
        gaps.append(Gap(reason, artifact.location(), error.message, error.hint))
    kept = walk.kept
    if not kept.graphs and not gaps:
        raise ParseError("there is no graph in it")
    found = OnnxModel(
        walk.flat.scalar(model, 0, 8, signed=True),
        walk.flat.text(model, _PRODUCER)[:_MOST_NAME],
        tuple(opsets),
        tuple(graph for graph in kept.graphs if graph is not None),
        (0,) if kept.graphs and kept.graphs[0] is not None else (),
        (),
        tuple(kept.tensors),
        tuple(kept.texts),
        tuple(kept.files),
    )
    return Parsed(found, members(artifact, kept.files, kept.texts), tuple(gaps))


class _Walk:
    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self.reader = artifact.reader
        self.flat = Flat(artifact.reader, budget)
        self.kept = _Kept([], [], [], [])
        self._items = self._bytes = 0

    def model(self, model: Table) -> None:
        self._text("doc_string", "", model, _DOC)
        self._text("doc_string", "", model, _GRAPH_DOC)
        for entry in self.flat.tables(model, _PROPS):
            self._text("metadata", self.flat.text(entry, 0)[:_MOST_NAME], entry, 1)
        if model.where(_GRAPH):
            self._graph(self.flat.table(model.where(_GRAPH)), 0)
        found = self.flat.behind()
        if found:
            at, kind = found
            self.kept.files.append(OnnxHidden(kind, at, self.reader.size - at))

    def _graph(self, table: Table, depth: int) -> int:
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"graphs nested deeper than {_MOST_DEPTH}")
        index = len(self.kept.graphs)
        self.kept.graphs.append(None)
        nodes: list[OnnxNode] = []
        initializers: list[str] = []
        inputs: tuple[str, ...] = ()
        outputs: tuple[str, ...] = ()
        single: frozenset[str] = frozenset()
        try:
            inputs, outputs = self._names(table, _INPUTS), self._names(table, _OUTPUTS)
            for tensor in self.flat.tables(table, _INITIALIZERS):
                initializers.append(self._tensor(tensor, "initializer"))
            for sparse in self.flat.tables(table, _SPARSE):
                initializers += [
                    self._tensor(self.flat.table(sparse.where(number)), "initializer")
                    for number in (0, 1)
                    if sparse.where(number)
                ]
            for node in self.flat.tables(table, _NODES):
                nodes.append(self._node(node, depth))
            single = frozenset(self._single(table, frozenset(inputs)))
        finally:  # what was seen before a break still counts
            self.kept.graphs[index] = OnnxGraph(
                "", tuple(nodes), inputs, outputs, tuple(initializers), table.at, single
            )
        return index

    def _node(self, table: Table, depth: int) -> OnnxNode:
        self._count()
        op, domain = self._name(table, _OP), self._name(table, _DOMAIN)
        self._text("doc_string", "", table, _NODE_DOC)
        graphs: list[tuple[str, int]] = []
        texts: list[tuple[str, str]] = []
        for held in self.flat.tables(table, _ATTRIBUTES):
            self._count()
            name = self._name(held, 0)
            for graph in self._held(held, _HELD_GRAPH, _HELD_GRAPHS):
                graphs.append((name, self._graph(graph, depth + 1)))
            for tensor in self._held(held, _HELD_TENSOR, _HELD_TENSORS):
                self._tensor(tensor, f"{op}.{name}")
            if domain not in PLAIN:
                values = [self.flat.text(held, _TEXT), *self.flat.texts(held, _TEXTS)]
                texts += [(name, self._keep(value[:1024])) for value in values if value]
        takes, gives = self._names(table, _TAKES), self._names(table, _GIVES)
        return OnnxNode(op, domain, takes, gives, tuple(graphs), tuple(texts), table.at)

    def _held(self, table: Table, one: int, many: int) -> Iterator[Table]:
        if table.where(one):
            yield self.flat.table(table.where(one))
        yield from self.flat.tables(table, many)

    def _tensor(self, table: Table, where: str) -> str:
        self._count()
        name = self._name(table, 0)
        start, count = self.flat.vector(table, _DIMS, 8)
        dims = tuple(
            self.flat.number(start + 8 * place, 8, signed=True)
            for place in range(min(count, _MOST_AXES))
        )
        at, length = self.flat.vector(table, _RAW, 1)
        raw = length if table.where(_RAW) else None
        kind = file_at(self.reader, at, length) if length > 64 else ""
        if kind:
            self.kept.files.append(OnnxHidden(kind, at, length))
        dtype = self.flat.scalar(table, _DTYPE, 4)
        self.kept.tensors.append(OnnxTensor(name, where, dtype, dims, raw, (), table.at))
        return name

    def _single(self, table: Table, inputs: frozenset[str]) -> Iterator[str]:
        """Yield the inputs that are declared as a tensor of a single number."""
        for value in self.flat.tables(table, _VALUES):
            name = self.flat.text(value, 0)[:_MOST_NAME]
            if (
                name in inputs
                and value.where(2)
                and self._is_single(self.flat.table(value.where(2)))
            ):
                yield name

    def _is_single(self, kind: Table) -> bool:
        if self.flat.scalar(kind, 1, 1) != _TENSOR_TYPE or not kind.where(2):
            return False
        described = self.flat.table(kind.where(2))
        if not described.where(1):
            return False
        for dim in self.flat.tables(self.flat.table(described.where(1)), 0):
            value = self.flat.table(dim.where(0)) if dim.where(0) else None
            given = value is not None and self.flat.scalar(value, 0, 1) == _SIZE_GIVEN
            if value is None or not given or self.flat.scalar(value, 1, 8) != 1:
                return False
        return True

    def _name(self, table: Table, number: int) -> str:
        return self._keep(self.flat.text(table, number)[:_MOST_NAME])

    def _names(self, table: Table, number: int) -> tuple[str, ...]:
        return tuple(self._keep(name[:_MOST_NAME]) for name in self.flat.texts(table, number))

    def _text(self, place: str, key: str, table: Table, number: int) -> None:
        value = self._keep(self.flat.text(table, number))
        if value:
            start, length = self.flat.vector(table, number, 1)
            self.kept.texts.append(OnnxText(place, key, value, start, length))

    def _count(self) -> None:
        self._items += 1
        if self._items > _MOST_ITEMS:
            raise LimitExceeded(f"more than {_MOST_ITEMS} operators and tensors")

    def _keep(self, text: str) -> str:
        self._bytes += len(text)
        if self._bytes > _MOST_KEPT:
            raise LimitExceeded(f"more than {_MOST_KEPT} bytes of names and text")
        return text
