"""Models in memory as numpy arrays by name; the caller's arrays are never written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .embed import Marked, embed_store
from .keys import WatermarkKeyProvider
from .kinds import Job
from .store import ArrayStore
from .verify import Request, Verification, verify_store

if TYPE_CHECKING:
    from numpy.typing import NDArray


def accepts(model: Any) -> bool:
    """Return True for a mapping whose values are numpy arrays."""
    import numpy as np

    return isinstance(model, Mapping) and all(
        isinstance(name, str) and isinstance(value, np.ndarray) for name, value in model.items()
    )


def embed_model(
    model: Mapping[str, NDArray[Any]], job: Job
) -> tuple[dict[str, NDArray[Any]], Marked]:
    """Return a marked copy; arrays that bear no mark are the caller's own, not copied.

    Raises:
        NotMarked: Too few weights, or none of a type that can bear a mark.
    """
    store = ArrayStore(model)
    marked = embed_store(
        store, job.provider, job.identity, context=job.context, written=lambda: _written(store)
    )
    return store.arrays, marked


def store_of(model: Mapping[str, NDArray[Any]]) -> ArrayStore:
    """Return the arrays as a store."""
    return ArrayStore(model)


def _written(store: ArrayStore) -> ArrayStore:
    return ArrayStore(store.arrays)


def verify_model(
    model: Mapping[str, NDArray[Any]], provider: WatermarkKeyProvider, request: Request
) -> Verification:
    """Look for the mark of a key. Raises as ``verify_store`` does."""
    return verify_store(ArrayStore(model), provider, request)
