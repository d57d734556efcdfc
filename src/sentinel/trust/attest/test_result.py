"""in-toto test-result v0.1: what a scan found, and with which rules.

The predicate has no field for the time, which a policy needs, so that and what else a reader of
ours wants stands in one extension field. Passed tests are not listed: which rules had something to
judge depends on the file, and a list of all rules would claim more than was done.
https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from ..._version import __version__
from ...findings import Report, Severity, Verdict
from ...rules import RULES_VERSION
from .. import strict_json
from .values import descriptor, stamp

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

EXTENSION = "sentinel_scan"
PASSED, WARNED, FAILED = "PASSED", "WARNED", "FAILED"
_ORDER = list(Verdict)
_CODE = ("rules", "formats", "readers", "data")


def predicate(
    reports: Sequence[Report],
    *,
    finished: datetime,
    settings: object = None,
    fail_on: Severity | None = Severity.HIGH,
    sarif_sha256: str = "",
    others: int = 0,
) -> dict[str, object]:
    """Return the predicate of one scan of all files of a model.

    A finding at or above ``fail_on`` fails, one of medium or more below it warns, and whatever was
    not examined fails too: a scan that did not end is not a scan that passed.

    Args:
        reports: What the scanner said, one a file.
        finished: When it ended.
        settings: The settings it ran under, as JSON values; only their digest is written.
        fail_on: Lowest severity that fails; None for never.
        sarif_sha256: Digest of a SARIF report of the same scan; may be empty.
        others: Files that are no models, beside those of the reports.
    """
    failed, warned, noted = _sorted_rules(reports, fail_on)
    verdict = max((report.verdict for report in reports), key=_ORDER.index, default=Verdict.CLEAN)
    configuration = [
        descriptor("rules", rules_digest(), version=RULES_VERSION),
        descriptor("settings", hashlib.sha256(strict_json.canonical(settings)).hexdigest()),
    ]
    if sarif_sha256:
        configuration.append(descriptor("report.sarif", sarif_sha256))
    return {
        "result": FAILED if failed else WARNED if warned else PASSED,
        "configuration": configuration,
        "warnedTests": warned,
        "failedTests": failed,
        EXTENSION: {
            "finishedOn": stamp(finished),
            "rulesVersion": RULES_VERSION,
            "scanner": __version__,
            "verdict": str(verdict),
            "scanned": len(reports),
            "others": others,
            "failOn": "never" if fail_on is None else fail_on.label,
            "notedTests": noted,
            "suppressedTests": _suppressed(reports),
        },
    }


def _sorted_rules(
    reports: Iterable[Report], fail_on: Severity | None
) -> tuple[list[str], list[str], list[str]]:
    failed: set[str] = set()
    warned: set[str] = set()
    noted: set[str] = set()
    for report in reports:
        for finding in report.findings:
            if fail_on is not None and finding.severity >= fail_on:
                failed.add(finding.rule_id)
            elif finding.severity >= Severity.MEDIUM:
                warned.add(finding.rule_id)
            else:
                noted.add(finding.rule_id)
        failed |= {f"coverage.{gap.reason}" for gap in report.coverage.gaps}
    return sorted(failed), sorted(warned - failed), sorted(noted - failed - warned)


def _suppressed(reports: Iterable[Report]) -> list[str]:
    return sorted({item.finding.rule_id for report in reports for item in report.suppressed})


@cache
def rules_digest() -> str:
    """Return the SHA-256 that names the code that judges: rules, parsers, readers, tables."""
    root = resources.files("sentinel")
    parts = [part for room in _CODE for part in _files(root / room, room)]
    parts.append(["engine.py", hashlib.sha256((root / "engine.py").read_bytes()).hexdigest()])
    return hashlib.sha256(strict_json.canonical(sorted(parts))).hexdigest()


def _files(folder: Traversable, name: str) -> Iterable[list[str]]:
    for entry in folder.iterdir():
        below = f"{name}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry, below)
        elif not entry.name.endswith((".pyc", ".pyo")):
            yield [below, hashlib.sha256(entry.read_bytes()).hexdigest()]
