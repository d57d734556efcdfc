"""Checks of scikit-learn's SVMs: one coefficient for each vector and pair of classes.

libsvm takes the number of classes from the length of the counts, and for a precomputed kernel the
columns to read from the indices of the vectors.
"""

from __future__ import annotations

from typing import Any

from .arrays import attributes_of, bad, is_array, parts


def classifier(held: dict[str, Any]) -> None:
    """Check an SVM that classifies. Raises TrustError (``unsafe-values``)."""
    counts: Any = held.get("_n_support")
    _vectors(held)
    if is_array(counts, "i", 1) and int(counts.sum()) != len(held["support_"]):
        raise bad("an SVM whose vectors are not those it counts")


def regressor(held: dict[str, Any]) -> None:
    """Check an SVM of one output, whose counts are the number of its vectors, twice.

    Raises:
        TrustError: Its parts do not fit (``unsafe-values``).
    """
    counts: Any = held.get("_n_support")
    _vectors(held)
    if counts is not None and counts.tolist() != [len(held["support_"])] * 2:
        raise bad("an SVM whose vectors are not those it counts")


def _vectors(held: dict[str, Any]) -> None:
    if "_n_support" not in held or "support_vectors_" not in held:
        if "_n_support" in held:
            raise bad("an SVM without its vectors")
        return
    counts, support, bias, points = parts(
        held, "_n_support", "support_", "_intercept_", "shape_fit_"
    )
    if not is_array(counts, "i", 1) or not is_array(support, "i", 1) or len(counts) < 2:
        raise bad("an SVM whose counts are none")
    total, classes = len(support), len(counts)
    if int(counts.min()) < 0:
        raise bad("an SVM whose counts are none")
    rows = _rows_of(held["support_vectors_"])
    fits = type(points) is tuple and len(points) > 0 and type(points[0]) is int
    if rows != total or not fits:
        raise bad("an SVM whose vectors are not those it counts")
    if total and (int(support.min()) < 0 or int(support.max()) >= points[0]):
        raise bad("an SVM with a vector that is none of its points")
    _coefficients(held.get("_dual_coef_"), classes, total)
    _biases(held, bias, classes)


def _rows_of(vectors: Any) -> int:
    if is_array(vectors, "f", 2):
        return len(vectors)
    shape = attributes_of(vectors).get("_shape")
    return shape[0] if type(shape) is tuple and shape else -1


def _coefficients(dual: Any, classes: int, total: int) -> None:
    wanted = (classes - 1) * total
    if is_array(dual, "f", 2):
        fits = dual.shape == (classes - 1, total)
    else:  # a sparse one, of which the stored values are read as if they were all
        stored: Any = attributes_of(dual).get("data")
        fits = is_array(stored, "f", 1) and len(stored) == wanted
    if not fits:
        raise bad("an SVM whose coefficients do not fit its vectors")


def _biases(held: dict[str, Any], bias: Any, classes: int) -> None:
    wanted = classes * (classes - 1) // 2
    if not is_array(bias, "f", 1) or len(bias) != wanted:
        raise bad("an SVM with other intercepts than pairs of classes")
    for value in parts(held, "_probA", "_probB"):
        if value is not None and (not is_array(value, "f", 1) or len(value) not in (0, 1, wanted)):
            raise bad("an SVM whose probabilities do not fit")
        if value is not None and 0 < len(value) < wanted:
            raise bad("an SVM whose probabilities do not fit")


SVMS = (
    *((name, classifier) for name in ("SVC", "NuSVC")),
    *((name, regressor) for name in ("SVR", "NuSVR", "OneClassSVM")),
)
"""Names of the classes, and the check of each one's attributes."""
