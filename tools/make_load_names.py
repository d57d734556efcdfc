"""Write ``data/load/names.toml``: the exact names that the safe loader lets a model be made of.

``python -m tools.make_load_names`` fits every estimator of scikit-learn and the boosters of XGBoost
and LightGBM on tiny data (``tools/samples``), pickles them in all protocols and with joblib, and
loads them with the loader itself while it notes what each name is used for. A name that a class's
own ``__setstate__`` makes into code is in ``NEVER``, with the reason.
"""

from __future__ import annotations

import io
import pickle
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from importlib import metadata
from typing import Any

import joblib

from sentinel.errors import TrustError
from sentinel.trust.load import makers
from sentinel.trust.load.joblib_file import load_pickle
from sentinel.trust.load.names import USES, Name, Names, NotAllowed

from .make_index import FOLDER
from .samples import boosting, sklearn_
from .toml_out import array, key_path, string

TARGET = FOLDER.parent / "load" / "names.toml"
MOVED = {
    "__builtin__": "builtins",
    "copy_reg": "copyreg",
    "numpy.core.multiarray": "numpy._core.multiarray",
    "numpy.core.numeric": "numpy._core.numeric",
}
"""Old modules and where the same names live now."""

NEVER = {
    "scipy.stats": "rv_generic.__setstate__ executes text out of the state",
    "lightgbm.engine": "a CVBooster is no model",
}
LIBRARIES = ("numpy", "scipy", "scikit-learn", "xgboost-cpu", "lightgbm", "joblib")


class Recorder(Names):
    """Allows what any sample asks for, and notes how it was used."""

    __slots__ = ("used", "values")

    def __init__(self, values: set[Name]) -> None:
        super().__init__({use: frozenset() for use in USES}, (), MOVED)
        self.used: dict[Name, set[str]] = defaultdict(set)
        self.values = values

    def known(self, name: Name) -> bool:
        """Allow a name."""
        return not name[0].startswith(tuple(NEVER))

    def may(self, use: str, name: Name) -> bool:
        """Allow a use, but for values, which are found by what is left over."""
        if use == "value" and name not in self.values:
            return False
        self.used[name].add(use)
        return True


def samples() -> Iterator[tuple[str, Any]]:
    """Yield fitted models."""
    for label, value in sklearn_._estimators():
        if label.endswith(" fitted"):
            yield label, value
    yield from sklearn_._composed()
    yield from boosting._xgboost()
    yield from boosting._lightgbm()
    yield "parts", list(parts())


def parts() -> Iterator[Any]:
    """Yield what models are put together from and no sample happens to hold."""
    import numpy as np
    from sklearn import feature_selection, metrics, neighbors
    from sklearn.gaussian_process import kernels

    yield from (kernels.RBF(), kernels.Matern(), kernels.WhiteKernel(), kernels.DotProduct())
    yield from (kernels.ExpSineSquared(), kernels.RationalQuadratic(), kernels.PairwiseKernel())
    yield from (kernels.RBF() + kernels.WhiteKernel(), kernels.RBF() ** 2)
    yield kernels.CompoundKernel([kernels.RBF()])
    yield from (neighbors.KDTree(sklearn_.X), neighbors.BallTree(sklearn_.X))
    for name in ("accuracy", "f1", "roc_auc", "r2", "neg_mean_squared_error", "neg_log_loss"):
        yield metrics.get_scorer(name)
    for name in ("chi2", "f_regression", "mutual_info_classif", "mutual_info_regression"):
        yield getattr(feature_selection, name)
    yield from (np.float16, np.float32, np.int8, np.int16, np.int32, np.uint8, np.bool_, np.object_)
    yield from (np.log, np.log2, np.log10, np.exp, np.expm1, np.sqrt, np.square, np.abs, np.sign)
    yield from (np.sin, np.cos, np.tan, np.tanh, np.median, np.std, np.max, np.min, np.sum)


def files(value: Any) -> Iterator[bytes]:
    """Yield the files that a value is written to."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps(value, protocol)
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    yield buffer.getvalue()


def uses_in(data: bytes, values: set[Name]) -> dict[Name, set[str]]:
    """Return what the names of one file are used for; adds to ``values`` what it holds."""
    while True:
        names = Recorder(values)
        try:
            load_pickle(data, names)
        except NotAllowed as error:
            if error.name in values:
                raise
            values.add(error.name)
            continue
        return names.used


def collect() -> tuple[dict[Name, set[str]], list[str]]:
    """Return all names with their uses, and what could not be loaded."""
    found: dict[Name, set[str]] = defaultdict(set)
    values: set[Name] = set()
    refused = []
    for label, value in samples():
        try:
            for data in files(value):
                for name, uses in uses_in(data, values).items():
                    found[name] |= uses
        except TrustError as error:
            refused.append(f"{label}: {error.message}")
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            refused.append(f"{label}: not written: {error}")
    return found, refused


def render(found: dict[Name, set[str]]) -> str:
    """Return the table as text."""
    modules: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (module, name), uses in sorted(found.items()):
        for use in uses:
            if not (use == "new" and (module, name) in makers.MAKERS):
                modules[module][use].append(name)
    versions = [f"{one} {metadata.version(one)}" for one in LIBRARIES]
    text = [
        "# Exact names that a model may be made of. Generated by tools/make_load_names.py: not to",
        "# be edited by hand.",
        "#   new    an empty instance may be made",
        "#   value  a model may hold it",
        "#   state  its own __setstate__ may run",
        "\n[about]",
        f"date = {date.today()}",
        f"python = {string(sys.version.partition(' ')[0])}",
        array("libraries", versions),
        "\n[moved]",
        *(f"{key_path(old)} = {string(new)}" for old, new in sorted(MOVED.items())),
    ]
    for module, uses in sorted(modules.items()):
        text.append(f"\n[{key_path(module)}]")
        text += [array(use, sorted(uses[use])) for use in USES if uses[use]]
    return "\n".join(text) + "\n"


def main() -> None:
    """Collect and write."""
    warnings.simplefilter("ignore")
    found, refused = collect()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(render(found), encoding="utf-8")
    print("\n".join(refused))


if __name__ == "__main__":
    main()
