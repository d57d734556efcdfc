"""Which text reaches an operator of a TensorFlow graph, as far as the graph says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..formats.tf_model import TfGraphs, TfNode

_CONSTANTS = frozenset(("Const", "HostConst"))
_PASSES = frozenset((
    "Identity", "IdentityN", "PlaceholderWithDefault", "StringJoin", "Pack", "Concat", "ConcatV2",
    "ExpandDims", "Reshape", "Squeeze", "Snapshot", "StopGradient", "Switch", "Merge", "Select",
    "SelectV2", "ShardedFilename", "ShardedFilespec", "Fill", "StringLower", "StringStrip",
    "TensorSliceDataset", "TensorDataset", "Enter", "Exit", "FIFOQueueV2",
))  # fmt: skip
_MOST_STEPS = 64

Places = Mapping[tuple[str, str], TfNode]
"""Nodes by the function they are in and their name."""


def places(model: TfGraphs) -> Places:
    """Return the nodes by function and name; the last of two with one name."""
    return {(node.function, node.name): node for node in model.nodes}


def sources(node: TfNode, known: Places, inputs: int | None = None) -> Iterator[tuple[str, str]]:
    """Yield the constant texts that an operator is given.

    Args:
        node: The operator.
        known: All nodes.
        inputs: Look at no more than that many of its inputs.

    Yields:
        The text, and the name of the constant it stands in.
    """
    pending = list(node.inputs[:inputs])
    seen: set[str] = set()
    while pending and len(seen) < _MOST_STEPS:
        name = pending.pop(0).lstrip("^").partition(":")[0]
        if name in seen:
            continue
        seen.add(name)
        found = known.get((node.function, name))
        if found is None:
            continue
        if found.op in _CONSTANTS:
            yield from ((text, name) for key, text in found.texts if key == "value")
        elif found.op in _PASSES:
            pending += found.inputs
