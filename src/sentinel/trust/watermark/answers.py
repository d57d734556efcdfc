"""Whether a model still answers as it did: the self-check of a mark in a model in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .record import NotMarked
from .walk import name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 0.01
"""The most that a number may move, over the root mean square of all of them."""


class Answers(NamedTuple):
    """What a model said to an example.

    Attributes:
        values: Labels or numbers.
        labels: Whether they are labels, all of which must stay.
        classes: Whether the greatest of a row counts as a label, and that is enough.
    """

    values: NDArray[Any]
    labels: bool
    classes: bool = False


def asked(ask: Callable[[Any, Any], Answers], model: Any, example: Any) -> Answers | None:
    """Return what a model says to an example, or None without one.

    Raises:
        NotMarked: The model cannot be asked.
    """
    if example is None:
        return None
    try:
        return ask(model, example)
    except NotMarked:
        raise
    except Exception as error:  # whatever the model's own code may raise
        detail = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
        raise NotMarked(
            "self-check", f"the model does not take the example: {detail}",
            "give an input that the model predicts for",
        ) from error  # fmt: skip


def check(before: Answers | None, after: Answers | None) -> None:
    """Raise NotMarked when answers are not what they were.

    Labels must agree without exception; numbers may move by 1 % of their root mean square.
    """
    if before is None or after is None:
        return
    said = _difference(before, after)
    if said:
        raise NotMarked("self-check", f"with the mark {said}; the model is left as it is")


def predictions(model: Any, example: Any) -> Answers:
    """Return what an estimator of scikit-learn or XGBoost says to an example."""
    import numpy as np

    if name_of(model) == "xgboost.Booster":
        from xgboost import DMatrix

        given = example if isinstance(example, DMatrix) else DMatrix(example)
        return Answers(np.asarray(model.predict(given)), False)
    for name in ("predict", "transform"):
        if hasattr(model, name):
            said = getattr(model, name)(example)
            values = np.asarray(said.toarray() if hasattr(said, "toarray") else said)
            labels = values.dtype.kind != "f" or hasattr(model, "classes_")
            return Answers(values, labels and name == "predict")
    raise NotMarked("self-check", f"a {type(model).__name__} predicts nothing to compare")


def _difference(before: Answers, after: Answers) -> str:
    """Return in words what differs; empty when nothing that counts."""
    import numpy as np

    old, new = before.values, after.values
    if old.shape != new.shape:
        return f"the answers have the shape {new.shape}, not {old.shape}"
    if before.labels:
        wrong = int((old != new).sum())
        return f"{wrong} of {old.size} labels are others" if wrong else ""
    with np.errstate(all="ignore"):
        finite = np.isfinite(old)
        odd = not np.array_equal(finite, np.isfinite(new))
        level = float(np.sqrt(np.mean(np.square(old[finite], dtype=np.float64)))) if old.size else 0
        moved = float(np.abs(old[finite] - new[finite]).max(initial=0.0))
    if not odd and moved <= MOST * level:
        return ""
    if before.classes and not odd and np.array_equal(old.argmax(-1), new.argmax(-1)):
        return ""
    return f"an answer moves by {moved:.3g}, more than {MOST:.0%} of {level:.3g}"
