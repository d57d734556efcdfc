"""Reads the messages of TensorFlow's graphs: nodes, functions, assets.

Names, inputs and short text are read; constants are stepped over. Numbers of fields:
``tensorflow/core/framework/*.proto`` and ``core/protobuf/*.proto`` of TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..errors import LimitExceeded
from ..limits import KIB, Budget
from ..readers.base import Reader
from .embedded import FoundFile, file_at
from .protobuf import BYTES, Field, Window
from .tf_model import TfAsset, TfNode

_MOST_NODES = 2_000_000
_MOST_NAME = 16 * KIB
_MOST_TEXT = KIB
_MOST_STRINGS = 64
_LEAST_FILE = 64
_MOST_KEPT = 256 * 1024 * KIB
_DULL = frozenset((
    b"T", b"dtype", b"shape", b"_output_shapes", b"N", b"Tidx", b"Tin", b"Tout", b"DstT", b"SrcT",
    b"data_format", b"padding", b"strides", b"dilations", b"transpose_a", b"transpose_b",
    b"container", b"config", b"config_proto", b"_class", b"executor_type", b"use_cudnn_on_gpu",
    b"device", b"_construction_context", b"_gradient_op_type", b"_stateful_parallelism",
))  # fmt: skip
"""Attributes that say nothing about what a node does to the outside."""


class TfFile:
    """Collects what the messages of one file say.

    Args:
        reader: Its bytes.
        budget: What may be spent on it.

    Attributes:
        version: Version of TensorFlow that wrote it.
        tags: Tags of its meta graphs.
        nodes: Operators.
        functions: Names of functions.
        assets: Files that come with it.
        configs: Ranges of configurations that Keras kept in the graph of objects.
        files: Constants that begin like a file of another kind.
    """

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader = reader
        self.window = Window(reader, budget)
        self.version = ""
        self.tags: list[str] = []
        self.nodes: list[TfNode] = []
        self.functions: list[str] = []
        self.assets: list[TfAsset] = []
        self.configs: list[tuple[int, int]] = []
        self.files: list[FoundFile] = []
        self._kept = 0
        self._names: dict[bytes, str] = {}

    def saved_model(self) -> None:
        """Read the file as a SavedModel; what was read before an error stays."""
        for field in self._nested(Field(0, BYTES, 0, 0, self.window.size), 2):
            self.meta_graph(field)

    def meta_graph(self, field: Field | None = None) -> None:
        """Read the file, or a message within it, as a MetaGraph."""
        field = field or Field(0, BYTES, 0, 0, self.window.size)
        for inner in self.window.fields(field.start, field.end):
            if inner.wire != BYTES:
                continue
            if inner.number == 1:
                self._about(inner)
            elif inner.number == 2:
                self.graph(inner)
            elif inner.number == 4:
                self._collection(inner)
            elif inner.number == 6:
                self._asset(inner)
            elif inner.number == 7:
                self._objects(inner)

    def graph(self, field: Field | None = None) -> None:
        """Read the file, or a message within it, as a graph."""
        field = field or Field(0, BYTES, 0, 0, self.window.size)
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                self.nodes.append(self._node(inner, ""))
            elif inner.wire == BYTES and inner.number == 2:
                for function in self._nested(inner, 1):
                    self._function(function)

    def _about(self, field: Field) -> None:
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 5:
                self.version = self.window.text(inner, _MOST_TEXT)
            elif inner.wire == BYTES and inner.number == 4 and len(self.tags) < _MOST_STRINGS:
                self.tags.append(self.window.text(inner, _MOST_TEXT))

    def _function(self, field: Field) -> None:
        name = ""
        bodies: list[Field] = []
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                for title in self._nested(inner, 1):
                    name = self._name(title)
            elif inner.wire == BYTES and inner.number == 3:
                self._spend(len(bodies))
                bodies.append(inner)
        self.functions.append(name)
        for body in bodies:
            self.nodes.append(self._node(body, name))

    def _node(self, field: Field, function: str) -> TfNode:
        self._spend(0)
        name = op = ""
        inputs: list[str] = []
        texts: list[tuple[str, str]] = []
        for inner in self.window.fields(field.start, field.end):
            if inner.wire != BYTES:
                continue
            number = inner.number
            if number == 1:
                name = self._name(inner)
            elif number == 2:
                op = self._name(inner)
            elif number == 3:
                inputs.append(self._name(inner))
            elif number == 5:
                self._attribute(inner, texts)
        return TfNode(op, name, tuple(inputs), tuple(texts), function, field.start)

    def _attribute(self, field: Field, texts: list[tuple[str, str]]) -> None:
        key = b""
        values: list[Field] = []
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                key = self.window.raw(inner, _MOST_TEXT)
            elif inner.wire == BYTES and inner.number == 2:
                values.append(inner)
                self._keep(8)
        if key in _DULL:
            return
        for value in values:
            for text in self._texts(value):
                self._keep(len(text))
                texts.append((key.decode("utf-8", "replace"), text))

    def _texts(self, value: Field) -> Iterator[str]:
        """Yield what an attribute holds as text: itself, a list, or a tensor of strings."""
        for inner in self.window.fields(value.start, value.end):
            if inner.wire != BYTES:
                continue
            if inner.number == 2 and inner.value:
                yield self.window.text(inner, _MOST_TEXT)
            elif inner.number == 1:
                yield from self._some(inner, 2)
            elif inner.number == 8:
                self._contents(inner)
                yield from self._some(inner, 8)

    def _contents(self, tensor: Field) -> None:
        """Note data or strings of a constant that begin like a file of another kind."""
        if tensor.value < _LEAST_FILE:
            return
        for inner in islice(self.window.fields(tensor.start, tensor.end), _MOST_STRINGS):
            if inner.wire != BYTES or inner.number not in (4, 8) or inner.value < _LEAST_FILE:
                continue
            kind = file_at(self._reader, inner.start, inner.value)
            if kind and len(self.files) < _MOST_STRINGS:
                self.files.append(FoundFile(kind, "a constant", inner.start, inner.value))

    def _some(self, field: Field, number: int) -> Iterator[str]:
        for inner in islice(self._nested(field, number), _MOST_STRINGS):
            if inner.value:
                yield self.window.text(inner, _MOST_TEXT)

    def _collection(self, field: Field) -> None:
        """Read the assets that versions before 2.0 kept in a collection."""
        key = ""
        values: list[Field] = []
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                key = self.window.text(inner, _MOST_TEXT)
            elif inner.wire == BYTES and inner.number == 2:
                values.append(inner)
                self._keep(8)
        if key in ("assets", "saved_model_assets"):
            for value in values:
                for listed in self._nested(value, 5):
                    for packed in self._nested(listed, 1):
                        for asset in self._nested(packed, 2):
                            self._asset(asset)

    def _asset(self, field: Field) -> None:
        self._spend(0)
        tensor = filename = ""
        at = field.start
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                for title in self._nested(inner, 1):
                    tensor = self._name(title)
            elif inner.wire == BYTES and inner.number == 2:
                filename, at = self.window.text(inner), inner.start
                self._keep(len(filename))
        self.assets.append(TfAsset(tensor, filename, at))

    def _objects(self, field: Field) -> None:
        """Find the configurations of Keras in the graph of objects (TensorFlow 2.0 to 2.4)."""
        for node in self._nested(field, 1):
            for user in self._nested(node, 4):
                self._user_object(user)

    def _user_object(self, field: Field) -> None:
        held = None
        keras = False
        for inner in self.window.fields(field.start, field.end):
            if inner.wire == BYTES and inner.number == 1:
                keras = self.window.raw(inner, _MOST_TEXT).startswith(b"_tf_keras_")
            elif inner.wire == BYTES and inner.number == 3:
                held = inner
        if keras and held is not None and held.value > 2:
            self._spend(len(self.configs))
            self.configs.append((held.start, held.value))

    def _nested(self, field: Field, number: int) -> Iterator[Field]:
        for inner in self.window.fields(field.start, field.end):
            if inner.number == number and inner.wire == BYTES:
                yield inner

    def _name(self, field: Field) -> str:
        if field.value > _MOST_NAME:
            raise LimitExceeded(f"a name of {field.value} bytes")
        raw = self.window.raw(field, _MOST_NAME)
        found = self._names.get(raw)
        if found is None:
            self._keep(len(raw))
            found = self._names[raw] = raw.decode("utf-8", "replace")
        return found

    def _spend(self, more: int) -> None:
        if len(self.nodes) + len(self.assets) + more > _MOST_NODES:
            raise LimitExceeded(f"more than {_MOST_NODES} operators")

    def _keep(self, length: int) -> None:
        self._kept += length + 64
        if self._kept > _MOST_KEPT:
            raise LimitExceeded(f"more than {_MOST_KEPT} bytes of names and text")
