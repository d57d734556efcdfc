"""The words in ONNX models: metadata, descriptions and strings. Weights are passed over."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...limits import MIB, Budget
from ..model import Piece, Text
from . import Sampling
from .key_values import assignment
from .pickled import text_of_bytes
from .protobuf import Field, Window, fields

_LONGEST = 16 * MIB
_PIECE = MIB
_DEEPEST = 8

# Numbers of fields in onnx.proto (IR version 13): those that hold words, and those that lead there.
_MODEL_WORDS = {2: "producer_name", 4: "domain", 6: "doc_string"}
_MODEL_PAIRS, _GRAPH, _FUNCTIONS = 14, 7, 25
_GRAPH_WORDS = {2: "graph/name", 10: "graph/doc_string"}
_GRAPH_PAIRS, _GRAPH_NODES, _TENSORS, _VALUES = 16, 1, (5,), (11, 12, 13)
_FUNCTION_WORDS = {1: "function/name", 8: "function/doc_string"}
_FUNCTION_PAIRS, _FUNCTION_NODES = 14, 7
_NODE_PAIRS, _NODE_DOC, _ATTRIBUTES = 9, 6, 5
_ATTRIBUTE_STRINGS, _ATTRIBUTE_DOC, _ATTRIBUTE_TENSORS, _SUBGRAPHS = (4, 9), 13, (5, 10), (6, 11)
_TENSOR_DOC, _TENSOR_STRINGS, _VALUE_DOC = 12, 6, 3


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the metadata, descriptions and strings of an ONNX model."""
    yield from _Walk(artifact, budget).model()


class _Walk:
    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self._size = artifact.reader.size
        self._window = Window(artifact.reader, MIB)
        self._budget = budget
        self._strings: list[bytes] = []
        self._gathered = 0

    def model(self) -> Iterator[Text]:
        """Yield the words of the model."""
        found = False
        for field in self._fields(Field(0, 0, self._size)):
            if field.number in _MODEL_WORDS:
                yield from self._word(field, _MODEL_WORDS[field.number])
            elif field.number == _MODEL_PAIRS:
                yield from self._pair(field)
            elif field.number == _GRAPH:
                found = True
                yield from self._graph(field, 0)
            elif field.number == _FUNCTIONS:
                yield from self._function(field)
        if self._strings:
            yield self._flush()
        if not found:
            raise ParseError("ONNX: there is no graph in it")

    def _fields(self, message: Field) -> Iterator[Field]:
        self._budget.check_time()
        return fields(self._window, message.start, message.start + message.length)

    def _bytes(self, field: Field) -> bytes:
        if field.length > _LONGEST:
            raise LimitExceeded(f"ONNX: a string of {field.length} bytes")
        return self._window.read(field.start, field.length)

    def _word(self, field: Field, path: str) -> Iterator[Text]:
        data = text_of_bytes(self._bytes(field))
        if data.strip():
            yield Text(assignment(path.encode("utf-8", "replace"), data), path, line=0)

    def _string(self, field: Field) -> Iterator[Text]:
        """Gather a string with others; yield them when they are many."""
        data = text_of_bytes(self._bytes(field))
        if data.strip():
            self._strings.append(data)
            self._gathered += len(data) + 1
        if self._gathered > _PIECE:
            yield self._flush()

    def _flush(self) -> Text:
        data = b"\n".join(self._strings)
        self._strings, self._gathered = [], 0
        return Text(data, "strings", line=0)

    def _pair(self, field: Field) -> Iterator[Text]:
        key = b"metadata"
        for part in self._fields(field):
            if part.number == 1:
                key = self._window.read(part.start, min(part.length, 200))
            elif part.number == 2:
                yield from self._word(part, key.decode("utf-8", "replace"))

    def _graph(self, graph: Field, depth: int) -> Iterator[Text]:
        for field in self._fields(graph):
            number = field.number
            if number in _GRAPH_WORDS:
                yield from self._word(field, _GRAPH_WORDS[number])
            elif number == _GRAPH_NODES:
                yield from self._node(field, depth)
            elif number == _GRAPH_PAIRS:
                yield from self._pair(field)
            elif number in _TENSORS:
                yield from self._tensor(field)
            elif number in _VALUES:
                for part in self._fields(field):
                    if part.number == _VALUE_DOC:
                        yield from self._string(part)

    def _function(self, function: Field) -> Iterator[Text]:
        for field in self._fields(function):
            if field.number in _FUNCTION_WORDS:
                yield from self._word(field, _FUNCTION_WORDS[field.number])
            elif field.number == _FUNCTION_PAIRS:
                yield from self._pair(field)
            elif field.number == _FUNCTION_NODES:
                yield from self._node(field, 0)

    def _tensor(self, tensor: Field) -> Iterator[Text]:
        for part in self._fields(tensor):
            if part.number in (_TENSOR_DOC, _TENSOR_STRINGS):
                yield from self._string(part)

    def _node(self, node: Field, depth: int) -> Iterator[Text]:
        for field in self._fields(node):
            if field.number == _NODE_DOC:
                yield from self._string(field)
            elif field.number == _NODE_PAIRS:
                yield from self._pair(field)
            elif field.number == _ATTRIBUTES:
                yield from self._attribute(field, depth)

    def _attribute(self, attribute: Field, depth: int) -> Iterator[Text]:
        for part in self._fields(attribute):
            if part.number in _ATTRIBUTE_STRINGS or part.number == _ATTRIBUTE_DOC:
                yield from self._string(part)
            elif part.number in _ATTRIBUTE_TENSORS:
                yield from self._tensor(part)
            elif part.number in _SUBGRAPHS and depth < _DEEPEST:
                yield from self._graph(part, depth + 1)
