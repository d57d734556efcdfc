"""Compiled objects that follow numbers of a file: checked before native code sees them.

A tree whose child lies outside its nodes crashes the process at the first prediction; one that
leads back to itself never ends. Children must come behind their parents, as every builder of
scikit-learn puts them, so no walk can be endless.
"""

from __future__ import annotations

from typing import Any

from .arrays import bad, is_array
from .names import Name, resolve

_LEAF = -1
_LEVELS = 1_000
_METRICS_WITH_VECTOR = ("SEuclidean", "Mahalanobis", "Minkowski")


# Trees of scikit-learn


def tree(args: tuple[Any, ...], state: Any) -> object:
    """Return a ``sklearn.tree._tree.Tree``.

    Args:
        args: Number of features, classes of each output, number of outputs.
        state: Its depth, nodes and values.

    Raises:
        TrustError: A child, a feature or a length leads out of its array (``unsafe-values``).
    """
    if len(args) != 3 or type(args[0]) is not int or type(args[2]) is not int:
        raise bad("a Tree with unknown arguments")
    features, classes, outputs = args
    if not is_array(classes, "i", 1) or len(classes) != outputs or not outputs:
        raise bad("a Tree whose classes are not those of its outputs")
    if features < 0 or int(classes.min()) < 1:
        raise bad("a Tree of no features or no classes")
    keys = {"max_depth", "node_count", "nodes", "values"}
    if type(state) is not dict or set(state) != keys:
        raise bad("a Tree with an unknown state")
    _check_tree(state, features, outputs, int(classes.max()))
    kind: Any = resolve("sklearn.tree._tree", "Tree")
    made = kind(features, classes.astype("intp"), outputs)
    made.__setstate__(state)
    return made


def _check_tree(state: dict[str, Any], features: int, outputs: int, classes: int) -> None:
    nodes, values, count = state["nodes"], state["values"], state["node_count"]
    if type(count) is not int or type(state["max_depth"]) is not int:
        raise bad("a Tree whose sizes are no numbers")
    if not is_array(nodes, "V", 1) or not is_array(values, "f", 3):
        raise bad("a Tree whose nodes are none")
    if count != len(nodes) or not count or values.shape != (count, outputs, classes):
        raise bad("a Tree whose node count is not the number of its nodes")
    wanted = ("left_child", "right_child", "feature")
    if not set(wanted) <= set(nodes.dtype.names or ()):
        raise bad("a Tree whose nodes have no children")
    left, right, feature = (nodes[name] for name in wanted)
    if any(part.dtype.kind != "i" for part in (left, right, feature)):
        raise bad("a Tree whose nodes have no children")
    inner = left != _LEAF
    if ((right != _LEAF) != inner).any():
        raise bad("a Tree with a node of one child")
    used = feature[inner]
    if len(used) and (int(used.min()) < 0 or int(used.max()) >= features):
        raise bad(f"a Tree that looks at a feature outside its {features}")
    check_children(left, right, inner)
    if is_deeper(left, right, inner, state["max_depth"]):
        raise bad("a Tree deeper than it says")


def check_children(left: Any, right: Any, inner: Any) -> None:
    """Check that every child comes behind its parent, and has no other one.

    Args:
        left: Left child of each node, an array of whole numbers.
        right: Right child, likewise.
        inner: Which nodes have children.

    Raises:
        TrustError: A child lies elsewhere, or has two parents (``unsafe-values``).
    """
    import numpy as np

    parents = np.flatnonzero(inner)
    children = np.concatenate([left[parents], right[parents]]).astype("int64")
    twice = np.concatenate([parents, parents])
    if len(children) and (int(children.max()) >= len(left) or (children <= twice).any()):
        raise bad("a tree whose children lie outside it, or before their parents")
    if len(children) and int(np.bincount(children).max()) > 1:
        raise bad("a tree with a node that has two parents")


def is_deeper(left: Any, right: Any, inner: Any, limit: int) -> bool:
    """Return True when a checked tree has more levels below its root than ``limit``."""
    import numpy as np

    if limit > _LEVELS:
        return _depth(left, right, inner) > limit
    level: Any = np.zeros(1, "int64")
    for _ in range(limit + 1):
        level = level[inner[level]]
        if not len(level):
            return False
        level = np.concatenate([left[level], right[level]])
    return True


def _depth(left: Any, right: Any, inner: Any) -> int:
    """Return the depth of a deep and narrow tree, node by node."""
    depth = [0] * len(left)
    parents = inner.nonzero()[0]
    sides = zip(parents.tolist(), left[parents].tolist(), right[parents].tolist(), strict=True)
    for parent, first, second in sides:
        depth[first] = depth[second] = depth[parent] + 1
    return max(depth, default=0)


def predictor(state: dict[str, Any]) -> None:
    """Check the state of a ``TreePredictor`` of histogram gradient boosting.

    Raises:
        TrustError: A child or a set of categories lies outside its array (``unsafe-values``).
    """
    nodes: Any = state.get("nodes")
    names = {"left", "right", "is_leaf", "feature_idx", "is_categorical", "bitset_idx"}
    if not is_array(nodes, "V", 1) or not len(nodes):
        raise bad("a TreePredictor whose nodes are none")
    if not names <= set(nodes.dtype.names or ()):
        raise bad("a TreePredictor whose nodes have no children")
    if any(nodes[name].dtype.kind not in "iu" for name in names):
        raise bad("a TreePredictor whose nodes have no children")
    inner = nodes["is_leaf"] == 0
    check_children(nodes["left"], nodes["right"], inner)
    if (nodes["feature_idx"][inner] < 0).any():
        raise bad("a TreePredictor that looks at a feature below 0")
    sets: list[Any] = [state.get(f"{which}_left_cat_bitsets") for which in ("raw", "binned")]
    if any(not is_array(one, "u", 2) or one.shape[1] != 8 for one in sets):
        raise bad("a TreePredictor whose sets of categories are none")
    used = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
    if len(used) and int(used.max()) >= min(map(len, sets)):
        raise bad("a TreePredictor with a set of categories that is not there")


# Neighbours


def metric(name: Name, args: tuple[Any, ...], state: Any) -> object:
    """Return a compiled distance. Raises TrustError when its numbers are none."""
    if type(state) is not tuple or len(state) != 3 or type(state[0]) not in (int, float):
        raise bad("a distance with an unknown state")
    power, vector, matrix = state
    if not is_array(vector, "f", 1) or not is_array(matrix, "f", 2):
        raise bad("a distance whose vector is none")
    if matrix.shape[0] != matrix.shape[1]:
        raise bad("a distance whose matrix is not square")
    return _with_state(name, (float(power), vector, matrix))


def _with_state(name: Name, state: Any) -> object:
    kind: Any = resolve(*name)
    made = kind.__new__(kind)
    made.__setstate__(state)
    return made


def neighbors(name: Name, args: tuple[Any, ...], state: Any) -> object:
    """Return a ``KDTree`` or ``BallTree``.

    Raises:
        TrustError: A node or an index lies outside the data (``unsafe-values``).
    """
    if type(state) is not tuple or len(state) != 13:
        raise bad(f"a {name[1]} with an unknown state")
    data, index, nodes, bounds, leaf_size, levels, count = state[:7]
    if any(type(number) is not int for number in state[4:11]):
        raise bad(f"a {name[1]} whose sizes are no numbers")
    fits = is_array(data, "f", 2) and is_array(index, "i", 1) and is_array(bounds, "f", 3)
    if not fits or not is_array(nodes, "V", 1) or not data.size:
        raise bad(f"a {name[1]} whose data is none")
    points, features = data.shape
    sides = 2 if name[1].startswith("KD") else 1
    if not 1 <= levels <= 48 or count != (1 << levels) - 1 or leaf_size < 1:
        raise bad(f"a {name[1]} whose sizes do not fit")
    if len(nodes) != count or bounds.shape != (sides, count, features) or len(index) != points:
        raise bad(f"a {name[1]} whose arrays do not fit")
    if int(index.min()) < 0 or int(index.max()) >= points:
        raise bad(f"a {name[1]} with an index outside its data")
    _check_nodes(name, nodes, points, count)
    _check_metric(name, state[11], features)
    weights = state[12]
    if weights is not None and (not is_array(weights, "f", 1) or len(weights) != points):
        raise bad(f"a {name[1]} whose weights do not fit")
    return _with_state(name, state)


def _check_nodes(name: Name, nodes: Any, points: int, count: int) -> None:
    import numpy as np

    if nodes.dtype.names is None or nodes.dtype.names[:3] != ("idx_start", "idx_end", "is_leaf"):
        raise bad(f"a {name[1]} whose nodes are none")
    start, end = nodes["idx_start"], nodes["idx_end"]
    if (start < 0).any() or (end > points).any() or (start > end).any():
        raise bad(f"a {name[1]} with a node outside its data")
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    if len(inner) and 2 * int(inner.max()) + 2 >= count:
        raise bad(f"a {name[1]} with a node whose children are not there")


def _check_metric(name: Name, given: Any, features: int) -> None:
    kind = type(given)
    if kind.__module__ != "sklearn.metrics._dist_metrics":
        raise bad(f"a {name[1]} without a distance")
    _, vector, matrix = given.__getstate__()
    if not kind.__name__.startswith(_METRICS_WITH_VECTOR):
        return
    weighted = not kind.__name__.startswith("Minkowski") or vector.size
    if kind.__name__.startswith("Mahalanobis"):
        vector, matrix = matrix[0] if len(matrix) else matrix, matrix
    if weighted and vector.shape[-1] != features:
        raise bad(f"a {name[1]} whose distance is for other data")


def without_state(kind: Any, state: Any) -> object:
    """Return an instance of a compiled class that keeps nothing. Raises TrustError otherwise."""
    if state not in ((), None, ({},)):
        raise bad(f"a {kind.__name__} with an unknown state")
    return kind()
