"""The guard of MLflow: what is logged, loaded and registered is scanned first.

::

    from sentinel.integrations.mlflow import enable

    enable()        # for the whole process; SENTINEL_MLFLOW_GUARD=1 does the same

MLflow has no hook for this, so the methods that every path of bytes goes through are replaced
while a guard is open: those of all artifact repositories, of the client of the registry, and
``Model.log``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .guard import MLflowGuard, disable, enable

__all__ = ["MLflowGuard", "disable", "enable"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.guard"), name)
