"""LightGBM's text model: a header of keys, then one block of keys for each tree.

Format: ``GBDT::SaveModelToString`` and ``Tree::ToString`` of LightGBM.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...findings import Gap
from ...limits import Budget
from .. import Parsed
from ..archive.anomalies import AnomalyLog
from .model import MOST, TreeModel, behind, finite, within
from .xgboost import number_of

_STARTS = (b"tree\n", b"tree\r\n", b"gbdt\n", b"dart\n", b"goss\n")
_KEYS = (b"num_class=", b"version=", b"max_feature_idx=")
_PER_SPLIT = ("split_feature", "decision_type", "left_child", "right_child")
_ENDS = (b"\nend of trees", b"\nfeature_importances:", b"\nfeature importances:")
_LAST = (b"\npandas_categorical:", b"\nend of parameters", b"\nloaded_parameter:")
_MOST_LEAVES = 1 << 22
_MOST_TEXTS = 2_000
_CATEGORICAL = 1


def looks_like_lightgbm(artifact: Artifact, head: bytes) -> bool:
    """Return True for the first lines of a model."""
    return head.startswith(_STARTS) and any(key in head[:512] for key in _KEYS)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a LightGBM model.

    Returns:
        A ``TreeModel``.

    Raises:
        ParseError: It is no model of LightGBM.
        LimitExceeded: It is larger than is read.
    """
    if artifact.reader.size > MOST:
        raise LimitExceeded(f"more than {MOST} bytes of text")
    raw = artifact.reader.pread(0, artifact.reader.size)
    if not looks_like_lightgbm(artifact, raw[:4096]):
        raise ParseError("no model of LightGBM")
    blocks = _blocks(raw.decode("utf-8", "replace"))
    header = next(blocks)
    log = AnomalyLog()
    features = number_of(header.get("max_feature_idx")) + 1
    if features <= 0:
        log.add("kind", "max_feature_idx is no number", 0)
        features = 0
    count, linear = 0, False
    for block in blocks:
        if "Tree" not in block:
            continue
        budget.check_time()
        _Tree(block, features, f"tree {count}", log).check()
        linear = linear or block.get("is_linear") == "1"
        count += 1
    _check_counts(header, count, features, log)
    names = header.get("feature_names", "").split(" ")
    texts = [("feature_names", name) for name in names[:_MOST_TEXTS] if name]
    texts += [(key, header[key]) for key in ("objective", "parser_config_str") if key in header]
    rest = behind(artifact, _rest(raw), log)
    model = TreeModel(
        "LightGBM",
        header.get("version", ""),
        count,
        features,
        header.get("objective", "").partition(" ")[0],
        log.close(),
        tuple(texts),
    )
    gaps: tuple[Gap, ...] = ()
    if not any(mark in raw for mark in _ENDS):
        detail = "the file ends before the end of the trees"
        gaps = (Gap("truncated", artifact.location(), detail, "get it again from its source"),)
    return Parsed(model, rest, gaps)


def _check_counts(header: dict[str, str], count: int, features: int, log: AnomalyLog) -> None:
    """Hold what the header announces against the trees that are there."""
    sizes = header.get("tree_sizes", "").split()
    if sizes and len(sizes) != count:
        log.add("count", f"{len(sizes)} trees are announced, {count} are there", 0)
    groups = number_of(header.get("num_tree_per_iteration", header.get("num_class", "1")))
    if groups < 1 or count % groups:
        log.add("count", f"{count} trees for {groups} outputs", 0)
    names = header.get("feature_names", "").split(" ")
    if names != [""] and len(names) != features:
        log.add("length", f"{len(names)} names for {features} features", 0)


def _rest(raw: bytes) -> int:
    """Return how many bytes follow the last line that LightGBM writes."""
    end = 0
    for mark in _LAST:
        at = raw.rfind(mark)
        if at >= 0:
            line = raw.find(b"\n", at + 1)
            end = max(end, len(raw) if line < 0 else line)
    return len(raw[end:].lstrip()) if end else 0


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """Yield the header, then the keys of each tree; what follows the trees is left out."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, sign, value = line.partition("=")
        if line.startswith(("end of trees", "feature_importances", "feature importances")):
            break
        if key == "Tree" and sign:
            yield found
            found = {}
        if sign:
            found.setdefault(key, value)
    yield found


class _Tree:
    def __init__(self, block: dict[str, str], features: int, what: str, log: AnomalyLog) -> None:
        self.block, self.features, self.what, self.log = block, features, what, log

    def check(self) -> None:
        """Note what does not fit within one tree."""
        leaves = number_of(self.block.get("num_leaves"))
        if not 0 < leaves <= _MOST_LEAVES:
            self.log.add("count", f"{self.what} has {self.block.get('num_leaves')!r} leaves", 0)
            return
        values = self._floats("leaf_value")
        finite(values, f"leaves of {self.what}", self.log)
        if len(values) != leaves:
            self.log.add("length", f"{self.what} has {len(values)} values, {leaves} leaves", 0)
        if leaves > 1:
            self._splits(leaves)

    def _splits(self, leaves: int) -> None:
        lists = {key: self._whole(key) for key in _PER_SPLIT}
        thresholds = self._floats("threshold")
        lengths = {"threshold": len(thresholds), **{key: len(lists[key]) for key in lists}}
        wrong = [key for key, length in lengths.items() if length != leaves - 1]
        for key in wrong:
            detail = f"{key} of {self.what} has {lengths[key]} items for {leaves - 1} splits"
            self.log.add("length", detail, 0)
        if wrong:
            return
        if self.features:
            within(lists["split_feature"], 0, self.features, f"features in {self.what}", self.log)
        # LightGBM reads infinite thresholds as they are; only what is no number is odd.
        if any(math.isnan(value) for value in thresholds):
            self.log.add("infinite", f"a threshold of {self.what} is no number", 0)
        children = [*lists["left_child"], *lists["right_child"]]
        if within(children, -leaves, leaves - 1, f"children in {self.what}", self.log) and (
            0 in children or len(set(children)) != len(children)
        ):
            self.log.add("cycle", f"a node of {self.what} has two parents", 0)
        self._categories(lists["decision_type"], thresholds)

    def _categories(self, decisions: Sequence[int], thresholds: Sequence[float]) -> None:
        used = [
            int(threshold)
            for decision, threshold in zip(decisions, thresholds, strict=True)
            if decision & _CATEGORICAL and math.isfinite(threshold)
        ]
        count = number_of(self.block.get("num_cat", "0"))
        if not used and count <= 0:
            return
        bounds = self._whole("cat_boundaries")
        words = self._whole("cat_threshold")
        if len(bounds) != count + 1:
            self.log.add("length", f"{self.what} has {count} sets of categories", 0)
        within(used, 0, max(count, 0), f"sets of categories in {self.what}", self.log)
        ordered = all(a <= b for a, b in pairwise(bounds))
        if within(bounds, 0, len(words) + 1, f"bounds of categories in {self.what}", self.log) and (
            not ordered
        ):
            self.log.add("outside", f"bounds of categories in {self.what} go back", 0)

    def _whole(self, key: str) -> list[int]:
        try:
            return list(map(int, self.block.get(key, "").split()))
        except ValueError:
            return self._odd(key)

    def _floats(self, key: str) -> list[float]:
        try:
            return list(map(float, self.block.get(key, "").split()))
        except ValueError:
            return list(map(float, self._odd(key)))

    def _odd(self, key: str) -> list[int]:
        self.log.add("kind", f"{key} of {self.what} holds something that is no number", 0)
        return []
