"""ExecuTorch programs (``.pte``): operators, delegates, instructions, and where segments lie.

A program is a FlatBuffer, an extended header within its first 64 bytes says where it ends and where
segments of data begin. Format: ``schema/program.fbs`` and ``schema/extended_header.h``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import Budget
from ..readers import SubRangeReader
from . import Member, Parsed
from .archive.anomalies import Anomaly, AnomalyLog
from .flatbuffer import Flat, Table

_HEADER = b"eh00"
_MOST = 1_000_000
_PLANS, _SEGMENTS, _INLINE = 1, 4, 3
_VALUES, _INPUTS, _OUTPUTS, _CHAINS, _OPERATORS, _DELEGATES = 2, 3, 4, 5, 6, 7
_KERNEL, _DELEGATE, _MOVE, _JUMP, _FREE = 1, 2, 3, 4, 5
_PADDING = 64 << 10
OPEN_DELEGATES = frozenset({"XnnpackBackend"})
"""Delegates whose data is a graph of operators that their runtime interprets."""


class Program(NamedTuple):
    """What a program says.

    Attributes:
        version: Version of the schema.
        methods: Names of its methods.
        operators: Names of the operators it calls, with overload.
        delegates: Names of the backends that it hands parts to.
        problems: Kinds: ``outside`` (an index or a segment leads outside), ``behind``.
    """

    version: int
    methods: tuple[str, ...]
    operators: tuple[str, ...]
    delegates: tuple[str, ...]
    problems: tuple[Anomaly, ...] = ()


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read an ExecuTorch program.

    Returns:
        A ``Program``; segments and what follows them as members; a gap for delegates whose data is
        opaque.

    Raises:
        ParseError: It is none, or leads outside of the file where reading must go on.
        LimitExceeded: It holds more than is read.
    """
    return _Reading(artifact, budget).parsed()


class _Reading:
    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self.artifact = artifact
        self.log = AnomalyLog()
        self.size = artifact.reader.size
        self.end = self.base = self.size
        head = artifact.reader.pread(0, 40)
        if head[8:12] == _HEADER:
            self.end, self.base = (int.from_bytes(head[at : at + 8], "little") for at in (16, 24))
            if not 8 <= self.end <= self.size:
                raise ParseError(f"a program of {self.end} bytes in a file of {self.size}")
        self.flat = Flat(SubRangeReader(artifact.reader, 0, self.end), budget)
        self.operators: dict[str, None] = {}
        self.delegates: dict[str, None] = {}
        self.methods: list[str] = []

    def parsed(self) -> Parsed:
        root = self.flat.root()
        plans = self._tables(root, _PLANS)
        if not plans:
            raise ParseError("there is no method in it")
        for plan in plans:
            self._plan(plan)
        segments = self._segments(root)
        model = Program(
            self.flat.scalar(root, 0, 4), tuple(self.methods), tuple(self.operators),
            tuple(self.delegates), self.log.close(),
        )  # fmt: skip
        return Parsed(model, self._members(segments), tuple(self._gaps()))

    def _tables(self, table: Table, number: int) -> list[Table]:
        start, count = self.flat.vector(table, number, 4)
        if count > _MOST:
            raise LimitExceeded(f"a list of {count} tables")
        return [self.flat.table(at) for at in range(start, start + 4 * count, 4)]

    def _plan(self, plan: Table) -> None:
        self.methods.append(self.flat.text(plan, 0)[:200])
        for operator in self._tables(plan, _OPERATORS):
            name, overload = self.flat.text(operator, 0)[:200], self.flat.text(operator, 1)[:80]
            self.operators[f"{name}.{overload}" if overload else name] = None
        for delegate in self._tables(plan, _DELEGATES):
            self.delegates[self.flat.text(delegate, 0)[:200]] = None
        counts = {
            number: self.flat.vector(plan, number, 4)[1]
            for number in (_VALUES, _OPERATORS, _DELEGATES)
        }
        for number in (_INPUTS, _OUTPUTS):
            self._within(
                self.flat.numbers(plan, number, _MOST), counts[_VALUES], "a value", plan.at
            )
        for chain in self._tables(plan, _CHAINS):
            self._chain(chain, counts)

    def _chain(self, chain: Table, counts: dict[int, int]) -> None:
        instructions = self._tables(chain, 2)
        for instruction in instructions:
            kind, at = self.flat.scalar(instruction, 0, 1), instruction.where(1)
            if not at:
                continue
            table = self.flat.table(at)
            first = self.flat.scalar(table, 0, 4, signed=True)
            second = self.flat.scalar(table, 1, 4, signed=True) if kind in (_MOVE, _JUMP) else 0
            values = counts[_VALUES]
            if kind in (_KERNEL, _DELEGATE):
                called = counts[_OPERATORS if kind == _KERNEL else _DELEGATES]
                self._within([first], called, "a call", table.at)
                self._within(self.flat.numbers(table, 1, _MOST), values, "an argument", table.at)
            elif kind == _MOVE:
                self._within([first, second], values, "a move", table.at)
            elif kind == _JUMP:
                self._within([first], values, "a condition", table.at)
                self._within([second], len(instructions) + 1, "a jump", table.at)
            elif kind == _FREE:
                self._within([first], values, "a value", table.at)

    def _within(self, numbers: list[int], count: int, what: str, at: int) -> None:
        for number in numbers:
            if not 0 <= number < count:
                self.log.add("outside", f"{what} has number {number}, of {count}", at)
                return

    def _segments(self, root: Table) -> list[tuple[int, int]]:
        found = []
        last = self.end
        for segment in self._tables(root, _SEGMENTS):
            start = self.base + self.flat.scalar(segment, 0, 8)
            length = self.flat.scalar(segment, 1, 8)
            if start < self.end or start + length > self.size:
                detail = f"a segment of {length} bytes at {start}, in a file of {self.size}"
                self.log.add("outside", detail, segment.at)
                continue
            found.append((start, length))
            last = max(last, start + length)
        if last < self.size:
            tail = self.artifact.reader.pread(last, min(self.size - last, _PADDING))
            if self.size - last > _PADDING or tail.strip(b"\0"):
                last += len(tail) - len(tail.lstrip(b"\0"))
                self.log.add("behind", f"{self.size - last} bytes behind the last segment", last)
                found.append((last, self.size - last))
        return found

    def _members(self, segments: list[tuple[int, int]]) -> Iterator[Member]:
        for start, length in segments:
            window = partial(SubRangeReader, self.artifact.reader, start, length)
            yield Member(start, f"bytes@{start}", window, guess=True)

    def _gaps(self) -> Iterator[Gap]:
        closed = sorted(self.delegates.keys() - OPEN_DELEGATES)
        if closed:
            detail = f"what it hands to {', '.join(closed[:5])} is compiled and not examined"
            yield Gap("unsupported", self.artifact.location(), detail)
