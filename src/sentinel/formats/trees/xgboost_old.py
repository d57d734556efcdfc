"""XGBoost's binary layout of versions 0.4 to 1.7: C structures one behind the other.

Layout: ``LearnerModelParamLegacy``, ``GBTreeModelParam``, ``TreeParam`` and ``RegTree::Node`` in
XGBoost 1.7. There are no magic bytes, but ``binf`` that Python wrote in front for a while.
"""

from __future__ import annotations

from array import array
from struct import unpack_from
from typing import Any

from ...artifacts import Artifact
from ...errors import ParseError, UnsupportedError
from ...limits import Budget
from ...readers.base import Reader
from .. import Member, Parsed
from ..archive.anomalies import AnomalyLog
from ..cursor import Cursor
from .model import MOST, TreeModel, behind, finite, tree_shape, within

_PARAMETERS = 136
_NAMES = (b"reg:", b"binary:", b"multi:", b"rank:", b"count:", b"survival:")
_MOST_NAME = 256
_MOST_TEXT = 1 << 20
_MOST_ATTRIBUTES = 10_000
_NODE, _STAT = 20, 16
_CHILD_MASK = 0x7FFFFFFF


def plausible(reader: Reader, head: bytes) -> bool:
    """Return True for parameters that are followed by the name of an objective."""
    start = 4 if head.startswith(b"binf") else 0
    at = start + _PARAMETERS
    if len(head) < at + 16:
        return False
    length = unpack_from("<Q", head, at)[0]
    return 0 < length <= _MOST_NAME and head.startswith(_NAMES, at + 8)


def parse_old(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a model in the old binary layout.

    Raises:
        ParseError: It ends early, or is none.
        UnsupportedError: The booster is not known.
    """
    old = _Old(artifact, budget)
    model = old.read()
    return Parsed(model._replace(problems=old.log.close()), old.rest)


class _Old:
    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        head = artifact.reader.pread(0, 4096)
        if not plausible(artifact.reader, head):
            raise ParseError("no model of XGBoost")
        self.budget, self.artifact = budget, artifact
        self.rest: tuple[Member, ...] = ()
        self.log = AnomalyLog()
        self.cursor = Cursor(artifact.reader, 4 if head.startswith(b"binf") else 0, budget)

    def read(self) -> TreeModel:
        raw = self.cursor.take(_PARAMETERS)
        features, classes, extra, metrics, major, minor = unpack_from("<IiiiII", raw, 4)
        groups = max(classes, 1)
        objective, booster = self._text(_MOST_NAME), self._text(_MOST_NAME)
        count = 0
        if booster in ("gbtree", "dart"):
            count = self._trees(features, groups)
            if booster == "dart" and count:
                self._floats("weight_drop", count)
        elif booster == "gblinear":
            self.cursor.skip(136)
            self._floats("weights", (features + 1) * groups)
        else:
            raise UnsupportedError(f"the booster {booster[:40]!r} is not known")
        texts = [self._pair() for _ in range(self._count(extra, 16))]
        texts += [("metric", self._text(_MOST_NAME)) for _ in range(self._count(metrics, 8))]
        self.rest = behind(self.artifact, self.cursor.left, self.log)
        version = f"{major}.{minor}" if major else "before 1.0"
        return TreeModel(
            "XGBoost", version, count, features, objective, self.log.close(), tuple(texts)
        )

    def _count(self, flag: int, least: int) -> int:
        if not flag or not self.cursor.left:
            return 0
        count = self.cursor.number("Q")
        if count > _MOST_ATTRIBUTES or count * least > self.cursor.left:
            raise ParseError(f"{count} texts at {self.cursor.at}")
        return count

    def _text(self, most: int) -> str:
        length = self.cursor.number("Q")
        if length > most or length > self.cursor.left:
            raise ParseError(f"a text of {length} bytes at {self.cursor.at}")
        return self.cursor.take(length).decode("utf-8", "replace")

    def _pair(self) -> tuple[str, str]:
        return self._text(_MOST_NAME), self._text(_MOST_TEXT)

    def _floats(self, what: str, due: int) -> None:
        at = self.cursor.at
        count = self.cursor.number("Q")
        values = self._array("f", count, 1)
        finite(values, what, self.log, at)
        if count != due:
            self.log.add("length", f"{count} {what} where {due} are due", at)

    def _array(self, code: str, count: int, width: int) -> array[Any]:
        size = count * width * 4
        if size > self.cursor.left or size > MOST:
            raise ParseError(f"{count} items at {self.cursor.at}, more than the file holds")
        return array(code, self.cursor.take(size))

    def _trees(self, features: int, groups: int) -> int:
        count: int = unpack_from("<i", self.cursor.take(160))[0]
        if not 0 <= count <= self.cursor.left // (148 + _NODE + _STAT):
            raise ParseError(f"{count} trees in {self.cursor.left} bytes")
        for number in range(count):
            self.budget.check_time()
            self._tree(features, f"tree {number}")
        within(self._array("i", count, 1), 0, groups, "outputs of trees", self.log)
        return count

    def _tree(self, features: int, what: str) -> None:
        at = self.cursor.at
        nodes, _, _, _, vector = unpack_from("<iiiii", self.cursor.take(148), 4)
        if nodes <= 0:
            raise ParseError(f"{what} has {nodes} nodes")
        values = self._array("i", nodes, 5)
        stats = self._array("f", nodes, 4)
        if vector:
            self.cursor.skip(4 * self.cursor.number("Q"))
        left, right = values[1::5], values[2::5]
        if not tree_shape(left, right, what, self.log, at):
            return
        used = [value & _CHILD_MASK for value, child in zip(values[3::5], left, strict=True)
                if child >= 0]  # fmt: skip
        within(used, 0, features or 1 << 31, f"features in {what}", self.log, at)
        finite(array("f", values[4::5].tobytes()), f"split_conditions of {what}", self.log, at)
        finite(stats[2::4], f"base_weights of {what}", self.log, at)
