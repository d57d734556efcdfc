"""The formats SENTINEL knows: one line each, parsers imported only when they are met.

A parser has the signature ``parse(artifact, budget) -> Parsed``. It reports facts; what to think
of them is decided in ``sentinel.rules``. To add a format, write the module and add its
line to ``table_models``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from .contract import Format, Member, Parsed, Parser
from .table_beside import BESIDE
from .table_containers import CONTAINERS
from .table_models import MODELS

__all__ = ["BY_NAME", "FORMATS", "Format", "Member", "Parsed", "Parser", "load"]

FORMATS: tuple[Format, ...] = (*CONTAINERS, *BESIDE, *MODELS)
"""All formats, in the order in which they are tried."""

BY_NAME: dict[str, Format] = {entry.name: entry for entry in FORMATS}


def load(reference: str) -> Callable[..., object]:
    """Return the function that ``module:function`` names below ``sentinel.formats``."""
    module, _, function = reference.partition(":")
    return cast("Callable[..., object]", getattr(import_module(f"{__name__}.{module}"), function))
