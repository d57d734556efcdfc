"""Checks of sparse matrices and splines: pointers and knots that compiled code follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arrays import bad, is_array, parts

Test = Callable[[dict[str, Any]], None]


def _shape(held: dict[str, Any]) -> tuple[int, int]:
    shape: Any = held.get("_shape")
    if type(shape) is not tuple or len(shape) != 2 or any(type(n) is not int for n in shape):
        raise bad("a sparse matrix of an unknown shape")
    if min(shape) < 0:
        raise bad("a sparse matrix of an unknown shape")
    return shape


def _compressed(held: dict[str, Any], major: int) -> None:
    shape = _shape(held)
    pointers, indices, data = parts(held, "indptr", "indices", "data")
    fits = is_array(pointers, "iu", 1) and is_array(indices, "iu", 1)
    if not fits or not is_array(data, "biufc", 1):
        raise bad("a sparse matrix whose arrays are none")
    _check_pointers(pointers, shape[major], len(indices))
    if len(data) != len(indices):
        raise bad("a sparse matrix whose arrays differ in length")
    _check_indices(indices, shape[1 - major])


def _check_pointers(pointers: Any, rows: int, stored: int) -> None:
    if len(pointers) != rows + 1 or pointers[0] != 0 or int(pointers[-1]) > stored:
        raise bad("a sparse matrix whose pointers lead out of it")
    if (pointers[1:] < pointers[:-1]).any():
        raise bad("a sparse matrix whose pointers go back")


def _check_indices(indices: Any, bound: int) -> None:
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= bound):
        raise bad("a sparse matrix with an index outside it")


def csr(held: dict[str, Any]) -> None:
    """Check a matrix of compressed rows. Raises TrustError (``unsafe-values``)."""
    _compressed(held, 0)


def csc(held: dict[str, Any]) -> None:
    """Check a matrix of compressed columns. Raises TrustError (``unsafe-values``)."""
    _compressed(held, 1)


def bsr(held: dict[str, Any]) -> None:
    """Check a matrix of blocks. Raises TrustError (``unsafe-values``)."""
    shape = _shape(held)
    pointers, indices, data = parts(held, "indptr", "indices", "data")
    fits = is_array(pointers, "iu", 1) and is_array(indices, "iu", 1)
    if not fits or not is_array(data, "biufc", 3) or not all(data.shape[1:]):
        raise bad("a sparse matrix whose arrays are none")
    blocks, high, wide = data.shape
    if shape[0] % high or shape[1] % wide or blocks != len(indices):
        raise bad("a sparse matrix whose blocks do not fill it")
    _check_pointers(pointers, shape[0] // high, blocks)
    _check_indices(indices, shape[1] // wide)


def coo(held: dict[str, Any]) -> None:
    """Check a matrix of coordinates. Raises TrustError (``unsafe-values``)."""
    shape = _shape(held)
    places = held.get("coords") or parts(held, "row", "col")
    data: Any = held.get("data")
    if not is_array(data, "biufc", 1) or len(places) != 2:
        raise bad("a sparse matrix whose arrays are none")
    for side, bound in zip(places, shape, strict=True):
        if not is_array(side, "iu", 1) or len(side) != len(data):
            raise bad("a sparse matrix whose arrays differ in length")
        _check_indices(side, bound)


def spline(held: dict[str, Any]) -> None:
    """Check a ``BSpline``: knots that rise, and a coefficient for each.

    Raises:
        TrustError: They do not fit (``unsafe-values``).
    """
    import numpy as np

    knots, values, degree = (_either(held, key) for key in "tck")
    if not is_array(knots, "f", 1) or type(degree) is not int or not 0 <= degree <= 32:
        raise bad("a BSpline whose knots are none")
    if type(values) is not np.ndarray or values.dtype.kind not in "fc" or not values.ndim:
        raise bad("a BSpline whose coefficients are none")
    if held.get("axis", 0) not in range(values.ndim):
        raise bad("a BSpline along an axis that is not there")
    size = len(knots) - degree - 1
    if size < degree + 1 or values.shape[0] < size or not np.isfinite(knots).all():
        raise bad("a BSpline with fewer coefficients than its knots take")
    if (np.diff(knots) < 0).any():
        raise bad("a BSpline whose knots go back")


def _either(held: dict[str, Any], key: str) -> Any:
    return held.get(key, held.get(f"_{key}"))


NUMERIC: tuple[tuple[str, str, Test], ...] = (
    *(
        ("scipy.sparse", f"{name}_{kind}", test)
        for name, test in (("csr", csr), ("csc", csc), ("bsr", bsr), ("coo", coo))
        for kind in ("matrix", "array")
    ),
    ("scipy.interpolate", "BSpline", spline),
)
"""Beginning of the module, name of the class, and the check of its attributes."""
