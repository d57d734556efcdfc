"""Ordinary files, made by the real libraries: one module per library.

Each module has ``files(folder)``, which writes files there. A library that is not installed leaves
its module out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MODULES: tuple[str, ...] = ()


def build(folder: Path) -> Iterator[Path]:
    """Yield every ordinary file below a folder, making them first if need be."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
