"""What is not marked, and why: one table."""

from __future__ import annotations

from typing import Any, NamedTuple

from .record import NotMarked
from .walk import name_of


class Refusal(NamedTuple):
    """Why a class is not marked.

    Attributes:
        reason: Code of the reason.
        why: In words.
        hint: What can be done; empty if nothing.
    """

    reason: str
    why: str
    hint: str = ""


_DATA = Refusal("no-weights", "what it keeps is its training data, not weights")
_COUNTS = Refusal("no-weights", "what it keeps are statistics that its answers follow directly")
_WORDS = Refusal("no-weights", "what it keeps is a dictionary or a scale, not weights")
_KERNEL = Refusal(
    "moves-outputs", "its decisions move by far more than its coefficients do",
    "measured: decision values moved by 1.0",
)  # fmt: skip
_WIDE = Refusal("float64-inputs", "its trees take float64 inputs: no change is without effect")
_UNMEASURED = Refusal("unmeasured", "what a mark would do to it was not measured")
_QUANTISED = Refusal(
    "quantised", "its weights are quantised", "mark the float master: its mark survives quantising"
)
_SCRIPT = Refusal(
    "torchscript", "it is a program, not weights alone", "mark the module it was made of"
)
_KERAS = Refusal("unsupported-kind", "not marked here", "convert its weights to safetensors")

_CLASSES: dict[str, Refusal] = {
    **dict.fromkeys(
        ("KNeighborsClassifier", "KNeighborsRegressor", "RadiusNeighborsClassifier",
         "RadiusNeighborsRegressor", "NearestNeighbors", "LocalOutlierFactor",
         "GaussianProcessClassifier", "GaussianProcessRegressor", "KernelRidge"), _DATA),
    **dict.fromkeys(
        ("GaussianNB", "MultinomialNB", "BernoulliNB", "ComplementNB", "CategoricalNB",
         "NearestCentroid", "DummyClassifier", "DummyRegressor"), _COUNTS),
    **dict.fromkeys(
        ("CountVectorizer", "TfidfVectorizer", "TfidfTransformer", "HashingVectorizer",
         "DictVectorizer", "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler",
         "OneHotEncoder", "OrdinalEncoder", "LabelEncoder", "SimpleImputer"), _WORDS),
    **dict.fromkeys(("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM"), _KERNEL),
    **dict.fromkeys(
        ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"), _WIDE),
}  # fmt: skip
"""Classes of scikit-learn."""
_PACKAGES = {"catboost": _UNMEASURED, "lightgbm": _UNMEASURED, "keras": _KERAS,
             "tensorflow": _KERAS}  # fmt: skip

SKLEARN = frozenset(f"sklearn.{name}" for name in _CLASSES)


def refusal_of(model: Any) -> Refusal | None:
    """Return why an object is not marked, or None when the table does not say."""
    package, _, name = name_of(model).partition(".")
    if package == "sklearn":
        return _CLASSES.get(name)
    if package == "torch" and type(model).__name__ in ("RecursiveScriptModule", "ScriptModule"):
        return _SCRIPT
    return _PACKAGES.get(package)


def refuse(model: Any, refusal: Refusal | None = None) -> NotMarked:
    """Return the error for an object that is not marked."""
    name = type(model).__name__
    found = refusal or refusal_of(model)
    if found is None:
        return NotMarked("unsupported-kind", f"a {name} is no kind that can be marked")
    return NotMarked(found.reason, f"a {name} is not marked: {found.why}", found.hint)


QUANTISED = _QUANTISED
SCRIPT = _SCRIPT
