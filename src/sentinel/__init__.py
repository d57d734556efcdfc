"""SENTINEL reads machine-learning models without loading them and says what they would run.

::

    from sentinel import scan, scan_bytes

    for report in scan("models/"):
        print(report.artifact, report.verdict)

Names are resolved on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .artifacts import Artifact
    from .engine import Scanner, scan, scan_bytes
    from .errors import (
        LimitExceeded,
        ParseError,
        ReadError,
        SentinelError,
        SettingsError,
        UsageError,
    )
    from .findings import Confidence, Coverage, Finding, Gap, Location, Report, Severity, Verdict
    from .limits import Limits

_HOMES = {
    "Artifact": "artifacts",
    "Confidence": "findings",
    "Coverage": "findings",
    "Finding": "findings",
    "Gap": "findings",
    "LimitExceeded": "errors",
    "Limits": "limits",
    "Location": "findings",
    "ParseError": "errors",
    "ReadError": "errors",
    "Report": "findings",
    "Scanner": "engine",
    "SentinelError": "errors",
    "SettingsError": "errors",
    "Severity": "findings",
    "UsageError": "errors",
    "Verdict": "findings",
    "scan": "engine",
    "scan_bytes": "engine",
}

__all__ = [
    "Artifact",
    "Confidence",
    "Coverage",
    "Finding",
    "Gap",
    "LimitExceeded",
    "Limits",
    "Location",
    "ParseError",
    "ReadError",
    "Report",
    "Scanner",
    "SentinelError",
    "SettingsError",
    "Severity",
    "UsageError",
    "Verdict",
    "__version__",
    "scan",
    "scan_bytes",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
