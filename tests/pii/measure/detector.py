"""The one place that calls ``sentinel.pii``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .matching import Finder, Finding

LEVELS = ("VERY_UNLIKELY", "UNLIKELY", "POSSIBLE", "LIKELY", "VERY_LIKELY")
_STEP = re.compile(r"[./\[\]'\"]+")


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


def convert(detection: Any) -> Finding:
    """Return a detection of the library as a finding of this measure."""
    place = detection.place
    column = str(getattr(place, "column", None) or "")
    steps = [step for step in _STEP.split(column) if step and not step.isdigit()]
    start = _number(getattr(place, "offset", None), -1)
    size = _number(getattr(place, "length", None), 0)
    columns = tuple(dict.fromkeys((column, *steps[-1:]))) if column else ()
    return Finding(
        str(detection.info_type),
        start if size else -1,
        start + size,
        _number(getattr(place, "line", None), 0),
        columns,
        _number(getattr(detection, "count", None), 1),
        str(getattr(place, "path", None) or ""),
    )


def finder(at: str = "LIKELY") -> Finder:
    """Return the detector, heard from a likelihood on.

    Args:
        at: Name of the lowest likelihood that counts.
    """
    from sentinel.pii import PiiScanner

    floor, scanner = LEVELS.index(at), PiiScanner()

    def find(data: bytes, name: str) -> Iterator[Finding]:
        for detection in scanner.scan_bytes(data, name).detections:
            if LEVELS.index(detection.likelihood.name) >= floor:
                yield convert(detection)

    return find
