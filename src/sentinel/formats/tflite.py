"""TensorFlow Lite: operators, the graphs that call one another, and where buffers lie.

The data of buffers is not read. Files that were appended as an archive (labels, vocabularies) are
read as the zip archive that they are. Format: ``schema.fbs`` of TensorFlow 2.21.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import ParseError
from ..findings import Gap
from ..limits import KIB, Budget
from ..readers import SubRangeReader
from . import Member, Parsed
from .embedded import FoundFile
from .flatbuffer import Flat, Table

_CUSTOM = 32
_CALLS = {(1, 16): (0,), (1, 92): (0, 1), (1, 93): (0, 1), (1, 103): (0,), (2, 15): (0, 1),
          (2, 21): (1,)}  # fmt: skip
"""By which set of options and their kind: the fields that are indexes of graphs."""
_MOST_OPTIONS = 64 * KIB
_MOST_PROBLEMS = 100
_LEAST_FILE = 64
_NODE_OP = re.compile(rb"\x12([\x01-\x40])([A-Z_][\w>]*)")


class LiteOperator(NamedTuple):
    """A kind of operator that the model uses.

    Attributes:
        code: Number of the built-in operator; 32 for a custom one.
        name: Name of a custom operator.
        nodes: Operators of TensorFlow that its options name (for those that run by way of it).
        uses: How often it is used.
        offset: Where it is declared.
    """

    code: int
    name: str
    nodes: tuple[str, ...]
    uses: int
    offset: int


class LiteProblem(NamedTuple):
    """Something in the structure that cannot be right, and where."""

    text: str
    offset: int


class LiteModel(NamedTuple):
    """What a TensorFlow Lite file says.

    Attributes:
        version: Version of the schema.
        description: What it says of itself.
        operators: Kinds of operators.
        calls: For each graph, the indexes of the graphs that it calls.
        problems: What cannot be right.
        files: Buffers that begin like a file of another kind.
    """

    version: int
    description: str
    operators: tuple[LiteOperator, ...]
    calls: tuple[tuple[int, ...], ...]
    problems: tuple[LiteProblem, ...]
    files: tuple[FoundFile, ...] = ()


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a TensorFlow Lite file.

    Returns:
        A ``LiteModel``; a gap where its offsets lead astray.

    Raises:
        ParseError: Its first table cannot be read.
        LimitExceeded: It has more tables than are read.
    """
    walk = _Walk(Flat(artifact.reader, budget))
    gaps: tuple[Gap, ...] = ()
    try:
        walk.model()
    except ParseError as error:
        if not walk.rooted:
            raise
        walk.problem(error.message, 0)
        gaps = (Gap("malformed", artifact.location(), error.message),)
    found = None if gaps else walk.flat.behind()
    members = [_member(artifact, file.offset, file.length) for file in walk.files]
    if found and found[1] != "zip archive":  # that is how its metadata are packed
        at, kind = found
        walk.problem(f"a file of another kind behind the model: {kind}", at)
        members.append(_member(artifact, at, artifact.reader.size - at))
    return Parsed(walk.result(), members, gaps)


def _member(artifact: Artifact, at: int, length: int) -> Member:
    window = partial(SubRangeReader, artifact.reader, at, length)
    return Member(at, f"bytes@{at}", window, guess=True)


class _Walk:
    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.rooted = False
        self.version = 0
        self.description = ""
        self.codes: list[tuple[int, str, int]] = []
        self.counts: list[int] = []
        self.nodes: dict[int, dict[str, None]] = {}
        self.calls: list[tuple[int, ...]] = []
        self.problems: list[LiteProblem] = []
        self.files: list[FoundFile] = []
        self.buffers = 0

    def problem(self, text: str, offset: int) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(LiteProblem(text, offset))

    def result(self) -> LiteModel:
        operators = (
            LiteOperator(code, name, tuple(self.nodes.get(place, ())), self.counts[place], offset)
            for place, (code, name, offset) in enumerate(self.codes)
        )
        return LiteModel(
            self.version, self.description, tuple(operators), tuple(self.calls),
            tuple(self.problems), tuple(self.files),
        )  # fmt: skip

    def model(self) -> None:
        flat = self.flat
        root = flat.root()
        self.version = flat.scalar(root, 0, 4)
        self.rooted = True
        for table in self._tables(root, 1):
            self._code(table)
        self.description = flat.text(root, 3)
        for table in self._tables(root, 4):
            self.buffers += 1
            self._buffer(table)
        graphs = list(self._tables(root, 2))
        for graph in graphs:
            self._graph(graph, len(graphs))

    def _tables(self, table: Table, number: int) -> Iterator[Table]:
        start, count = self.flat.vector(table, number, 4)
        for place in range(count):
            yield self.flat.table(start + 4 * place)

    def _code(self, table: Table) -> None:
        old = self.flat.scalar(table, 0, 1, signed=True)
        new = self.flat.scalar(table, 3, 4, signed=True)
        self.codes.append((max(old, new), self.flat.text(table, 1), table.at))
        self.counts.append(0)

    def _buffer(self, table: Table) -> None:
        self._file(*self.flat.vector(table, 0, 1))
        offset = self.flat.scalar(table, 1, 8)
        length = self.flat.scalar(table, 2, 8)
        if offset > 1 and offset + length > self.flat.size:
            self.problem(f"a buffer at {offset} of {length} bytes, past the end", table.at)
        elif offset > 1:
            self._file(offset, length)

    def _file(self, start: int, length: int) -> None:
        """Note a buffer that begins like a file of another kind."""
        if length < _LEAST_FILE or len(self.files) >= _MOST_PROBLEMS:
            return
        kind = self.flat.file(start, length)
        if kind:
            self.files.append(FoundFile(kind, "a buffer", start, length))

    def _graph(self, graph: Table, graphs: int) -> None:
        flat = self.flat
        tensors = 0
        for tensor in self._tables(graph, 0):
            tensors += 1
            buffer = flat.scalar(tensor, 2, 4)
            if buffer >= max(self.buffers, 1):
                self.problem(f"a tensor in buffer {buffer} of {self.buffers}", tensor.at)
            if any(size < -1 for size in flat.numbers(tensor, 0, 64)):
                self.problem("a tensor with a negative size", tensor.at)
        for number in (1, 2):
            self._indexes(graph, number, tensors)
        calls: dict[int, None] = {}
        for operator in self._tables(graph, 3):
            self._operator(operator, tensors, graphs, calls)
        self.calls.append(tuple(calls))

    def _operator(self, table: Table, tensors: int, graphs: int, calls: dict[int, None]) -> None:
        flat = self.flat
        index = flat.scalar(table, 0, 4)
        if index >= len(self.codes):
            self.problem(f"an operator of kind {index} of {len(self.codes)}", table.at)
        else:
            self.counts[index] += 1
            if self.codes[index][0] == _CUSTOM:
                self._options(index, table)
        for number in (1, 2):
            self._indexes(table, number, tensors)
        for group, kind, held in ((1, 3, 4), (2, 11, 12)):
            fields = _CALLS.get((group, flat.scalar(table, kind, 1)))
            if fields is None or not table.where(held):
                continue
            options = flat.table(table.where(held))
            for field in fields:
                called = flat.scalar(options, field, 4, signed=True)
                calls[called] = None
                if not 0 <= called < graphs:
                    self.problem(f"a call of graph {called} of {graphs}", table.at)

    def _indexes(self, table: Table, number: int, tensors: int) -> None:
        for index in self.flat.numbers(table, number, 10_000):
            if not -1 <= index < tensors:
                self.problem(f"tensor {index} of {tensors}", table.at)

    def _options(self, index: int, table: Table) -> None:
        """Note the operators that the options of a custom operator name."""
        flat = self.flat
        start, count = flat.vector(table, 5, 1)
        if not start and flat.scalar(table, 9, 8) > 1:
            start, count = flat.scalar(table, 9, 8), flat.scalar(table, 10, 8)
            if start + count > flat.size:
                self.problem("options past the end of the file", table.at)
                return
        found = self.nodes.setdefault(index, {})
        for match in _NODE_OP.finditer(flat.raw(start, min(count, _MOST_OPTIONS))):
            if len(match[2]) >= match[1][0] and len(found) < _MOST_PROBLEMS:
                found[match[2][: match[1][0]].decode("ascii", "replace")] = None
