"""Objects that ordinary programs pickle, made by the real libraries: one module per library.

Each module has ``objects()``, which yields ``(label, object)``. Whatever cannot be made with the
installed version is left out, by ``attempt``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Labelled = Iterator[tuple[str, Any]]


def attempt(label: str, make: Callable[[], Any]) -> Labelled:
    """Yield one labelled object, or nothing when it cannot be made."""
    try:
        yield label, make()
    except Exception:
        return
