"""ONNX: graphs, operators and where tensors say that their data lies; never the data itself.

An ONNX file is one protobuf message (``ModelProto``) without magic bytes. Format: ``onnx.proto``
and *External Data* of the ONNX documentation.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError, SentinelError
from ..findings import Gap
from ..limits import Budget
from ..readers import SubRangeReader
from ..readers.file import FileReader
from . import Member, Parsed
from .onnx_model import OnnxHidden, OnnxModel, OnnxTensor, OnnxText
from .onnx_read import OnnxFile
from .protobuf import BYTES, FIXED32, VARINT, Field, Window
from .protobuf_shape import ANY, NUMBERS, TEXT, Shape, fits

_TOP = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26))
"""Numbers of the fields of a model."""
_MOST_FILES = 1_000
_MOST_MEMBERS = 1_000
_LEAST_MEMBER = 16

_ATTRIBUTE = Shape(
    {1: TEXT, 21: TEXT, 13: ANY, 20: VARINT, 2: FIXED32, 3: VARINT, 4: ANY, 5: ANY, 6: ANY,
     22: ANY, 14: ANY, 7: FIXED32, 8: NUMBERS, 9: ANY, 10: ANY, 11: ANY, 23: ANY, 15: ANY},
)  # fmt: skip
_NODE = Shape(
    {1: TEXT, 2: TEXT, 3: TEXT, 4: TEXT, 7: TEXT, 8: TEXT, 5: _ATTRIBUTE, 6: ANY, 9: ANY, 10: ANY},
    frozenset((4,)),
)
_VALUE = Shape({1: TEXT, 2: ANY, 3: ANY, 4: ANY}, frozenset((1,)))
_GRAPH = Shape(
    {1: _NODE, 2: TEXT, 5: ANY, 15: ANY, 10: ANY, 11: _VALUE, 12: _VALUE, 13: ANY, 14: ANY,
     16: ANY},
)  # fmt: skip
_OPSET = Shape({1: ANY, 2: VARINT})
_MODEL = Shape(
    {1: VARINT, 8: _OPSET, 2: TEXT, 3: TEXT, 4: TEXT, 5: VARINT, 6: ANY, 7: _GRAPH, 14: ANY,
     20: ANY, 25: ANY, 26: ANY},
    frozenset((7,)),
)  # fmt: skip
_TENSOR = Shape(
    {1: NUMBERS, 2: VARINT, 4: ANY, 5: ANY, 6: ANY, 7: ANY, 8: TEXT, 9: ANY, 10: ANY, 11: ANY,
     12: ANY, 13: ANY, 14: VARINT, 16: ANY},
    frozenset((2,)),
)  # fmt: skip


def looks_like_onnx(artifact: Artifact, head: bytes) -> bool:
    """Return True for a ``ModelProto`` with something in it, and for a ``TensorProto``."""
    if b"\x3a" in head and fits(artifact, _MODEL) and _runs(artifact):
        return True
    return artifact.leaf.lower().endswith(".pb") and fits(artifact, _TENSOR)


def _runs(artifact: Artifact) -> bool:
    """Return True when a graph has an operator or an output: empty messages are no model."""
    window = Window(artifact.reader, Budget())
    try:
        return any(
            inner.number in (1, 12) and inner.value
            for field in window.fields(0, window.size)
            if field.number == 7 and field.wire == BYTES
            for inner in window.fields(field.start, field.end)
        )
    except SentinelError:
        return True  # a graph that breaks off


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read an ONNX file, or a tensor as test data keep them (``input_0.pb``).

    Returns:
        An ``OnnxModel``; metadata and tensors that look like files as members; a gap where the
        messages break off.

    Raises:
        ParseError: Nothing in it is an ONNX graph.
        LimitExceeded: It breaks off at a bound before a graph was met.
    """
    file = OnnxFile(artifact.reader, budget)
    gaps: list[Gap] = []
    try:
        if artifact.leaf.lower().endswith(".pb") and fits(artifact, _TENSOR):
            file.tensor(Field(0, BYTES, 0, 0, artifact.reader.size), "file")
        else:
            file.model()
    except (ParseError, LimitExceeded) as error:
        if not file.graphs:
            raise
        reason = "limit" if isinstance(error, LimitExceeded) else "malformed"
        gaps.append(Gap(reason, artifact.location(), error.message, error.hint))
    if file.mains:
        file.files += _behind(artifact)
    if not file.mains and not file.tensors and not gaps:
        raise ParseError("there is no ONNX graph in it")
    model = OnnxModel(
        file.version,
        file.producer,
        tuple(file.opsets),
        tuple(graph for graph in file.graphs if graph is not None),
        tuple(file.mains),
        tuple(file.functions),
        tuple(file.tensors),
        tuple(file.texts),
        tuple(file.files),
        tuple(_siblings(artifact, file.tensors)),
    )
    return Parsed(model, members(artifact, file.files, file.texts), tuple(gaps))


def _behind(artifact: Artifact) -> Iterator[OnnxHidden]:
    """Yield a file of another kind that begins where no field of a model does."""
    from .embedded import file_at

    end = 0
    try:
        for field in Window(artifact.reader, Budget()).fields(0, artifact.reader.size):
            if field.number not in _TOP:
                break
            end = field.end
    except SentinelError:
        pass
    length = artifact.reader.size - end
    kind = file_at(artifact.reader, end, length)
    if kind:
        yield OnnxHidden(kind, end, length)


def members(artifact: Artifact, files: list[OnnxHidden], texts: list[OnnxText]) -> Iterator[Member]:
    """Yield what looks like a file, and the texts, of a model."""
    for hidden in files[:_MOST_MEMBERS]:
        window = partial(SubRangeReader, artifact.reader, hidden.offset, hidden.length)
        yield Member(hidden.offset, f"bytes@{hidden.offset}", window, guess=True)
    for text in texts[:_MOST_MEMBERS]:
        if text.length >= _LEAST_MEMBER:
            window = partial(SubRangeReader, artifact.reader, text.offset, text.length)
            yield Member(text.offset, f"bytes@{text.offset}", window, guess=True)


def _siblings(artifact: Artifact, tensors: list[OnnxTensor]) -> Iterator[tuple[str, int]]:
    """Yield the sizes of data files that lie beside a model on disk.

    Only plain names within the model's own folder are looked up, and nothing is opened.
    """
    if artifact.parent is not None or not isinstance(artifact.reader, FileReader):
        return
    locations = dict.fromkeys(
        value for tensor in tensors for key, value in tensor.external if key == "location"
    )
    folder = os.path.dirname(artifact.name)
    linked = os.path.islink(artifact.name)  # a cache keeps model and data behind links alike
    for location in list(locations)[:_MOST_FILES]:
        if not _is_plain(location):
            continue
        path = os.path.join(folder, location)
        try:
            status = os.stat(path)
            away = not linked and not _within(os.path.realpath(path), os.path.realpath(folder))
        except (OSError, ValueError):
            continue
        yield location, -1 if away or not stat.S_ISREG(status.st_mode) else status.st_size


def _within(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))


def _is_plain(location: str) -> bool:
    """Return True for a relative path of ordinary parts."""
    parts = location.split("/")
    return location.isprintable() and not any(
        part in ("", ".", "..") or "\\" in part or ":" in part for part in parts
    )
