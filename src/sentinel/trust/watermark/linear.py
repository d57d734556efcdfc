"""Linear models and perceptrons of scikit-learn: their coefficients bear the mark of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .embed import SCHEME, Marked, embed_store
from .keys import WatermarkKeyProvider
from .kinds import Job
from .store import ArrayStore
from .verify import Request, Verification, verify_store
from .walk import Found

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NAMES", "SCHEME", "embed", "store_of", "verify"]

NAMES = frozenset(f"sklearn.{name}" for name in (
    "LogisticRegression", "LogisticRegressionCV", "LinearRegression", "Ridge", "RidgeCV",
    "RidgeClassifier", "RidgeClassifierCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV",
    "SGDClassifier", "SGDRegressor", "Perceptron", "LinearSVC", "LinearSVR", "MLPClassifier",
    "MLPRegressor", "HuberRegressor", "BayesianRidge",
))  # fmt: skip


def store_of(found: Sequence[Found]) -> ArrayStore:
    """Return the coefficients of fitted estimators, those in one row as arrays of one row."""
    return ArrayStore({
        name: array.reshape(1, -1) if array.ndim == 1 else array
        for one in found
        for name, array in _arrays(one).items()
    })  # fmt: skip


def embed(found: Sequence[Found], job: Job) -> Marked:
    """Mark the coefficients of estimators where they are.

    Args:
        found: The estimators, in a copy that may be written to.
        job: What to mark them with.

    Raises:
        NotMarked: There are fewer than 640 coefficients, or nearly all of them are zeros.
    """
    store = store_of(found)
    marked = embed_store(
        store, job.provider, job.identity, context=job.context,
        written=lambda: ArrayStore(store.arrays),
    )  # fmt: skip
    for one in found:
        _replace(one, store.arrays)
    return marked


def verify(
    found: Sequence[Found], provider: WatermarkKeyProvider, request: Request
) -> Verification:
    """Look for the mark in the coefficients of estimators. Raises as ``verify_store`` does."""
    return verify_store(store_of(found), provider, request)


def is_fitted(model: Any) -> bool:
    """Return True when an estimator has coefficients in dense arrays."""
    return bool(_arrays(Found("", model)))


def _arrays(found: Found) -> dict[str, NDArray[Any]]:
    import numpy as np

    own = vars(found.model)
    many = own.get("coefs_")
    arrays = {f"{found.path}.coef_": own.get("coef_")}
    if isinstance(many, list):
        arrays = {f"{found.path}.coefs_.{place}": one for place, one in enumerate(many)}
    return {name: one for name, one in arrays.items() if isinstance(one, np.ndarray) and one.ndim}


def _replace(found: Found, arrays: dict[str, NDArray[Any]]) -> None:
    """Put marked coefficients into an estimator, in the layout that the old ones had."""
    import numpy as np

    for name, old in _arrays(found).items():
        new = np.empty_like(old)
        new[...] = arrays[name].reshape(old.shape)
        place = name.rpartition(".")[2]
        if place.isdecimal():
            found.model.coefs_[int(place)] = new
        else:
            found.model.coef_ = new
