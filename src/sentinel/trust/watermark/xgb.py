"""Boosters of XGBoost: the last bit of thresholds, by moves down of one step of float32 alone.

XGBoost asks ``x < t`` in float32. A threshold that moves up by one step lets the very value in that
it was cut at, which is in the training data; one that moves down changes the answer only for an x
equal to the next number below, which no cut was made at. Measured: no difference on training data
and on random rows; there is no proof as for scikit-learn's trees.

A node is told by its feature, gain, cover and weight, so that rounds may be dropped. Anybody
removes the mark at no cost: it is for tracing copies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .code import CODE_BITS, decode, encode, encode_many
from .detect import Score
from .keys import WatermarkKeyProvider
from .kinds import Job
from .prf import addresses, blocks
from .record import NotMarked, Part, Record
from .secret import Secret
from .statistics import log10_binomial_tail
from .tracing import record_of, verified
from .verify import Request, Verification
from .walk import Found

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEME = "xgb-threshold-1"
LEAST_NODES = 64
NAMES = frozenset({
    "xgboost.Booster", "xgboost.XGBClassifier", "xgboost.XGBRegressor", "xgboost.XGBRanker",
    "xgboost.XGBRFClassifier", "xgboost.XGBRFRegressor",
})  # fmt: skip


class Nodes(NamedTuple):
    """Internal nodes of trees that split by a number.

    Attributes:
        thresholds: Of each node.
        addresses: What each is told by, 16 bytes.
        places: Tree and node of each.
    """

    thresholds: NDArray[np.float32]
    addresses: NDArray[np.uint8]
    places: tuple[tuple[int, int], ...]


def embed(found: Sequence[Found], job: Job) -> Record:
    """Mark boosters where they are.

    Args:
        found: The boosters, or their wrappers, in a copy that may be written to.
        job: What to mark them with.

    Raises:
        NotMarked: They have fewer than 64 nodes that can be told apart, or XGBoost did not keep
            what was written.
    """
    models = [_Document(one.model) for one in found]
    nodes = sum(len(_distinct([one.nodes])[0]) for one in models)
    if nodes < LEAST_NODES:
        raise NotMarked(
            "capacity", f"{nodes} nodes that can be told apart are too few to mark",
            f"{LEAST_NODES} are needed",
        )  # fmt: skip
    key = job.provider.derive(job.context.encode("utf-8", "surrogatepass"))
    parts = []
    for one, model in zip(found, models, strict=True):
        model.write(moved_down(model.nodes, key, job.identity))
        parts.append(Part(one.path, (len(model.trees),), len(model.nodes.places)))
    numbers = {"nodes": sum(part.chips for part in parts), "bits": 1}
    return record_of(SCHEME, key, job, numbers, tuple(parts))


def verify(
    found: Sequence[Found], provider: WatermarkKeyProvider, request: Request
) -> Verification:
    """Look for the mark in boosters. Raises as ``tracing.verified`` does."""
    bits, told = _distinct([_Document(one.model).nodes for one in found])
    return verified(SCHEME, provider, request, lambda key, ids: _score(bits, told, key, ids))


def moved_down(nodes: Nodes, key: Secret, identity: int) -> NDArray[np.float32]:
    """Return the thresholds with the mark: each is what it was, or the next number below."""
    import numpy as np

    places, hidden = _keyed(nodes.addresses, key)
    wanted = encode(identity)[places] ^ hidden
    with np.errstate(over="ignore"):
        below = np.nextafter(nodes.thresholds, np.float32(-np.inf))
    finite = np.isfinite(below) & np.isfinite(nodes.thresholds)
    moves = (_last_bit(nodes.thresholds) != wanted) & finite
    return np.where(moves, below, nodes.thresholds).astype(np.float32)


class _Document:
    """A booster as JSON, the form in which XGBoost documents its models.

    Args:
        model: A ``Booster`` or one of its wrappers.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.booster = model if hasattr(model, "save_raw") else model.get_booster()
        self.whole = json.loads(bytes(self.booster.save_raw("json")))
        self.trees = _trees(self.whole)
        self.nodes = _nodes(self.trees)

    def write(self, thresholds: NDArray[np.float32]) -> None:
        """Put thresholds into the booster, and look whether they, and all else, are there."""
        for (tree, node), value in zip(self.nodes.places, thresholds, strict=True):
            self.trees[tree]["split_conditions"][node] = float(value)
        settings = self.booster.save_config()
        self.booster.load_model(bytearray(json.dumps(self.whole).encode()))
        self.booster.load_config(settings)
        if _comparable(self.whole) != _comparable(json.loads(bytes(self.booster.save_raw("json")))):
            raise NotMarked("self-check", "XGBoost did not keep what was written")


def _trees(whole: Any) -> list[dict[str, Any]]:
    body = whole["learner"]["gradient_booster"]
    body = body.get("gbtree", body)
    found: list[dict[str, Any]] = body.get("model", {}).get("trees", [])
    return found


def _nodes(trees: list[dict[str, Any]]) -> Nodes:
    import numpy as np

    places = tuple(_places(trees))
    columns = {
        name: np.array([trees[tree][name][node] for tree, node in places], kind)
        for name, kind in (
            ("split_conditions", np.float32), ("split_indices", np.int32),
            ("sum_hessian", np.float32), ("loss_changes", np.float32),
            ("base_weights", np.float32),
        )
    }  # fmt: skip
    thresholds = columns.pop("split_conditions")
    return Nodes(thresholds, addresses(*columns.values()), places)


def _places(trees: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Yield tree and node of what splits by a number: no leaves, no splits by category."""
    for number, tree in enumerate(trees):
        kinds = tree.get("split_type") or [0] * len(tree["left_children"])
        if isinstance(tree["base_weights"][0], list):
            continue
        for node, left in enumerate(tree["left_children"]):
            if left != -1 and not kinds[node]:
                yield number, node


def _comparable(whole: Any) -> tuple[str, list[bytes]]:
    """Return a document without its thresholds, and these as float32: digits may differ there."""
    import numpy as np

    trees = _trees(whole)
    thresholds = [np.array(tree["split_conditions"], np.float32).tobytes() for tree in trees]
    bare = [{**tree, "split_conditions": None} for tree in trees]
    body = whole["learner"]["gradient_booster"]
    rest = {**whole, "learner": {**whole["learner"], "gradient_booster": bare}}
    return json.dumps([rest, body.get("weight_drop")], sort_keys=True), thresholds


def _last_bit(thresholds: NDArray[np.float32]) -> NDArray[np.uint8]:
    import numpy as np

    return (np.ascontiguousarray(thresholds).view(np.uint32) & 1).astype(np.uint8)


def _keyed(told: NDArray[np.uint8], key: Secret) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return which code bit each node bears, and the bit that hides it."""
    import numpy as np

    raw = blocks(key, SCHEME, told)
    places = raw[:, :4].copy().view("<u4").reshape(-1).astype(np.int64) % CODE_BITS
    return places, raw[:, 4] & np.uint8(1)


def _distinct(
    groups: Sequence[Nodes],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the last bit and the address of each address once, the bit that most nodes bear."""
    import numpy as np

    told = np.concatenate([one.addresses for one in groups])
    bits = np.concatenate([_last_bit(one.thresholds) for one in groups])
    rows, places = np.unique(told, axis=0, return_inverse=True)
    ones = np.bincount(places.reshape(-1), bits, len(rows))
    counts = np.bincount(places.reshape(-1), minlength=len(rows))
    return (2 * ones > counts).astype(np.uint8), rows


def _score(
    bits: NDArray[np.uint8], told: NDArray[np.uint8], key: Secret, identities: Sequence[int]
) -> Score:
    import numpy as np

    places, hidden = _keyed(told, key)
    shown = bits ^ hidden
    if not identities:
        found = decode(np.bincount(places, 1.0 - 2.0 * shown, CODE_BITS))
        if found is None:
            return Score(0.0, "threshold", 0, len(bits), None, None, 0.0)
        identities = (found,)
    matches = [int((shown == code[places]).sum()) for code in encode_many(identities)]
    best = max(range(len(matches)), key=matches.__getitem__)
    tail = log10_binomial_tail(len(bits), matches[best])
    return Score(tail, "threshold", matches[best], len(bits), None, identities[best], 0.0)


def is_fitted(model: Any) -> bool:
    """Return True when there is a booster."""
    return hasattr(model, "save_raw") or model.__sklearn_is_fitted__()
