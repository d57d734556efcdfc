"""Trust: where a model came from, whether its bytes are the checked ones, and loading it safely.

Nothing of this room is imported by a scan. Names are resolved on first use, and the libraries that
each part needs are asked for where they are used.
"""

from __future__ import annotations

from importlib import import_module

_HOMES: dict[str, str] = {}

__all__: list[str] = []


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
