"""CatBoost: its binary model (a FlatBuffer behind eight bytes) and its JSON.

Format: ``catboost/libs/model/flatbuffers/*.fbs`` and ``model_export/json_model_helpers.cpp``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...limits import Budget
from ...readers import SubRangeReader
from .. import Parsed
from ..archive.anomalies import AnomalyLog
from ..flatbuffer import Flat, Table
from .jsons import read_json
from .model import MOST, TreeModel, behind, finite, within

_HEAD = 8
_DEEPEST = 32
_NO_LEAF = 0xFFFFFFFF
_MOST_TEXTS = 1_000
_MOST_FEATURES = 5_000_000
_FLOATS, _ONE_HOTS, _CTRS, _ESTIMATED = 5, 6, 7, 13
_BORDERS = {_FLOATS: 3, _ONE_HOTS: 1, _CTRS: 1, _ESTIMATED: 3}


def looks_like_json(artifact: Artifact, head: bytes) -> bool:
    """Return True for the first keys of CatBoost's JSON."""
    return b'"features_info"' in head or b'"oblivious_trees"' in head


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a CatBoost model.

    Returns:
        A ``TreeModel``; what follows the trees as a member.

    Raises:
        ParseError: It is no model of CatBoost.
        LimitExceeded: It is larger than is read.
    """
    if artifact.reader.pread(0, 4) == b"CBM1":
        return _Binary(artifact, budget).parsed()
    return _parse_json(artifact, budget)


class _Binary:
    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self.artifact = artifact
        self.log = AnomalyLog()
        size = int.from_bytes(artifact.reader.pread(4, 4), "little")
        self.end = _HEAD + size
        if self.end > artifact.reader.size:
            raise ParseError(f"a model of {size} bytes in a file of {artifact.reader.size}")
        self.flat = Flat(SubRangeReader(artifact.reader, _HEAD, size), budget)

    def parsed(self) -> Parsed:
        core = self.flat.root()
        at = core.where(1)
        if not at:
            raise ParseError("there are no trees in it")
        trees = self.flat.table(at)
        count = self._trees(trees)
        left = self.artifact.reader.size - self.end
        _, parts = self.flat.vector(core, 3, 4)
        rest = behind(self.artifact, left, self.log if not parts else AnomalyLog())
        model = TreeModel(
            "CatBoost", self.flat.text(core, 0), count, self._count(trees, _FLOATS), "",
            self.log.close(), tuple(self._texts(core)),
        )  # fmt: skip
        return Parsed(model, rest)

    def _count(self, table: Table, number: int) -> int:
        return self.flat.vector(table, number, 4)[1]

    def _array(self, table: Table, number: int, code: str, width: int) -> array[Any]:
        start, count = self.flat.vector(table, number, width)
        if count * width > MOST:
            raise LimitExceeded(f"an array of {count * width} bytes")
        return array(code, self.flat.raw(start, count * width))

    def _splits(self, trees: Table) -> int:
        """Return how many conditions the features offer."""
        total = 0
        for number, borders in _BORDERS.items():
            start, count = self.flat.vector(trees, number, 4)
            if count > _MOST_FEATURES:
                raise LimitExceeded(f"{count} features")
            for place in range(start, start + 4 * count, 4):
                total += self.flat.vector(self.flat.table(place), borders, 4)[1]
        return total

    def _trees(self, trees: Table) -> int:
        splits, sizes = (self._array(trees, number, "i", 4) for number in (1, 2))
        starts = self._array(trees, 3, "i", 4)
        width = max(self.flat.scalar(trees, 0, 4, signed=True), 1)
        within(splits, 0, self._splits(trees), "conditions of trees", self.log)
        leaves = self._array(trees, 8, "d", 8)
        finite(leaves, "leaves", self.log)
        if not within(sizes, 0, len(splits) + 1, "sizes of trees", self.log):
            return len(sizes)
        if sum(sizes) != len(splits):
            self.log.add("length", f"{sum(sizes)} conditions in trees, {len(splits)} in all", 0)
        elif len(starts) and len(starts) != len(sizes):
            self.log.add("length", f"{len(starts)} starts for {len(sizes)} trees", 0)
        elif len(starts) and any(at != due for at, due in zip(starts, _sums(sizes), strict=False)):
            self.log.add("outside", "a tree does not start where the one before ends", 0)
        if self._count(trees, 10):
            self._steps(trees, sizes, len(leaves), width)
        else:
            self._symmetric(sizes, len(leaves), width)
        return len(sizes)

    def _symmetric(self, sizes: array[Any], leaves: int, width: int) -> None:
        if not within(sizes, 0, _DEEPEST, "depths of trees", self.log):
            return
        due = width * sum(1 << size for size in sizes)
        if due != leaves:
            self.log.add("length", f"{leaves} leaves where {due} are due", 0)

    def _steps(self, trees: Table, sizes: array[Any], leaves: int, width: int) -> None:
        steps = self._array(trees, 10, "H", 4)
        ids = self._array(trees, 11, "I", 4)
        total = sum(sizes)
        if len(steps) != 2 * total or len(ids) != total:
            self.log.add("length", f"{len(steps) // 2} steps, {len(ids)} leaves, {total} nodes", 0)
            return
        within(
            [found for found in ids if found != _NO_LEAF], 0, leaves, "leaves of nodes", self.log
        )
        start = 0
        for size in sizes:
            end = start + size
            for node in range(start, end):
                if node + max(steps[2 * node], steps[2 * node + 1]) >= end:
                    self.log.add("outside", f"node {node} steps out of its tree", 0)
                    return
            start = end

    def _texts(self, core: Table) -> Iterator[tuple[str, str]]:
        start, count = self.flat.vector(core, 2, 4)
        for place in range(start, start + 4 * min(count, _MOST_TEXTS), 4):
            pair = self.flat.table(place)
            yield self.flat.text(pair, 0)[:80], self.flat.text(pair, 1)


def _sums(sizes: array[Any]) -> Iterator[int]:
    total = 0
    for size in sizes:
        yield total
        total += size


def _parse_json(artifact: Artifact, budget: Budget) -> Parsed:
    log = AnomalyLog()
    duplicates: list[str] = []
    root, length = read_json(artifact, duplicates)
    rest = behind(artifact, length, log)
    for key in duplicates:
        log.add("duplicate", f"the key {key[:80]!r} occurs twice in one object", 0)
    trees = root.get("oblivious_trees")
    oblivious = isinstance(trees, list)
    if not oblivious:
        trees = root.get("trees")
    if not isinstance(trees, list):
        raise ParseError("there are no trees in it")
    info = root.get("features_info")
    floats = info.get("float_features") if isinstance(info, Mapping) else None
    features = len(floats) if isinstance(floats, list) else 0
    width = _width(root)
    for number, tree in enumerate(trees):
        if not number & 0xFF:
            budget.check_time()
        if oblivious:
            _oblivious(tree, features, width, f"tree {number}", log)
        else:
            _nested(tree, features, f"tree {number}", log)
    texts = [
        (key, value)
        for key, value in _items(root.get("model_info"))[:_MOST_TEXTS]
        if isinstance(value, str)
    ]
    model = TreeModel("CatBoost", "JSON", len(trees), features, "", log.close(), tuple(texts))
    return Parsed(model, rest)


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _width(root: Mapping[str, Any]) -> int:
    scale = root.get("scale_and_bias")
    if isinstance(scale, list) and len(scale) == 2 and isinstance(scale[1], list):
        return max(len(scale[1]), 1)
    return 1


def _oblivious(tree: Any, features: int, width: int, what: str, log: AnomalyLog) -> None:
    fields = tree if isinstance(tree, Mapping) else {}
    leaves, splits = fields.get("leaf_values"), fields.get("splits") or []
    if not isinstance(leaves, list) or not isinstance(splits, list) or len(splits) >= _DEEPEST:
        log.add("kind", f"{what} has no leaves or no splits", 0)
        return
    finite(leaves, f"leaves of {what}", log)
    if len(leaves) % (1 << len(splits)) or (width > 1 and len(leaves) != width << len(splits)):
        log.add("length", f"{what} has {len(leaves)} leaves for {len(splits)} splits", 0)
    for split in splits:
        _split(split, features, what, log)


def _split(split: Any, features: int, what: str, log: AnomalyLog) -> None:
    fields = split if isinstance(split, Mapping) else {}
    if "float_feature_index" in fields:
        within([fields["float_feature_index"]], 0, features, f"features in {what}", log)
    border = fields.get("border", 0)
    finite([border], f"borders of {what}", log)


def _nested(tree: Any, features: int, what: str, log: AnomalyLog) -> None:
    pending = [tree]
    while pending:
        node = pending.pop()
        if not isinstance(node, Mapping):
            log.add("kind", f"a node of {what} is none", 0)
            continue
        if "split" in node:
            _split(node["split"], features, what, log)
            pending += [node.get("left"), node.get("right")]
        elif "value" in node:
            value = node["value"]
            finite(value if isinstance(value, list) else [value], f"leaves of {what}", log)
        else:
            log.add("kind", f"a node of {what} is neither split nor leaf", 0)
