"""The named functions that rules refer to, from all the modules that have them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .model import Validator

Context = Callable[[bytes, int, int], int]
DROP = -9
"""What a context function returns for a match that cannot be the thing at all."""


@cache
def validators() -> dict[str, Validator]:
    """Return all validators by name."""
    from .secrets import SECRET_VALIDATORS
    from .validators import VALIDATORS

    return {**VALIDATORS, **SECRET_VALIDATORS}


@cache
def contexts() -> dict[str, Context]:
    """Return all context functions by name."""
    from .context import CONTEXTS
    from .mail_context import MAIL_CONTEXTS
    from .secret_context import SECRET_CONTEXTS

    return {**CONTEXTS, **MAIL_CONTEXTS, **SECRET_CONTEXTS}
