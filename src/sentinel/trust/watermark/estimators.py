"""Fitted estimators of scikit-learn and XGBoost, and whatever is made of them.

One mark bears one scheme: coefficients if there are enough of them, since their mark bears damage;
else the trees of scikit-learn, else the boosters of XGBoost. Its record names the estimators.
"""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from types import ModuleType
from typing import Any, cast

from . import linear, trees, xgb
from .answers import asked, check, predictions
from .detect import verdict
from .embed import Marked
from .keys import WatermarkKeyProvider
from .kinds import Job
from .record import NotMarked, Record
from .refusals import SKLEARN, refusal_of, refuse
from .store import ArrayStore
from .verify import Request, Verification
from .walk import Found, name_of, walk

_SCHEMES: tuple[ModuleType, ...] = (linear, trees, xgb)
_LEAVES = linear.NAMES | trees.NAMES | xgb.NAMES | SKLEARN
_PACKAGES = frozenset({
    "sklearn", "xgboost", "imblearn", "lightgbm", "catboost", "keras", "tensorflow",
})  # fmt: skip
_GO_ON = ("capacity", "dtype", "budget")


def accepts(model: Any) -> bool:
    """Return True for objects of scikit-learn's kind, also for those that are then refused."""
    return any(str(one.__module__).partition(".")[0] in _PACKAGES for one in type(model).__mro__)


def embed_model(model: Any, job: Job) -> tuple[Any, Marked]:
    """Return a marked copy; the model itself is not written to and not asked anything.

    Raises:
        NotMarked: Nothing in it can be marked, or its answers to the example change.
    """
    _sorted(model)  # refuses before anything is copied
    twin = duplicate(model)
    before = asked(predictions, twin, job.example)
    marked = _embed(twin, job)
    check(before, asked(predictions, twin, job.example))
    return twin, marked


def verify_model(model: Any, provider: WatermarkKeyProvider, request: Request) -> Verification:
    """Look for the mark of a key; without a record, of every scheme.

    Raises:
        NotMarked: Nothing in the model could bear a mark.
        TrustError: The key, the record or the anchors are another's.
    """
    found = _sorted(model)
    if request.record is not None:
        wanted = next((one for one in found if request.record.scheme == one.SCHEME), None)
        if wanted is None:
            raise NotMarked(
                "unsupported-kind",
                f"a {type(model).__name__} has nothing to bear a mark of {request.record.scheme}",
            )
        return cast("Verification", wanted.verify(found[wanted], provider, request))
    said: list[Verification] = []
    refused: NotMarked | None = None
    for scheme, estimators in found.items():
        try:
            said.append(scheme.verify(estimators, provider, request))
        except NotMarked as error:
            refused = error
    if not said:
        raise refused or refuse(model)
    return _best(said)


def store_of(model: Any) -> ArrayStore:
    """Return the coefficients in a model. Raises NotMarked when it has none."""
    found = _sorted(model).get(linear)
    if not found:
        raise NotMarked("unsupported-kind", f"a {type(model).__name__} has no coefficients")
    return linear.store_of(found)


def duplicate(model: Any) -> Any:
    """Return a deep copy of an object. Raises NotMarked when it cannot be copied."""
    try:
        return copy.deepcopy(model)
    except Exception as error:  # whatever the object's own code may raise
        raise NotMarked(
            "not-copied", f"a {type(model).__name__} cannot be copied: {type(error).__name__}",
            "only a copy is ever marked",
        ) from error  # fmt: skip


def _embed(twin: Any, job: Job) -> Marked:
    refused: NotMarked | None = None
    for scheme, estimators in _sorted(twin).items():
        try:
            done: Marked | Record = scheme.embed(estimators, job)
            return done if isinstance(done, Marked) else Marked(done)
        except NotMarked as error:
            if error.reason not in _GO_ON:
                raise
            refused = refused or error
    raise refused or refuse(twin)


def _sorted(model: Any) -> dict[ModuleType, list[Found]]:
    """Return the fitted estimators that can bear a mark, by how they bear it.

    Raises:
        NotMarked: There are none.
    """
    found: dict[ModuleType, list[Found]] = {}
    known: list[Any] = []
    for one in walk(model, _LEAVES):
        for scheme in _SCHEMES:
            if name_of(one.model) in scheme.NAMES:
                known.append(one.model)
                if scheme.is_fitted(one.model):
                    found.setdefault(scheme, []).append(one)
        if refusal_of(one.model) is not None:
            known.append(one.model)
    if found:
        return {scheme: found[scheme] for scheme in _SCHEMES if scheme in found}
    fits = [one for one in known if refusal_of(one) is None]
    if fits:
        raise NotMarked("unfitted", f"a {type(fits[0]).__name__} is not fitted: mark it afterwards")
    raise refuse(known[-1] if known else model)


def _best(said: list[Verification]) -> Verification:
    """Return the best of several verifications, corrected for all of them."""
    hypotheses = sum(one.hypotheses for one in said)
    best = min(said, key=lambda one: one.score.log10_p + math.log10(one.hypotheses))
    verdict_, adjusted = verdict(best.score.log10_p, hypotheses)
    return replace(best, verdict=verdict_, log10_p=adjusted, hypotheses=hypotheses)
