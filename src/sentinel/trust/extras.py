"""One clear error for a library that an extra brings and that is not here."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import UsageError


def need(extra: str, *modules: str) -> None:
    """Check that the libraries of an extra are installed, without importing them.

    Args:
        extra: Name of the extra of this package that brings them; empty for none.
        modules: Top-level names of the modules.

    Raises:
        UsageError: One is missing; the hint says what to install.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UsageError(
            f"{', '.join(missing)} is needed for this and not installed",
            f"pip install 'sentinel-mlsecops[{extra}]'"
            if extra
            else f"pip install {' '.join(missing)}",
        )
