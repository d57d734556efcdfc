"""Guards for the tools that models pass through: MLflow and Weights & Biases.

::

    from sentinel.integrations import MLflowGuard, WandbGuard

Names are resolved on first use. Neither library is needed to import this package; a guard whose
library is missing says so when it is used. The name ``WandbGuard`` teaches ``wandb.init`` its
keyword ``sentinel_guard``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .blocked import SentinelBlocked
    from .mlflow import MLflowGuard
    from .policy import GuardPolicy
    from .wandb import WandbGuard

_HOMES = {
    "GuardPolicy": "policy",
    "MLflowGuard": "mlflow",
    "SentinelBlocked": "blocked",
    "WandbGuard": "wandb",
}

__all__ = ["GuardPolicy", "MLflowGuard", "SentinelBlocked", "WandbGuard"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
