"""Finds personal data and credentials in text, tables and the files of machine learning.

Nothing that is found is ever told: a detection says type, place, length class and a keyed hash.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import Detection, Likelihood
    from .scanner import Options, PiiScan, PiiScanner

__all__ = ["Detection", "Likelihood", "Options", "PiiScan", "PiiScanner", "scan_bytes", "scan_path"]

_HOMES = {
    "Detection": "model",
    "Likelihood": "model",
    "Options": "scanner",
    "PiiScan": "scanner",
    "PiiScanner": "scanner",
}


def scan_bytes(data: bytes, name: str = "data", options: Options | None = None) -> PiiScan:
    """Scan bytes in memory.

    Args:
        data: Content of a file.
        name: A name for it; its suffix says how to read it where the content does not.
        options: How to scan.

    Returns:
        Detections, gaps and coverage; no value that was found is in it.

    Raises:
        UsageError: The engine of the options cannot be had.
    """
    from .scanner import PiiScanner

    return PiiScanner(options).scan_bytes(data, name)


def scan_path(path: str | os.PathLike[str], options: Options | None = None) -> PiiScan:
    """Scan one file. Arguments and errors as for ``scan_bytes``; an unreadable file is a gap."""
    from .scanner import PiiScanner

    return PiiScanner(options).scan_path(path)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import model, scanner

    return getattr(model if _HOMES[name] == "model" else scanner, name)
