"""TensorFlow's graphs: SavedModel (``saved_model.pb``), MetaGraph (``.meta``), frozen graph.

The three are protobuf messages without magic bytes, one within the other. What is stored in
``variables`` is numbers, and is not read. Format: ``saved_model.proto``, ``meta_graph.proto``,
``graph.proto`` of TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError, SentinelError
from ..findings import Gap
from ..limits import Budget
from ..readers import SubRangeReader
from . import Member, Parsed
from .protobuf import VARINT, Window
from .protobuf_shape import ANY, TEXT, WORD, Shape, fits
from .tf_model import TfGraphs
from .tf_read import TfFile
from .tf_text import looks_like_text, read_text

_LOOKED_AT = 256
_HEAD = 4096
_ATTRIBUTE = Shape({1: TEXT, 2: ANY}, frozenset((1,)))
_NODE = Shape({1: TEXT, 2: WORD, 3: ANY, 4: TEXT, 5: _ATTRIBUTE, 6: ANY, 7: ANY}, frozenset((1, 2)))
_LIBRARY = Shape({1: ANY, 2: ANY, 3: ANY})
_VERSIONS = Shape({1: VARINT, 2: VARINT, 3: ANY})
_GRAPH_FIELDS: dict[int, object] = {1: _NODE, 2: _LIBRARY, 3: VARINT, 4: _VERSIONS, 5: ANY}
_GRAPH = Shape(_GRAPH_FIELDS, frozenset((1,)))
_ABOUT = Shape({1: TEXT, 2: ANY, 3: ANY, 4: TEXT, 5: TEXT, 6: TEXT, 7: VARINT, 8: ANY})
_META_FIELDS: dict[int, object] = {
    1: _ABOUT, 2: Shape(_GRAPH_FIELDS), 3: ANY, 4: ANY, 5: ANY, 6: ANY, 7: ANY,
}  # fmt: skip
_META = Shape(_META_FIELDS, frozenset((2,)))
_SAVED = Shape({1: VARINT, 2: _META}, frozenset((2,)))
_PRINT = Shape(
    {**dict.fromkeys(range(1, 6), VARINT), 6: _VERSIONS, 7: TEXT}, frozenset((1, 2, 3, 4))
)
_KINDS = (
    ("fingerprint", _PRINT),
    ("saved model", _SAVED),
    ("meta graph", _META),
    ("graph", _GRAPH),
)


def looks_like_graph(artifact: Artifact, head: bytes) -> bool:
    """Return True for a SavedModel, a MetaGraph, a graph with operators, or a fingerprint."""
    return looks_like_text(head) or bool(_kind(artifact))


def _kind(artifact: Artifact) -> str:
    kind = next((kind for kind, shape in _KINDS if fits(artifact, shape)), "")
    return "" if kind == "graph" and not _is_wired(artifact) else kind


def _is_wired(artifact: Artifact) -> bool:
    """Return True when a node has an input or an attribute; else it may be any table of texts."""
    window = Window(artifact.reader, Budget())
    nodes = (field for field in window.fields(0, window.size) if field.number == 1)
    try:
        return any(
            inner.number in (3, 5)
            for field in islice(nodes, _LOOKED_AT)
            for inner in window.fields(field.start, field.end)
        )
    except SentinelError:
        return True  # a graph that breaks off


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a graph of TensorFlow, or the file of hash sums that lies beside one.

    Returns:
        ``TfGraphs``; configurations of Keras as members; a gap where the messages break off.

    Raises:
        ParseError: It is none of the three kinds, or nothing in it can be read.
        LimitExceeded: It breaks off at a bound before an operator was met.
    """
    if looks_like_text(artifact.reader.pread(0, _HEAD)):
        return Parsed(read_text(artifact, budget))
    file = TfFile(artifact.reader, budget)
    kind = _kind(artifact) or _by_name(artifact.leaf)
    gaps: list[Gap] = []
    try:
        if kind == "saved model":
            file.saved_model()
        elif kind == "meta graph":
            file.meta_graph()
        elif kind != "fingerprint":
            file.graph()
    except (ParseError, LimitExceeded) as error:
        if not file.nodes:
            raise
        reason = "limit" if isinstance(error, LimitExceeded) else "malformed"
        gaps.append(Gap(reason, artifact.location(), error.message, error.hint))
    if kind == "fingerprint":
        return Parsed(TfGraphs(kind, "", (), (), (), ()))
    if not file.nodes and not file.functions and not file.assets:
        raise ParseError("there is no TensorFlow graph in it")
    model = TfGraphs(
        kind,
        file.version,
        tuple(file.tags),
        tuple(file.nodes),
        tuple(file.functions),
        tuple(file.assets),
        tuple(file.files),
    )
    return Parsed(model, _members(artifact, file), tuple(gaps))


def _by_name(leaf: str) -> str:
    """Return what a broken file should have been."""
    if leaf.lower().endswith(".meta"):
        return "meta graph"
    return "saved model" if leaf.lower() == "saved_model.pb" else "graph"


def _members(artifact: Artifact, file: TfFile) -> Iterator[Member]:
    for start, length in file.configs:
        window = partial(SubRangeReader, artifact.reader, start, length)
        yield Member(start, f"config@{start}", window, ("keras-config",))
    for found in file.files:
        window = partial(SubRangeReader, artifact.reader, found.offset, found.length)
        yield Member(found.offset, f"bytes@{found.offset}", window, guess=True)
