"""Scan a folder with ``sentinel.pii`` and write a JSON object for each finding.

    python run_ours.py FOLDER OUTPUT

Runs in the detector's own environment: nothing of this repository but the wheel is imported.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from sentinel.pii import Likelihood, PiiScanner


def columns(column: str) -> list[str]:
    """Return a column's name and, for the path of a key, its last step."""
    steps = [step for step in re.split(r"[./\[\]'\"]+", column) if step and not step.isdigit()]
    return list(dict.fromkeys((column, *steps[-1:]))) if column else []


def main() -> None:
    """Scan and write."""
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    scanner = PiiScanner()
    with output.open("w", encoding="utf-8") as out:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            for found in scanner.scan_path(path).detections:
                if found.likelihood < Likelihood.LIKELY:
                    continue
                place, start = found.place, found.place.offset
                located = start is not None and bool(place.length)
                entry = {
                    "file": path.relative_to(folder).as_posix(), "type": found.info_type,
                    "line": place.line or 0, "values": found.count,
                    "start": start if located else -1,
                    "end": (start or 0) + (place.length or 0) if located else -1,
                    "columns": columns(place.column), "part": place.path,
                }  # fmt: skip
                out.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
