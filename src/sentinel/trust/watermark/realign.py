"""Puts rows and columns of a model back in the order of the owner's original.

Permuting hidden units changes no output and scatters every chip. Each tensor is put in order by
itself, without knowing the network: rows are told by their sorted values, which do not depend on
the order of the columns, and columns then by their values. The order depends on the two models and
not on the key, so that the test stays exact when the original is one without the mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .store import Store, Tensor, to_float

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_ROWS = 65_536
_FEATURES = 256
_BLOCK = 512
_MOST_DEAR = 2048


class RealignedStore:
    """A store whose tensors are realigned to an original, one of them in memory at a time.

    Args:
        store: The model in question.
        original: The owner's original.
        origins: The tensor of the original for each tensor of the store, by name.
    """

    def __init__(self, store: Store, original: Store, origins: dict[str, Tensor]) -> None:
        self.tensors = store.tensors
        self._store, self._original, self._origins = store, original, origins
        self._held: tuple[str, Any] = ("", None)

    def read(self, tensor: Tensor, start: int, count: int) -> NDArray[Any]:
        """Return elements of the realigned tensor, in the type they are stored in."""
        origin = self._origins.get(tensor.name)
        if origin is None:
            return self._store.read(tensor, start, count)
        if self._held[0] != tensor.name:
            self._held = (tensor.name, self._aligned(tensor, origin))
        return cast("NDArray[Any]", self._held[1][start : start + count])

    def write(self, tensor: Tensor, start: int, values: NDArray[Any]) -> None:
        """Refuse: what is realigned is only read."""
        raise NotImplementedError

    def _aligned(self, tensor: Tensor, origin: Tensor) -> NDArray[Any]:
        raw = self._store.read(tensor, 0, tensor.size)
        shape = (*tensor.shape[:2], -1)
        mine = to_float(raw, tensor.dtype).reshape(shape)
        theirs = to_float(self._original.read(origin, 0, origin.size), origin.dtype).reshape(shape)
        rows, columns = orders(mine, theirs)
        return raw.reshape(shape)[rows][:, columns].reshape(-1)


def orders(
    mine: NDArray[np.floating[Any]], theirs: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns of one array in the order in which they match another's.

    Args:
        mine: The array to put in order, rows × columns × whatever stays together.
        theirs: The array it is matched with, of the same shape.
    """
    import numpy as np

    rows, columns, rest = mine.shape
    row_order = np.arange(rows)
    if 1 < rows <= _MOST_ROWS:
        row_order = _match(_sorted_features(mine), _sorted_features(theirs))
    if not 1 < columns <= _MOST_ROWS:
        return row_order, np.arange(columns)
    mine = mine[row_order].transpose(1, 0, 2).reshape(columns, rows * rest)
    return row_order, _match(mine, theirs.transpose(1, 0, 2).reshape(columns, rows * rest))


def _sorted_features(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return what is the same for a row in whatever order its columns are: its sorted values."""
    import numpy as np

    return np.sort(values.reshape(len(values), -1), axis=1)


def _few(features: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return some of the features of each row, evenly spread."""
    import numpy as np

    if features.shape[1] <= _FEATURES:
        return np.nan_to_num(features)
    places = np.linspace(0, features.shape[1] - 1, _FEATURES).astype(np.int64)
    return np.nan_to_num(features[:, places])


def _match(mine: NDArray[np.floating[Any]], theirs: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Return for each row of ``theirs`` the row of ``mine`` that is it."""
    import numpy as np

    mine, theirs = _few(mine), _few(theirs)
    blocks = [
        _distances(theirs[start : start + _BLOCK], mine).argmin(axis=1)
        for start in range(0, len(theirs), _BLOCK)
    ]
    nearest = np.concatenate(blocks)
    if len(np.unique(nearest)) == len(nearest):
        return nearest
    if len(nearest) <= _MOST_DEAR and (found := _assigned(_distances(theirs, mine))) is not None:
        return found
    return _filled(nearest)


def _distances(
    a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    import numpy as np

    with np.errstate(all="ignore"):
        products = a @ b.T
        found = np.square(a).sum(axis=1)[:, None] - 2 * products + np.square(b).sum(axis=1)
    return np.where(np.isfinite(found), found, np.finfo(found.dtype).max)


def _assigned(distances: NDArray[np.floating[Any]]) -> NDArray[np.int64] | None:
    """Return the best assignment (Kuhn's Hungarian method), or None without scipy."""
    try:
        from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]
    except ImportError:
        return None
    return cast("NDArray[np.int64]", linear_sum_assignment(distances)[1])


def _filled(nearest: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a permutation: who was chosen twice goes to the first, others get what is left."""
    import numpy as np

    chosen, first = np.unique(nearest, return_index=True)
    found: NDArray[np.int64] = np.full(len(nearest), -1)
    found[first] = chosen
    found[found < 0] = np.setdiff1d(np.arange(len(nearest)), chosen)
    return found
