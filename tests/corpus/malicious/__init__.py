"""Hostile cases, all inert: what they would run prints a word or opens a file in no folder.

Each module has ``cases()``. None of the files may ever be given to a real unpickler.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from tests.corpus.malicious.case import Case

MODULES = (
    "calls", "names", "computed", "walks", "dispatchers", "second", "deferred", "traps", "floods",
    "arrays", "torches", "scripts", "archives", "wrappers", "combined", "gadgets",
    "templates", "tensors", "onnx_files",
    "tensorflow_files", "lite_files", "other_graphs",
    "keras_files", "sources",
    "natives", "trees", "checkpoints", "runtimes", "skops_files", "r_files",
    "written_files", "requirement_files", "oci_files", "trusted_classes", "fetched",
)  # fmt: skip
"""The modules of cases."""


def cases() -> Iterator[Case]:
    """Yield every case, family by family."""
    for module in MODULES:
        yield from import_module(f"{__name__}.{module}").cases()
