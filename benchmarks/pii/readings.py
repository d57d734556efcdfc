"""What each detector printed, as findings by file."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.pii.measure.matching import Finding

Findings = dict[str, list[Finding]]
# Names of types that differ, by ours.
_NAMES = {
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IBAN_CODE": "IBAN", "SSN": "US_SSN",
    "IP_ADDRESS": "IP", "CRYPTO": "CRYPTO_ADDRESS", "US_DRIVER_LICENSE": "DRIVER_LICENSE",
    "DRIVERS_LICENSE": "DRIVER_LICENSE", "US_PASSPORT": "PASSPORT", "PERSON_NAME": "PERSON",
    "PHYSICAL_ADDRESS": "STREET_ADDRESS", "DATE_OF_BIRTH": "DOB", "MAC_ADDRESS": "MAC",
    "MEDICAL_ID": "MRN",
}  # fmt: skip


def name(theirs: str) -> str:
    """Return our name of a type, or theirs where there is none."""
    return _NAMES.get(theirs, theirs)


def _collect(entries: Iterable[tuple[str, Finding]], folder: Path) -> Findings:
    found: Findings = defaultdict(list)
    for file, finding in entries:
        found[os.path.relpath(folder / file, folder)].append(finding)
    return found


def _json(path: Path) -> Any:
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    return json.loads(text) if text.strip() else None


def lines(output: Path, folder: Path) -> Findings:
    """Read one JSON object a line, as this benchmark's own scripts write them."""
    entries = []
    for line in output.read_text("utf-8").splitlines():
        entry = json.loads(line)
        entry["columns"] = tuple(entry.get("columns", ()))
        file = entry.pop("file")
        entries.append((file, Finding(**{**entry, "type": name(entry["type"])})))
    return _collect(entries, folder)


def detect_secrets(output: Path, folder: Path) -> Findings:
    """Read what detect-secrets prints."""
    entries = []
    for file, results in _json(output.parent / "output.txt")["results"].items():
        for result in results:
            entries.append((file, Finding(result["type"], line=result["line_number"])))
    return _collect(entries, folder)


def gitleaks(output: Path, folder: Path) -> Findings:
    """Read the report of gitleaks."""
    return _collect(
        ((entry["File"], Finding(entry["RuleID"], line=entry["StartLine"]))
         for entry in _json(output) or ()), folder,
    )  # fmt: skip


def betterleaks(output: Path, folder: Path) -> Findings:
    """Read the report of betterleaks."""
    report = _json(output) or {"findings": ()}
    return _collect(
        ((entry["location"]["path"],
          Finding(entry["rule_id"], line=entry["location"]["start_line"]))
         for entry in report["findings"] or ()), folder,
    )  # fmt: skip


def ferret(output: Path, folder: Path) -> Findings:
    """Read the report of ferret-scan."""
    return _collect(
        ((entry["filename"], Finding(name(entry["type"]), line=entry["line_number"]))
         for entry in (_json(output) or {}).get("results") or ()), folder,
    )  # fmt: skip
