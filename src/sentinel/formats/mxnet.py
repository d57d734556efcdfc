"""MXNet: the graph (``-symbol.json``) and the header of its parameters (``.params``).

Sources: ``nnvm`` graph JSON and ``NDArray::Save`` of MXNet 1.9.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import KIB, MIB, Budget
from . import Parsed

_MOST_GRAPH = 64 * MIB
_MOST_NODES = 1_000_000
_MOST_ARRAYS = 100_000
_MOST_NAME = 4 * KIB
_DENSE = 0xF993FAC9
_DENSE_NUMPY = 0xF993FACA
_SIZES = {0: 4, 1: 8, 2: 2, 3: 1, 4: 4, 5: 1, 6: 8, 7: 1, 12: 2}


class MxOperator(NamedTuple):
    """One node of the graph: its operator, its name and its attributes."""

    op: str
    name: str
    attributes: tuple[tuple[str, str], ...]


class MxGraph(NamedTuple):
    """The operators of a graph, without its variables."""

    operators: tuple[MxOperator, ...]


class MxParameters(NamedTuple):
    """The header of a file of parameters.

    Attributes:
        arrays: Number of arrays.
        names: Number of names.
        trailing: Bytes behind the last name.
    """

    arrays: int
    names: int
    trailing: int


def looks_like_graph(artifact: Artifact, head: bytes) -> bool:
    """Return True for the graph of an MXNet model."""
    tail = artifact.reader.pread(max(0, artifact.reader.size - 4096), 4096)
    return b'"nodes"' in head and b'"heads"' in tail and b'"op"' in head


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a graph. Raises ParseError for what is no such JSON, and LimitExceeded."""
    if artifact.reader.size > _MOST_GRAPH:
        raise LimitExceeded(f"a graph of more than {_MOST_GRAPH} bytes is not read")
    budget.check_time()
    try:
        document = json.loads(artifact.reader.pread(0, _MOST_GRAPH))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    pending = [document]
    found: list[MxOperator] = []
    while pending:
        graph = pending.pop()
        nodes = graph.get("nodes") if isinstance(graph, dict) else None
        for node in nodes if isinstance(nodes, list) else ():
            if not isinstance(node, dict):
                continue
            if isinstance(node.get("subgraphs"), list):
                pending += node["subgraphs"]
            if node.get("op") not in (None, "null"):
                found.append(_operator(node))
            if len(found) > _MOST_NODES:
                raise LimitExceeded(f"more than {_MOST_NODES} operators")
    if not isinstance(document, dict) or not isinstance(document.get("nodes"), list):
        raise ParseError("there are no nodes in it")
    return Parsed(MxGraph(tuple(found)))


def _operator(node: dict[str, object]) -> MxOperator:
    pairs: list[tuple[str, str]] = []
    for key in ("attrs", "attr", "param"):
        held = node.get(key)
        if isinstance(held, dict):
            pairs += [(str(name), str(value)[:KIB]) for name, value in held.items()]
    return MxOperator(str(node["op"])[:_MOST_NAME], str(node.get("name"))[:KIB], tuple(pairs))


def parse_parameters(artifact: Artifact, budget: Budget) -> Parsed:
    """Step over the arrays of a file of parameters to the names behind them.

    Raises:
        ParseError: An array is of a kind that is not read, or reaches past the end.
        LimitExceeded: There are more arrays than are read.
    """
    walk = _Parameters(artifact)
    arrays = walk.number(16, 8)
    if arrays > _MOST_ARRAYS:
        raise LimitExceeded(f"more than {_MOST_ARRAYS} arrays")
    at = 24
    for count in range(arrays):
        if not count & 0xFFF:
            budget.check_time()
        at = walk.array(at)
    names = walk.number(at, 8)
    at += 8
    if names > _MOST_ARRAYS:
        raise LimitExceeded(f"more than {_MOST_ARRAYS} names")
    for _ in range(names):
        at += 8 + walk.number(at, 8)
    if at > artifact.reader.size:
        raise ParseError("a name reaches past the end of the file")
    return Parsed(MxParameters(arrays, names, artifact.reader.size - at))


class _Parameters:
    def __init__(self, artifact: Artifact) -> None:
        self.reader = artifact.reader

    def number(self, at: int, width: int) -> int:
        raw = self.reader.pread(at, width)
        if len(raw) < width:
            raise ParseError(f"the file ends within a number at {at}")
        return int.from_bytes(raw, "little")

    def array(self, at: int) -> int:
        """Return where the array at an offset ends."""
        magic = self.number(at, 4)
        if magic not in (_DENSE, _DENSE_NUMPY) or self.number(at + 4, 4):
            raise ParseError(f"the array at {at} is of a kind that is not read")
        axes = self.number(at + 8, 4)
        if axes > 64:
            raise ParseError(f"the array at {at} has {axes} axes")
        items = 1
        at += 12
        for _ in range(axes):
            items *= self.number(at, 8)
            at += 8
        at += 8  # the device it was on
        kind = self.number(at, 4)
        if kind not in _SIZES:
            raise ParseError(f"the array at {at} has elements of kind {kind}")
        at += 4 + items * _SIZES[kind]
        if at > self.reader.size:
            raise ParseError("an array reaches past the end of the file")
        return at
