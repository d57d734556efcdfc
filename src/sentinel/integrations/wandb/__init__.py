"""The guard of Weights & Biases: what leaves through wandb, and what comes back, is scanned first.

::

    import wandb
    from sentinel.integrations import WandbGuard

    run = wandb.init(sentinel_guard=True)      # or sentinel_guard=WandbGuard(policy=...)

wandb has no hook for this. Importing this module replaces ``wandb.init`` by one that knows the
keyword; while a guard is open the few methods that every file goes through are replaced too.
``uninstall`` puts everything back.
"""

from __future__ import annotations

from importlib.util import find_spec

from .guard import WandbGuard
from .init import install, uninstall

__all__ = ["WandbGuard", "install", "uninstall"]

if find_spec("wandb") is not None:
    install()
