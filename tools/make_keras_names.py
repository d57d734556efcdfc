"""Writes ``data/keras_names.txt``: what a Keras configuration may name, out of an installed Keras.

One line for each module: its name, a tab, and the names in it. A name with a minus sign in front is
one that Keras exports but refuses to make from a configuration (``keras.utils.get_file``). Run it
with an interpreter that has the release to describe (``KERAS_BACKEND=torch`` will do)::

    python -m tools.make_keras_names
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from datetime import date
from pathlib import Path

import keras
from keras.src import api_export
from keras.src.saving import keras_saveable, serialization_lib

TABLE = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data" / "keras_names.txt"

OLD = {
    "keras.layers": (
        "AlphaDropout BatchNormalizationV1 BatchNormalizationV2 CuDNNGRU CuDNNLSTM DenseFeatures "
        "ClassMethod GRUV1 GRUV2 Highway InstanceMethod InstanceProperty LSTMV1 LSTMV2 "
        "LocallyConnected1D LocallyConnected2D MaxoutDense Merge ModuleWrapper "
        "RandomFourierFeatures Slice SlicingOpLambda SyncBatchNormalization TFOpLambda "
        "TensorFlowOpLayer ThresholdedReLU TimeDistributedDense"
    ),
    "keras.models": "Functional Graph Model Sequential",
    "keras.initializers": "Normal Uniform LecunNormalV2 GlorotUniformV2 normal uniform",
}
"""Names of Keras 1 and 2 that configurations still have."""

BASES = (
    "Initializer", "Loss", "Metric", "Optimizer", "Regularizer", "Constraint", "DTypePolicy",
    "LearningRateSchedule", "Callback", "KerasSaveable", "Quantizer", "QuantizationConfig",
)  # fmt: skip


def exported() -> dict[str, set[str]]:
    """Return every public name by module; a minus sign marks those that are no part of models."""
    found: dict[str, set[str]] = defaultdict(set)
    refused = set(serialization_lib.NON_MODELING_APIS)
    for path in {*api_export.REGISTERED_NAMES_TO_OBJS, *refused}:
        module, _, name = path.rpartition(".")
        found[module].add(f"-{name}" if path in refused else name)
    return found


def inner() -> dict[str, set[str]]:
    """Return the classes below ``keras.src`` that Keras saves, by the module they are from."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in pkgutil.walk_packages(keras.src.__path__, "keras.src."):
        if entry.name.endswith("_test"):
            continue
        try:
            module = importlib.import_module(entry.name)
        except Exception:
            continue  # another backend's
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == entry.name:
                bases = {base.__name__ for base in value.__mro__}
                if bases.intersection(BASES) or issubclass(value, keras_saveable.KerasSaveable):
                    found[entry.name].add(name)
    return found


def main() -> None:
    """Write the table."""
    names = exported()
    for module, found in inner().items():
        names[module] |= found
    for module, text in OLD.items():
        names[module] |= set(text.split())
    head = f"# Keras {keras.__version__}, {date.today()}; made by tools/make_keras_names.py\n"
    lines = [f"{module}\t{' '.join(sorted(names[module]))}\n" for module in sorted(names)]
    TABLE.write_text(head + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
